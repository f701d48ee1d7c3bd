//! Measures of range.

use std::cmp::Ordering;

/// Wilder's average true range (TA-Lib `ATR`): the first value is the mean of the true ranges of
/// bars 1 to `window`.
pub fn atr(high: &[f64], low: &[f64], close: &[f64], window: usize, out: &mut [f64]) {
    let count = window as f64;
    let mut seen = 0;
    let mut state = 0.0;
    let mut previous = f64::NAN;
    for t in 0..close.len() {
        out[t] = f64::NAN;
        if high[t].is_nan() || low[t].is_nan() || close[t].is_nan() {
            seen = 0;
            state = 0.0;
            previous = f64::NAN;
            continue;
        }
        if !previous.is_nan() {
            let range = true_range(high[t], low[t], previous);
            seen += 1;
            match seen.cmp(&window) {
                Ordering::Less => state += range,
                Ordering::Equal => state = (state + range) / count,
                Ordering::Greater => state = (state * (count - 1.0) + range) / count,
            }
            if seen >= window {
                out[t] = state;
            }
        }
        previous = close[t];
    }
}

fn true_range(high: f64, low: f64, previous_close: f64) -> f64 {
    let mut range = high - low;
    let up = (high - previous_close).abs();
    if up > range {
        range = up;
    }
    let down = (low - previous_close).abs();
    if down > range {
        range = down;
    }
    range
}

#[cfg(test)]
mod tests {
    use super::atr;

    #[test]
    fn atr_by_hand() {
        let mut out = [0.0; 4];
        atr(
            &[10.0, 12.0, 11.0, 15.0],
            &[9.0, 11.0, 10.0, 14.0],
            &[9.5, 11.5, 10.5, 14.5],
            2,
            &mut out,
        );
        // true ranges 2.5, 1.5, 4.5
        assert!(out[0].is_nan() && out[1].is_nan());
        assert!((out[2] - 2.0).abs() < 1e-12);
        assert!((out[3] - 3.25).abs() < 1e-12);
    }
}
