//! Kaufman's adaptive moving average.

/// Below this a path counts as no path at all (TA-Lib `TA_EPSILON`).
const ZERO: f64 = 1e-14;

/// The smoothing of a straight path, 2/(2 + 1).
const FAST: f64 = 2.0 / 3.0;

/// The smoothing of a path that leads nowhere, 2/(30 + 1).
const SLOW: f64 = 2.0 / 31.0;

/// An average that follows the faster the straighter the last `window` bars went (TA-Lib `KAMA`).
///
/// The first value stands `window` bars after the first valid one.
#[derive(Debug, Clone)]
pub struct Kama {
    window: usize,
    /// Valid values in a row, counted up to `window` + 1.
    seen: usize,
    /// The way from bar to bar over the window.
    path: f64,
    state: f64,
}

impl Kama {
    /// Before the first bar; `window` is at least 1.
    #[must_use]
    pub fn new(window: usize) -> Self {
        Self {
            window,
            seen: 0,
            path: 0.0,
            state: f64::NAN,
        }
    }

    /// Evaluates the bars from `first` on, one for each place in `out`; `values` hold all bars from
    /// the very first.
    pub fn advance(&mut self, values: &[f64], first: usize, out: &mut [f64]) {
        let mut kama = self.clone();
        for (t, slot) in (first..).zip(out) {
            *slot = kama.next(values, t);
        }
        *self = kama;
    }

    fn next(&mut self, values: &[f64], t: usize) -> f64 {
        let (value, window) = (values[t], self.window);
        if value.is_nan() {
            *self = Self::new(window);
            return f64::NAN;
        }
        if self.seen > window {
            self.path -= (values[t - window] - values[t - window - 1]).abs();
        } else {
            self.seen += 1;
            if self.seen == window {
                self.state = value;
            }
        }
        if self.seen > 1 {
            self.path += (value - values[t - 1]).abs();
        }
        if self.seen <= window {
            return f64::NAN;
        }
        let change = value - values[t - window];
        let efficiency = if self.path <= change || self.path.abs() < ZERO {
            1.0
        } else {
            (change / self.path).abs()
        };
        let k = efficiency * (FAST - SLOW) + SLOW;
        self.state = (value - self.state) * (k * k) + self.state;
        self.state
    }
}

#[cfg(test)]
mod tests {
    use super::Kama;
    use crate::indicators::pieces::{bits, gappy, in_pieces};
    use proptest::prelude::*;

    #[test]
    fn straight_and_crooked_paths() {
        let mut out = [0.0; 5];
        Kama::new(2).advance(&[1.0, 2.0, 3.0, 2.0, 2.0], 0, &mut out);
        assert!(out[0].is_nan() && out[1].is_nan());
        // straight up: (2/3)²; back where it was: (2/31)²; one of one step down: (2/3)²
        let first = (3.0 - 2.0) * (4.0 / 9.0) + 2.0;
        let second = (2.0 - first) * (4.0 / 961.0) + first;
        let third = (2.0 - second) * (4.0 / 9.0) + second;
        for (found, expected) in out[2..].iter().zip([first, second, third]) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
    }

    proptest! {
        #[test]
        fn close_to_a_path_summed_anew(values in gappy(), window in 1_usize..12, size in 1_usize..20) {
            let mut kernel = Kama::new(window);
            let found = in_pieces(values.len(), size, |span, out| kernel.advance(&values, span.start, out));
            let mut whole = vec![0.0; values.len()];
            Kama::new(window).advance(&values, 0, &mut whole);
            prop_assert_eq!(bits(&found), bits(&whole));
            let mut row: Vec<f64> = Vec::new();
            let mut state = f64::NAN;
            for (t, &value) in values.iter().enumerate() {
                if value.is_nan() {
                    row.clear();
                } else {
                    row.push(value);
                }
                prop_assert_eq!(found[t].is_nan(), row.len() <= window);
                if row.len() == window {
                    state = value;
                }
                if row.len() > window {
                    let last = &row[row.len() - window - 1..];
                    let path: f64 = last.windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum();
                    let efficiency = ((last[window] - last[0]) / path).abs();
                    let k = efficiency * (2.0 / 3.0 - 2.0 / 31.0) + 2.0 / 31.0;
                    state += k * k * (value - state);
                    prop_assert!((found[t] - state).abs() < 1e-9);
                }
            }
        }
    }
}
