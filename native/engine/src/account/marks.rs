//! What the tally is told of each bar, and what was seen inside it.

use super::Account;
use crate::bars::Bars;
use crate::observe::Observer;

impl<O: Observer> Account<'_, '_, '_, O> {
    /// Marks a bar on which something was held or signalled.
    #[inline]
    pub fn mark(&mut self, t: usize, equity: f64) {
        let exposed = self.today.closed || self.held();
        self.tally.mark(t, equity, self.today.worst, exposed);
        self.observer.equity(equity);
        self.last_mark = equity;
    }

    /// Marks bars `from` to `to`, the latter left out, on which nothing is held and nothing happens.
    pub fn mark_idle(&mut self, from: usize, to: usize, equity: f64) {
        let mut t = from;
        let mut course = self.tally.course;
        while t < to {
            let stop = to.min(self.tally.next_headline().saturating_add(1));
            for _ in t..stop {
                course.mark(equity, equity, false);
            }
            if self.tally.next_headline() < stop {
                self.tally.headline(equity);
            }
            t = stop;
        }
        self.tally.course = course;
        self.observer.equities(to - from, equity);
        self.last_mark = equity;
    }

    /// Marks bars from `from` on, before `to`, on which the position is merely held: no level is
    /// reached and equity stays above zero. Gives the first bar of which that is not sure.
    pub fn mark_held(&mut self, from: usize, to: usize, bars: &Bars<'_>) -> usize {
        let (open, high) = (&bars.open[from..to], &bars.high[from..to]);
        let (low, close) = (&bars.low[from..to], &bars.close[from..to]);
        let rows = open.iter().zip(high).zip(low).zip(close);
        let (cash, money) = (self.cash, self.units_of_money());
        let (guard, target) = (self.position.guard, self.position.levels.target);
        let long = money > 0.0;
        // what is bought with cash can't be worth less than nothing
        let ruinable = !(long && cash >= 0.0);
        let mut course = self.tally.course;
        let mut headline = self.tally.next_headline();
        let (mut bottom, mut top) = (f64::INFINITY, f64::NEG_INFINITY);
        let mut t = from;
        let mut last = self.last_mark;
        for (((&open, &high), &low), &close) in rows {
            let adverse = if long { low } else { high };
            // comparisons with NaN, a level that is not set, are false; a touched target is left to
            // the rule that knows the tick
            let reached = if long {
                low <= guard || high >= target
            } else {
                high >= guard || low <= target
            };
            let equity = cash + money * close;
            let worst = cash + money * adverse;
            if reached || ruinable && (cash + money * open <= 0.0 || equity <= 0.0) {
                break;
            }
            course.mark(equity, worst, true);
            if O::DETAILS {
                bottom = if low < bottom { low } else { bottom };
                top = if high > top { high } else { top };
            }
            if t == headline {
                self.tally.headline(equity);
                headline = self.tally.next_headline();
            }
            self.observer.equity(equity);
            last = equity;
            t += 1;
        }
        if O::DETAILS && t > from {
            self.position.see(bottom);
            self.position.see(top);
        }
        self.tally.course = course;
        self.last_mark = last;
        t
    }

    /// The position went from the open to the close.
    #[inline]
    pub fn pass(&mut self, high: f64, low: f64) {
        self.see_adverse(high, low);
        if O::DETAILS {
            self.position.see(high);
            self.position.see(low);
        }
    }

    /// The rest of a position whose target came first went to the close.
    pub fn pass_unmarked(&mut self, high: f64, low: f64) {
        if O::DETAILS {
            self.position.see(high);
            self.position.see(low);
        }
    }

    /// A position that was entered inside the bar went to the close.
    pub fn pass_entered(&mut self, high: f64, low: f64, close: f64) {
        self.see_adverse(high, low);
        self.position.see(close);
    }

    /// The price went against the position as far as the bar reaches.
    #[inline]
    pub fn see_adverse(&mut self, high: f64, low: f64) {
        let adverse = if self.position.units > 0.0 { low } else { high };
        self.see(self.equity(adverse));
        if O::DETAILS {
            self.position.see(adverse);
        }
    }

    /// Ratchets the trailing stop after bar `t`.
    pub fn ratchet(&mut self, t: usize, high: f64, low: f64, close: f64) {
        self.position.ratchet(t, high, low, close);
    }

    /// Remembers the least equity inside the bar.
    #[inline]
    pub(super) fn see(&mut self, equity: f64) {
        if equity < self.today.worst {
            self.today.worst = equity;
        }
    }
}
