//! Measures of range.

use std::cmp::Ordering;

/// Wilder's average true range (TA-Lib `ATR`): the first value is the mean of the true ranges of
/// bars 1 to `window`.
#[derive(Debug, Clone)]
pub struct Atr {
    window: usize,
    /// Ranges in a row, counted up to `window`.
    seen: usize,
    state: f64,
    previous: f64,
}

impl Atr {
    /// Before the first bar; `window` is at least 1.
    #[must_use]
    pub fn new(window: usize) -> Self {
        Self {
            window,
            seen: 0,
            state: 0.0,
            previous: f64::NAN,
        }
    }

    /// Evaluates the next bars.
    pub fn advance(&mut self, high: &[f64], low: &[f64], close: &[f64], out: &mut [f64]) {
        let mut atr = self.clone();
        for (((slot, &high), &low), &close) in out.iter_mut().zip(high).zip(low).zip(close) {
            *slot = atr.next(high, low, close);
        }
        *self = atr;
    }

    fn next(&mut self, high: f64, low: f64, close: f64) -> f64 {
        let previous = std::mem::replace(&mut self.previous, close);
        if high.is_nan() | low.is_nan() | previous.is_nan() {
            (self.seen, self.state) = (0, 0.0);
            return f64::NAN;
        }
        let range = true_range(high, low, previous);
        let count = self.window as f64;
        match (self.seen + 1).cmp(&self.window) {
            Ordering::Less => {
                self.seen += 1;
                self.state += range;
                return f64::NAN;
            }
            Ordering::Equal => {
                self.seen += 1;
                self.state = (self.state + range) / count;
            }
            Ordering::Greater => self.state = (self.state * (count - 1.0) + range) / count,
        }
        self.state
    }
}

/// Average true range of all bars at once.
pub fn atr(high: &[f64], low: &[f64], close: &[f64], window: usize, out: &mut [f64]) {
    Atr::new(window).advance(high, low, close, out);
}

pub(super) fn true_range(high: f64, low: f64, previous_close: f64) -> f64 {
    let mut range = high - low;
    let up = (high - previous_close).abs();
    if up > range {
        range = up;
    }
    let down = (low - previous_close).abs();
    if down > range {
        range = down;
    }
    range
}

#[cfg(test)]
mod tests {
    use super::{Atr, atr};
    use crate::indicators::pieces::{bits, gappy, in_pieces};
    use proptest::prelude::*;

    #[test]
    fn atr_by_hand() {
        let mut out = [0.0; 4];
        atr(
            &[10.0, 12.0, 11.0, 15.0],
            &[9.0, 11.0, 10.0, 14.0],
            &[9.5, 11.5, 10.5, 14.5],
            2,
            &mut out,
        );
        // true ranges 2.5, 1.5, 4.5
        assert!(out[0].is_nan() && out[1].is_nan());
        assert!((out[2] - 2.0).abs() < 1e-12);
        assert!((out[3] - 3.25).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn pieces_equal_the_whole(close in gappy(), window in 1_usize..12, size in 1_usize..20) {
            let high: Vec<f64> = close.iter().map(|x| x + 1.5).collect();
            let low: Vec<f64> = close.iter().map(|x| x - 0.5).collect();
            let mut whole = vec![0.0; close.len()];
            atr(&high, &low, &close, window, &mut whole);
            let mut kernel = Atr::new(window);
            let found = in_pieces(close.len(), size, |span, out| {
                kernel.advance(&high[span.clone()], &low[span.clone()], &close[span], out);
            });
            prop_assert_eq!(bits(&found), bits(&whole));
            let mut seen = 0;
            for (t, value) in close.iter().enumerate() {
                seen = if value.is_nan() { 0 } else { seen + 1 };
                prop_assert_eq!(found[t].is_nan(), seen <= window);
                prop_assert!(seen <= window || found[t] >= 2.0 - 1e-12);
            }
        }
    }
}
