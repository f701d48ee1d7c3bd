//! Memory of conditions: how long ago one was true, and for how long.

use crate::evaluate::{FALSE, MISSING, TRUE};

/// Bars since a condition was last true, 0 where it is true now; missing before the first time. A
/// missing condition is not true.
#[derive(Debug, Clone)]
pub struct Since {
    bars: f64,
}

impl Default for Since {
    fn default() -> Self {
        Self { bars: f64::NAN }
    }
}

impl Since {
    /// Evaluates the next bars.
    pub fn advance(&mut self, condition: &[u8], out: &mut [f64]) {
        for (slot, &value) in out.iter_mut().zip(condition) {
            self.bars = if value == TRUE { 0.0 } else { self.bars + 1.0 };
            *slot = self.bars;
        }
    }
}

/// The sum of a series since a condition was last true, that bar included; missing before the first
/// time, and from a missing value on until the condition is true again. A missing condition is not
/// true.
#[derive(Debug, Clone)]
pub struct SumSince {
    sum: f64,
}

impl Default for SumSince {
    fn default() -> Self {
        Self { sum: f64::NAN }
    }
}

impl SumSince {
    /// Evaluates the next bars; `values` give one a bar.
    pub fn advance(
        &mut self,
        condition: &[u8],
        values: impl Iterator<Item = f64>,
        out: &mut [f64],
    ) {
        for ((slot, &start), value) in out.iter_mut().zip(condition).zip(values) {
            self.sum = if start == TRUE {
                value
            } else {
                self.sum + value
            };
            *slot = self.sum;
        }
    }
}

/// Whether a condition was true on each of the last `window` bars: false if it was false on any,
/// otherwise missing if it was missing on any. Bars before the first are missing.
#[derive(Debug, Clone)]
pub struct Held {
    window: usize,
    since_false: usize,
    since_missing: usize,
}

impl Held {
    /// Before the first bar; `window` is at least 1.
    #[must_use]
    pub fn new(window: usize) -> Self {
        Self {
            window,
            since_false: usize::MAX,
            since_missing: 0,
        }
    }

    /// Evaluates the next bars.
    pub fn advance(&mut self, condition: &[u8], out: &mut [u8]) {
        let count = |bars: usize, now: bool| if now { 0 } else { bars.saturating_add(1) };
        for (slot, &value) in out.iter_mut().zip(condition) {
            self.since_false = count(self.since_false, value == FALSE);
            self.since_missing = count(self.since_missing, value == MISSING);
            *slot = if self.since_false < self.window {
                FALSE
            } else if self.since_missing < self.window {
                MISSING
            } else {
                TRUE
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Held, Since, SumSince};
    use crate::evaluate::{FALSE, MISSING, TRUE};
    use crate::indicators::pieces::{bits, in_pieces};
    use proptest::prelude::*;

    #[test]
    fn since_by_hand() {
        let mut out = [0.0; 6];
        let condition = [MISSING, FALSE, TRUE, FALSE, MISSING, TRUE];
        Since::default().advance(&condition, &mut out);
        let nan = f64::NAN;
        assert_eq!(bits(&out), bits(&[nan, nan, 0.0, 1.0, 2.0, 0.0]));
    }

    #[test]
    fn sum_since_by_hand() {
        let nan = f64::NAN;
        let condition = [FALSE, TRUE, MISSING, TRUE, FALSE, FALSE, TRUE, TRUE];
        let values = [1.0, 2.0, 3.0, 4.0, nan, 5.0, nan, 6.0];
        let expected = [nan, 2.0, 5.0, 4.0, nan, nan, nan, 6.0];
        for size in 1..9 {
            let mut kernel = SumSince::default();
            let found = in_pieces(values.len(), size, |span, out| {
                let part = values[span.clone()].iter().copied();
                kernel.advance(&condition[span], part, out);
            });
            assert_eq!(bits(&found), bits(&expected));
        }
    }

    #[test]
    fn held_by_hand() {
        let mut out = [9; 8];
        let condition = [TRUE, TRUE, TRUE, MISSING, TRUE, TRUE, FALSE, TRUE];
        Held::new(2).advance(&condition, &mut out);
        assert_eq!(
            out,
            [MISSING, TRUE, TRUE, MISSING, MISSING, TRUE, FALSE, FALSE]
        );
        let mut out = [9; 2];
        Held::new(3).advance(&[FALSE, TRUE], &mut out);
        assert_eq!(out, [FALSE, FALSE]);
    }

    proptest! {
        #[test]
        fn equals_a_scan(
            condition in prop::collection::vec(prop_oneof![1 => Just(FALSE), 4 => Just(TRUE), 1 => Just(MISSING)], 1..60),
            window in 1_usize..6,
            size in 1_usize..20,
        ) {
            let mut held = Held::new(window);
            let found = in_pieces(condition.len(), size, |span, out| {
                held.advance(&condition[span], out);
            });
            let mut since = Since::default();
            let bars = in_pieces(condition.len(), size, |span, out| {
                since.advance(&condition[span], out);
            });
            let mut padded = vec![MISSING; window];
            padded.extend(&condition);
            for t in 0..condition.len() {
                let last = &padded[t + 1..=t + window];
                let expected = if last.contains(&FALSE) {
                    FALSE
                } else if last.contains(&MISSING) {
                    MISSING
                } else {
                    TRUE
                };
                prop_assert_eq!(found[t], expected);
                let latest = condition[..=t].iter().rposition(|&value| value == TRUE);
                let expected = latest.map_or(f64::NAN, |latest| (t - latest) as f64);
                prop_assert_eq!(bits(&bars[t..=t]), bits(&[expected]));
            }
        }
    }
}
