use proptest::prelude::*;

use super::{Best, Blocks, NOBODY, SPREAD, Standing, best, standing};
use crate::evaluate::Simd;

/// What the halves of a set of trials give.
#[derive(Debug, PartialEq)]
struct Found {
    best: Best,
    standing: Standing,
}

fn found(blocks: &Blocks<'_>, threads: usize, simd: Simd) -> Found {
    let best = best(blocks, threads, simd).unwrap();
    let standing = standing(blocks, &best.other, threads, simd).unwrap();
    Found { best, standing }
}

/// Numbers to the bit, NaN too.
fn bits(found: &Found) -> (Vec<u64>, Vec<u64>, &Vec<u32>, &Standing) {
    let of = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect();
    let Best {
        trial,
        score,
        other,
    } = &found.best;
    (of(score), of(other), trial, &found.standing)
}

/// Blocks of whole returns: sums and squares without any rounding.
struct Whole {
    sums: Vec<f64>,
    squares: Vec<f64>,
    blocks: usize,
    length: usize,
}

impl Whole {
    fn new(returns: &[Vec<i32>], blocks: usize) -> Self {
        let length = returns[0].len() / blocks;
        let over = |power: i32| {
            returns
                .iter()
                .flat_map(|trial| trial.chunks(length))
                .map(|block| block.iter().map(|&r| f64::from(r).powi(power)).sum())
                .collect()
        };
        Self {
            sums: over(1),
            squares: over(2),
            blocks,
            length,
        }
    }

    fn blocks(&self) -> Blocks<'_> {
        Blocks {
            sums: &self.sums,
            squares: &self.squares,
            blocks: self.blocks,
            length: self.length,
        }
    }
}

/// Mean over standard deviation, squared with its sign, as a fraction of whole numbers; `None` where
/// the returns do not vary.
fn sharpe(returns: &[i32]) -> Option<(i128, i128)> {
    let n = returns.len() as i128;
    let sum: i128 = returns.iter().map(|&r| i128::from(r)).sum();
    let square: i128 = returns.iter().map(|&r| i128::from(r) * i128::from(r)).sum();
    let spread = n * square - sum * sum;
    (spread > 0).then_some((sum * sum.abs(), spread))
}

/// The definition, word by word: a half, its winner, and how the others stand in the other half.
fn by_definition(returns: &[Vec<i32>], blocks: usize) -> Vec<(u32, u32, u32, u32)> {
    let length = returns[0].len() / blocks;
    let half = |trial: &[i32], mask: usize| -> Vec<i32> {
        let chosen = trial.chunks(length).enumerate();
        let chosen = chosen.filter(|(block, _)| mask >> block & 1 == 1);
        chosen.flat_map(|(_, block)| block.to_vec()).collect()
    };
    let less = |a: (i128, i128), b: (i128, i128)| a.0 * b.1 < b.0 * a.1;
    let full = (1 << blocks) - 1;
    let masks = (0..=full).filter(|mask: &usize| mask.count_ones() as usize == blocks / 2);
    let one = |mask: usize| {
        let mut winner: Option<(u32, (i128, i128))> = None;
        for (trial, returns) in (0..).zip(returns) {
            if let Some(found) = sharpe(&half(returns, mask))
                && winner.is_none_or(|(_, best)| less(best, found))
            {
                winner = Some((trial, found));
            }
        }
        let others: Vec<_> = returns
            .iter()
            .filter_map(|trial| sharpe(&half(trial, full ^ mask)))
            .collect();
        let winner = winner.map_or(NOBODY, |(trial, _)| trial);
        let mark = returns
            .get(winner as usize)
            .and_then(|trial| sharpe(&half(trial, full ^ mask)));
        let count = |holds: &dyn Fn((i128, i128), (i128, i128)) -> bool| {
            let mark = mark.into_iter();
            mark.flat_map(|mark| others.iter().filter(move |&&one| holds(one, mark)))
                .count() as u32
        };
        (
            winner,
            others.len() as u32,
            count(&less),
            count(&|a, b| !less(a, b) && !less(b, a)),
        )
    };
    masks.map(one).collect()
}

fn rows(found: &Found) -> Vec<(u32, u32, u32, u32)> {
    let Standing {
        scored,
        below,
        equal,
    } = &found.standing;
    let counts = scored.iter().zip(below).zip(equal);
    let counts = found.best.trial.iter().zip(counts);
    counts
        .map(|(&trial, ((&scored, &below), &equal))| (trial, scored, below, equal))
        .collect()
}

/// Returns of some trials that look like noise, from a linear congruence.
fn noise(trials: usize, rows: usize) -> Vec<Vec<i32>> {
    let mut state = 12_345_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as i32 % 1_000 - 500
    };
    (0..trials)
        .map(|_| (0..rows).map(|_| next()).collect())
        .collect()
}

#[test]
fn halves_by_hand() {
    // two blocks of two: the first trial wins in the first half, the second in the second
    let returns = vec![vec![3, 1, -1, -2], vec![1, -1, 5, 4], vec![-3, 1, 0, 1]];
    let whole = Whole::new(&returns, 2);
    let found = found(&whole.blocks(), 1, Simd::Portable);
    assert_eq!(found.best.trial, [0, 1]);
    // s·|s|/q of (3, 1), and of (5, 4)
    assert_eq!(found.best.score, [16.0 / 10.0, 81.0 / 41.0]);
    assert_eq!(found.best.other, [-9.0 / 5.0, 0.0]);
    assert_eq!(found.standing.below, [0, 1]);
    assert_eq!(found.standing.equal, [1, 1]);
    assert_eq!(found.standing.scored, [3, 3]);
}

#[test]
fn the_first_of_equals_wins_across_lanes_tiles_and_threads() {
    let mut returns = noise(40, 16);
    returns[3] = (0..16).map(|row| 1_000 + row % 3).collect();
    for copy in [5, 11, 30, 39] {
        returns[copy] = returns[3].clone();
    }
    let whole = Whole::new(&returns, 4);
    for threads in 1..=7 {
        let found = found(&whole.blocks(), threads, Simd::Auto);
        assert_eq!(found.best.trial, [3; 6]);
        assert_eq!(found.standing.equal, [5; 6]);
        assert_eq!(found.standing.below, [35; 6]);
    }
}

#[test]
fn what_does_not_vary_neither_wins_nor_is_ranked() {
    // constant, zero, and idle in one of the halves
    let returns = vec![
        vec![7; 8],
        vec![0; 8],
        vec![1, 2, -3, 1, 0, 0, 0, 0],
        vec![-1, -2, -1, -2, -1, 1, -2, 1],
    ];
    let whole = Whole::new(&returns, 2);
    let found = found(&whole.blocks(), 2, Simd::Auto);
    assert_eq!(found.best.trial, [2, 3]);
    assert!(found.best.other[0].is_nan());
    assert_eq!(found.standing.scored, [1, 2]);
    assert_eq!(found.standing.below, [0, 0]);
    assert_eq!(found.standing.equal, [0, 1]);
    let nobody = Whole::new(&returns[..2], 2);
    let found = super::best(&nobody.blocks(), 1, Simd::Auto).unwrap();
    assert_eq!(found.trial, [NOBODY; 2]);
    assert!(found.other.iter().all(|score| score.is_nan()));
}

#[test]
fn constant_returns_are_told_through_the_rounding_of_their_sums() {
    for length in [2_usize, 1_000, 500_000] {
        let (mut sum, mut square) = (0.0, 0.0);
        for _ in 0..length {
            sum += 0.1;
            square += 0.1 * 0.1;
        }
        let blocks = Blocks {
            sums: &[sum; 2],
            squares: &[square; 2],
            blocks: 2,
            length,
        };
        let found = best(&blocks, 1, Simd::Auto).unwrap();
        assert_eq!(found.trial, [NOBODY; 2], "{length}");
    }
    // a standard deviation of 2·10⁻⁵ of the mean is one
    let deviation = 2.0 * SPREAD.sqrt();
    let blocks = Blocks {
        sums: &[4.0; 2],
        squares: &[4.0 + 4.0 * deviation * deviation; 2],
        blocks: 2,
        length: 4,
    };
    assert_eq!(best(&blocks, 1, Simd::Auto).unwrap().trial, [0; 2]);
}

#[test]
fn threads_and_instructions_change_no_bit() {
    let sums: Vec<f64> = noise(203, 16)
        .into_iter()
        .flatten()
        .map(|value| f64::from(value) / 7_000.0)
        .collect();
    let squares: Vec<f64> = sums
        .iter()
        .map(|sum| sum * sum + 0.01 + sum.abs() / 3.0)
        .collect();
    let blocks = Blocks {
        sums: &sums,
        squares: &squares,
        blocks: 16,
        length: 100,
    };
    let one = found(&blocks, 1, Simd::Portable);
    assert_eq!(one.best.trial.len(), 12_870);
    for threads in [1, 2, 7, 300] {
        let other = found(&blocks, threads, Simd::Auto);
        assert_eq!(bits(&one), bits(&other), "{threads} threads");
    }
    #[cfg(target_arch = "x86_64")]
    if let Some(v3) = pulp::x86::V3::try_new() {
        let halves = super::Halves::of(16);
        let work = super::Race {
            blocks: &blocks,
            halves: &halves,
            from: 0,
            to: 203,
        };
        let other = v3.vectorize(
            #[inline(always)]
            move || super::Work::with(work, v3),
        );
        assert_eq!(other.trial, one.best.trial);
        assert_eq!(other.score, one.best.score);
        let work = super::Count {
            blocks: &blocks,
            halves: &halves,
            against: &one.best.other.iter().rev().copied().collect::<Vec<_>>(),
            from: 0,
            to: 203,
        };
        let counts = v3.vectorize(
            #[inline(always)]
            move || super::Work::with(work, v3),
        );
        let equal: Vec<u32> = counts.iter().rev().map(|counts| counts[2]).collect();
        let below: Vec<u32> = counts.iter().rev().map(|counts| counts[1]).collect();
        assert_eq!((below, equal), (one.standing.below, one.standing.equal));
    }
}

#[test]
fn malformed_blocks_are_refused() {
    let numbers = [1.0; 6];
    let refused = |blocks, length, squares: &[f64]| {
        let given = Blocks {
            sums: &numbers,
            squares,
            blocks,
            length,
        };
        best(&given, 1, Simd::Auto).unwrap_err().to_string()
    };
    for blocks in [0, 3, 26] {
        assert_eq!(
            refused(blocks, 1, &numbers),
            format!("{blocks} blocks of time, expected an even number from 2 to 24")
        );
    }
    for (blocks, length, squares) in [
        (4, 1, &numbers[..]),
        (2, 0, &numbers),
        (2, 1, &numbers[..2]),
    ] {
        assert!(refused(blocks, length, squares).starts_with("6 sums and "));
    }
    let blocks = Blocks {
        sums: &numbers,
        squares: &numbers,
        blocks: 2,
        length: 1,
    };
    assert_eq!(
        standing(&blocks, &[0.0; 3], 1, Simd::Auto)
            .unwrap_err()
            .to_string(),
        "3 scores are given for 2 halves of 2 blocks"
    );
}

proptest! {
    #[test]
    fn as_the_definition_says(
        (blocks, returns) in (1..=4_usize, 1..=3_usize, 1..=20_usize).prop_flat_map(
            |(half, length, trials)| {
                let rows = proptest::collection::vec(-3..=3_i32, 2 * half * length);
                (Just(2 * half), proptest::collection::vec(rows, trials))
            },
        ),
        threads in 1..=3_usize,
    ) {
        let whole = Whole::new(&returns, blocks);
        let found = found(&whole.blocks(), threads, Simd::Auto);
        prop_assert_eq!(rows(&found), by_definition(&returns, blocks));
    }
}
