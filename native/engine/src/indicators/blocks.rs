//! Rolling extremes for any window, block by block.
//!
//! Bars are cut into blocks as long as the window. A window that ends inside a block is the end of
//! the block before and the start of its own, so its extreme is the better of two that are known: of
//! the block before from each bar on, found backwards when it is full, and of its own so far.
//!
//! Source: M. van Herk, *A fast algorithm for local minimum and maximum filters on rectangular and
//! octagonal kernels*, 1992.

use super::channel::Side;

/// What may be the extreme of a window: a value, or a value and its bar.
pub(super) trait Candidate: Copy {
    fn value(self) -> f64;
}

impl Candidate for f64 {
    fn value(self) -> f64 {
        self
    }
}

/// A value and how many bars were before it.
pub(super) type Dated = (f64, usize);

impl Candidate for Dated {
    fn value(self) -> f64 {
        self.0
    }
}

/// The extreme of each window, the newest of equals.
#[derive(Debug, Clone)]
pub(super) struct Blocks<T> {
    window: usize,
    side: Side,
    /// Bars of the block under way.
    filled: usize,
    /// Valid values in a row, counted up to `window`.
    seen: usize,
    /// The best of the block under way.
    best: T,
    /// Up to `filled` the candidates of the block under way; from there on the best of the block
    /// before from each place on.
    places: Vec<T>,
}

impl<T: Candidate> Blocks<T> {
    pub fn new(window: usize, side: Side, nothing: T) -> Self {
        Self {
            window,
            side,
            filled: 0,
            seen: 0,
            best: nothing,
            places: vec![nothing; window],
        }
    }

    /// Writes what `value` makes of the extreme at each of the next bars, which hold `candidates`.
    pub fn advance(
        &mut self,
        candidates: impl Iterator<Item = T>,
        out: &mut [f64],
        value: impl Fn(usize, T) -> f64,
    ) {
        match self.side {
            Side::Highest => self.scan(candidates, out, value, |older, newer| older > newer),
            Side::Lowest => self.scan(candidates, out, value, |older, newer| older < newer),
        }
    }

    fn scan(
        &mut self,
        mut candidates: impl Iterator<Item = T>,
        out: &mut [f64],
        value: impl Fn(usize, T) -> f64,
        stays: impl Fn(f64, f64) -> bool,
    ) {
        let better = |older: T, newer: T| {
            if stays(older.value(), newer.value()) {
                older
            } else {
                newer
            }
        };
        let mut done = 0;
        while done < out.len() {
            let run = (self.window - self.filled).min(out.len() - done);
            let slots = &mut out[done..done + run];
            let (mut best, mut seen) = (self.best, self.seen);
            for (i, (slot, candidate)) in slots.iter_mut().zip(&mut candidates).enumerate() {
                let place = self.filled + i;
                best = if place == 0 {
                    candidate
                } else {
                    better(best, candidate)
                };
                // a missing value is in no window that has an extreme
                seen = if candidate.value().is_nan() {
                    0
                } else {
                    self.window.min(seen + 1)
                };
                let extreme = match self.places.get(place + 1) {
                    Some(&before) => better(before, best),
                    None => best,
                };
                self.places[place] = candidate;
                *slot = if seen == self.window {
                    value(done + i, extreme)
                } else {
                    f64::NAN
                };
            }
            (self.best, self.seen) = (best, seen);
            self.filled += run;
            done += run;
            if self.filled == self.window {
                self.filled = 0;
                let mut newer = self.places[self.window - 1];
                for place in self.places.iter_mut().rev() {
                    newer = better(*place, newer);
                    *place = newer;
                }
            }
        }
    }
}
