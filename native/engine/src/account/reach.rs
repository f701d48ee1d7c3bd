//! How far a position can be held before something may happen to it.

use std::ops::Range;

use super::Account;
use crate::market::Extremes;
use crate::observe::Observer;

/// Bars whose extremes are looked at together.
const STEP: usize = 64;

/// Bars that are looked at together where a level lies near.
const SMALL_STEP: usize = 8;

impl<O: Observer> Account<'_, '_, '_, O> {
    /// The first of these bars, through which the position is held, on which a level is reached or
    /// equity may fall to zero; their end where there is none. A trailing stop is ratcheted on the
    /// bars before it.
    #[inline]
    pub fn reach(&mut self, bars: Range<usize>) -> usize {
        let long = self.position.units > 0.0;
        let safe = long && self.equity(self.market.bottom) > 0.0;
        if self.position.levels.trails() {
            let holding = self.holding();
            let ruined = |adverse: f64| !safe && holding.equity(adverse) <= 0.0;
            return self.position.follow(self.market.bars, bars, ruined);
        }
        if safe && self.position.guard.is_nan() && self.position.levels.target.is_nan() {
            return bars.end;
        }
        let Range { mut start, end } = bars;
        while start < end {
            let stop = end.min(start + STEP);
            if self.may_happen(&self.market.around(start, stop)) {
                while start < stop {
                    let near = stop.min(start + SMALL_STEP);
                    if self.may_happen(&self.market.extremes(start, near)) {
                        return (start..near)
                            .find(|&t| self.may_happen(&self.market.extremes(t, t + 1)))
                            .unwrap_or(near);
                    }
                    start = near;
                }
            }
            start = stop;
        }
        end
    }

    /// Whether a level is reached, or equity may fall to zero, between these extremes.
    #[inline]
    fn may_happen(&self, found: &Extremes) -> bool {
        let position = &self.position;
        let (guard, target) = (position.guard, position.levels.target);
        // comparisons with NaN, a level that is not set, are false; a touched target is left to the
        // rule that knows the tick
        if position.units > 0.0 {
            found.low() <= guard || found.high() >= target || self.equity(found.low()) <= 0.0
        } else {
            found.high() >= guard || found.low() <= target || self.equity(found.high()) <= 0.0
        }
    }
}
