//! Rolling extremes, by a monotonic queue of candidates.

use std::collections::VecDeque;

/// Which extreme is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The highest value (TA-Lib `MAX`).
    Highest,
    /// The lowest value (TA-Lib `MIN`).
    Lowest,
}

/// The extreme of the last `window` values, this bar included.
#[derive(Debug, Clone)]
pub struct Extreme {
    window: usize,
    side: Side,
    /// Valid values in a row.
    seen: usize,
    /// Candidates: which valid value in a row each was, and the value.
    queue: VecDeque<(usize, f64)>,
}

impl Extreme {
    /// Before the first bar; `window` is at least 1.
    #[must_use]
    pub fn new(window: usize, side: Side) -> Self {
        Self {
            window,
            side,
            seen: 0,
            queue: VecDeque::new(),
        }
    }

    /// Evaluates the next bars.
    pub fn advance(&mut self, values: &[f64], out: &mut [f64]) {
        match self.side {
            Side::Highest => self.scan(values, out, |candidate, value| candidate <= value),
            Side::Lowest => self.scan(values, out, |candidate, value| candidate >= value),
        }
    }

    fn scan(&mut self, values: &[f64], out: &mut [f64], beaten: impl Fn(f64, f64) -> bool) {
        for (slot, &value) in out.iter_mut().zip(values) {
            *slot = f64::NAN;
            if value.is_nan() {
                self.queue.clear();
                self.seen = 0;
                continue;
            }
            self.seen += 1;
            while self
                .queue
                .back()
                .is_some_and(|&(_, last)| beaten(last, value))
            {
                self.queue.pop_back();
            }
            self.queue.push_back((self.seen, value));
            if self
                .queue
                .front()
                .is_some_and(|&(first, _)| first + self.window <= self.seen)
            {
                self.queue.pop_front();
            }
            if self.seen >= self.window
                && let Some(&(_, extreme)) = self.queue.front()
            {
                *slot = extreme;
            }
        }
    }
}

/// The highest of the last `window` values, of all bars at once.
pub fn highest(values: &[f64], window: usize, out: &mut [f64]) {
    Extreme::new(window, Side::Highest).advance(values, out);
}

/// The lowest of the last `window` values, of all bars at once.
pub fn lowest(values: &[f64], window: usize, out: &mut [f64]) {
    Extreme::new(window, Side::Lowest).advance(values, out);
}

#[cfg(test)]
mod tests {
    use super::{Extreme, Side};
    use crate::indicators::pieces::{bits, gappy, in_pieces};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_a_scan(values in gappy(), window in 1_usize..12, size in 1_usize..20) {
            for (side, pick) in [
                (Side::Highest, f64::max as fn(f64, f64) -> f64),
                (Side::Lowest, f64::min),
            ] {
                let mut kernel = Extreme::new(window, side);
                let found = in_pieces(values.len(), size, |span, out| {
                    kernel.advance(&values[span], out);
                });
                let expected: Vec<f64> = (0..values.len())
                    .map(|t| {
                        let last = values.get((t + 1).wrapping_sub(window)..=t).unwrap_or(&[f64::NAN]);
                        let whole = last.iter().all(|value| !value.is_nan());
                        last.iter().copied().reduce(pick).filter(|_| whole).unwrap_or(f64::NAN)
                    })
                    .collect();
                prop_assert_eq!(bits(&found), bits(&expected));
            }
        }
    }
}
