//! Running sums over a window: simple moving average, sum, and what else is made of sums.

/// Sums of the values in a window.
pub trait Sums: Copy {
    /// What a window of 1 gives: the value itself, or what the sums say.
    const ONE_IS_ITSELF: bool;
    /// No values yet; the full window will hold `count`.
    fn empty(count: f64) -> Self;
    /// A value enters.
    fn add(&mut self, value: f64);
    /// A value leaves.
    fn subtract(&mut self, value: f64);
    /// What the sums of a full window say.
    fn value(&self) -> f64;
}

/// Sums over the last `window` values: add the new value, then subtract the one that leaves. A
/// missing value restarts them.
#[derive(Debug, Clone)]
pub struct Rolling<S> {
    window: usize,
    seen: usize,
    sums: S,
}

impl<S: Sums> Rolling<S> {
    /// Before the first bar; `window` is at least 1.
    #[must_use]
    pub fn new(window: usize) -> Self {
        Self {
            window,
            seen: 0,
            sums: S::empty(window as f64),
        }
    }

    /// Evaluates the bars from `first` on, one for each place in `out`; `values` hold all bars from
    /// the very first.
    pub fn advance(&mut self, values: &[f64], first: usize, out: &mut [f64]) {
        let end = first + out.len();
        if self.window == 1 && S::ONE_IS_ITSELF {
            out.copy_from_slice(&values[first..end]);
            return;
        }
        let mut t = first;
        while t < end {
            if self.seen < self.window {
                out[t - first] = self.fill(values[t]);
                t += 1;
            } else {
                let leaving = &values[t - self.window..end - self.window];
                t += self.slide(&values[t..end], leaving, &mut out[t - first..]);
            }
        }
    }

    /// One bar of a window that is not full yet.
    fn fill(&mut self, value: f64) -> f64 {
        if value.is_nan() {
            *self = Self::new(self.window);
            return f64::NAN;
        }
        self.sums.add(value);
        self.seen += 1;
        if self.seen == self.window {
            self.sums.value()
        } else {
            f64::NAN
        }
    }

    /// The bars of a full window up to a missing value; returns how many.
    fn slide(&mut self, entering: &[f64], leaving: &[f64], out: &mut [f64]) -> usize {
        let mut sums = self.sums;
        let mut done = 0;
        for ((slot, &new), &old) in out.iter_mut().zip(entering).zip(leaving) {
            if new.is_nan() {
                self.seen = 0;
                break;
            }
            sums.add(new);
            sums.subtract(old);
            *slot = sums.value();
            done += 1;
        }
        self.sums = if self.seen == 0 {
            S::empty(self.window as f64)
        } else {
            sums
        };
        done
    }
}

/// The mean of a window (TA-Lib `SMA`).
#[derive(Debug, Clone, Copy)]
pub struct Mean {
    sum: f64,
    count: f64,
}

impl Sums for Mean {
    const ONE_IS_ITSELF: bool = true;

    fn empty(count: f64) -> Self {
        Self { sum: 0.0, count }
    }

    fn add(&mut self, value: f64) {
        self.sum += value;
    }

    fn subtract(&mut self, value: f64) {
        self.sum -= value;
    }

    fn value(&self) -> f64 {
        self.sum / self.count
    }
}

/// The sum of a window (TA-Lib `SUM`).
#[derive(Debug, Clone, Copy)]
pub struct Total {
    sum: f64,
}

impl Sums for Total {
    const ONE_IS_ITSELF: bool = true;

    fn empty(_: f64) -> Self {
        Self { sum: 0.0 }
    }

    fn add(&mut self, value: f64) {
        self.sum += value;
    }

    fn subtract(&mut self, value: f64) {
        self.sum -= value;
    }

    fn value(&self) -> f64 {
        self.sum
    }
}

/// Simple moving average of all bars at once.
pub fn sma(values: &[f64], window: usize, out: &mut [f64]) {
    Rolling::<Mean>::new(window).advance(values, 0, out);
}

/// Rolling sum of all bars at once.
pub fn sum(values: &[f64], window: usize, out: &mut [f64]) {
    Rolling::<Total>::new(window).advance(values, 0, out);
}

#[cfg(test)]
mod tests {
    use super::{Mean, Rolling, Total, sma, sum};
    use crate::indicators::pieces::{bits, gappy, in_pieces};
    use proptest::prelude::*;

    #[test]
    fn restarts_after_a_missing_value() {
        let values = [1.0, 2.0, 3.0, f64::NAN, 4.0, 6.0, 8.0];
        let nan = f64::NAN;
        let mut out = [0.0; 7];
        sma(&values, 2, &mut out);
        assert_eq!(bits(&out), bits(&[nan, 1.5, 2.5, nan, nan, 5.0, 7.0]));
        sum(&values, 3, &mut out);
        assert_eq!(bits(&out), bits(&[nan, nan, 6.0, nan, nan, nan, 18.0]));
        sum(&values, 1, &mut out);
        assert_eq!(bits(&out), bits(&values));
    }

    proptest! {
        #[test]
        fn one_running_sum(values in gappy(), window in 1_usize..12, size in 1_usize..20) {
            let mut expected = vec![f64::NAN; values.len()];
            let (mut total, mut seen) = (0.0, 0);
            for (t, &value) in values.iter().enumerate() {
                if value.is_nan() {
                    (total, seen) = (0.0, 0);
                    continue;
                }
                total += value;
                if seen == window {
                    total -= values[t - window];
                } else {
                    seen += 1;
                }
                if seen == window {
                    expected[t] = if window == 1 { value } else { total };
                }
            }
            let mut kernel = Rolling::<Total>::new(window);
            let found = in_pieces(values.len(), size, |span, out| {
                kernel.advance(&values, span.start, out);
            });
            prop_assert_eq!(bits(&found), bits(&expected));
            let mut kernel = Rolling::<Mean>::new(window);
            let found = in_pieces(values.len(), size, |span, out| {
                kernel.advance(&values, span.start, out);
            });
            let means: Vec<f64> = expected.iter().map(|total| total / window as f64).collect();
            prop_assert_eq!(bits(&found), bits(&means));
        }
    }
}
