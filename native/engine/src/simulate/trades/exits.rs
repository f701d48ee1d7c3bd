//! Where a position is entered, and where and why it is left: flags, prices and levels alone say it.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use super::Entered;
use crate::bars::Bars;
use crate::config::{AtEnd, Fill, Intrabar, Settings};
use crate::market::Market;
use crate::position::Levels;
use crate::signals::{LevelView, Signals};
use crate::trade::{Kind, Reason};

/// Bars whose extremes are looked at together.
const STEP: usize = 64;

/// How a position ends.
pub(super) struct Exit {
    pub bar: usize,
    /// The market price, before slippage.
    pub price: f64,
    pub kind: Kind,
    pub reason: Reason,
    /// Whether the price went against the position before, as far as the bar reaches.
    pub sees_adverse: bool,
    /// The first bar whose signal may be followed by another entry.
    pub next: usize,
}

/// The prices at which a position is left, as they stand at one bar.
struct Limits {
    /// The tighter of stop-loss and trailing level, NaN without one.
    guard: f64,
    /// Which of them it is.
    reason: Reason,
    /// The take-profit, NaN without one.
    target: f64,
}

impl Limits {
    #[inline(always)]
    fn of(levels: &Levels<'_>, side: f64) -> Self {
        let (guard, reason) = levels.guard(side);
        Self {
            guard,
            reason,
            target: levels.target,
        }
    }
}

/// What exits follow from.
pub(super) struct Exits<'s> {
    market: &'s Market<'s>,
    bars: &'s Bars<'s>,
    signals: &'s Signals<'s>,
    intrabar: Intrabar,
    tick: f64,
    closes_at_end: bool,
    /// Whether signals fill at their own close, and not at the next open.
    pub same_close: bool,
    /// The bar after the last whose signal fills.
    end: usize,
}

impl<'s> Exits<'s> {
    pub fn new(market: &'s Market<'s>, signals: &'s Signals<'s>, settings: &Settings) -> Self {
        let execution = &settings.execution;
        let same_close = execution.fill == Fill::SameClose;
        Self {
            market,
            bars: market.bars,
            signals,
            intrabar: execution.intrabar,
            tick: execution.tick_size,
            closes_at_end: execution.at_end == AtEnd::Close,
            same_close,
            end: market.bars.len() - usize::from(!same_close),
        }
    }

    /// The next signal from bar `from` on that asks for an entry, and its side.
    #[inline(always)]
    pub fn next_entry<const SHORT: bool>(&self, from: usize) -> Option<(usize, f64)> {
        let flags = self.signals.flags;
        let signal = flags.next_entry_of::<SHORT>(from..self.end);
        let short = SHORT && signal < self.end && flags.is_short_entry(signal);
        (signal < self.end).then_some((signal, if short { -1.0 } else { 1.0 }))
    }

    /// Where a signal's order is filled: the bar and the market price.
    #[inline(always)]
    pub fn fill_of(&self, signal: usize) -> (usize, f64) {
        if self.same_close {
            (signal, self.bars.close[signal])
        } else {
            (signal + 1, self.bars.open[signal + 1])
        }
    }

    /// Stop-loss, trailing stop and take-profit.
    #[inline(always)]
    pub fn levels(&self) -> [Option<LevelView<'s>>; 3] {
        [self.signals.stop, self.signals.trail, self.signals.target]
    }

    /// How far the price goes against a position in a bar.
    #[inline(always)]
    pub fn adverse(&self, bar: usize, side: f64) -> f64 {
        if side > 0.0 {
            self.bars.low[bar]
        } else {
            self.bars.high[bar]
        }
    }

    /// The exit of a position that was entered at a signal; none if it stays open.
    #[inline(always)]
    pub fn next<const LEVELS: bool, const SHORT: bool>(
        &self,
        signal: usize,
        entered: &Entered,
        levels: &mut Levels<'s>,
    ) -> Option<Exit> {
        let last = self.bars.len() - 1;
        let flags = self.signals.flags;
        let long = entered.side > 0.0;
        let asked = flags.next_exit_of::<SHORT>(long, signal + 1..self.end);
        let signalled = asked < self.end;
        if LEVELS {
            let due = self.signals.time_stop.map_or(usize::MAX, |limit| {
                entered.bar + limit + usize::from(self.same_close)
            });
            // levels act on the bars before an open at which the position is left, and on the bar
            // of a close
            let by_signal = if signalled { asked + 1 } else { last + 1 };
            let until = by_signal.min(due);
            if let Some(exit) = self.by_level(entered, levels, until) {
                return Some(exit);
            }
            if due < by_signal && due <= last {
                return Some(Exit {
                    bar: due,
                    price: self.bars.open[due],
                    kind: Kind::Market,
                    reason: Reason::TimeStop,
                    sees_adverse: false,
                    next: due - usize::from(!self.same_close),
                });
            }
        }
        if signalled {
            let (bar, price) = self.fill_of(asked);
            return Some(Exit {
                bar,
                price,
                kind: Kind::Market,
                reason: Reason::Signal,
                sees_adverse: self.same_close,
                next: asked,
            });
        }
        self.closes_at_end.then(|| Exit {
            bar: last,
            price: self.bars.close[last],
            kind: Kind::Market,
            reason: Reason::Forced,
            // the close comes after the low, but for an entry at the same close
            sees_adverse: !(self.same_close && entered.bar == last),
            next: self.end,
        })
    }

    /// The first exit by a level before bar `until`.
    #[inline(always)]
    fn by_level(&self, entered: &Entered, levels: &mut Levels<'s>, until: usize) -> Option<Exit> {
        let side = entered.side;
        let first = entered.bar + usize::from(self.same_close);
        if levels.trails() {
            return self.by_trail(first, until, side, levels);
        }
        let limits = Limits::of(levels, side);
        let mut bar = self.reach(first, until, side, &limits);
        while bar < until {
            if let Some(exit) = self.inside(bar, side, &limits) {
                return Some(exit);
            }
            bar = self.reach(bar + 1, until, side, &limits);
        }
        None
    }

    /// As [`Self::by_level`], where one of them follows the price.
    fn by_trail(
        &self,
        first: usize,
        until: usize,
        side: f64,
        levels: &mut Levels<'s>,
    ) -> Option<Exit> {
        let mut bar = first;
        while bar < until {
            // on the bar of an entry at the open the level does not follow yet
            if bar > first || self.same_close {
                bar = levels.follow(self.bars, bar..until, side, |_| false);
                if bar == until {
                    return None;
                }
            }
            if let Some(exit) = self.inside(bar, side, &Limits::of(levels, side)) {
                return Some(exit);
            }
            levels.ratchet(bar, self.adverse(bar, -side), side);
            bar += 1;
        }
        None
    }

    /// The first bar from `bar` on at which a level is touched, or `until`.
    #[inline(always)]
    fn reach(&self, mut bar: usize, until: usize, side: f64, limits: &Limits) -> usize {
        let Limits { guard, target, .. } = *limits;
        if guard.is_nan() && target.is_nan() {
            return until;
        }
        // comparisons with NaN, a level that is not set, are false
        let touched = |low: f64, high: f64| {
            if side > 0.0 {
                low <= guard || high >= target
            } else {
                high >= guard || low <= target
            }
        };
        while bar < until {
            let stop = until.min(bar + STEP);
            let seen = self.market.around(bar, stop);
            if touched(seen.low(), seen.high()) {
                let bars = self.bars.low[bar..stop]
                    .iter()
                    .zip(&self.bars.high[bar..stop]);
                if let Some(index) = bars
                    .map(|(&low, &high)| touched(low, high))
                    .position(|hit| hit)
                {
                    return bar + index;
                }
            }
            bar = stop;
        }
        until
    }

    /// The exit inside a bar, as in step 5.
    #[inline(always)]
    fn inside(&self, bar: usize, side: f64, limits: &Limits) -> Option<Exit> {
        let (open, high, low) = (self.bars.open[bar], self.bars.high[bar], self.bars.low[bar]);
        let Limits {
            guard,
            reason,
            target,
        } = *limits;
        let (gap_stop, gap_target, hit_stop, hit_target) = if side > 0.0 {
            (
                open <= guard,
                open >= target,
                low <= guard,
                high > target + self.tick,
            )
        } else {
            (
                open >= guard,
                open <= target,
                high >= guard,
                low < target - self.tick,
            )
        };
        let stop_first = || match self.intrabar {
            Intrabar::StopFirst => true,
            Intrabar::TargetFirst => false,
            Intrabar::NearestFirst => (open - guard).abs() <= (target - open).abs(),
        };
        let (price, kind) = if gap_stop {
            (open, Kind::Stop)
        } else if gap_target {
            (open, Kind::Limit)
        } else if hit_stop && (!hit_target || stop_first()) {
            (guard, Kind::Stop)
        } else if hit_target {
            (target, Kind::Limit)
        } else {
            return None;
        };
        let is_target = kind == Kind::Limit;
        Some(Exit {
            bar,
            price,
            kind,
            reason: if is_target {
                Reason::TakeProfit
            } else {
                reason
            },
            sees_adverse: is_target && !gap_target && !hit_stop,
            next: bar + usize::from(self.same_close),
        })
    }
}
