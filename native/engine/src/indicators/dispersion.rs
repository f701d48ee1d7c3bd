//! Measures of spread around a mean.

use super::rolling::{Rolling, Sums};

/// Below this variance the deviation is 0.
const ZERO: f64 = 1e-14;

/// The population deviation of a window, √(mean of squares − square of mean) (TA-Lib `STDDEV`).
#[derive(Debug, Clone, Copy)]
pub struct Deviation {
    sum: f64,
    squares: f64,
    count: f64,
}

impl Sums for Deviation {
    const ONE_IS_ITSELF: bool = false;

    fn empty(count: f64) -> Self {
        Self {
            sum: 0.0,
            squares: 0.0,
            count,
        }
    }

    fn add(&mut self, value: f64) {
        self.sum += value;
        self.squares += value * value;
    }

    fn subtract(&mut self, value: f64) {
        self.sum -= value;
        self.squares -= value * value;
    }

    fn value(&self) -> f64 {
        let mean = self.sum / self.count;
        let variance = self.squares / self.count - mean * mean;
        if variance < ZERO {
            0.0
        } else {
            variance.sqrt()
        }
    }
}

/// Rolling deviation of all bars at once.
pub fn stdev(values: &[f64], window: usize, out: &mut [f64]) {
    Rolling::<Deviation>::new(window).advance(values, 0, out);
}

#[cfg(test)]
mod tests {
    use super::{Deviation, stdev};
    use crate::indicators::pieces::{bits, gappy, in_pieces};
    use crate::indicators::rolling::Rolling;
    use proptest::prelude::*;

    #[test]
    fn deviation_by_hand() {
        let mut out = [0.0; 5];
        stdev(&[2.0, 4.0, 4.0, 4.0, 10.0], 2, &mut out);
        assert_eq!(bits(&out), bits(&[f64::NAN, 1.0, 0.0, 0.0, 3.0]));
    }

    proptest! {
        #[test]
        fn close_to_two_passes(values in gappy(), window in 1_usize..12, size in 1_usize..20) {
            let mut kernel = Rolling::<Deviation>::new(window);
            let found = in_pieces(values.len(), size, |span, out| {
                kernel.advance(&values, span.start, out);
            });
            let mut whole = vec![0.0; values.len()];
            stdev(&values, window, &mut whole);
            prop_assert_eq!(bits(&found), bits(&whole));
            for (t, &found) in found.iter().enumerate() {
                let last = values.get((t + 1).wrapping_sub(window)..=t).unwrap_or(&[f64::NAN]);
                let mean = last.iter().sum::<f64>() / last.len() as f64;
                let squares = last.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
                let expected = (squares / last.len() as f64).sqrt();
                prop_assert_eq!(found.is_nan(), expected.is_nan());
                // the sums lose about 1e-13·(50²·80) of the variance
                prop_assert!(expected.is_nan() || (found.powi(2) - expected.powi(2)).abs() < 1e-8);
            }
        }
    }
}
