//! The commodity channel index.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

/// A part of the mean so small that it counts as no movement.
const NOTHING: f64 = 1e-14;

/// Bars whose windows are summed side by side.
const LANES: usize = 16;

/// How far a price is from its mean, in mean deviations and scaled by 0.015 (TA-Lib `CCI`, over a
/// price that the caller makes); 0 where it does not move.
///
/// Each window is summed anew, from the oldest value to the newest: nothing is carried.
#[derive(Debug, Clone)]
pub struct Cci {
    window: usize,
}

impl Cci {
    /// `window` is at least 1.
    #[must_use]
    pub fn new(window: usize) -> Self {
        Self { window }
    }

    /// Evaluates the bars from `first` on, one for each place in `out`; `values` hold all bars from
    /// the very first.
    #[inline(always)]
    pub fn advance(&mut self, values: &[f64], first: usize, out: &mut [f64]) {
        let lead = (self.window - 1).saturating_sub(first).min(out.len());
        let (missing, rest) = out.split_at_mut(lead);
        missing.fill(f64::NAN);
        if rest.is_empty() {
            return;
        }
        // the windows of the bars that are left
        let mut windows = &values[first + lead + 1 - self.window..];
        let (blocks, rest) = rest.as_chunks_mut::<LANES>();
        for block in blocks {
            *block = self.block(windows);
            windows = &windows[LANES..];
        }
        for (slot, window) in rest.iter_mut().zip(windows.windows(self.window)) {
            [*slot] = self.block(window);
        }
    }

    /// The values of the bars whose windows start at the first `N` places of `windows`.
    #[inline(always)]
    fn block<const N: usize>(&self, windows: &[f64]) -> [f64; N] {
        let count = self.window as f64;
        let windows = &windows[..self.window + N - 1];
        let mut means = [0.0; N];
        for values in windows.windows(N) {
            for (sum, value) in means.iter_mut().zip(values) {
                *sum += value;
            }
        }
        for mean in &mut means {
            *mean /= count;
        }
        let mut deviations = [0.0; N];
        for values in windows.windows(N) {
            for ((sum, value), mean) in deviations.iter_mut().zip(values).zip(&means) {
                *sum += (value - mean).abs();
            }
        }
        let mut out = [0.0; N];
        let newest = &windows[self.window - 1..];
        let lanes = out.iter_mut().zip(newest).zip(means).zip(deviations);
        for (((slot, value), mean), deviation) in lanes {
            let (distance, nothing) = (value - mean, NOTHING * mean.abs());
            let spread = deviation / count;
            let scaled = 0.015 * spread;
            *slot = if distance.abs() <= nothing || spread <= nothing || scaled == 0.0 {
                0.0
            } else {
                distance / scaled
            };
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Cci;
    use crate::indicators::pieces::{bits, gappy, in_pieces};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_the_formula(values in gappy(), window in 1_usize..12, size in 1_usize..40) {
            let mut kernel = Cci::new(window);
            let found = in_pieces(values.len(), size, |span, out| kernel.advance(&values, span.start, out));
            let count = window as f64;
            let expected: Vec<f64> = (0..values.len())
                .map(|t| {
                    let last = values.get((t + 1).wrapping_sub(window)..=t).unwrap_or(&[f64::NAN]);
                    let mean = last.iter().sum::<f64>() / count;
                    let spread = last.iter().map(|x| (x - mean).abs()).sum::<f64>() / count;
                    let distance = last[last.len() - 1] - mean;
                    if distance.abs() <= 1e-14 * mean.abs() || spread == 0.0 {
                        0.0
                    } else {
                        distance / (0.015 * spread)
                    }
                })
                .collect();
            prop_assert_eq!(bits(&found), bits(&expected));
        }
    }

    #[test]
    fn a_flat_price_is_at_its_mean() {
        let mut out = [9.0; 40];
        Cci::new(3).advance(&[7.25; 40], 0, &mut out);
        assert!(out[..2].iter().all(|value| value.is_nan()));
        assert_eq!(bits(&out[2..]), bits(&[0.0; 38]));
    }
}
