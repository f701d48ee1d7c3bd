//! Running totals from the first value on.

/// The sum from the first value on.
#[derive(Debug, Clone, Default)]
pub struct Cumulative {
    sum: f64,
}

impl Cumulative {
    /// Evaluates the next bars.
    pub fn advance(&mut self, values: &[f64], out: &mut [f64]) {
        for (slot, &value) in out.iter_mut().zip(values) {
            if value.is_nan() {
                self.sum = 0.0;
                *slot = f64::NAN;
            } else {
                self.sum += value;
                *slot = self.sum;
            }
        }
    }
}

/// On-balance volume (TA-Lib `OBV`): the first volume, then volume added where the price rises and
/// subtracted where it falls.
#[derive(Debug, Clone)]
pub struct Obv {
    balance: f64,
    previous: f64,
}

impl Default for Obv {
    fn default() -> Self {
        Self {
            balance: 0.0,
            previous: f64::NAN,
        }
    }
}

impl Obv {
    /// Evaluates the next bars.
    pub fn advance(&mut self, price: &[f64], volume: &[f64], out: &mut [f64]) {
        for ((slot, &price), &volume) in out.iter_mut().zip(price).zip(volume) {
            if price.is_nan() | volume.is_nan() {
                *self = Self::default();
                *slot = f64::NAN;
                continue;
            }
            if self.previous.is_nan() {
                self.balance = volume;
            } else if price > self.previous {
                self.balance += volume;
            } else if price < self.previous {
                self.balance -= volume;
            }
            self.previous = price;
            *slot = self.balance;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cumulative, Obv};
    use crate::indicators::pieces::{bits, gappy, in_pieces};
    use proptest::prelude::*;

    const NAN: f64 = f64::NAN;

    #[test]
    fn balance_by_hand() {
        let mut out = [0.0; 8];
        Obv::default().advance(
            &[5.0, 6.0, 6.0, 4.0, NAN, 3.0, 9.0, 1.0],
            &[10.0, 20.0, 30.0, 40.0, 50.0, 60.0, NAN, 80.0],
            &mut out,
        );
        let expected = [10.0, 30.0, 30.0, -10.0, NAN, 60.0, NAN, 80.0];
        assert_eq!(bits(&out), bits(&expected));
    }

    proptest! {
        #[test]
        fn totals_of_each_row_of_values(values in gappy(), size in 1_usize..20) {
            let mut kernel = Cumulative::default();
            let sums = in_pieces(values.len(), size, |span, out| kernel.advance(&values[span], out));
            // a price that always rises adds every volume
            let rising: Vec<f64> = (0..values.len()).map(|t| t as f64).collect();
            let mut kernel = Obv::default();
            let balance = in_pieces(values.len(), size, |span, out| {
                kernel.advance(&rising[span.clone()], &values[span], out);
            });
            for t in 0..values.len() {
                let first = values[..=t].iter().rposition(|value| value.is_nan()).map_or(0, |gap| gap + 1);
                let expected = values[first..=t].iter().copied().reduce(|sum, value| sum + value);
                prop_assert_eq!(bits(&sums[t..=t]), bits(&[expected.unwrap_or(NAN)]));
                prop_assert_eq!(bits(&balance[t..=t]), bits(&[expected.unwrap_or(NAN)]));
            }
        }
    }
}
