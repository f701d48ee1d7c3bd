//! Sums over returns that are reckoned side by side.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use crate::market::{MOMENTS, powers};

/// Returns that are summed side by side.
pub(super) const LANES: usize = 8;

/// Sums over returns, none where there was no equity to return on: every [`LANES`]th is added to the
/// same sum.
pub(super) struct Sides {
    sums: [[f64; LANES]; MOMENTS],
    /// The last equity.
    pub previous: f64,
}

impl Sides {
    /// From this equity on.
    pub fn new(previous: f64) -> Self {
        Self {
            sums: [[0.0; LANES]; MOMENTS],
            previous,
        }
    }

    /// Adds the returns to the first `count` of these equities, at least one.
    #[inline(always)]
    pub fn add(&mut self, now: [f64; LANES], count: usize) {
        let mut then = [self.previous; LANES];
        then[1..].copy_from_slice(&now[..LANES - 1]);
        let [mut r, mut r2, mut r3, mut r4, mut fall] = [[0.0; LANES]; MOMENTS];
        for lane in 0..LANES {
            let change = now[lane] / then[lane] - 1.0;
            let counts = then[lane] > 0.0 && lane < count;
            let change = if counts { change } else { 0.0 };
            [r[lane], r2[lane], r3[lane], r4[lane], fall[lane]] = powers(change);
        }
        for (sums, powers) in self.sums.iter_mut().zip([r, r2, r3, r4, fall]) {
            for (sum, power) in sums.iter_mut().zip(powers) {
                *sum += power;
            }
        }
        self.previous = now[count - 1];
    }

    /// Adds the returns to at most [`LANES`] equities.
    #[inline(always)]
    pub fn add_rest(&mut self, equities: impl Iterator<Item = f64>) {
        let (mut now, mut count) = ([1.0; LANES], 0);
        for equity in equities {
            now[count] = equity;
            count += 1;
        }
        if count > 0 {
            self.add(now, count);
        }
    }

    /// The sums, added up in their order.
    pub fn total(&self) -> [f64; MOMENTS] {
        self.sums
            .map(|lanes| lanes.into_iter().fold(0.0, |total, lane| total + lane))
    }
}
