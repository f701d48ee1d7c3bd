//! The order of events inside a bar: `docs/execution.md`, one account over one instrument.
//!
//! One source serves every configuration. `FULL` is a constant: without partial fills, financing,
//! sessions and resting orders the code for them is compiled away, and bars on which no signal
//! matters and no level lies are passed over. What they add to the tally follows from what is held
//! through them, so a pass over every bar ends with the same bits, which a test proves.

use crate::account::{Account, Exit};
use crate::bars::Bars;
use crate::config::{AtEnd, Fill, Risk, Settings};
use crate::error::{EngineError, Result};
use crate::market::Market;
use crate::observe::Observer;
use crate::position::Place;
use crate::signals::Signals;
use crate::tally::Tally;
use crate::trade::{Kind, Reason};
use crate::watch::Watch;

mod inside;
mod opening;
#[cfg(test)]
mod tests;
pub mod trades;

/// An account that went to zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ruin {
    /// The bar on which it was closed.
    pub bar: usize,
    /// Equity below zero, as a positive amount.
    pub deficit: f64,
}

/// What one simulation leaves.
#[derive(Debug, Clone)]
pub struct Outcome<'a> {
    /// The sums.
    pub tally: Tally<'a>,
    /// Equity at the last close.
    pub final_equity: f64,
    /// Where the account was ruined.
    pub ruin: Option<Ruin>,
}

impl<'a> Outcome<'a> {
    /// Of an account that did nothing yet.
    #[must_use]
    pub fn new(market: &'a Market<'a>, cash: f64) -> Self {
        Self {
            tally: Tally::new(market, cash),
            final_equity: cash,
            ruin: None,
        }
    }
}

/// Bars between two questions to the watch.
const WATCHED: usize = 1 << 15;

/// Runs the account over the bars from `settings.start`.
///
/// # Errors
/// The bars lack a column or the sessions that a setting needs; equity overflowed; the watch said to
/// stop.
pub fn simulate<'a, O: Observer>(
    market: &'a Market<'a>,
    signals: &Signals<'_>,
    settings: &Settings,
    observer: &mut O,
    watch: Option<Watch<'_>>,
) -> Result<Outcome<'a>> {
    simulate_by(market, signals, settings, observer, watch, false)
}

/// Looks at every bar where `plain`, and else at those on which something may happen.
fn simulate_by<'a, O: Observer>(
    market: &'a Market<'a>,
    signals: &Signals<'_>,
    settings: &Settings,
    observer: &mut O,
    watch: Option<Watch<'_>>,
    plain: bool,
) -> Result<Outcome<'a>> {
    let bars = market.bars;
    let execution = &settings.execution;
    let daily = execution.daily_target.is_some() || execution.daily_loss_limit.is_some();
    if (execution.intraday || daily) && bars.session.is_empty()
        || execution.intraday && bars.square_off.is_empty()
    {
        return Err(EngineError::Config(
            "intraday and daily limits need the bars' sessions".to_owned(),
        ));
    }
    let volume = bars.column("volume");
    if execution.participation_rate.is_some() && volume.is_none() {
        return Err(EngineError::Bars(
            "no column volume, which participation_rate needs".to_owned(),
        ));
    }
    let funding = bars.column("funding_rate");
    let financed = funding.is_some() || execution.borrow_cost_bps > 0.0;
    if financed && execution.borrow_cost_bps > 0.0 && bars.ts.is_empty() {
        return Err(EngineError::Bars(
            "no times, which borrow_cost_bps needs".to_owned(),
        ));
    }
    let full = plain
        || daily
        || financed
        || execution.intraday
        || execution.participation_rate.is_some()
        || execution.reenter_same_bar
        || signals.entry_limit.is_some()
        || signals.entry_stop.is_some();
    let simulator = Simulator {
        account: Account::new(market, signals, settings, observer),
        bars,
        signals,
        settings,
        volume,
        funding,
        resting: None,
        halt: None,
        halted_at: 0,
        late_halt: None,
        session_base: settings.cash,
    };
    if full {
        simulator.run::<true>(watch)
    } else {
        simulator.run::<false>(watch)
    }
}

/// An entry limit or entry stop order that waits inside its bar.
#[derive(Clone, Copy)]
struct Resting {
    side: f64,
    price: f64,
    kind: Kind,
    signal_bar: usize,
    /// Whether it is sent only after an intrabar exit of this bar.
    after_exit: bool,
}

struct Simulator<'a, 'b, 's, 'o, O: Observer> {
    account: Account<'a, 's, 'o, O>,
    bars: &'b Bars<'b>,
    signals: &'s Signals<'s>,
    settings: &'b Settings,
    volume: Option<&'b [f64]>,
    funding: Option<&'b [f64]>,
    resting: Option<Resting>,
    /// The daily limit that was reached in this session.
    halt: Option<Reason>,
    /// The bar at whose mark it was reached.
    halted_at: usize,
    /// The one that was reached at the last mark of the session before.
    late_halt: Option<Reason>,
    session_base: f64,
}

impl<'a, O: Observer> Simulator<'a, '_, '_, '_, O> {
    fn run<const FULL: bool>(mut self, watch: Option<Watch<'_>>) -> Result<Outcome<'a>> {
        let start = self.settings.start;
        let last = self.bars.len() - 1;
        let next_open = self.settings.execution.fill == Fill::NextOpen;
        let mut ruin: Option<Ruin> = None;
        let mut equity = self.settings.cash;
        let mut t = start;
        let mut watched = start;
        // sizes that take a while to be found
        let slow = matches!(
            self.settings.risk,
            Risk::KellyFraction { .. } | Risk::VolatilityTarget { .. }
        );
        while t <= last {
            if (t >= watched || slow)
                && let Some(watch) = watch
            {
                watch(t)?;
                watched = t + WATCHED;
            }
            if ruin.is_some() {
                break;
            }
            if !FULL {
                t = self.next_event(t, next_open, last);
            }
            self.account.begin_bar();
            let close = self.bars.close[t];
            let deficit = self.open::<FULL>(t, next_open).or_else(|| {
                self.inside::<FULL>(t);
                if !next_open {
                    self.fill_signals::<FULL>(t, close, t, Place::Close);
                }
                if t == last {
                    self.end(t, close);
                }
                equity = self.account.equity(close);
                (equity <= 0.0).then(|| {
                    self.account.close_ruined(t, close);
                    -equity
                })
            });
            if let Some(deficit) = deficit {
                ruin = Some(Ruin { bar: t, deficit });
                equity = 0.0;
                self.account.empty(t);
            } else {
                if t == last {
                    self.account.leave_open(t, close);
                }
                self.close::<FULL>(t, equity);
            }
            self.account.end_bar(t);
            t += 1;
        }
        let tally = self.account.into_tally(last + 1);
        if !tally.course.equity_sum.is_finite() {
            return Err(EngineError::Bars(
                "equity went beyond a float64: prices, sizes or costs are out of scale".to_owned(),
            ));
        }
        Ok(Outcome {
            tally,
            final_equity: equity,
            ruin,
        })
    }

    /// The first bar from `t` on that may not merely be passed through, at most [`WATCHED`] on.
    #[inline]
    fn next_event(&mut self, t: usize, next_open: bool, last: usize) -> usize {
        if next_open && t == self.settings.start {
            return t;
        }
        let end = last.min(t + WATCHED);
        let offset = usize::from(next_open);
        let flags = self.signals.flags;
        if !self.account.held() {
            return flags.next_entry(t - offset..end - offset) + offset;
        }
        let position = self.account.position();
        let mut end = flags.next_exit(position.units > 0.0, t - offset..end - offset) + offset;
        if let Some(limit) = self.signals.time_stop {
            let due = position.entry_bar + limit + usize::from(position.place == Place::Close);
            end = end.min(due.max(t));
        }
        self.account.reach(t..end)
    }

    /// Step 8.
    fn end(&mut self, t: usize, close: f64) {
        if self.settings.execution.at_end == AtEnd::Close && self.account.held() {
            self.account.exit(
                t,
                close,
                &Exit {
                    limited: false,
                    ..Exit::market(Reason::Forced)
                },
            );
        }
    }

    /// What follows a mark: daily limits, and the ratchet of trailing stops.
    #[inline]
    fn close<const FULL: bool>(&mut self, t: usize, equity: f64) {
        let execution = &self.settings.execution;
        if FULL && self.halt.is_none() {
            let gain = equity - self.session_base;
            let reached = |limit: Option<crate::config::Limit>, amount: f64| {
                limit.is_some_and(|limit| amount >= limit.amount(self.session_base))
            };
            self.halt = if reached(execution.daily_loss_limit, -gain) {
                Some(Reason::DailyLoss)
            } else if reached(execution.daily_target, gain) {
                Some(Reason::DailyTarget)
            } else {
                None
            };
            self.halted_at = t;
        }
        if self.signals.trail.is_some() && self.account.held() {
            let (high, low) = (self.bars.high[t], self.bars.low[t]);
            self.account.ratchet(t, high, low, self.bars.close[t]);
        }
    }
}
