//! A straight line through the last `window` values, by least squares.
//!
//! With x the age of a value in bars (0 the newest, `window` − 1 the oldest) and n values,
//! slope = (n·Σxy − Σx·Σy)/((Σx)² − n·Σx²), per bar of time, and the line's end, on the newest bar,
//! is (Σy − slope·Σx)/n + slope·(n − 1).
//!
//! When the window slides by a bar every value in it ages by one: Σxy ← Σxy + Σy − n·leaving. The
//! sums are made afresh, oldest value first, where what leaves was large against what stays, and
//! after 32 windows in any case.
//!
//! Source: TA-Lib 0.8's `LINEARREG_SLOPE` and `LINEARREG`, their order and their limits (its issues
//! 103 and 254). A missing value restarts.

/// What leaves, times the window, is large against the sum of absolute values from here on.
const LARGE: f64 = 100.0;
/// Windows after which the sums are made afresh.
const PATIENCE: usize = 32;

/// What is read of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Its rise per bar; missing of a window of 1 (TA-Lib `LINEARREG_SLOPE`).
    Slope,
    /// Its value on the newest bar; of a window of 1 the value itself (TA-Lib `LINEARREG`).
    End,
}

/// The line of each bar.
#[derive(Debug, Clone)]
pub struct Regression {
    window: usize,
    reading: Reading,
    /// Values in a row, counted up to the window.
    seen: usize,
    /// Bars until the sums are made afresh.
    patience: usize,
    sums: Sums,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    y: f64,
    xy: f64,
    /// Of the values without their signs.
    size: f64,
}

impl Sums {
    /// The sums of a window.
    fn afresh(values: &[f64]) -> Self {
        let mut sums = Self::default();
        for (age, &value) in (0..values.len()).rev().zip(values) {
            sums.y += value;
            sums.xy += age as f64 * value;
            sums.size += value.abs();
        }
        sums
    }
}

/// What of the formula the window alone decides.
#[derive(Clone, Copy)]
struct Ages {
    count: f64,
    sum: f64,
    divisor: f64,
}

impl Ages {
    fn new(window: usize) -> Self {
        let count = window as f64;
        let sum = count * (count - 1.0) * 0.5;
        let squares = count * (count - 1.0) * (2.0 * count - 1.0) / 6.0;
        Self {
            count,
            sum,
            divisor: sum * sum - count * squares,
        }
    }
}

impl Regression {
    /// Before the first bar; `window` is at least 1.
    #[must_use]
    pub fn new(window: usize, reading: Reading) -> Self {
        Self {
            window,
            reading,
            seen: 0,
            patience: 0,
            sums: Sums::default(),
        }
    }

    /// Evaluates the bars from `first` on, one for each place in `out`; `values` hold all bars from
    /// the very first.
    pub fn advance(&mut self, values: &[f64], first: usize, out: &mut [f64]) {
        if self.window == 1 {
            match self.reading {
                Reading::Slope => out.fill(f64::NAN),
                Reading::End => out.copy_from_slice(&values[first..first + out.len()]),
            }
            return;
        }
        let ages = Ages::new(self.window);
        let mut state = self.clone();
        for (t, slot) in (first..).zip(out) {
            *slot = if state.enter(values, t, ages.count) {
                state.read(ages)
            } else {
                f64::NAN
            };
        }
        *self = state;
    }

    /// The value of bar `t` enters; whether the window is full.
    #[inline]
    fn enter(&mut self, values: &[f64], t: usize, count: f64) -> bool {
        let value = values[t];
        if value.is_nan() {
            self.seen = 0;
            return false;
        }
        if self.seen < self.window {
            self.seen += 1;
            if self.seen == self.window {
                self.begin(values, t);
            }
            return self.seen == self.window;
        }
        let leaving = values[t - self.window];
        let reach = count * leaving;
        let sums = &mut self.sums;
        sums.size = sums.size - leaving.abs() + value.abs();
        self.patience -= 1;
        if self.patience == 0 || reach.abs() > sums.size * LARGE {
            self.begin(values, t);
        } else {
            sums.xy = sums.xy + sums.y - reach;
            sums.y = sums.y - leaving + value;
        }
        true
    }

    fn begin(&mut self, values: &[f64], t: usize) {
        self.sums = Sums::afresh(&values[t + 1 - self.window..=t]);
        self.patience = PATIENCE * self.window;
    }

    #[inline]
    fn read(&self, ages: Ages) -> f64 {
        let Ages {
            count,
            sum,
            divisor,
        } = ages;
        let slope = (count * self.sums.xy - sum * self.sums.y) / divisor;
        match self.reading {
            Reading::Slope => slope,
            Reading::End => (self.sums.y - slope * sum) / count + slope * (count - 1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Reading, Regression};
    use crate::indicators::pieces::{bits, gappy, in_pieces};
    use proptest::prelude::*;

    fn found(values: &[f64], window: usize, reading: Reading) -> Vec<f64> {
        let mut out = vec![0.0; values.len()];
        Regression::new(window, reading).advance(values, 0, &mut out);
        out
    }

    #[test]
    fn by_hand() {
        let nan = f64::NAN;
        let values = [1.0, 3.0, 2.0, 7.0, nan, 1.0, 2.0, 3.0];
        // 1 3 2: slope (2−1)/2, mean 2, end 2 + 0.5; 3 2 7: slope 2, mean 4, end 6
        let slopes = [nan, nan, 0.5, 2.0, nan, nan, nan, 1.0];
        assert_eq!(bits(&found(&values, 3, Reading::Slope)), bits(&slopes));
        let ends = [nan, nan, 2.5, 6.0, nan, nan, nan, 3.0];
        assert_eq!(bits(&found(&values, 3, Reading::End)), bits(&ends));
    }

    #[test]
    fn one_value_is_its_own_end_and_has_no_slope() {
        let values = [1.0, f64::NAN, 3.0];
        assert_eq!(bits(&found(&values, 1, Reading::End)), bits(&values));
        assert_eq!(
            bits(&found(&values, 1, Reading::Slope)),
            bits(&[f64::NAN; 3])
        );
    }

    #[test]
    fn sums_are_made_afresh() {
        let values: Vec<f64> = (0..400).map(|t| 0.1 * f64::from(t * t % 101)).collect();
        let slopes = found(&values, 10, Reading::Slope);
        let afresh = |t: usize| found(&values[t - 9..=t], 10, Reading::Slope)[9].to_bits();
        let rounded: Vec<usize> = (9..400)
            .filter(|&t| slopes[t].to_bits() != afresh(t))
            .collect();
        // sliding rounds, but not on the first full window, nor 320 bars after it
        assert!(rounded.len() > 200);
        assert!(!rounded.contains(&9) && !rounded.contains(&329));
        assert!(rounded.contains(&328));
        // nor where a value leaves that was 1e8 times the others
        let mut values = values;
        values[50] = 1e8 + 0.1;
        let slopes = found(&values, 10, Reading::Slope);
        let afresh = found(&values[51..=60], 10, Reading::Slope)[9];
        assert_eq!(slopes[60].to_bits(), afresh.to_bits());
    }

    proptest! {
        #[test]
        fn close_to_centred_sums(values in gappy(), window in 2_usize..12, size in 1_usize..20) {
            let n = window as f64;
            for reading in [Reading::Slope, Reading::End] {
                let mut kernel = Regression::new(window, reading);
                let pieces = in_pieces(values.len(), size, |span, out| {
                    kernel.advance(&values, span.start, out);
                });
                prop_assert_eq!(bits(&pieces), bits(&found(&values, window, reading)));
                for (t, found) in pieces.iter().enumerate() {
                    let last = values.get((t + 1).wrapping_sub(window)..=t).unwrap_or(&[f64::NAN]);
                    let mean = last.iter().sum::<f64>() / n;
                    let time = |place: usize| place as f64 - 0.5 * (n - 1.0);
                    let (mut products, mut squares) = (0.0, 0.0);
                    for (place, value) in last.iter().enumerate() {
                        products += time(place) * (value - mean);
                        squares += time(place) * time(place);
                    }
                    let slope = products / squares;
                    let expected = match reading {
                        Reading::Slope => slope,
                        Reading::End => mean + 0.5 * (n - 1.0) * slope,
                    };
                    prop_assert_eq!(found.is_nan(), expected.is_nan());
                    prop_assert!(found.is_nan() || (found - expected).abs() < 1e-9);
                }
            }
        }
    }
}
