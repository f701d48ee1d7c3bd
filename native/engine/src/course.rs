//! What equity went through from mark to mark: its peak, its drawdowns, its sum.

use crate::market::{Extremes, Market};

/// Bars that are looked at together where equity may reach a new peak.
const STEP: usize = 16;

/// Room for the rounding of a product that stands for a quotient.
pub const SLACK: f64 = 1.0 + 4.0 * f64::EPSILON;

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
    #[inline]
    #[must_use]
    pub fn equity(self, price: f64) -> f64 {
        self.cash + self.money * price
    }
}

/// Sums over marks.
#[derive(Debug, Clone, Copy)]
pub struct Course {
    peak: f64,
    /// Least equity at a close over its peak.
    trough: f64,
    /// Least equity inside a bar over the peak of closes.
    trough_intrabar: f64,
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

impl Course {
    /// Starts with the account's cash as the peak.
    #[must_use]
    pub fn new(cash: f64) -> Self {
        Self {
            peak: cash,
            trough: 1.0,
            trough_intrabar: 1.0,
            below_peak: 0,
            longest: 0,
            equity_sum: 0.0,
            bars: 0,
            exposed: 0,
        }
    }

    /// Counts one bar: equity at its close, and the least inside it.
    #[inline]
    pub fn mark(&mut self, equity: f64, worst: f64) {
        let inside = if worst < equity { worst } else { equity };
        self.fall_inside(inside);
        // of an equity at or above the peak it is no fall
        self.fall(equity);
        // selections, for no branch on where equity goes is foreseen
        let below = equity < self.peak;
        self.peak = if below { self.peak } else { equity };
        self.below_peak = if below { self.below_peak + 1 } else { 0 };
        self.longest = self.longest.max(self.below_peak);
    }

    /// Counts bars with the same equity as the one before.
    #[inline]
    pub fn idle(&mut self, bars: usize, equity: f64) {
        if equity < self.peak {
            self.below_peak += bars;
            self.longest = self.longest.max(self.below_peak);
        }
    }

    /// Counts bars from `from` on, before `to`, through which something is held.
    #[inline]
    pub fn held(&mut self, holding: Holding, market: &Market<'_>, from: usize, to: usize) {
        if self.stays(holding, &market.around(from, to)) {
            self.below_peak += to - from;
            self.longest = self.longest.max(self.below_peak);
        } else if !self.sink(holding, &market.extremes(from, to), to - from) {
            self.climb(holding, market, from, to);
        }
    }

    /// Whether equity reaches neither a new peak nor a new trough between these extremes.
    #[inline]
    fn stays(&self, holding: Holding, found: &Extremes) -> bool {
        let (best, least, adverse) = sides(holding, found);
        best < self.peak
            && least >= self.peak * self.trough * SLACK
            && adverse >= self.peak * self.trough_intrabar * SLACK
    }

    /// Counts bars in which equity stays below its peak, if it does.
    #[inline]
    fn sink(&mut self, holding: Holding, found: &Extremes, bars: usize) -> bool {
        let (best, least, adverse) = sides(holding, found);
        let sinks = best < self.peak;
        if sinks {
            self.below_peak += bars;
            self.longest = self.longest.max(self.below_peak);
            self.fall(least);
            self.fall_inside(if adverse < least { adverse } else { least });
        }
        sinks
    }

    fn climb(&mut self, holding: Holding, market: &Market<'_>, from: usize, to: usize) {
        let mut t = from;
        while t < to {
            let stop = to.min(t + STEP);
            if !self.sink(holding, &market.extremes(t, stop), stop - t) {
                let adverse = if holding.money > 0.0 {
                    &market.bars.low[t..stop]
                } else {
                    &market.bars.high[t..stop]
                };
                let mut course = *self;
                for (&close, &adverse) in market.bars.close[t..stop].iter().zip(adverse) {
                    course.mark(holding.equity(close), holding.equity(adverse));
                }
                *self = course;
            }
            t = stop;
        }
    }

    /// A fall below the peak at a close.
    #[inline]
    fn fall(&mut self, equity: f64) {
        // a product in place of a quotient: the division is made for a new trough alone
        if equity < self.peak * self.trough * SLACK {
            let share = equity / self.peak;
            if share < self.trough {
                self.trough = share;
            }
        }
    }

    /// A fall inside a bar.
    #[inline]
    fn fall_inside(&mut self, inside: f64) {
        if inside < self.peak * self.trough_intrabar * SLACK {
            let share = inside / self.peak;
            if share < self.trough_intrabar {
                self.trough_intrabar = share;
            }
        }
    }

    /// Peak, troughs at closes and inside bars, bars below the peak and the longest run of them.
    #[inline]
    #[must_use]
    pub fn get(&self) -> [f64; 5] {
        [
            self.peak,
            self.trough,
            self.trough_intrabar,
            self.below_peak as f64,
            self.longest as f64,
        ]
    }

    /// Takes over what [`Self::get`] gives.
    #[inline]
    pub fn set(&mut self, [peak, trough, trough_intrabar, below, longest]: [f64; 5]) {
        self.peak = peak;
        self.trough = trough;
        self.trough_intrabar = trough_intrabar;
        self.below_peak = below as usize;
        self.longest = longest as usize;
    }

    /// Longest run of bars below the peak.
    #[must_use]
    pub fn max_drawdown_bars(&self) -> usize {
        self.longest
    }

    /// Deepest drawdown at a close, at most 1.
    #[must_use]
    pub fn max_drawdown(&self) -> f64 {
        (1.0 - self.trough).min(1.0)
    }

    /// Deepest drawdown inside a bar, from the peak of closes, at most 1.
    #[must_use]
    pub fn max_drawdown_intrabar(&self) -> f64 {
        (1.0 - self.trough_intrabar).min(1.0)
    }
}

/// The best and the least equity at closes, and the least inside bars, between these extremes.
#[inline]
fn sides(holding: Holding, found: &Extremes) -> (f64, f64, f64) {
    let (best, least, adverse) = if holding.money > 0.0 {
        (found.most(), found.least(), found.low())
    } else {
        (found.least(), found.most(), found.high())
    };
    (
        holding.equity(best),
        holding.equity(least),
        holding.equity(adverse),
    )
}
