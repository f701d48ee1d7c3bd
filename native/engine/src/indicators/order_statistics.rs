//! Where values stand in the order of the last `window` values: quantiles and ranks.
//!
//! - Quantile q of a window of n: with s the values in ascending order, h = (n − 1)·q and l = ⌊h⌋,
//!   sₗ + (h − l)·(sₗ₊₁ − sₗ). Source: `NumPy`'s method "linear", type 7 of Hyndman and Fan,
//!   *Sample Quantiles in Statistical Packages* (1996).
//! - Rank of the newest value: (values below it + (values equal to it, itself included, + 1)/2)/n,
//!   above 0 and at most 1. Source: pandas' `rolling(n).rank(pct=True)`.
//!
//! Missing while the window is not full or has a missing value. The window is kept in order: a
//! binary search finds the places, and what lies between the two moves by one.

/// The last values in ascending order.
#[derive(Debug, Clone)]
struct Sorted {
    window: usize,
    values: Vec<f64>,
}

impl Sorted {
    fn new(window: usize) -> Self {
        Self {
            window,
            values: Vec::with_capacity(window),
        }
    }

    /// The value of bar `t` enters, and the one that leaves the window goes; whether it is full.
    fn enter(&mut self, values: &[f64], t: usize) -> bool {
        let value = values[t];
        if value.is_nan() {
            self.values.clear();
        } else if self.values.len() == self.window {
            self.replace(values[t - self.window], value);
        } else {
            self.values.insert(self.place(value), value);
        }
        self.values.len() == self.window
    }

    /// The first place whose value does not come before `value`; −0 comes before 0.
    fn place(&self, value: f64) -> usize {
        self.values
            .partition_point(|known| known.total_cmp(&value).is_lt())
    }

    fn replace(&mut self, old: f64, new: f64) {
        let (from, to) = (self.place(old), self.place(new));
        if from < to {
            self.values.copy_within(from + 1..to, from);
            self.values[to - 1] = new;
        } else {
            self.values.copy_within(to..from, to + 1);
            self.values[to] = new;
        }
    }
}

/// A quantile of the last `window` values.
#[derive(Debug, Clone)]
pub struct Quantile {
    sorted: Sorted,
    /// The place at or before the quantile, and how far it lies from there to the next.
    lower: usize,
    share: f64,
}

impl Quantile {
    /// Before the first bar; `window` is at least 1, and `q` is from 0 to 1.
    #[must_use]
    pub fn new(window: usize, q: f64) -> Self {
        let place = (window as f64 - 1.0) * q;
        Self {
            sorted: Sorted::new(window),
            lower: place.floor() as usize,
            share: place - place.floor(),
        }
    }

    /// Evaluates the bars from `first` on, one for each place in `out`; `values` hold all bars from
    /// the very first.
    pub fn advance(&mut self, values: &[f64], first: usize, out: &mut [f64]) {
        for (t, slot) in (first..).zip(out) {
            *slot = if self.sorted.enter(values, t) {
                self.read()
            } else {
                f64::NAN
            };
        }
    }

    fn read(&self) -> f64 {
        let lower = self.sorted.values[self.lower];
        if self.share > 0.0 {
            lower + self.share * (self.sorted.values[self.lower + 1] - lower)
        } else {
            lower
        }
    }
}

/// The rank of the newest of the last `window` values among them, as a fraction.
#[derive(Debug, Clone)]
pub struct Rank {
    sorted: Sorted,
}

impl Rank {
    /// Before the first bar; `window` is at least 1.
    #[must_use]
    pub fn new(window: usize) -> Self {
        Self {
            sorted: Sorted::new(window),
        }
    }

    /// Evaluates the bars from `first` on, one for each place in `out`; `values` hold all bars from
    /// the very first.
    pub fn advance(&mut self, values: &[f64], first: usize, out: &mut [f64]) {
        for (t, slot) in (first..).zip(out) {
            *slot = if self.sorted.enter(values, t) {
                self.read(values[t])
            } else {
                f64::NAN
            };
        }
    }

    fn read(&self, newest: f64) -> f64 {
        let sorted = &self.sorted.values;
        let less = sorted.partition_point(|&known| known < newest);
        let equal = sorted[less..].partition_point(|&known| known <= newest);
        (less as f64 + f64::midpoint(equal as f64, 1.0)) / sorted.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::{Quantile, Rank};
    use crate::indicators::pieces::{bits, gappy, in_pieces};
    use proptest::prelude::*;

    #[test]
    fn quantile_by_hand() {
        let nan = f64::NAN;
        let values = [4.0, 1.0, 2.0, 8.0, nan, 5.0, 5.0, 6.0, 5.0];
        let mut out = [0.0; 9];
        Quantile::new(3, 0.5).advance(&values, 0, &mut out);
        assert_eq!(
            bits(&out),
            bits(&[nan, nan, 2.0, 2.0, nan, nan, nan, 5.0, 5.0])
        );
        // a quarter of 1 2 4, of 1 2 8, of 5 5 6
        Quantile::new(3, 0.25).advance(&values, 0, &mut out);
        assert_eq!(
            bits(&out),
            bits(&[nan, nan, 1.5, 1.5, nan, nan, nan, 5.0, 5.0])
        );
        Quantile::new(3, 1.0).advance(&values, 0, &mut out);
        assert_eq!(
            bits(&out),
            bits(&[nan, nan, 4.0, 8.0, nan, nan, nan, 6.0, 6.0])
        );
    }

    #[test]
    fn rank_by_hand() {
        let nan = f64::NAN;
        let values = [4.0, 1.0, 2.0, 8.0, nan, 0.0, -0.0, 6.0, 6.0];
        let mut out = [0.0; 9];
        Rank::new(2).advance(&values, 0, &mut out);
        assert_eq!(
            bits(&out),
            bits(&[nan, 0.5, 1.0, 1.0, nan, nan, 0.75, 1.0, 0.75])
        );
        Rank::new(1).advance(&values[..5], 0, &mut out[..5]);
        assert_eq!(bits(&out[..5]), bits(&[1.0, 1.0, 1.0, 1.0, nan]));
    }

    /// The values of which many are equal, both zeros among them.
    fn tied() -> impl Strategy<Value = Vec<f64>> {
        let rounded =
            |values: Vec<f64>| values.iter().map(|value| (value / 10.0).round()).collect();
        prop_oneof![gappy(), gappy().prop_map(rounded)]
    }

    proptest! {
        #[test]
        fn equals_sorting_each_window(
            values in tied(),
            window in 1_usize..12,
            q in prop_oneof![3 => 0.0..1.0_f64, 1 => Just(0.0), 1 => Just(0.5), 1 => Just(1.0)],
            size in 1_usize..20,
        ) {
            let mut quantile = Quantile::new(window, q);
            let quantiles = in_pieces(values.len(), size, |span, out| {
                quantile.advance(&values, span.start, out);
            });
            let mut rank = Rank::new(window);
            let ranks = in_pieces(values.len(), size, |span, out| {
                rank.advance(&values, span.start, out);
            });
            for t in 0..values.len() {
                let last = values.get((t + 1).wrapping_sub(window)..=t).unwrap_or(&[f64::NAN]);
                if last.iter().any(|value| value.is_nan()) {
                    prop_assert!(quantiles[t].is_nan() && ranks[t].is_nan());
                    continue;
                }
                let mut sorted = last.to_vec();
                sorted.sort_by(f64::total_cmp);
                let h = (window - 1) as f64 * q;
                let (low, high) = (sorted[h.floor() as usize], sorted[h.ceil() as usize]);
                let expected = if h.fract() > 0.0 { low + h.fract() * (high - low) } else { low };
                prop_assert_eq!(bits(&quantiles[t..=t]), bits(&[expected]));
                let count = |test: &dyn Fn(&f64) -> bool| last.iter().filter(|x| test(x)).count();
                let (less, upto) = (count(&|&x| x < values[t]), count(&|&x| x <= values[t]));
                let places = (less + 1..=upto).sum::<usize>() as f64 / (upto - less) as f64;
                let expected = places / window as f64;
                prop_assert_eq!(bits(&ranks[t..=t]), bits(&[expected]));
            }
        }
    }
}
