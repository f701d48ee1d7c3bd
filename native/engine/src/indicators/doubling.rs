//! Rolling extremes for short windows, many bars at a time.
//!
//! The extremes of two, four, eight values are found from those of half as many, and those of a
//! window from two that overlap: each step is one comparison a bar, between whole registers.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use super::channel::Side;

/// The longest window for which this is quicker than block by block.
pub(super) const MOST: usize = 512;

/// Bars that are worked on at a time, for the first cache.
const CHUNK: usize = 1024;

/// The extreme of each window, the newest of equals.
#[derive(Debug, Clone)]
pub(super) struct Doubling {
    window: usize,
    side: Side,
    /// Valid values in a row, counted up to `window`.
    seen: usize,
    /// The `window` − 1 values before the next bar, then room for a chunk.
    values: Vec<f64>,
    /// Room for the extremes of as many values as one step looks at, and of the next.
    steps: [Vec<f64>; 2],
}

impl Doubling {
    /// Before the first bar; `window` is at least 1.
    pub fn new(window: usize, side: Side) -> Self {
        let room = vec![f64::NAN; window - 1 + CHUNK];
        Self {
            window,
            side,
            seen: 0,
            values: room.clone(),
            steps: [room.clone(), room],
        }
    }

    /// Evaluates the next bars.
    #[inline(always)]
    pub fn advance(&mut self, values: &[f64], out: &mut [f64]) {
        for (values, out) in values.chunks(CHUNK).zip(out.chunks_mut(CHUNK)) {
            match self.side {
                Side::Highest => self.chunk(values, out, |older, newer| older > newer),
                Side::Lowest => self.chunk(values, out, |older, newer| older < newer),
            }
            self.drop_missing(values, out);
        }
    }

    #[inline(always)]
    fn chunk(&mut self, values: &[f64], out: &mut [f64], stays: impl Fn(f64, f64) -> bool + Copy) {
        let lead = self.window - 1;
        let all = lead + values.len();
        self.values[lead..all].copy_from_slice(values);
        let better = |older: &[f64], newer: &[f64], out: &mut [f64]| {
            for ((slot, &older), &newer) in out.iter_mut().zip(older).zip(newer) {
                *slot = if stays(older, newer) { older } else { newer };
            }
        };
        let [from, to] = &mut self.steps;
        let (mut from, mut to) = (&mut from[..all], &mut to[..all]);
        from.copy_from_slice(&self.values[..all]);
        // `from` holds the extremes of `width` values, from each on
        let mut width = 1;
        while 2 * width <= self.window {
            better(from, &from[width..], to);
            std::mem::swap(&mut from, &mut to);
            width *= 2;
        }
        better(from, &from[self.window - width..], out);
        self.values.copy_within(values.len()..all, 0);
    }

    /// Leaves values out whose window is not full or holds a missing value.
    #[inline(always)]
    fn drop_missing(&mut self, values: &[f64], out: &mut [f64]) {
        let gaps = values
            .iter()
            .fold(false, |gaps, value| gaps | value.is_nan());
        if self.seen == self.window && !gaps {
            return;
        }
        for (slot, value) in out.iter_mut().zip(values) {
            self.seen = if value.is_nan() {
                0
            } else {
                self.window.min(self.seen + 1)
            };
            if self.seen < self.window {
                *slot = f64::NAN;
            }
        }
    }
}
