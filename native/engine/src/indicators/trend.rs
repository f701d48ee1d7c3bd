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

/// Exponential moving average that starts with the first value, shown from the `window`-th on (the
/// averages inside TA-Lib's `ADOSC`): e = k·x + (1 − k)·e, k = 2/(window + 1).
#[derive(Debug, Clone)]
pub struct Ewm {
    window: usize,
    seen: usize,
    state: f64,
}

impl Ewm {
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
        let k = 2.0 / (self.window as f64 + 1.0);
        let (mut seen, mut state) = (self.seen, self.state);
        for (slot, &value) in out.iter_mut().zip(values) {
            *slot = f64::NAN;
            if value.is_nan() {
                seen = 0;
                continue;
            }
            state = if seen == 0 {
                value
            } else {
                k * value + (1.0 - k) * state
            };
            seen += 1;
            if seen >= self.window {
                *slot = state;
            }
        }
        (self.seen, self.state) = (seen, state);
    }
}

/// The difference of a fast and a slow exponential moving average (the line of TA-Lib's `MACD`).
///
/// Both have their first value where the slow one has: each is seeded with the mean of as many
/// values as its window is long, the last of them that bar's.
#[derive(Debug, Clone)]
pub struct Macd {
    fast: usize,
    slow: usize,
    seen: usize,
    quick: f64,
    lazy: f64,
}

impl Macd {
    /// Before the first bar; the shorter of the two windows, which are at least 1, is the fast one.
    #[must_use]
    pub fn new(fast: usize, slow: usize) -> Self {
        Self {
            fast: fast.min(slow),
            slow: fast.max(slow),
            seen: 0,
            quick: 0.0,
            lazy: 0.0,
        }
    }

    /// Evaluates the next bars.
    pub fn advance(&mut self, values: &[f64], out: &mut [f64]) {
        let (fast, slow) = (self.fast as f64, self.slow as f64);
        let (fast_k, slow_k) = (2.0 / (fast + 1.0), 2.0 / (slow + 1.0));
        let mut macd = self.clone();
        for (slot, &value) in out.iter_mut().zip(values) {
            *slot = f64::NAN;
            if value.is_nan() {
                macd = Self::new(self.fast, self.slow);
                continue;
            }
            if macd.seen >= macd.slow {
                macd.quick = (value - macd.quick) * fast_k + macd.quick;
                macd.lazy = (value - macd.lazy) * slow_k + macd.lazy;
                *slot = macd.quick - macd.lazy;
                continue;
            }
            if macd.seen >= macd.slow - macd.fast {
                macd.quick += value;
            }
            macd.lazy += value;
            macd.seen += 1;
            if macd.seen == macd.slow {
                macd.quick /= fast;
                macd.lazy /= slow;
                *slot = macd.quick - macd.lazy;
            }
        }
        *self = macd;
    }
}

/// Exponential moving average of all bars at once.
pub fn ema(values: &[f64], window: usize, out: &mut [f64]) {
    Ema::new(window).advance(values, out);
}

#[cfg(test)]
mod tests {
    use super::{Ema, Ewm, Macd, ema};
    use crate::indicators::pieces::{bits, gappy, in_pieces};
    use proptest::prelude::*;

    #[test]
    fn seeded_with_the_mean() {
        let mut out = [0.0; 7];
        let nan = f64::NAN;
        ema(&[1.0, 2.0, 6.0, 8.0, nan, 3.0, 3.0], 3, &mut out);
        assert_eq!(bits(&out), bits(&[nan, nan, 3.0, 5.5, nan, nan, nan]));
    }

    #[test]
    fn starts_with_the_first_value() {
        let mut out = [0.0; 6];
        let nan = f64::NAN;
        Ewm::new(3).advance(&[1.0, 3.0, 6.0, 8.0, nan, 3.0], &mut out);
        assert_eq!(bits(&out), bits(&[nan, nan, 4.0, 6.0, nan, nan]));
    }

    #[test]
    fn both_averages_begin_where_the_slow_one_does() {
        let values = [9.0, 2.0, 4.0, 5.0, 1.0];
        // fast: mean of 2 and 4, then k = 2/3; slow: mean of the first three, then k = 1/2
        let fast = [3.0, (5.0 - 3.0) * (2.0 / 3.0) + 3.0];
        let slow = [5.0, 5.0];
        let mut out = [0.0; 4];
        for (fast_window, slow_window) in [(2, 3), (3, 2)] {
            Macd::new(fast_window, slow_window).advance(&values[..4], &mut out);
            assert_eq!(
                bits(&out),
                bits(&[f64::NAN, f64::NAN, fast[0] - slow[0], fast[1] - slow[1]])
            );
        }
    }

    proptest! {
        #[test]
        fn averages_against_their_definitions(
            values in gappy(), fast in 1_usize..12, slow in 1_usize..12, size in 1_usize..20,
        ) {
            let mut kernel = Ewm::new(fast);
            let ewm = in_pieces(values.len(), size, |span, out| kernel.advance(&values[span], out));
            let mut kernel = Macd::new(fast, slow);
            let macd = in_pieces(values.len(), size, |span, out| kernel.advance(&values[span], out));
            let (short, long) = (fast.min(slow), fast.max(slow));
            let mut row: Vec<f64> = Vec::new();
            for (t, &value) in values.iter().enumerate() {
                if value.is_nan() {
                    row.clear();
                } else {
                    row.push(value);
                }
                let from = |start: f64, rest: &[f64], window: usize| {
                    let k = 2.0 / (window as f64 + 1.0);
                    rest.iter().fold(start, |e, x| k * x + (1.0 - k) * e)
                };
                let expected = if row.len() < fast { f64::NAN } else { from(row[0], &row[1..], fast) };
                prop_assert_eq!(bits(&ewm[t..=t]), bits(&[expected]));
                prop_assert_eq!(macd[t].is_nan(), row.len() < long);
                if row.len() >= long {
                    let (seed, rest) = row.split_at(long);
                    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
                    let expected = from(mean(&seed[long - short..]), rest, short)
                        - from(mean(seed), rest, long);
                    prop_assert!((macd[t] - expected).abs() < 1e-10);
                }
            }
        }

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
