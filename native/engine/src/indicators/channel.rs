//! Rolling extremes, by a monotonic queue of candidates.

use std::collections::VecDeque;

/// The highest of the last `window` values, this bar included (TA-Lib `MAX`).
pub fn highest(values: &[f64], window: usize, out: &mut [f64]) {
    extreme(values, window, out, |candidate, value| candidate <= value);
}

/// The lowest of the last `window` values, this bar included (TA-Lib `MIN`).
pub fn lowest(values: &[f64], window: usize, out: &mut [f64]) {
    extreme(values, window, out, |candidate, value| candidate >= value);
}

fn extreme(values: &[f64], window: usize, out: &mut [f64], beaten: impl Fn(f64, f64) -> bool) {
    let mut queue: VecDeque<usize> = VecDeque::with_capacity(window.min(values.len()) + 1);
    let mut seen = 0;
    for t in 0..values.len() {
        out[t] = f64::NAN;
        if values[t].is_nan() {
            queue.clear();
            seen = 0;
            continue;
        }
        seen += 1;
        while queue
            .back()
            .is_some_and(|&last| beaten(values[last], values[t]))
        {
            queue.pop_back();
        }
        queue.push_back(t);
        if queue.front().is_some_and(|&first| first + window <= t) {
            queue.pop_front();
        }
        if seen >= window
            && let Some(&first) = queue.front()
        {
            out[t] = values[first];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{highest, lowest};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_a_scan(values in prop::collection::vec(-5.0..5.0_f64, 1..60), window in 1_usize..12) {
            let mut top = vec![0.0; values.len()];
            let mut bottom = vec![0.0; values.len()];
            highest(&values, window, &mut top);
            lowest(&values, window, &mut bottom);
            for t in 0..values.len() {
                if t + 1 < window {
                    prop_assert!(top[t].is_nan() && bottom[t].is_nan());
                } else {
                    let last = &values[t + 1 - window..=t];
                    prop_assert_eq!(top[t].to_bits(), last.iter().copied().fold(f64::MIN, f64::max).to_bits());
                    prop_assert_eq!(bottom[t].to_bits(), last.iter().copied().fold(f64::MAX, f64::min).to_bits());
                }
            }
        }
    }
}
