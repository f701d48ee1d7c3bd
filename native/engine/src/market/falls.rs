//! A bound of the falls in ranges of bars, from closes to later lows.

use crate::bars::Bars;

/// Bars that are looked at together.
const BLOCK: usize = 16;

/// What is known of some bars.
#[derive(Debug, Clone, Copy)]
struct Part {
    /// The greatest close.
    most: f64,
    /// The least low or close.
    least: f64,
    /// The least low or close over a close before it; infinite where there is none.
    share: f64,
}

impl Part {
    /// Of one bar.
    fn of(close: f64, low: f64) -> Self {
        Self {
            most: close,
            least: low.min(close),
            share: f64::INFINITY,
        }
    }

    /// Of these bars and of those that follow.
    #[inline]
    fn then(self, next: Self) -> Self {
        let across = next.least / self.most;
        Self {
            most: self.most.max(next.most),
            least: self.least.min(next.least),
            share: self.share.min(next.share).min(across),
        }
    }
}

/// What is known of blocks, and of the blocks between each and the middles around it.
#[derive(Debug)]
pub(super) struct Falls {
    blocks: Vec<Part>,
    /// For each bit of a block's number and each block, the blocks from it to the middle that the
    /// bit marks.
    middles: Vec<Part>,
}

impl Falls {
    pub fn new(bars: &Bars<'_>) -> Self {
        let each = bars.close.chunks(BLOCK).zip(bars.low.chunks(BLOCK));
        let block = |(close, low): (&[f64], &[f64])| {
            let rest = close[1..].iter().zip(&low[1..]);
            rest.fold(Part::of(close[0], low[0]), |part, (&close, &low)| {
                part.then(Part::of(close, low))
            })
        };
        let blocks: Vec<Part> = each.map(block).collect();
        let count = blocks.len();
        let bits = count.checked_ilog2().map_or(0, |bits| bits as usize + 1);
        let mut middles = Vec::with_capacity(bits * count);
        for bit in 0..bits {
            let base = middles.len();
            middles.extend_from_slice(&blocks);
            let level = &mut middles[base..];
            for (start, half) in level.chunks_mut(1 << bit).enumerate() {
                if start % 2 == 0 {
                    for place in (1..half.len()).rev() {
                        half[place - 1] = half[place - 1].then(half[place]);
                    }
                } else {
                    for place in 1..half.len() {
                        half[place] = half[place - 1].then(half[place]);
                    }
                }
            }
        }
        Self { blocks, middles }
    }

    /// At most the least low or close over a close before it, from bar `from` on, before `to`.
    #[inline]
    pub fn share(&self, from: usize, to: usize) -> f64 {
        let (first, last) = (from / BLOCK, (to - 1) / BLOCK);
        if first == last {
            return self.blocks[first].share;
        }
        let level = (first ^ last).ilog2() as usize * self.blocks.len();
        let middles = &self.middles[level..];
        middles[first].then(middles[last]).share
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Falls};
    use crate::bars::Bars;

    #[test]
    fn no_fall_is_deeper_than_the_share() {
        let close: Vec<f64> = (0..300).map(|t| f64::from((t * 37) % 101 + 20)).collect();
        let low: Vec<f64> = close.iter().map(|close| close - 7.5).collect();
        let names = [
            ("open", &close),
            ("high", &close),
            ("low", &low),
            ("close", &close),
        ];
        let columns = names.map(|(name, values)| (name.to_owned(), &values[..]));
        let bars = Bars::new(columns.to_vec()).unwrap();
        let falls = Falls::new(&bars);
        let exact = |from: usize, to: usize| {
            let (mut peak, mut share) = (close[from], f64::INFINITY);
            for t in from + 1..to {
                share = share.min(low[t] / peak);
                peak = peak.max(close[t]);
            }
            share
        };
        for from in 0..300 {
            for to in from + 1..=300 {
                let wide = exact(from / BLOCK * BLOCK, 300.min(to.div_ceil(BLOCK) * BLOCK));
                assert_eq!(falls.share(from, to).to_bits(), wide.to_bits());
                assert!(wide <= exact(from, to));
            }
        }
    }
}
