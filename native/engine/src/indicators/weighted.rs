//! Moving averages that weigh the values of a window: linearly, or as a triangle.

use super::rolling::{Rolling, Total};

/// Windows after which the sums are made afresh.
const PATIENCE: usize = 8;

/// Linearly weighted moving average: the newest value `window` times, the oldest once (TA-Lib
/// `WMA`).
///
/// Each bar takes one sum of the window off the weighted sum; both are made afresh, oldest value
/// first, after 8 windows, as TA-Lib 0.8 does.
#[derive(Debug, Clone)]
pub struct Wma {
    window: usize,
    /// Valid values in a row, counted up to `window`.
    seen: usize,
    /// Bars until the sums are made afresh.
    patience: usize,
    /// The values of the window, less the oldest where the next one comes in.
    plain: f64,
    /// The values of the window, each as often as it counts.
    weighted: f64,
}

impl Wma {
    /// Before the first bar; `window` is at least 1.
    #[must_use]
    pub fn new(window: usize) -> Self {
        Self {
            window,
            seen: 0,
            patience: PATIENCE * window,
            plain: 0.0,
            weighted: 0.0,
        }
    }

    /// Evaluates the bars from `first` on, one for each place in `out`; `values` hold all bars from
    /// the very first.
    pub fn advance(&mut self, values: &[f64], first: usize, out: &mut [f64]) {
        if self.window == 1 {
            out.copy_from_slice(&values[first..first + out.len()]);
            return;
        }
        let count = self.window as f64;
        let weights = (self.window * (self.window + 1) / 2) as f64;
        let mut wma = self.clone();
        for (t, slot) in (first..).zip(out) {
            let value = values[t];
            *slot = f64::NAN;
            if value.is_nan() {
                wma = Self::new(self.window);
                continue;
            }
            wma.plain += value;
            if wma.seen + 1 < wma.window {
                wma.seen += 1;
                wma.weighted += value * wma.seen as f64;
                continue;
            }
            if wma.seen == wma.window {
                wma.plain -= values[t - wma.window];
            }
            wma.seen = wma.window;
            wma.weighted += value * count;
            wma.patience -= 1;
            if wma.patience == 0 {
                wma.afresh(&values[t + 1 - self.window..=t]);
            }
            *slot = wma.weighted / weights;
            wma.weighted -= wma.plain;
        }
        *self = wma;
    }

    /// The sums of a full window.
    fn afresh(&mut self, window: &[f64]) {
        self.patience = PATIENCE * self.window;
        (self.plain, self.weighted) = (0.0, 0.0);
        for (place, value) in (1_u32..).zip(window) {
            self.plain += value;
            self.weighted += value * f64::from(place);
        }
    }
}

/// Triangular moving average: a running sum of a running sum (TA-Lib `TRIMA`), of windows
/// (n + 1)/2 twice for an odd `window` n, n/2 and n/2 + 1 for an even one.
#[derive(Debug, Clone)]
pub struct Trima {
    outer: usize,
    weights: f64,
    sums: Rolling<Total>,
    sums_of_sums: Rolling<Total>,
    /// The last sums before the next bars, as many as the outer window holds at most.
    past: Vec<f64>,
}

impl Trima {
    /// Before the first bar; `window` is at least 1.
    #[must_use]
    pub fn new(window: usize) -> Self {
        let (inner, outer) = (window.div_ceil(2), window / 2 + 1);
        Self {
            outer,
            weights: (inner * outer) as f64,
            sums: Rolling::new(inner),
            sums_of_sums: Rolling::new(outer),
            past: Vec::new(),
        }
    }

    /// Evaluates the bars from `first` on, one for each place in `out`; `values` hold all bars from
    /// the very first.
    pub fn advance(&mut self, values: &[f64], first: usize, out: &mut [f64]) {
        let kept = self.past.len();
        self.past.resize(kept + out.len(), f64::NAN);
        self.sums.advance(values, first, &mut self.past[kept..]);
        self.sums_of_sums.advance(&self.past, kept, out);
        for slot in out {
            *slot /= self.weights;
        }
        let old = self.past.len().saturating_sub(self.outer);
        self.past.drain(..old);
    }
}

#[cfg(test)]
mod tests {
    use super::{Trima, Wma};
    use crate::indicators::pieces::{bits, gappy, in_pieces};
    use proptest::prelude::*;

    const NAN: f64 = f64::NAN;

    #[test]
    fn averages_by_hand() {
        let values = [1.0, 2.0, 6.0, 3.0, NAN, 4.0, 8.0, 1.0];
        let mut out = [0.0; 8];
        Wma::new(2).advance(&values, 0, &mut out);
        let expected = [NAN, 5.0, 14.0, 12.0, NAN, NAN, 20.0, 10.0];
        assert_eq!(bits(&out), bits(&expected.map(|sum| sum / 3.0)));
        Trima::new(3).advance(&values, 0, &mut out);
        let expected = [NAN, NAN, 11.0, 17.0, NAN, NAN, NAN, 21.0];
        assert_eq!(bits(&out), bits(&expected.map(|sum| sum / 4.0)));
        Trima::new(2).advance(&values, 0, &mut out);
        let expected = [NAN, 1.5, 4.0, 4.5, NAN, NAN, 6.0, 4.5];
        assert_eq!(bits(&out), bits(&expected));
    }

    #[test]
    fn rounding_does_not_pile_up() {
        let values: Vec<f64> = (0..200_000_u32)
            .map(|t| 1e6 + f64::from(t.wrapping_mul(2_654_435_761) >> 12) / 7.0)
            .collect();
        let mut out = vec![0.0; values.len()];
        Wma::new(2).advance(&values, 0, &mut out);
        for (pair, found) in values.windows(2).zip(&out[1..]) {
            let expected = (pair[0] + 2.0 * pair[1]) / 3.0;
            assert!((found - expected).abs() < 1e-13 * expected);
        }
    }

    proptest! {
        #[test]
        fn close_to_the_weighted_mean(values in gappy(), window in 1_usize..12, size in 1_usize..20) {
            let mut kernel = Wma::new(window);
            let wma = in_pieces(values.len(), size, |span, out| kernel.advance(&values, span.start, out));
            let mut kernel = Trima::new(window);
            let trima = in_pieces(values.len(), size, |span, out| kernel.advance(&values, span.start, out));
            let linear: Vec<f64> = (1..=window).map(|weight| weight as f64).collect();
            let triangle: Vec<f64> = (0..window).map(|i| (i + 1).min(window - i) as f64).collect();
            let mut wholes = [vec![0.0; values.len()], vec![0.0; values.len()]];
            Wma::new(window).advance(&values, 0, &mut wholes[0]);
            Trima::new(window).advance(&values, 0, &mut wholes[1]);
            for ((found, whole), weights) in [wma, trima].iter().zip(&wholes).zip([linear, triangle]) {
                prop_assert_eq!(bits(found), bits(whole));
                for (t, &found) in found.iter().enumerate() {
                    let last = values.get((t + 1).wrapping_sub(window)..=t).unwrap_or(&[NAN]);
                    let total: f64 = last.iter().zip(&weights).map(|(x, weight)| x * weight).sum();
                    let expected = total / weights.iter().sum::<f64>();
                    prop_assert_eq!(found.is_nan(), expected.is_nan());
                    prop_assert!(expected.is_nan() || (found - expected).abs() < 1e-9);
                }
            }
        }
    }
}
