//! Sums over ranges of bars.
//!
//! A range is added up in pieces that depend on its ends alone: to the end of the first chunk, from
//! the start of the last, and whole chunks between them, from the middle outwards. So no number
//! outside the range leaves its rounding in it, as a difference of running sums would have it, and
//! a table of pieces gives the same bits as the bars themselves.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use std::ops::Range;

/// Rows that are added up one after the other.
const CHUNK: usize = 16;

/// Pieces of sums, for ranges that are asked for often.
#[derive(Debug)]
pub struct Table<const N: usize> {
    /// The rows.
    each: Vec<[f64; N]>,
    /// From the start of its chunk up to each row.
    front: Vec<[f64; N]>,
    /// From each row to the end of its chunk.
    back: Vec<[f64; N]>,
    /// For each bit of a chunk's number and each chunk, the chunks from it to the middle that the
    /// bit marks; zeros behind them.
    middles: Vec<[f64; N]>,
    chunks: usize,
}

/// Adds up the rows of a range, at least one.
#[inline(always)]
pub fn sum<const N: usize>(rows: Range<usize>, row: impl Fn(usize) -> [f64; N] + Copy) -> [f64; N] {
    let (first, last) = (rows.start / CHUNK, (rows.end - 1) / CHUNK);
    if first == last {
        return forwards(rows, row);
    }
    let chunk = |chunk: usize| forwards(chunk * CHUNK..(chunk + 1) * CHUNK, row);
    // zeros where a chunk or both are missing, for a table adds them rather than look
    let middle = |chunks: Range<usize>| {
        if chunks.is_empty() {
            return [0.0; N];
        }
        let (first, last) = (chunks.start, chunks.end - 1);
        if first == last {
            return add(chunk(first), [0.0; N]);
        }
        let half = middle_of(first, last);
        add(
            backwards(first..half, chunk),
            forwards(half..last + 1, chunk),
        )
    };
    let ends = add(
        backwards(rows.start..(first + 1) * CHUNK, row),
        forwards(last * CHUNK..rows.end, row),
    );
    add(ends, middle(first + 1..last))
}

impl<const N: usize> Table<N> {
    /// The pieces of some rows.
    pub fn new(each: Vec<[f64; N]>) -> Self {
        let (rows, row) = (each.len(), |i: usize| each[i]);
        let chunks = rows.div_ceil(CHUNK);
        let mut front = vec![[0.0; N]; rows];
        let mut back = vec![[0.0; N]; rows];
        for chunk in 0..chunks {
            let rows = chunk * CHUNK..rows.min((chunk + 1) * CHUNK);
            running(rows.clone(), row, &mut front);
            running(rows.rev(), row, &mut back);
        }
        let bits = chunks.checked_ilog2().map_or(0, |bits| bits as usize + 1);
        let mut middles = vec![[0.0; N]; bits * chunks];
        let whole = |chunk: usize| front[rows.min((chunk + 1) * CHUNK) - 1];
        for (bit, middles) in middles.chunks_mut(chunks.max(1)).enumerate() {
            let half = 1 << bit;
            for start in (0..chunks).step_by(half) {
                let end = chunks.min(start + half);
                if start >> bit & 1 == 0 {
                    running((start..end).rev(), whole, middles);
                } else {
                    running(start..end, whole, middles);
                }
            }
        }
        middles.push([0.0; N]);
        Self {
            each,
            front,
            back,
            middles,
            chunks,
        }
    }

    /// As [`sum`] of the same rows.
    #[inline(always)]
    pub fn sum(&self, rows: Range<usize>) -> [f64; N] {
        let (first, last) = (rows.start / CHUNK, (rows.end - 1) / CHUNK);
        if first == last {
            let [first, rest @ ..] = &self.each[rows] else {
                return [0.0; N];
            };
            let mut sum = *first;
            for &row in rest {
                sum = add(sum, row);
            }
            return sum;
        }
        let ends = add(self.back[rows.start], self.front[rows.end - 1]);
        // how many chunks lie between is hard to foresee: no branches
        let (first, last, zeros) = (first + 1, last - 1, self.middles.len() - 1);
        let bit = (first ^ last | 1).ilog2() as usize * self.chunks;
        let from = if first <= last { bit + first } else { zeros };
        let to = if first < last { bit + last } else { zeros };
        add(ends, add(self.middles[from], self.middles[to]))
    }
}

/// Where two chunks' ways part: a multiple of the highest power of two that lies between them.
#[inline(always)]
fn middle_of(first: usize, last: usize) -> usize {
    let bit = (first ^ last).ilog2();
    last >> bit << bit
}

#[inline(always)]
fn add<const N: usize>(a: [f64; N], b: [f64; N]) -> [f64; N] {
    std::array::from_fn(|i| a[i] + b[i])
}

#[inline(always)]
fn forwards<const N: usize>(
    rows: Range<usize>,
    row: impl Fn(usize) -> [f64; N] + Copy,
) -> [f64; N] {
    let first = row(rows.start);
    (rows.start + 1..rows.end).fold(first, |sum, i| add(sum, row(i)))
}

#[inline(always)]
fn backwards<const N: usize>(
    rows: Range<usize>,
    row: impl Fn(usize) -> [f64; N] + Copy,
) -> [f64; N] {
    let last = row(rows.end - 1);
    (rows.start..rows.end - 1)
        .rev()
        .fold(last, |sum, i| add(sum, row(i)))
}

/// Notes at each row the sum so far.
fn running<const N: usize>(
    rows: impl Iterator<Item = usize>,
    row: impl Fn(usize) -> [f64; N],
    out: &mut [[f64; N]],
) {
    let mut sum: Option<[f64; N]> = None;
    for i in rows {
        let next = sum.map_or_else(|| row(i), |sum| add(sum, row(i)));
        out[i] = next;
        sum = Some(next);
    }
}

#[cfg(test)]
mod tests {
    use super::{Table, sum};

    #[test]
    fn a_table_gives_the_bits_of_the_rows() {
        for rows in [1, 2, 15, 16, 17, 33, 100, 700] {
            let row = |i: usize| [(i as f64 * 0.7).sin(), 1e300 / (i + 1) as f64];
            let table = Table::new((0..rows).map(row).collect());
            for start in 0..rows {
                for end in start + 1..=rows {
                    let bits = |sums: [f64; 2]| sums.map(f64::to_bits);
                    assert_eq!(bits(table.sum(start..end)), bits(sum(start..end, row)));
                }
            }
        }
    }

    #[test]
    fn what_lies_outside_leaves_nothing_in_a_sum() {
        let row = |i: usize| [if i == 5 { 1e200 } else { 1e-3 }];
        for (start, end) in [(6, 9), (6, 90), (17, 700)] {
            let exact = (end - start) as f64 * 1e-3;
            assert!((sum(start..end, row)[0] - exact).abs() < 1e-12);
        }
    }
}
