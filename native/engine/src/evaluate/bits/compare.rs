//! Which of two numbers is greater, as bits: by ranks, in single or in double precision.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use std::ops::Range;

use super::planes::OF_ORDER;
use crate::evaluate::simd::{Coarse, NO_RANK, Simd, Words};
use crate::evaluate::values::{Number, Stored, View};
use crate::flags::WORD;

/// A number that is compared.
#[derive(Debug, Clone, Copy)]
pub struct Side<'v> {
    /// Its values.
    pub values: Stored<'v>,
    /// Those of all bars in single precision, where they are known.
    pub coarse: Option<&'v [Coarse]>,
}

/// What an order or a condition reads.
#[derive(Debug, Clone, Copy)]
pub enum Source<'v> {
    /// Two numbers.
    Numbers(Side<'v>, Side<'v>),
    /// The ranks of two numbers, of all bars.
    Ranks(&'v [i16], &'v [i16]),
    /// The planes of two numbers that were compared before, one behind the other.
    Compared(&'v [u64]),
    /// A three-valued boolean.
    Bytes(Stored<'v>),
}

/// The planes of an order at all of so many bars, one behind the other.
pub fn compare_all(simd: Simd, source: &Source<'_>, bars: usize, planes: &mut [u64]) {
    let words = bars.div_ceil(WORD);
    let (above, rest) = planes.split_at_mut(words);
    let (below, known) = rest.split_at_mut(words);
    compare(simd, source, &(0..bars), [above, below, known]);
}

/// Words of the planes of an order.
pub fn order_words(bars: usize) -> usize {
    OF_ORDER * bars.div_ceil(WORD)
}

/// Writes where a > b, where a < b, and where both are there, of two numbers at the bars of `part`.
pub fn compare(
    simd: Simd,
    source: &Source<'_>,
    part: &Range<usize>,
    [above, below, known]: [&mut [u64]; OF_ORDER],
) {
    let (a, b) = match source {
        Source::Numbers(a, b) => (a, b),
        Source::Ranks(a, b) => {
            let (a, b) = (&a[part.clone()], &b[part.clone()]);
            return compare_ranks(simd, a, b, [above, below, known]);
        }
        Source::Compared(_) | Source::Bytes(_) => unreachable!("numbers are compared once"),
    };
    let scalar = |side: &Side<'_>| matches!(side.values.view, View::Number(Number::Scalar(_)));
    let mirrored = scalar(a) && !scalar(b);
    let ([a, b], out) = if mirrored {
        ([b, a], [below, above, known])
    } else {
        ([a, b], [above, below, known])
    };
    let [x, y] = [a, b].map(|side| side.values.span(part).number());
    let [a, b] = [a, b].map(|side| {
        let words = part.start / WORD..part.end / WORD;
        side.coarse.map(|coarse| &coarse[words])
    });
    let bars = part.len();
    match (x, y) {
        (Number::Series(x), Number::Series(y)) => {
            let (x64, y64, one) = (x.as_chunks().0, y.as_chunks().0, |t| (x[t], y[t]));
            match (a, b) {
                (Some(a), Some(b)) => orders(simd, (x64, a), (y64, b), one, bars, out),
                _ => orders(simd, x64, y64, one, bars, out),
            }
        }
        (Number::Series(x), Number::Scalar(y)) => {
            let (x64, one) = (x.as_chunks().0, |t| (x[t], y));
            match a {
                Some(a) => orders(simd, (x64, a), y, one, bars, out),
                None => orders(simd, x64, y, one, bars, out),
            }
        }
        (x, y) => orders(simd, x.at(0), y.at(0), |_| (x.at(0), y.at(0)), bars, out),
    }
}

/// As [`compare`]; `one` gives the numbers by bar.
#[inline(always)]
fn orders(
    simd: Simd,
    a: impl Words,
    b: impl Words,
    one: impl Fn(usize) -> (f64, f64),
    bars: usize,
    [above, below, known]: [&mut [u64]; OF_ORDER],
) {
    let whole = bars / WORD;
    simd.words(whole, a, b, |i, words: [u64; OF_ORDER]| {
        [above[i], below[i], known[i]] = words;
    });
    if bars > whole * WORD {
        [above[whole], below[whole], known[whole]] = words_of(
            (whole * WORD..bars)
                .map(one)
                .map(|(a, b)| [a > b, a < b, !(a.is_nan() | b.is_nan())]),
        );
    }
}

/// As [`compare`], of numbers that are known by their ranks.
fn compare_ranks(simd: Simd, a: &[i16], b: &[i16], [above, below, known]: [&mut [u64]; OF_ORDER]) {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks(), b.as_chunks());
    simd.rank_words(a, b, |i, words: [u64; OF_ORDER]| {
        [above[i], below[i], known[i]] = words;
    });
    let whole = a.len();
    if !a_rest.is_empty() {
        [above[whole], below[whole], known[whole]] =
            words_of(a_rest.iter().zip(b_rest).map(|(&a, &b)| {
                let known = a != NO_RANK && b != NO_RANK;
                [known && a > b, known && a < b, known]
            }));
    }
}

/// The words of less than 64 bars.
fn words_of(sides: impl Iterator<Item = [bool; OF_ORDER]>) -> [u64; OF_ORDER] {
    let mut words = [0; OF_ORDER];
    for (bit, sides) in sides.enumerate() {
        for (word, side) in words.iter_mut().zip(sides) {
            *word |= u64::from(side) << bit;
        }
    }
    words
}
