//! Where equity is sampled, and how its returns fall into blocks.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use super::BLOCKS;

/// Where equity is sampled and how its returns fall into blocks.
#[derive(Debug, Clone)]
pub struct HeadlinePlan<'a> {
    /// Ascending bar indices.
    points: &'a [i64],
    /// How many points lie before each bar, and before the end; empty where they are looked for.
    before: Vec<u32>,
    /// The first of neighbouring bars, which are counted; none where points lie apart.
    neighbours: Option<usize>,
    /// Returns in block 0.
    pub(super) leading: usize,
    /// Returns in each other block.
    pub(super) length: usize,
}

impl<'a> HeadlinePlan<'a> {
    /// Plans `points.len() − 1` returns; with fewer than 16 all stand in block 0.
    #[must_use]
    pub fn new(points: &'a [i64]) -> Self {
        let returns = points.len().saturating_sub(1);
        let length = returns / BLOCKS;
        let leading = if length == 0 {
            returns
        } else {
            returns % BLOCKS
        };
        let neighbours = match (points.first(), points.last()) {
            (Some(&first), Some(&last)) => {
                (last as usize - first as usize == returns).then_some(first as usize)
            }
            _ => Some(0),
        };
        Self {
            points,
            before: Vec::new(),
            neighbours,
            leading,
            length,
        }
    }

    /// Notes for each of so many bars how many points lie before it, where many will ask.
    #[must_use]
    pub fn noted(mut self, bars: usize) -> Self {
        if self.neighbours.is_none() {
            let mut count = 0;
            let mut next = self.points.iter().peekable();
            self.before = (0..=bars)
                .map(|bar| {
                    let before = count;
                    count += u32::from(next.next_if(|&&point| point as usize == bar).is_some());
                    before
                })
                .collect();
        }
        self
    }

    /// The bars at which equity is sampled.
    #[inline]
    #[must_use]
    pub fn points(&self) -> &'a [i64] {
        self.points
    }

    /// How many of them lie before a bar.
    #[inline(always)]
    #[must_use]
    pub fn before(&self, bar: usize) -> usize {
        if let Some(first) = self.neighbours {
            bar.saturating_sub(first).min(self.points.len())
        } else if let Some(&before) = self.before.get(bar) {
            before as usize
        } else {
            self.points.partition_point(|&point| (point as usize) < bar)
        }
    }

    /// The bar of a point.
    #[inline(always)]
    #[must_use]
    pub fn bar(&self, point: usize) -> usize {
        match self.neighbours {
            Some(first) => first + point,
            None => self.points[point] as usize,
        }
    }

    /// The first of the bars at which equity is sampled, where they are neighbours.
    #[inline(always)]
    #[must_use]
    pub fn neighbours(&self) -> Option<usize> {
        self.neighbours
    }

    /// The number of headline returns.
    #[must_use]
    pub fn returns(&self) -> usize {
        self.points.len().saturating_sub(1)
    }
}
