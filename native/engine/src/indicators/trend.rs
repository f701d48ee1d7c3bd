//! Exponential moving averages.

/// Exponential moving average seeded with the mean of the first `window` values (TA-Lib `EMA`).
#[derive(Debug, Clone)]
pub struct Ema {
    window: usize,
    seen: usize,
    state: f64,
}

impl Ema {
    /// Before the first bar; `window` is at least 1.
    #[must_use]
    pub fn new(window: usize) -> Self {
        Self {
            window,
            seen: 0,
            state: 0.0,
        }
    }

    /// Evaluates the next bars.
    pub fn advance(&mut self, values: &[f64], out: &mut [f64]) {
        let count = self.window as f64;
        let k = 2.0 / (count + 1.0);
        let (mut seen, mut state) = (self.seen, self.state);
        for (slot, &value) in out.iter_mut().zip(values) {
            if value.is_nan() {
                (seen, state) = (0, 0.0);
                *slot = f64::NAN;
            } else if seen >= self.window {
                state = (value - state) * k + state;
                *slot = state;
            } else {
                seen += 1;
                state += value;
                *slot = f64::NAN;
                if seen == self.window {
                    state /= count;
                    *slot = state;
                }
            }
        }
        (self.seen, self.state) = (seen, state);
    }
}

/// Exponential moving average of all bars at once.
pub fn ema(values: &[f64], window: usize, out: &mut [f64]) {
    Ema::new(window).advance(values, out);
}

#[cfg(test)]
mod tests {
    use super::{Ema, ema};
    use crate::indicators::pieces::{bits, gappy, in_pieces};
    use proptest::prelude::*;

    #[test]
    fn seeded_with_the_mean() {
        let mut out = [0.0; 7];
        let nan = f64::NAN;
        ema(&[1.0, 2.0, 6.0, 8.0, nan, 3.0, 3.0], 3, &mut out);
        assert_eq!(bits(&out), bits(&[nan, nan, 3.0, 5.5, nan, nan, nan]));
    }

    proptest! {
        #[test]
        fn pieces_equal_the_whole(values in gappy(), window in 1_usize..12, size in 1_usize..20) {
            let mut whole = vec![0.0; values.len()];
            ema(&values, window, &mut whole);
            let mut kernel = Ema::new(window);
            let found = in_pieces(values.len(), size, |span, out| {
                kernel.advance(&values[span], out);
            });
            prop_assert_eq!(bits(&found), bits(&whole));
        }
    }
}
