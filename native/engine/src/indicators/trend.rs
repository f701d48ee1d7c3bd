//! Moving averages.

/// Simple moving average by one running sum: add the new value, subtract the one that leaves,
/// divide. A window of 1 is the value itself.
///
/// `window` is at least 1; `out` has the length of `values`.
pub fn sma(values: &[f64], window: usize, out: &mut [f64]) {
    if window == 1 {
        out.copy_from_slice(values);
        return;
    }
    let count = window as f64;
    let mut seen = 0;
    let mut sum = 0.0;
    for t in 0..values.len() {
        let value = values[t];
        if value.is_nan() {
            seen = 0;
            sum = 0.0;
            out[t] = f64::NAN;
            continue;
        }
        sum += value;
        if seen == window {
            sum -= values[t - window];
        } else {
            seen += 1;
        }
        out[t] = if seen == window {
            sum / count
        } else {
            f64::NAN
        };
    }
}

/// Exponential moving average seeded with the mean of the first `window` values (TA-Lib `EMA`).
pub fn ema(values: &[f64], window: usize, out: &mut [f64]) {
    let count = window as f64;
    let k = 2.0 / (count + 1.0);
    let mut seen = 0;
    let mut state = 0.0;
    for t in 0..values.len() {
        let value = values[t];
        if value.is_nan() {
            seen = 0;
            state = 0.0;
            out[t] = f64::NAN;
            continue;
        }
        seen += 1;
        if seen < window {
            state += value;
            out[t] = f64::NAN;
        } else {
            if seen == window {
                state = (state + value) / count;
            } else {
                state = (value - state) * k + state;
            }
            out[t] = state;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ema, sma};

    #[test]
    fn sma_restarts_after_a_missing_value() {
        let values = [1.0, 2.0, 3.0, f64::NAN, 4.0, 6.0, 8.0];
        let mut out = [0.0; 7];
        sma(&values, 2, &mut out);
        assert!(out[0].is_nan() && out[3].is_nan() && out[4].is_nan());
        assert_eq!(
            [out[1], out[2], out[5], out[6]].map(f64::to_bits),
            [1.5, 2.5, 5.0, 7.0].map(f64::to_bits)
        );
    }

    #[test]
    fn ema_is_seeded_with_the_mean() {
        let mut out = [0.0; 4];
        ema(&[1.0, 2.0, 6.0, 8.0], 3, &mut out);
        assert!(out[1].is_nan());
        assert_eq!(
            [out[2], out[3]].map(f64::to_bits),
            [3.0, 5.5].map(f64::to_bits)
        );
    }
}
