//! What a strategy wants at each bar: four conditions, a bit a bar each.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use std::ops::Range;

/// Flag of a long entry.
pub const LONG_ENTRY: u8 = 1;
/// Flag of a long exit.
pub const LONG_EXIT: u8 = 2;
/// Flag of a short entry.
pub const SHORT_ENTRY: u8 = 4;
/// Flag of a short exit.
pub const SHORT_EXIT: u8 = 8;

/// Bars a word.
pub const WORD: usize = u64::BITS as usize;

/// The conditions of some bars, in the order of [`crate::graph::Graph::outputs`].
#[derive(Debug, Clone, Copy)]
pub struct Flags<'a> {
    planes: [&'a [u64]; 4],
}

impl<'a> Flags<'a> {
    /// From the words of each condition, of all bars; bits beyond the last bar are 0.
    #[must_use]
    pub fn new(planes: [&'a [u64]; 4]) -> Self {
        Self { planes }
    }

    /// The flags of bar `t`.
    #[inline]
    #[must_use]
    pub fn at(self, t: usize) -> u8 {
        let (word, shift) = (t / WORD, t % WORD);
        let bit = |plane: &[u64]| (plane[word] >> shift & 1) as u8;
        bit(self.planes[0])
            | bit(self.planes[1]) << 1
            | bit(self.planes[2]) << 2
            | bit(self.planes[3]) << 3
    }

    /// Whether anything short is wanted at any bar.
    #[must_use]
    pub fn has_short(self) -> bool {
        self.planes[2].iter().any(|&word| word != 0)
    }

    /// Whether an entry that is wanted at bar `t` is short.
    #[inline]
    #[must_use]
    pub fn is_short_entry(self, t: usize) -> bool {
        self.planes[2][t / WORD] >> (t % WORD) & 1 == 1
            && self.planes[0][t / WORD] >> (t % WORD) & 1 == 0
    }

    /// The first of these bars at which an entry is wanted, or their end.
    #[inline]
    #[must_use]
    pub fn next_entry(self, bars: Range<usize>) -> usize {
        self.next_entry_of::<true>(bars)
    }

    /// The first of these bars at which a long or short position is to be left, or their end.
    #[inline]
    #[must_use]
    pub fn next_exit(self, is_long: bool, bars: Range<usize>) -> usize {
        self.next_exit_of::<true>(is_long, bars)
    }

    /// As [`Self::next_entry`]; without `SHORT` nothing short may be wanted anywhere.
    #[inline(always)]
    #[must_use]
    pub fn next_entry_of<const SHORT: bool>(self, bars: Range<usize>) -> usize {
        let [long, long_exit, short, short_exit] = self.planes;
        first(bars, |word| {
            let entries = long[word] & !long_exit[word];
            if SHORT {
                (entries & !short[word]) | (short[word] & !long[word] & !short_exit[word])
            } else {
                entries
            }
        })
    }

    /// As [`Self::next_exit`]; without `SHORT` nothing short may be wanted anywhere.
    #[inline(always)]
    #[must_use]
    pub fn next_exit_of<const SHORT: bool>(self, is_long: bool, bars: Range<usize>) -> usize {
        let [long, long_exit, short, short_exit] = self.planes;
        if !SHORT {
            first(bars, |word| long_exit[word])
        } else if is_long {
            first(bars, |word| {
                long_exit[word] | (short[word] & !long[word] & !short_exit[word])
            })
        } else {
            first(bars, |word| {
                short_exit[word] | (long[word] & !short[word] & !long_exit[word])
            })
        }
    }
}

/// The first of the bars whose bit is set, or their end.
#[inline(always)]
fn first(bars: Range<usize>, bits: impl Fn(usize) -> u64) -> usize {
    let Range { start, end } = bars;
    if start >= end {
        return end;
    }
    let (mut word, last) = (start / WORD, (end - 1) / WORD);
    // most are found in the first two words, so they are looked at together: one branch to foresee
    let next = if word < last { bits(word + 1) } else { 0 };
    let two = (u128::from(next) << WORD | u128::from(bits(word))) >> (start % WORD);
    if two != 0 {
        return end.min(start + two.trailing_zeros() as usize);
    }
    word += 2;
    while word <= last {
        let found = bits(word);
        if found != 0 {
            return end.min(word * WORD + found.trailing_zeros() as usize);
        }
        word += 1;
    }
    end
}
