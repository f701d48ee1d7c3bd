//! The least and the greatest prices of ranges of bars.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use crate::bars::Bars;
use crate::evaluate::Simd;

/// Bars whose extremes are kept, and how many of those are taken together once more.
const BLOCK: usize = 8;

/// Of how many blocks at most extremes are kept, as a power of two.
const LEVELS: usize = 6;

/// Least and greatest prices of some bars: least low and close, and greatest high and close with
/// their signs turned, so that one comparison serves all.
#[derive(Debug, Clone, Copy)]
pub struct Extremes([f64; 4]);

impl Extremes {
    /// Of some bars; it does not depend on the order in which they are looked at.
    #[inline]
    pub(super) fn of(simd: Simd, bars: &Bars<'_>, from: usize, to: usize) -> Self {
        let [low, high, least, most] = simd.extremes(
            &bars.low[from..to],
            &bars.high[from..to],
            &bars.close[from..to],
        );
        Self([low, least, -high, -most])
    }

    /// Of one bar.
    #[inline]
    fn at(bars: &Bars<'_>, t: usize) -> Self {
        Self([bars.low[t], bars.close[t], -bars.high[t], -bars.close[t]])
    }

    /// Of these bars and of others.
    #[inline(always)]
    #[must_use]
    pub fn with(self, other: &Self) -> Self {
        let less = |i: usize| {
            if other.0[i] < self.0[i] {
                other.0[i]
            } else {
                self.0[i]
            }
        };
        Self(std::array::from_fn(less))
    }

    /// The least low.
    #[inline]
    #[must_use]
    pub fn low(&self) -> f64 {
        self.0[0]
    }

    /// The least close.
    #[inline]
    #[must_use]
    pub fn least(&self) -> f64 {
        self.0[1]
    }

    /// The greatest high.
    #[inline]
    #[must_use]
    pub fn high(&self) -> f64 {
        -self.0[2]
    }

    /// The greatest close.
    #[inline]
    #[must_use]
    pub fn most(&self) -> f64 {
        -self.0[3]
    }
}

/// Extremes of blocks, and of powers of two of them, for ranges that are asked for often.
#[derive(Debug)]
pub(super) struct Blocks {
    near: Levels,
    far: Levels,
    /// By bar, where there are not too many.
    ends: Option<Ends>,
}

/// The extremes of parts of blocks.
#[derive(Debug)]
struct Ends {
    /// From the start of its block up to each bar.
    front: Vec<Extremes>,
    /// From each bar to the end of its block.
    back: Vec<Extremes>,
}

impl Ends {
    fn new(bars: &Bars<'_>) -> Self {
        let mut front: Vec<Extremes> = (0..bars.len()).map(|t| Extremes::at(bars, t)).collect();
        let mut back = front.clone();
        for (front, back) in front.chunks_mut(BLOCK).zip(back.chunks_mut(BLOCK)) {
            for place in 1..front.len() {
                front[place] = front[place].with(&front[place - 1]);
            }
            for place in (1..back.len()).rev() {
                back[place - 1] = back[place - 1].with(&back[place]);
            }
        }
        Self { front, back }
    }
}

impl Blocks {
    /// Of some bars; `noted` says whether a note is kept for each of them.
    pub fn new(simd: Simd, bars: &Bars<'_>, noted: bool) -> Self {
        let count = bars.len().div_ceil(BLOCK);
        let block = |block: usize| {
            let from = block * BLOCK;
            Extremes::of(simd, bars, from, bars.len().min(from + BLOCK))
        };
        let near = Levels::new((0..count).map(block).collect(), LEVELS + 1);
        let joined = |blocks: &[Extremes]| {
            let [first, rest @ ..] = blocks else {
                unreachable!("no chunk is empty");
            };
            rest.iter().fold(*first, Extremes::with)
        };
        let far = near.of[..count].chunks(BLOCK).map(joined).collect();
        Self {
            near,
            far: Levels::new(far, usize::MAX),
            ends: noted.then(|| Ends::new(bars)),
        }
    }

    /// The extremes of these bars and of some around them.
    #[inline(always)]
    pub fn around(&self, from: usize, to: usize) -> Extremes {
        let (first, last) = (from / BLOCK, (to - 1) / BLOCK);
        if last - first < 1 << LEVELS {
            self.near.between(first, last)
        } else {
            self.far.between(first / BLOCK, last / BLOCK)
        }
    }

    /// The extremes of these bars.
    pub fn of(&self, simd: Simd, bars: &Bars<'_>, from: usize, to: usize) -> Extremes {
        let (first, last) = (from / BLOCK, (to - 1) / BLOCK);
        if first == last {
            return Extremes::of(simd, bars, from, to);
        }
        let ends = match &self.ends {
            Some(Ends { front, back }) => back[from].with(&front[to - 1]),
            None => Extremes::of(simd, bars, from, (first + 1) * BLOCK).with(&Extremes::of(
                simd,
                bars,
                last * BLOCK,
                to,
            )),
        };
        if first + 1 == last {
            ends
        } else {
            ends.with(&self.whole(first + 1, last))
        }
    }

    /// The extremes of the blocks from `first` on, before `last`.
    fn whole(&self, first: usize, last: usize) -> Extremes {
        if last - first <= 1 << LEVELS {
            return self.near.between(first, last - 1);
        }
        let (near, far) = (first.next_multiple_of(BLOCK), last / BLOCK);
        let mut found = self.far.between(near / BLOCK, far - 1);
        for (first, last) in [(first, near), (far * BLOCK, last)] {
            if first < last {
                found = found.with(&self.near.between(first, last - 1));
            }
        }
        found
    }
}

/// For each power of two and each place, the extremes of so many from there on.
#[derive(Debug)]
struct Levels {
    of: Vec<Extremes>,
    count: usize,
}

impl Levels {
    fn new(mut of: Vec<Extremes>, most: usize) -> Self {
        let count = of.len();
        let mut half = 1;
        for level in 1..most {
            if half * 2 > count {
                break;
            }
            for place in 0..count {
                let before = (level - 1) * count;
                let next = of[before + (place + half).min(count - 1)];
                of.push(of[before + place].with(&next));
            }
            half *= 2;
        }
        Self { of, count }
    }

    #[inline(always)]
    fn between(&self, first: usize, last: usize) -> Extremes {
        let level = (last - first + 1).ilog2() as usize;
        let row = &self.of[level * self.count..];
        row[first].with(&row[last + 1 - (1 << level)])
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Blocks, Extremes, LEVELS};
    use crate::bars::Bars;
    use crate::evaluate::Simd;

    fn bits(found: Extremes) -> [u64; 4] {
        found.0.map(f64::to_bits)
    }

    #[test]
    fn blocks_cover_their_bars_and_little_more() {
        for count in [1_usize, 15, 16, 17, 300, 1_500] {
            let close: Vec<f64> = (0..count)
                .map(|t| ((t * 7919) % 1_009) as f64 + 1.0)
                .collect();
            let columns =
                ["open", "high", "low", "close"].map(|name| (name.to_owned(), &close[..]));
            let bars = Bars::new(columns.to_vec()).unwrap();
            let blocks = Blocks::new(Simd::Auto, &bars, true);
            let sparse = Blocks::new(Simd::Auto, &bars, false);
            for (from, to) in
                (0..count).flat_map(|from| (from + 1..=count).map(move |to| (from, to)))
            {
                let found = blocks.around(from, to);
                let wide = if (to - 1) / BLOCK - from / BLOCK < 1 << LEVELS {
                    BLOCK
                } else {
                    BLOCK * BLOCK
                };
                let (start, end) = (from / wide * wide, count.min(to.div_ceil(wide) * wide));
                let exact = Extremes::of(Simd::Portable, &bars, start, end);
                assert_eq!(bits(found), bits(exact));
                let exact = Extremes::of(Simd::Portable, &bars, from, to);
                for blocks in [&blocks, &sparse] {
                    let found = blocks.of(Simd::Auto, &bars, from, to);
                    assert_eq!(bits(found), bits(exact));
                }
            }
        }
    }
}
