//! What was seen inside a bar.

use super::Account;
use crate::observe::Observer;

impl<O: Observer> Account<'_, '_, '_, O> {
    /// Ends a bar on which something may have happened.
    #[inline]
    pub fn end_bar(&mut self, t: usize) {
        if self.since == t {
            self.since_worst = self.today.worst;
            self.since_closed = self.today.closed;
        }
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
    pub fn pass_unmarked(&mut self, t: usize, high: f64, low: f64) {
        // the bar stands for itself, for its low does not count
        self.settle(t);
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
