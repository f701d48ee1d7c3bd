//! What equity went through from mark to mark: its peak, its drawdowns, its sum.

/// Sums over marks; small enough to be held in registers over a stretch of bars.
#[derive(Debug, Clone, Copy)]
pub struct Course {
    peak: f64,
    /// Least equity at a close over its peak.
    trough: f64,
    /// Least equity inside a bar over the peak of closes.
    trough_intrabar: f64,
    below_peak: usize,
    /// Longest run of bars below the peak that has ended.
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

    /// Counts a close: its equity, the worst equity inside the bar, and whether a position was held
    /// at it or closed on the bar.
    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "its fields stay in registers only where it is inlined"
    )]
    pub fn mark(&mut self, equity: f64, worst: f64, exposed: bool) {
        self.bars += 1;
        self.exposed += usize::from(exposed);
        self.equity_sum += equity;
        let inside = if worst < equity { worst } else { equity };
        // a product in place of a quotient: the division is made for a new trough alone
        if inside < self.peak * self.trough_intrabar {
            self.trough_intrabar = inside / self.peak;
        }
        if equity < self.peak {
            self.below_peak += 1;
            if equity < self.peak * self.trough {
                self.trough = equity / self.peak;
            }
        } else {
            // the longest run is looked at where it ends, and at the end of the data
            self.longest = self.longest.max(self.below_peak);
            self.peak = equity;
            self.below_peak = 0;
        }
    }

    /// Longest run of bars below the peak.
    #[must_use]
    pub fn max_drawdown_bars(&self) -> usize {
        self.longest.max(self.below_peak)
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
