//! Which trial is best in one half of time, and where it stands in the other: combinatorially
//! symmetric cross-validation from block sums.
//!
//! D. H. Bailey, J. M. Borwein, M. López de Prado, Q. J. Zhu, "The probability of backtest
//! overfitting", Journal of Computational Finance 20 (2017).
//!
//! Over n returns with the sums s = Σr and q = Σr² the Sharpe ratio with `ddof` 1 is
//!
//! ```text
//! SR = √((n − 1)/n) · u/√(1 − u²),   u = s/√(n·q),   −1 ≤ u ≤ 1,
//! ```
//!
//! which grows with u, and so with the *score* s·|s|/q = n·u·|u|: trials are ordered by that, without
//! a root and without the difference q − s²/n, whose digits cancel. Trials with the same block sums
//! have the same score to the bit, so they tie here as they tie by the definition.
//!
//! Returns that do not vary have no Sharpe ratio: there u² = 1, or q = 0. Told by
//! 1 − u² ≤ [`SPREAD`], which rounding of the sums does not reach from above.

use rayon::prelude::*;

use crate::error::{EngineError, Result};
use crate::evaluate::Simd;

mod halves;
mod lanes;

use halves::{Halves, Tables, limit, score};
use lanes::{EIGHT, Lanes, Work, run};

/// A standard deviation of less than 10⁻⁵ of the root mean square counts as none: 1 − u² ≤ 10⁻¹⁰.
pub const SPREAD: f64 = 1e-10;

/// The most blocks of time: 2,704,156 halves.
pub const MOST_BLOCKS: usize = 24;

/// What stands for no trial.
pub const NOBODY: u32 = u32::MAX;

/// Sums of returns over blocks of time, trial by trial, oldest block first.
#[derive(Debug, Clone, Copy)]
pub struct Blocks<'a> {
    /// Σr: `blocks` numbers a trial.
    pub sums: &'a [f64],
    /// Σr²: as many.
    pub squares: &'a [f64],
    /// Blocks of time: even.
    pub blocks: usize,
    /// Returns in each block.
    pub length: usize,
}

impl Blocks<'_> {
    /// How many trials there are.
    #[must_use]
    pub fn trials(&self) -> usize {
        self.sums.len() / self.blocks
    }

    fn check(&self) -> Result<()> {
        let Self {
            sums,
            squares,
            blocks,
            length,
        } = *self;
        let refused = |why: String| Err(EngineError::Config(why));
        if !(2..=MOST_BLOCKS).contains(&blocks) || blocks % 2 == 1 {
            return refused(format!(
                "{blocks} blocks of time, expected an even number from 2 to {MOST_BLOCKS}"
            ));
        }
        if length == 0 || sums.len() % blocks != 0 || squares.len() != sums.len() {
            return refused(format!(
                "{} sums and {} sums of squares of blocks of {length} returns, expected {blocks} \
                 of each for every trial",
                sums.len(),
                squares.len()
            ));
        }
        if self.trials() >= NOBODY as usize {
            return refused(format!("{} trials at once are too many", self.trials()));
        }
        Ok(())
    }
}

/// The best trial of each half of the blocks; halves in ascending order of their masks.
#[derive(Debug, Clone, PartialEq)]
pub struct Best {
    /// Its number, the lowest of those that are equally good; [`NOBODY`] where none has a score.
    pub trial: Vec<u32>,
    /// Its score there; less than that of any trial where there is none.
    pub score: Vec<f64>,
    /// Its score in the other half; NaN where it has none.
    pub other: Vec<f64>,
}

/// Trials with a score in a half, by how it compares with a given one.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// That have a score.
    pub scored: Vec<u32>,
    /// Whose score is less than the given one.
    pub below: Vec<u32>,
    /// Whose score is the given one.
    pub equal: Vec<u32>,
}

/// Finds the best trial of each half.
///
/// # Errors
/// The blocks are malformed, or the threads can't be had.
pub fn best(blocks: &Blocks<'_>, threads: usize, simd: Simd) -> Result<Best> {
    blocks.check()?;
    let halves = Halves::of(blocks.blocks);
    let parts = each_part(blocks, threads, simd, |from, to| Race {
        blocks,
        halves: &halves,
        from,
        to,
    })?;
    let none = Leaders::none(halves.count(), limit(blocks));
    let Leaders {
        trial,
        score: first,
    } = parts.into_iter().fold(none, Leaders::joined);
    let full = (1 << blocks.blocks) - 1;
    let masks = halves.masks().map(|mask| full ^ mask);
    let most = limit(blocks);
    let other = trial.iter().zip(masks).map(|(&trial, mask)| {
        if trial == NOBODY {
            return f64::NAN;
        }
        let found = score(blocks, trial as usize, mask);
        if found.abs() < most { found } else { f64::NAN }
    });
    let other = other.collect();
    Ok(Best {
        trial,
        score: first,
        other,
    })
}

/// Counts, for each half, how the trials' scores in the *other* half compare with `against`.
///
/// # Errors
/// The blocks are malformed, there is not one number for each half, or the threads can't be had.
pub fn standing(
    blocks: &Blocks<'_>,
    against: &[f64],
    threads: usize,
    simd: Simd,
) -> Result<Standing> {
    blocks.check()?;
    let halves = Halves::of(blocks.blocks);
    let count = halves.count();
    if against.len() != count {
        return Err(EngineError::Config(format!(
            "{} scores are given for {count} halves of {} blocks",
            against.len(),
            blocks.blocks
        )));
    }
    // the half that is left out of one stands at its place from the end
    let against: Vec<f64> = against.iter().rev().copied().collect();
    let parts = each_part(blocks, threads, simd, |from, to| Count {
        blocks,
        halves: &halves,
        against: &against,
        from,
        to,
    })?;
    let mut all = vec![[0; 3]; count];
    for part in parts {
        for (all, part) in all.iter_mut().zip(part) {
            for (all, part) in all.iter_mut().zip(part) {
                *all += part;
            }
        }
    }
    let column = |place: usize| all.iter().rev().map(|counts| counts[place]).collect();
    Ok(Standing {
        scored: column(0),
        below: column(1),
        equal: column(2),
    })
}

/// Does a piece of work for each thread, and returns what they gave in the order of the trials.
fn each_part<W: Work<Output: Send>>(
    blocks: &Blocks<'_>,
    threads: usize,
    simd: Simd,
    work: impl Fn(usize, usize) -> W + Sync,
) -> Result<Vec<W::Output>> {
    let trials = blocks.trials();
    let threads = threads.min(trials.div_ceil(EIGHT)).max(1);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| EngineError::Config(format!("threads: {error}")))?;
    let each = trials.div_ceil(threads).next_multiple_of(EIGHT);
    Ok(pool.install(|| {
        (0..threads)
            .into_par_iter()
            .map(|part| {
                let from = (part * each).min(trials);
                run(simd, work(from, (from + each).min(trials)))
            })
            .collect()
    }))
}

/// Who leads in each half.
struct Leaders {
    trial: Vec<u32>,
    score: Vec<f64>,
}

impl Leaders {
    fn none(halves: usize, limit: f64) -> Self {
        Self {
            trial: vec![NOBODY; halves],
            score: vec![-limit; halves],
        }
    }

    /// Those of earlier trials and of later ones together: the earlier stay where they are equal.
    fn joined(mut self, later: Self) -> Self {
        let leading = self.trial.iter_mut().zip(&mut self.score);
        for ((trial, score), (other, found)) in leading.zip(later.trial.iter().zip(later.score)) {
            if found > *score {
                (*trial, *score) = (*other, found);
            }
        }
        self
    }
}

/// Finds the leaders among some trials.
struct Race<'a> {
    blocks: &'a Blocks<'a>,
    halves: &'a Halves,
    from: usize,
    to: usize,
}

impl Work for Race<'_> {
    type Output = Leaders;

    #[allow(
        clippy::inline_always,
        reason = "what is not inlined is compiled for the portable instructions"
    )]
    #[inline(always)]
    fn with(self, lanes: impl Lanes) -> Leaders {
        let most = limit(self.blocks);
        let top = lanes.all(most);
        let mut found = Leaders::none(self.halves.count(), most);
        let (leading, who) = (&mut found.score[..], &mut found.trial[..]);
        let mut tables = Tables::for_blocks(self.blocks.blocks);
        for first in (self.from..self.to).step_by(EIGHT) {
            tables.fill(self.blocks, first);
            tables.scores(
                lanes,
                self.halves,
                #[inline(always)]
                |half, scores| {
                    let better = lanes.less(lanes.all(leading[half]), scores);
                    let better = better & lanes.less(scores, top);
                    if better != 0 {
                        for (lane, score) in lanes.array(scores).into_iter().enumerate() {
                            if better >> lane & 1 == 1 && score > leading[half] {
                                leading[half] = score;
                                who[half] = (first + lane) as u32;
                            }
                        }
                    }
                },
            );
        }
        found
    }
}

/// Counts some trials by how they compare, half by half: with a score, below, equal.
struct Count<'a> {
    blocks: &'a Blocks<'a>,
    halves: &'a Halves,
    against: &'a [f64],
    from: usize,
    to: usize,
}

impl Work for Count<'_> {
    type Output = Vec<[u32; 3]>;

    #[allow(
        clippy::inline_always,
        reason = "what is not inlined is compiled for the portable instructions"
    )]
    #[inline(always)]
    fn with(self, lanes: impl Lanes) -> Vec<[u32; 3]> {
        let top = lanes.all(limit(self.blocks));
        let mut counts = vec![[0; 3]; self.against.len()];
        let (counted, against) = (&mut counts[..], self.against);
        let mut tables = Tables::for_blocks(self.blocks.blocks);
        for first in (self.from..self.to).step_by(EIGHT) {
            tables.fill(self.blocks, first);
            tables.scores(
                lanes,
                self.halves,
                #[inline(always)]
                |half, scores| {
                    let mark = lanes.all(against[half]);
                    let scored = lanes.less(lanes.size(scores), top);
                    let below = scored & lanes.less(scores, mark);
                    let equal = scored & lanes.equal(scores, mark);
                    let [all, less, same] = &mut counted[half];
                    *all += scored.count_ones();
                    *less += below.count_ones();
                    *same += equal.count_ones();
                },
            );
        }
        counts
    }
}

#[cfg(test)]
mod tests;
