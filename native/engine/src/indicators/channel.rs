//! Rolling extremes, and how long ago they were.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use super::blocks::{Blocks, Dated};
use super::doubling::{Doubling, MOST};

/// Which extreme is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The highest value (TA-Lib `MAX`).
    Highest,
    /// The lowest value (TA-Lib `MIN`).
    Lowest,
}

/// The extreme of the last `window` values, this bar included; of equals, such as 0 and −0, the
/// newest.
#[derive(Debug, Clone)]
pub struct Extreme(Way);

/// How it is found; the values are the same.
#[derive(Debug, Clone)]
enum Way {
    Doubling(Doubling),
    Blocks(Blocks<f64>),
}

impl Extreme {
    /// Before the first bar; `window` is at least 1.
    #[must_use]
    pub fn new(window: usize, side: Side) -> Self {
        Self(if window <= MOST {
            Way::Doubling(Doubling::new(window, side))
        } else {
            Way::Blocks(Blocks::new(window, side, f64::NAN))
        })
    }

    /// Evaluates the next bars.
    #[inline(always)]
    pub fn advance(&mut self, values: &[f64], out: &mut [f64]) {
        match &mut self.0 {
            Way::Doubling(doubling) => doubling.advance(values, out),
            Way::Blocks(blocks) => {
                blocks.advance(values.iter().copied(), out, |_, extreme| extreme);
            }
        }
    }
}

/// Bars since the extreme of the last `window` + 1 values, the newest of equals (the index inside
/// TA-Lib's `AROON`).
#[derive(Debug, Clone)]
pub struct SinceExtreme {
    bars: usize,
    blocks: Blocks<Dated>,
}

impl SinceExtreme {
    /// Before the first bar; `window` is at least 1.
    #[must_use]
    pub fn new(window: usize, side: Side) -> Self {
        Self {
            bars: 0,
            blocks: Blocks::new(window + 1, side, (f64::NAN, 0)),
        }
    }

    /// Evaluates the next bars.
    pub fn advance(&mut self, values: &[f64], out: &mut [f64]) {
        let first = self.bars;
        let dated = values.iter().copied().zip(first..);
        self.blocks
            .advance(dated, out, |i, (_, bar)| (first + i - bar) as f64);
        self.bars += values.len();
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
    use super::{Blocks, Extreme, Side, SinceExtreme, Way};
    use crate::indicators::pieces::{bits, gappy, in_pieces};
    use proptest::prelude::*;

    /// The window of each bar, where it is full and holds no missing value.
    fn windows(values: &[f64], window: usize) -> impl Iterator<Item = Option<&[f64]>> {
        (0..values.len()).map(move |t| {
            let last = values.get((t + 1).wrapping_sub(window)..=t)?;
            (!last.iter().any(|value| value.is_nan())).then_some(last)
        })
    }

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
                let mut kernel = Extreme(Way::Blocks(Blocks::new(window, side, f64::NAN)));
                let by_blocks = in_pieces(values.len(), size, |span, out| {
                    kernel.advance(&values[span], out);
                });
                prop_assert_eq!(bits(&found), bits(&by_blocks));
                let extreme = |last: Option<&[f64]>| last?.iter().copied().reduce(pick);
                let expected: Vec<f64> = windows(&values, window)
                    .map(|last| extreme(last).unwrap_or(f64::NAN))
                    .collect();
                prop_assert_eq!(bits(&found), bits(&expected));
            }
        }

        #[test]
        fn the_newest_of_equals(
            values in prop::collection::vec(prop_oneof![9 => (0_i8..4).prop_map(f64::from), 1 => Just(f64::NAN)], 1..80),
            window in 1_usize..12,
            size in 1_usize..20,
        ) {
            for side in [Side::Highest, Side::Lowest] {
                let mut kernel = SinceExtreme::new(window, side);
                let found = in_pieces(values.len(), size, |span, out| {
                    kernel.advance(&values[span], out);
                });
                let since = |last: &[f64]| {
                    let ranked = last.iter().rev().enumerate();
                    let sign = if side == Side::Highest { 1.0 } else { -1.0 };
                    ranked.fold((0, f64::NEG_INFINITY), |(best, most), (bars, value)| {
                        if value * sign > most { (bars, value * sign) } else { (best, most) }
                    }).0 as f64
                };
                let expected: Vec<f64> = windows(&values, window + 1)
                    .map(|last| last.map_or(f64::NAN, since))
                    .collect();
                prop_assert_eq!(bits(&found), bits(&expected));
            }
        }
    }

    #[test]
    fn windows_short_and_long_over_many_bars() {
        let mut values: Vec<f64> = (0..5000_u32)
            .map(|t| f64::from(t.wrapping_mul(2_654_435_761) >> 20))
            .collect();
        values[1700] = f64::NAN;
        for window in [1, 2, 7, 500, 512, 513, 1024, 3000] {
            let mut found = vec![9.0; values.len()];
            Extreme::new(window, Side::Lowest).advance(&values, &mut found);
            let least = |last: Option<&[f64]>| last?.iter().copied().reduce(f64::min);
            let expected: Vec<f64> = windows(&values, window)
                .map(|last| least(last).unwrap_or(f64::NAN))
                .collect();
            assert_eq!(bits(&found), bits(&expected), "{window}");
        }
    }

    #[test]
    fn of_zeros_the_newest() {
        let mut out = [9.0; 4];
        Extreme::new(2, Side::Highest).advance(&[0.0, -0.0, 0.0, -0.0], &mut out);
        assert_eq!(bits(&out), bits(&[f64::NAN, -0.0, 0.0, -0.0]));
    }
}
