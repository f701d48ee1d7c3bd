//! Oscillators of price change.

use std::cmp::Ordering;

/// Below this sum of averages a relative strength is 0 (TA-Lib `TA_EPSILON`).
const ZERO: f64 = 1e-14;

/// Wilder's relative strength index, 0 to 100 (TA-Lib `RSI`).
///
/// The first value stands `window` bars after the first valid one.
pub fn rsi(values: &[f64], window: usize, out: &mut [f64]) {
    let count = window as f64;
    let mut seen = 0;
    let (mut up, mut down) = (0.0, 0.0);
    let mut previous = f64::NAN;
    for t in 0..values.len() {
        let value = values[t];
        out[t] = f64::NAN;
        if value.is_nan() {
            seen = 0;
            (up, down) = (0.0, 0.0);
        } else if seen == 0 {
            seen = 1;
        } else {
            let change = value - previous;
            let (gain, loss) = if change < 0.0 {
                (0.0, -change)
            } else {
                (change, 0.0)
            };
            match seen.cmp(&window) {
                Ordering::Less => {
                    up += gain;
                    down += loss;
                }
                Ordering::Equal => {
                    up = (up + gain) / count;
                    down = (down + loss) / count;
                }
                Ordering::Greater => {
                    up = (up * (count - 1.0) + gain) / count;
                    down = (down * (count - 1.0) + loss) / count;
                }
            }
            if seen >= window {
                let total = up + down;
                out[t] = if total < ZERO {
                    0.0
                } else {
                    100.0 * (up / total)
                };
            }
            seen += 1;
        }
        previous = value;
    }
}

#[cfg(test)]
mod tests {
    use super::rsi;

    #[test]
    fn rsi_by_hand() {
        let mut out = [0.0; 5];
        rsi(&[10.0, 11.0, 10.5, 11.5, 11.5], 2, &mut out);
        assert!(out[1].is_nan());
        // averages 0.5 and 0.25, then (0.5+1)/2 and 0.25/2, then halved
        assert!((out[2] - 100.0 * 0.5 / 0.75).abs() < 1e-12);
        assert!((out[3] - 100.0 * 0.75 / 0.875).abs() < 1e-12);
        assert!((out[4] - 100.0 * 0.75 / 0.875).abs() < 1e-12);
    }
}
