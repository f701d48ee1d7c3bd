//! Measures of spread around a mean.
//!
//! Sums run over the distances to an anchor, so that a small move of a large price is not lost: the
//! variance is Σd²/n − (Σd/n)². The anchor is the first value. It becomes the window's mean, and the
//! sums are made afresh, where the difference is too small beside Σd²/n, where the value that leaves
//! had nearly all of Σd², and after 32 windows in any case.
//!
//! Source: TA-Lib 0.8's `VAR` and `STDDEV`, their order and their limits. A missing value restarts.

/// A variance below this share of Σd²/n has lost too many digits.
const WORN: f64 = 1e-6;
/// What leaves had nearly all of Σd² where it is so many times the rest.
const MOST: f64 = 1e6;
/// A variance below this share of Σd²/n is none where the anchor is the mean.
const NOTHING: f64 = 1e-12;
/// Windows after which the anchor is set anew.
const PATIENCE: usize = 32;

/// The population variance of the last `window` values (TA-Lib `VAR`).
#[derive(Debug, Clone)]
pub struct Variance {
    window: usize,
    /// Values in a row, counted up to the window.
    seen: usize,
    /// Bars until the anchor is set anew.
    patience: usize,
    sums: Sums,
}

/// The sums of distances to an anchor and of their squares.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    anchor: f64,
    distance: f64,
    squares: f64,
}

impl Sums {
    fn around(anchor: f64) -> Self {
        Self {
            anchor,
            ..Self::default()
        }
    }

    /// The sums of a window around its mean.
    fn afresh(window: &[f64], share: f64) -> Self {
        let total = window.iter().fold(0.0, |total, value| total + value);
        let mut sums = Self::around(total * share);
        for &value in window {
            sums.add(value);
        }
        sums
    }

    fn add(&mut self, value: f64) {
        let distance = value - self.anchor;
        self.distance += distance;
        self.squares += distance * distance;
    }

    fn variance(&self, share: f64) -> f64 {
        let mean = share * self.distance;
        share * self.squares - mean * mean
    }
}

impl Variance {
    /// Before the first bar; `window` is at least 1.
    #[must_use]
    pub fn new(window: usize) -> Self {
        Self {
            window,
            seen: 0,
            patience: PATIENCE * window,
            sums: Sums::default(),
        }
    }

    /// Evaluates the bars from `first` on, one for each place in `out`; `values` hold all bars from
    /// the very first.
    pub fn advance(&mut self, values: &[f64], first: usize, out: &mut [f64]) {
        let share = 1.0 / self.window as f64;
        let mut state = self.clone();
        for (t, slot) in (first..).zip(out) {
            *slot = state.next(values, t, share);
        }
        *self = state;
    }

    #[inline]
    fn next(&mut self, values: &[f64], t: usize, share: f64) -> f64 {
        let value = values[t];
        if value.is_nan() {
            *self = Self::new(self.window);
            return f64::NAN;
        }
        if self.seen == 0 {
            self.sums = Sums::around(value);
        }
        self.seen += usize::from(self.seen < self.window);
        self.sums.add(value);
        if self.seen < self.window {
            return f64::NAN;
        }
        let window = &values[t + 1 - self.window..=t];
        let mut variance = self.sums.variance(share);
        let mut leaving = window[0] - self.sums.anchor;
        let mut rest = self.sums.squares - leaving * leaving;
        self.patience -= 1;
        let worn = share * rest * WORN > variance || leaving * leaving > rest * MOST;
        if worn || self.patience == 0 {
            self.patience = PATIENCE * self.window;
            self.sums = Sums::afresh(window, share);
            variance = self.sums.variance(share);
            if variance < share * self.sums.squares * NOTHING {
                variance = 0.0;
            }
            leaving = window[0] - self.sums.anchor;
            rest = self.sums.squares - leaving * leaving;
        }
        self.sums.distance -= leaving;
        self.sums.squares = rest;
        variance
    }
}

/// The population deviation of the last `window` values, the root of their variance (TA-Lib
/// `STDDEV`).
#[derive(Debug, Clone)]
pub struct Deviation(Variance);

impl Deviation {
    /// Before the first bar; `window` is at least 1.
    #[must_use]
    pub fn new(window: usize) -> Self {
        Self(Variance::new(window))
    }

    /// Evaluates the bars from `first` on, one for each place in `out`; `values` hold all bars from
    /// the very first.
    pub fn advance(&mut self, values: &[f64], first: usize, out: &mut [f64]) {
        self.0.advance(values, first, out);
        for slot in out {
            *slot = slot.sqrt();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Deviation, Variance};
    use crate::indicators::pieces::{bits, gappy, in_pieces};
    use proptest::prelude::*;

    #[test]
    fn deviation_by_hand() {
        let mut out = [0.0; 5];
        Deviation::new(2).advance(&[2.0, 4.0, 4.0, 4.0, 10.0], 0, &mut out);
        assert_eq!(bits(&out), bits(&[f64::NAN, 1.0, 0.0, 0.0, 3.0]));
        Variance::new(2).advance(&[2.0, 4.0, 4.0, 4.0, 10.0], 0, &mut out);
        assert_eq!(bits(&out), bits(&[f64::NAN, 1.0, 0.0, 0.0, 9.0]));
        Deviation::new(1).advance(&[2.0, 4.0, f64::NAN, 4.0, 10.0], 0, &mut out);
        assert_eq!(bits(&out), bits(&[0.0, 0.0, f64::NAN, 0.0, 0.0]));
    }

    #[test]
    fn a_small_move_of_a_large_price_is_not_lost() {
        let mut values: Vec<f64> = (0..500_u32).map(|t| 1e8 + f64::from(t % 7)).collect();
        // a spike comes and goes
        values[100] = 1e15;
        let mut out = vec![0.0; values.len()];
        Variance::new(7).advance(&values, 0, &mut out);
        for (t, &found) in out.iter().enumerate().skip(6) {
            if !(100..107).contains(&t) {
                assert!((found - 4.0).abs() < 1e-12, "{t}: {found}");
            }
        }
    }

    proptest! {
        #[test]
        fn close_to_two_passes(values in gappy(), window in 1_usize..12, size in 1_usize..20) {
            let mut kernel = Variance::new(window);
            let found = in_pieces(values.len(), size, |span, out| {
                kernel.advance(&values, span.start, out);
            });
            let mut whole = vec![0.0; values.len()];
            Variance::new(window).advance(&values, 0, &mut whole);
            prop_assert_eq!(bits(&found), bits(&whole));
            let mut kernel = Deviation::new(window);
            let roots = in_pieces(values.len(), size, |span, out| {
                kernel.advance(&values, span.start, out);
            });
            for (t, &found) in found.iter().enumerate() {
                prop_assert_eq!(bits(&roots[t..=t]), bits(&[found.sqrt()]));
                let last = values.get((t + 1).wrapping_sub(window)..=t).unwrap_or(&[f64::NAN]);
                let mean = last.iter().sum::<f64>() / last.len() as f64;
                let squares = last.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
                let expected = squares / last.len() as f64;
                prop_assert_eq!(found.is_nan(), expected.is_nan());
                // values differ by at most 100, and a window has at least a millionth of its Σd²
                prop_assert!(expected.is_nan() || (found - expected).abs() < 1e-9);
            }
        }
    }
}
