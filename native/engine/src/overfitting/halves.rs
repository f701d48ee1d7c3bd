//! Halves of blocks, and the scores of eight trials over each of them.

use super::lanes::{EIGHT, Lanes, Row};
use super::{Blocks, SPREAD};

/// The ways to choose half of some blocks of time: bit b of a mask is block b.
///
/// They are taken in ascending order of their masks, so that the half which is left out of half
/// number i is half number count − 1 − i.
#[derive(Debug, Clone)]
pub(super) struct Halves {
    /// Blocks that the low bits stand for, and as many the high bits.
    bits: usize,
    /// By the number of their bits, low parts of a mask in ascending order.
    lows: Vec<Vec<usize>>,
}

impl Halves {
    pub(super) fn of(blocks: usize) -> Self {
        let bits = blocks / 2;
        let mut lows = vec![Vec::new(); bits + 1];
        for low in 0..1_usize << bits {
            lows[low.count_ones() as usize].push(low);
        }
        Self { bits, lows }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.highs().map(|(_, lows)| lows.len()).sum()
    }

    /// High parts of a mask, with the low parts that make half of the blocks with them.
    pub(super) fn highs(&self) -> impl Iterator<Item = (usize, &[usize])> {
        (0..1_usize << self.bits).map(|high| {
            let missing = self.bits - high.count_ones() as usize;
            (high, self.lows[missing].as_slice())
        })
    }

    /// All of a mask, half by half.
    pub(super) fn masks(&self) -> impl Iterator<Item = usize> {
        let bits = self.bits;
        self.highs()
            .flat_map(move |(high, lows)| lows.iter().map(move |low| high << bits | low))
    }
}

/// Sums over every part of the low blocks and of the high ones, of eight trials.
#[derive(Debug, Clone)]
pub(super) struct Tables {
    low: Vec<Pair>,
    high: Vec<Pair>,
}

/// Σr and Σr² of eight trials.
#[derive(Debug, Clone, Copy, Default)]
struct Pair {
    sum: Row,
    square: Row,
}

impl Tables {
    pub(super) fn for_blocks(blocks: usize) -> Self {
        let parts = 1 << (blocks / 2);
        Self {
            low: vec![Pair::default(); parts],
            high: vec![Pair::default(); parts],
        }
    }

    /// Takes the next eight trials; what is not there any more has sums of 0, and so no score.
    #[allow(
        clippy::inline_always,
        reason = "what is not inlined is compiled for the portable instructions"
    )]
    #[inline(always)]
    pub(super) fn fill(&mut self, blocks: &Blocks<'_>, first: usize) {
        let width = blocks.blocks;
        let bits = width / 2;
        let here = EIGHT.min(blocks.trials() - first);
        for (table, offset) in [(&mut self.low, 0), (&mut self.high, bits)] {
            for block in 0..bits {
                let single = &mut table[1 << block];
                *single = Pair::default();
                for lane in 0..here {
                    let place = (first + lane) * width + offset + block;
                    single.sum.0[lane] = blocks.sums[place];
                    single.square.0[lane] = blocks.squares[place];
                }
                let (known, new) = table.split_at_mut(1 << block);
                let (single, new) = (new[0], &mut new[1..]);
                for (known, made) in known[1..].iter().zip(new) {
                    for lane in 0..EIGHT {
                        made.sum.0[lane] = known.sum.0[lane] + single.sum.0[lane];
                        made.square.0[lane] = known.square.0[lane] + single.square.0[lane];
                    }
                }
            }
        }
    }

    /// Hands the scores of each half on, in the order of the halves.
    #[allow(
        clippy::inline_always,
        reason = "what is not inlined is compiled for the portable instructions"
    )]
    #[inline(always)]
    pub(super) fn scores<L: Lanes>(
        &self,
        lanes: L,
        halves: &Halves,
        mut take: impl FnMut(usize, L::Numbers),
    ) {
        let mut half = 0;
        for (high, lows) in halves.highs() {
            let high = &self.high[high];
            let (high_sum, high_square) = (lanes.load(&high.sum), lanes.load(&high.square));
            for &low in lows {
                let low = &self.low[low];
                let sum = lanes.add(lanes.load(&low.sum), high_sum);
                let square = lanes.add(lanes.load(&low.square), high_square);
                let score = lanes.over(lanes.times(sum, lanes.size(sum)), square);
                take(half, score);
                half += 1;
            }
        }
    }
}

/// The score of one trial over one half, by the operations of [`Tables`] in their order.
pub(super) fn score(blocks: &Blocks<'_>, trial: usize, mask: usize) -> f64 {
    let width = blocks.blocks;
    let row = trial * width..(trial + 1) * width;
    let sum = over_half(&blocks.sums[row.clone()], mask);
    let square = over_half(&blocks.squares[row], mask);
    sum * sum.abs() / square
}

fn over_half(values: &[f64], mask: usize) -> f64 {
    let (low, high) = values.split_at(values.len() / 2);
    part(low, mask) + part(high, mask >> low.len())
}

fn part(values: &[f64], mask: usize) -> f64 {
    let chosen = values
        .iter()
        .enumerate()
        .filter(|(bit, _)| mask >> bit & 1 == 1);
    chosen.fold(0.0, |sum, (_, value)| sum + value)
}

/// The size that a score does not reach: what has it does not vary.
pub(super) fn limit(blocks: &Blocks<'_>) -> f64 {
    let rows = blocks.length * blocks.blocks / 2;
    rows as f64 * (1.0 - SPREAD)
}
