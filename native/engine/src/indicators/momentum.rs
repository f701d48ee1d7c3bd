//! Oscillators of price change.

use std::cmp::Ordering;

/// Wilder's averages of the gains and losses of the last `window` changes.
#[derive(Debug, Clone)]
struct Changes {
    window: usize,
    /// Valid values in a row, counted up to `window` + 1.
    seen: usize,
    up: f64,
    down: f64,
    previous: f64,
}

impl Changes {
    fn new(window: usize) -> Self {
        Self {
            window,
            seen: 0,
            up: 0.0,
            down: 0.0,
            previous: f64::NAN,
        }
    }

    /// Writes what `value` makes of the average gain and loss of each of the next bars.
    fn advance(&mut self, values: &[f64], out: &mut [f64], value: impl Fn(f64, f64) -> f64) {
        let mut changes = self.clone();
        for (slot, &price) in out.iter_mut().zip(values) {
            *slot = if changes.next(price) {
                value(changes.up, changes.down)
            } else {
                f64::NAN
            };
        }
        *self = changes;
    }

    /// Takes a bar in; returns whether there are averages.
    fn next(&mut self, value: f64) -> bool {
        if value.is_nan() {
            *self = Self::new(self.window);
            return false;
        }
        let change = value - self.previous;
        self.previous = value;
        if self.seen == 0 {
            self.seen = 1;
            return false;
        }
        let (gain, loss) = if change < 0.0 {
            (0.0, -change)
        } else {
            (change, 0.0)
        };
        let count = self.window as f64;
        match self.seen.cmp(&self.window) {
            Ordering::Less => {
                self.up += gain;
                self.down += loss;
                self.seen += 1;
                return false;
            }
            Ordering::Equal => {
                self.up = (self.up + gain) / count;
                self.down = (self.down + loss) / count;
                self.seen += 1;
            }
            Ordering::Greater => {
                self.up = (self.up * (count - 1.0) + gain) / count;
                self.down = (self.down * (count - 1.0) + loss) / count;
            }
        }
        true
    }
}

/// Wilder's relative strength index, 0 to 100 (TA-Lib `RSI`).
///
/// The first value stands `window` bars after the first valid one.
#[derive(Debug, Clone)]
pub struct Rsi(Changes);

impl Rsi {
    /// Before the first bar; `window` is at least 1.
    #[must_use]
    pub fn new(window: usize) -> Self {
        Self(Changes::new(window))
    }

    /// Evaluates the next bars.
    pub fn advance(&mut self, values: &[f64], out: &mut [f64]) {
        self.0.advance(values, out, |up, down| {
            let total = up + down;
            if total > 0.0 {
                100.0 * (up / total)
            } else {
                0.0
            }
        });
    }
}

/// Chande's momentum oscillator with Wilder's averages, −100 to 100 (TA-Lib `CMO`).
#[derive(Debug, Clone)]
pub struct Cmo(Changes);

impl Cmo {
    /// Before the first bar; `window` is at least 1.
    #[must_use]
    pub fn new(window: usize) -> Self {
        Self(Changes::new(window))
    }

    /// Evaluates the next bars.
    pub fn advance(&mut self, values: &[f64], out: &mut [f64]) {
        self.0.advance(values, out, |up, down| {
            let total = up + down;
            if total > 0.0 {
                100.0 * ((up - down) / total)
            } else {
                0.0
            }
        });
    }
}

/// Relative strength index of all bars at once.
pub fn rsi(values: &[f64], window: usize, out: &mut [f64]) {
    Rsi::new(window).advance(values, out);
}

#[cfg(test)]
mod tests {
    use super::{Cmo, Rsi, rsi};
    use crate::indicators::pieces::{bits, gappy, in_pieces};
    use proptest::prelude::*;

    #[test]
    fn rsi_by_hand() {
        let mut out = [0.0; 5];
        rsi(&[10.0, 11.0, 10.5, 11.5, 11.5], 2, &mut out);
        assert!(out[1].is_nan());
        // averages 0.5 and 0.25, then (0.5+1)/2 and 0.25/2, then halved
        assert!((out[2] - 100.0 * 0.5 / 0.75).abs() < 1e-12);
        assert!((out[3] - 100.0 * 0.75 / 0.875).abs() < 1e-12);
        assert!((out[4] - 100.0 * 0.75 / 0.875).abs() < 1e-12);
    }

    #[test]
    fn cmo_by_hand() {
        let mut out = [0.0; 5];
        Cmo::new(2).advance(&[10.0, 11.0, 10.5, 11.5, 11.5], &mut out);
        assert!((out[2] - 100.0 * 0.25 / 0.75).abs() < 1e-12);
        assert!((out[3] - 100.0 * 0.625 / 0.875).abs() < 1e-12);
        Cmo::new(1).advance(&[10.0; 5], &mut out);
        assert_eq!(bits(&out), bits(&[f64::NAN, 0.0, 0.0, 0.0, 0.0]));
    }

    proptest! {
        #[test]
        fn pieces_equal_the_whole(values in gappy(), window in 1_usize..12, size in 1_usize..20) {
            let mut whole = vec![0.0; values.len()];
            rsi(&values, window, &mut whole);
            let mut kernel = Rsi::new(window);
            let found = in_pieces(values.len(), size, |span, out| {
                kernel.advance(&values[span], out);
            });
            prop_assert_eq!(bits(&found), bits(&whole));
            let mut kernel = Cmo::new(window);
            let cmo = in_pieces(values.len(), size, |span, out| {
                kernel.advance(&values[span], out);
            });
            let mut seen = 0;
            for (t, value) in values.iter().enumerate() {
                seen = if value.is_nan() { 0 } else { seen + 1 };
                prop_assert_eq!(found[t].is_nan(), seen <= window);
                prop_assert!(seen <= window || (0.0..=100.0).contains(&found[t]));
                // both are made of the same averages: cmo = 2·rsi − 100
                prop_assert_eq!(cmo[t].is_nan(), seen <= window);
                prop_assert!(seen <= window || (cmo[t] - (2.0 * found[t] - 100.0)).abs() < 1e-9);
            }
        }
    }
}
