//! Planes of bits, 64 bars a word, and how they are made from each other.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use std::ops::Range;

use super::compare::{Source, compare};
use crate::evaluate::simd::Simd;
use crate::flags::WORD;

/// Words that are compared at a time.
pub const TILE_WORDS: usize = 128;

/// Bars that are compared at a time.
pub const TILE_BARS: usize = TILE_WORDS * WORD;

/// The words of a plane that are compared at a time.
type Tile = [u64; TILE_WORDS];

/// A plane's number.
pub type Plane = usize;

/// The plane of no bits.
pub const NOTHING: Plane = 0;

/// Planes of an order: where a > b, where a < b, and where both are there.
pub const OF_ORDER: usize = 3;

/// The planes of all bars, one behind the other; bits beyond the last bar are 0.
pub struct Planes {
    bits: Vec<u64>,
    /// Words of a plane.
    words: usize,
}

/// The first plane of an order.
pub fn of_order(order: usize) -> Plane {
    NOTHING + 1 + order * OF_ORDER
}

/// The planes of an order.
pub fn planes_of(order: usize) -> [Plane; OF_ORDER] {
    std::array::from_fn(|i| of_order(order) + i)
}

impl Planes {
    /// So many planes of so many bars.
    pub fn new(planes: usize, bars: usize) -> Self {
        let words = bars.div_ceil(WORD);
        Self {
            bits: vec![0; planes * words],
            words,
        }
    }

    /// Takes over the planes of the orders that were compared before.
    pub fn take(&mut self, sources: &[Source<'_>]) {
        for (order, source) in sources.iter().enumerate() {
            if let Source::Compared(known) = source {
                let from = of_order(order) * self.words;
                self.bits[from..from + known.len()].copy_from_slice(known);
            }
        }
    }

    /// A plane's words.
    pub fn at(&self, plane: Plane) -> &[u64] {
        &self.bits[plane * self.words..(plane + 1) * self.words]
    }

    /// A plane to write, and how those before it are read.
    #[inline(always)]
    fn split<'p>(&'p mut self, plane: Plane) -> (&'p mut [u64], impl Fn(Plane) -> &'p [u64]) {
        let words = self.words;
        let (before, rest) = self.bits.split_at_mut(plane * words);
        let before = &*before;
        (&mut rest[..words], move |plane: Plane| {
            &before[plane * words..(plane + 1) * words]
        })
    }

    /// Makes a plane from two before it.
    #[inline(always)]
    pub fn two(&mut self, plane: Plane, a: Plane, b: Plane, of: impl Fn(u64, u64) -> u64) {
        let (out, read) = self.split(plane);
        for ((slot, &a), &b) in out.iter_mut().zip(read(a)).zip(read(b)) {
            *slot = of(a, b);
        }
    }

    /// Makes a plane from itself and one before it.
    #[inline(always)]
    pub fn own(&mut self, plane: Plane, a: Plane, of: impl Fn(u64, u64) -> u64) {
        let (out, read) = self.split(plane);
        for (slot, &a) in out.iter_mut().zip(read(a)) {
            *slot = of(*slot, a);
        }
    }

    /// Makes a plane from two before it, each as it is and as it was a bar before.
    #[inline(always)]
    pub fn with_last(
        &mut self,
        plane: Plane,
        [a, b]: [Plane; 2],
        of: impl Fn([u64; 2], [u64; 2]) -> u64,
    ) {
        let (out, read) = self.split(plane);
        let (a, b) = (read(a), read(b));
        let ([first, rest @ ..], [a0, a_rest @ ..], [b0, b_rest @ ..]) = (out, a, b) else {
            return;
        };
        *first = of([*a0, a0 << 1], [*b0, b0 << 1]);
        let a = a.iter().zip(a_rest);
        let b = b.iter().zip(b_rest);
        for ((slot, (&then, &a)), (&before, &b)) in rest.iter_mut().zip(a).zip(b) {
            let last = [a << 1 | then >> (WORD - 1), b << 1 | before >> (WORD - 1)];
            *slot = of([a, last[0]], [b, last[1]]);
        }
    }

    /// Writes the planes of an order at the bars of `part`.
    pub fn compare(&mut self, simd: Simd, order: usize, source: &Source<'_>, part: &Range<usize>) {
        if matches!(source, Source::Compared(_)) {
            return;
        }
        if part.start.is_multiple_of(WORD) {
            let (from, to) = (part.start / WORD, part.end.div_ceil(WORD));
            let planes = self.bits[of_order(order) * self.words..].chunks_mut(self.words);
            let mut planes = planes.map(|plane| &mut plane[from..to]);
            let (Some(above), Some(below), Some(known)) =
                (planes.next(), planes.next(), planes.next())
            else {
                unreachable!("an order has its planes");
            };
            return compare(simd, source, part, [above, below, known]);
        }
        let mut words = [[0; TILE_WORDS]; OF_ORDER];
        let [above, below, known] = &mut words;
        compare(simd, source, part, [above, below, known]);
        for (plane, words) in planes_of(order).into_iter().zip(&words) {
            self.put(plane, words, part);
        }
    }

    /// Writes the words of `part`; what follows it is written next.
    pub fn put(&mut self, plane: Plane, words: &Tile, part: &Range<usize>) {
        let words = &words[..part.len().div_ceil(WORD)];
        let plane = &mut self.bits[plane * self.words..(plane + 1) * self.words];
        let (first, shift) = (part.start / WORD, part.start % WORD);
        if shift == 0 {
            plane[first..first + words.len()].copy_from_slice(words);
            return;
        }
        let last = (part.end - 1) / WORD;
        for (i, &word) in words.iter().enumerate() {
            let slot = first + i;
            plane[slot] = plane[slot] & !(u64::MAX << shift) | word << shift;
            if slot < last {
                plane[slot + 1] = word >> (WORD - shift);
            }
        }
    }
}
