//! What equity went through from mark to mark: its peak, its drawdowns, its sum.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use std::ops::Range;

use crate::bars::Bars;
use crate::market::{Extremes, Gaps, Market};

/// Bars that are looked at together where equity may reach a new peak.
const STEP: usize = 16;

/// Money below which rounding is no longer a share of it.
const TINY: f64 = 1e-290;

/// Share of what is held up to which cash is rounding.
const ROUNDING: f64 = 1e-12;

/// Room for the rounding of a product that stands for a quotient.
const SLACK: f64 = 1.0 + 4.0 * f64::EPSILON;

/// Cash and what a point of price is worth between two fills.
#[derive(Debug, Clone, Copy)]
pub struct Holding {
    /// Money beside the position.
    pub cash: f64,
    /// Signed units times money per point; 0 is flat.
    pub money: f64,
}

impl Holding {
    /// Equity at a price; it rises with the price, or falls with it, rounding included.
    #[inline(always)]
    #[must_use]
    pub fn equity(self, price: f64) -> f64 {
        self.cash + self.money * price
    }
}

/// Sums over marks.
#[derive(Debug, Clone, Copy)]
pub struct Course {
    peak: f64,
    closes: Trough,
    intrabar: Trough,
    below_peak: usize,
    /// Longest run of bars below the peak.
    longest: usize,
    /// Σ equity over bar closes.
    pub equity_sum: f64,
    /// Bars marked.
    pub bars: usize,
    /// Bars with a position at the close, or on which one was closed.
    pub exposed: usize,
}

/// The deepest fall below the peaks.
#[derive(Debug, Clone, Copy)]
struct Trough {
    /// Least equity over its peak, of the peaks before this one.
    share: f64,
    /// Equity at and above which nothing is deeper, below this peak or before.
    floor: f64,
    /// What that was at the peak.
    start: f64,
}

impl Trough {
    fn new(peak: f64) -> Self {
        let mut trough = Self {
            share: 1.0,
            floor: 0.0,
            start: 0.0,
        };
        trough.below(peak);
        trough
    }

    /// Falls are below this peak from now on.
    #[inline(always)]
    fn below(&mut self, peak: f64) {
        // a product in place of a quotient: the division is made once a peak, for its deepest fall
        self.start = peak * self.share * SLACK;
        self.floor = self.start;
    }

    /// Equity was seen, if it is below the peak.
    #[inline(always)]
    fn see(&mut self, equity: f64) {
        self.floor = if equity < self.floor {
            equity
        } else {
            self.floor
        };
    }

    /// The share with the falls below this peak.
    #[inline(always)]
    fn settled(&self, peak: f64) -> f64 {
        if self.floor < self.start {
            let share = self.floor / peak;
            if share < self.share {
                return share;
            }
        }
        self.share
    }

    /// Another peak follows on this one.
    #[inline(always)]
    fn rise(&mut self, peak: f64, next: f64) {
        self.share = self.settled(peak);
        self.below(next);
    }
}

impl Course {
    /// Starts with the account's cash as the peak.
    #[must_use]
    pub fn new(cash: f64) -> Self {
        Self {
            peak: cash,
            closes: Trough::new(cash),
            intrabar: Trough::new(cash),
            below_peak: 0,
            longest: 0,
            equity_sum: 0.0,
            bars: 0,
            exposed: 0,
        }
    }

    /// Counts one bar: equity at its close, and the least inside it.
    #[inline(always)]
    pub fn mark(&mut self, equity: f64, worst: f64) {
        let inside = if worst < equity { worst } else { equity };
        self.intrabar.see(inside);
        // an equity at or above the peak is no fall
        self.closes.see(equity);
        if equity < self.peak {
            self.pass(1);
        } else {
            self.rise(equity);
            self.below_peak = 0;
        }
    }

    /// Counts bars with the same equity, and the least that was seen inside the first.
    #[inline(always)]
    pub fn idle(&mut self, bars: usize, equity: f64, worst: f64) {
        self.mark(equity, worst);
        if equity < self.peak {
            self.pass(bars - 1);
        }
    }

    /// Counts bars from `from` on, before `to`, through which something is held, and the least
    /// equity that was seen inside the first.
    ///
    /// Without `SHORT` the position is long.
    #[inline(always)]
    pub fn held<const SHORT: bool>(
        &mut self,
        holding: Holding,
        market: &Market<'_>,
        (from, to): (usize, usize),
        worst: f64,
    ) {
        let [best, least, adverse] = sides_of::<SHORT>(holding, &market.around(from, to));
        let adverse = if worst < adverse { worst } else { adverse };
        if best < self.peak && self.shallow([best, least, adverse]) {
            self.pass(to - from);
        } else {
            self.mark(holding.equity(market.bars.close[from]), worst);
            if to > from + 1 {
                self.moves(holding, market, from + 1..to);
            }
        }
    }

    /// Counts bars in which there may be new peaks or troughs.
    fn moves(&mut self, holding: Holding, market: &Market<'_>, bars: Range<usize>) {
        let seen = sides(holding, &market.extremes(bars.start, bars.end));
        if !self.sink(seen, bars.len()) && !self.rises(holding, market, seen, bars.clone()) {
            self.climb(holding, market, bars.start, bars.end);
        }
    }

    /// Counts bars in which equity stays below its peak.
    #[inline(always)]
    fn pass(&mut self, bars: usize) {
        self.below_peak += bars;
        self.longest = self.longest.max(self.below_peak);
    }

    /// Equity reaches a peak.
    #[inline(always)]
    fn rise(&mut self, equity: f64) {
        self.closes.rise(self.peak, equity);
        self.intrabar.rise(self.peak, equity);
        self.peak = equity;
    }

    /// Counts bars in which equity reaches new peaks and no new trough, if that is easily seen;
    /// `seen` is what equity is at best and at least.
    #[inline]
    fn rises(
        &mut self,
        holding: Holding,
        market: &Market<'_>,
        seen: [f64; 3],
        bars: Range<usize>,
    ) -> bool {
        let Some(gaps) = market.gaps() else {
            return false;
        };
        // with cash beside it equity falls by less than prices do
        let worth = holding.money * market.bottom;
        let plain = worth > TINY && holding.cash >= -ROUNDING * worth;
        if !plain
            || !self.shallow(seen)
            || market.fall(bars.start, bars.end)
                <= self.closes.settled(self.peak) * (1.0 + 8.0 * ROUNDING)
        {
            return false;
        }
        if self.below_peak + bars.len() > self.longest {
            return self.by_records(holding, market, gaps, bars);
        }
        let last = gaps.last_record(bars.start, bars.end);
        let peak = holding.equity(market.bars.close[last]);
        // two closes may round to one equity
        let alone = holding.equity(gaps.gap(last).most) < peak;
        if alone {
            self.rise(peak);
            self.below_peak = bars.end - 1 - last;
        }
        alone
    }

    /// Counts such bars from record to record, where one of the ways between may be the longest.
    fn by_records(
        &mut self,
        holding: Holding,
        market: &Market<'_>,
        gaps: &Gaps,
        bars: Range<usize>,
    ) -> bool {
        let mut course = *self;
        let mut t = bars.start;
        while t < bars.end {
            let equity = holding.equity(market.bars.close[t]);
            if equity < course.peak {
                course.pass(1);
            } else if holding.equity(gaps.gap(t).most) < equity {
                course.rise(equity);
                course.below_peak = 0;
            } else {
                return false;
            }
            let next = bars.end.min(gaps.end(t));
            course.pass(next - t - 1);
            t = next;
        }
        *self = course;
        true
    }

    /// Whether equity that is at best and at least so much at closes, and at least so much inside
    /// bars, is no new trough below the peak so far.
    #[inline(always)]
    fn shallow(&self, [_, least, adverse]: [f64; 3]) -> bool {
        least >= self.closes.floor && adverse >= self.intrabar.floor
    }

    /// Counts bars in which equity stays below its peak, if it does.
    #[inline]
    fn sink(&mut self, [best, least, adverse]: [f64; 3], bars: usize) -> bool {
        let sinks = best < self.peak;
        if sinks {
            self.pass(bars);
            self.closes.see(least);
            let inside = if adverse < least { adverse } else { least };
            self.intrabar.see(inside);
        }
        sinks
    }

    fn climb(&mut self, holding: Holding, market: &Market<'_>, from: usize, to: usize) {
        let mut course = *self;
        match market.gaps() {
            Some(gaps) if holding.money > 0.0 => {
                course.by_gaps(holding, market, gaps, from..to);
            }
            _ => course.by_steps(holding, market, from..to),
        }
        *self = course;
    }

    /// From each close to the next that is no lower: no close between reaches a new peak.
    fn by_gaps(&mut self, holding: Holding, market: &Market<'_>, gaps: &Gaps, bars: Range<usize>) {
        let Bars { close, low, .. } = market.bars;
        let mut t = bars.start;
        while t < bars.end {
            self.mark(holding.equity(close[t]), holding.equity(low[t]));
            let (gap, end) = (gaps.gap(t), gaps.end(t));
            let next = bars.end.min(end);
            if next > t + 1 {
                let whole = [gap.most, gap.least, gap.low].map(|price| holding.equity(price));
                // where the gap is cut off, those are of more bars
                let known = if end <= bars.end || self.shallow(whole) {
                    whole
                } else {
                    sides(holding, &market.extremes(t + 1, next))
                };
                if !self.sink(known, next - t - 1) {
                    self.by_bars(holding, market, t + 1..next);
                }
            }
            t = next;
        }
    }

    /// A few bars after the other, those of which one may reach a new peak by themselves.
    fn by_steps(&mut self, holding: Holding, market: &Market<'_>, bars: Range<usize>) {
        let mut t = bars.start;
        while t < bars.end {
            let stop = bars.end.min(t + STEP);
            if !self.sink(sides(holding, &market.extremes(t, stop)), stop - t) {
                self.by_bars(holding, market, t..stop);
            }
            t = stop;
        }
    }

    fn by_bars(&mut self, holding: Holding, market: &Market<'_>, bars: Range<usize>) {
        let Bars {
            close, low, high, ..
        } = market.bars;
        let adverse = if holding.money > 0.0 { low } else { high };
        for (&close, &adverse) in close[bars.clone()].iter().zip(&adverse[bars]) {
            self.mark(holding.equity(close), holding.equity(adverse));
        }
    }

    /// Longest run of bars below the peak.
    #[must_use]
    pub fn max_drawdown_bars(&self) -> usize {
        self.longest
    }

    /// Deepest drawdown at a close, at most 1.
    #[must_use]
    pub fn max_drawdown(&self) -> f64 {
        (1.0 - self.closes.settled(self.peak)).min(1.0)
    }

    /// Deepest drawdown inside a bar, from the peak of closes, at most 1.
    #[must_use]
    pub fn max_drawdown_intrabar(&self) -> f64 {
        (1.0 - self.intrabar.settled(self.peak)).min(1.0)
    }
}

/// The best and the least equity at closes, and the least inside bars, between these extremes.
fn sides(holding: Holding, found: &Extremes) -> [f64; 3] {
    sides_of::<true>(holding, found)
}

/// As [`sides`]; without `SHORT` what is held is long.
#[inline(always)]
fn sides_of<const SHORT: bool>(holding: Holding, found: &Extremes) -> [f64; 3] {
    let prices = if !SHORT || holding.money > 0.0 {
        [found.most(), found.least(), found.low()]
    } else {
        [found.least(), found.most(), found.high()]
    };
    prices.map(|price| holding.equity(price))
}
