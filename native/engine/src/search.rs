//! Many parameter sets over one set of bars: shared series are evaluated once per distinct value.

use rayon::prelude::*;

use crate::config::Settings;
use crate::error::{EngineError, Result};
use crate::evaluate::{Inputs, Place};
use crate::metrics::{METRICS, metrics};
use crate::observe::Blind;
use crate::run::{Task, check_period};
use crate::simulate::simulate;
use crate::tally::{BLOCKS, Block, HeadlinePlan};
use crate::trials::{Scratch, Trials, check_rows};

/// One trial's results.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Metrics, in the order of [`crate::metrics::NAMES`]; NaN where undefined.
    pub values: [f64; METRICS],
    /// Block moments.
    pub blocks: [Block; BLOCKS + 1],
    /// Hash of what was done.
    pub behaviour: u64,
}

/// Evaluates every row of `values`, `parameters` numbers a row in the order of `graph.parameters`.
///
/// A trial whose parameters the graph refuses (a window longer than the bars) is an error of its
/// own and leaves the others untouched. Results do not depend on `threads`.
///
/// # Errors
/// A missing column, a malformed period, or rows of the wrong length.
pub fn search(
    task: &Task<'_>,
    values: &[f64],
    settings: &Settings,
    threads: usize,
) -> Result<Vec<Result<Trial>>> {
    let Task {
        bars,
        graph,
        headline,
        ..
    } = *task;
    check_period(bars, settings.start, headline)?;
    let inputs = Inputs::new(graph, bars)?;
    check_rows(graph, values)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| EngineError::Config(format!("threads: {error}")))?;
    let plan = HeadlinePlan::new(headline);
    pool.install(|| {
        let place = Place {
            graph,
            inputs: &inputs,
            simd: task.simd,
        };
        let trials = Trials::new(place, values);
        let one = |scratch: &mut Scratch, trial: usize| -> Result<Trial> {
            let signals = trials.signals(scratch, trial)?;
            let outcome = simulate(bars, &signals, settings, &plan, &mut Blind, None)?;
            Ok(Trial {
                values: metrics(&outcome, settings.cash, plan.returns(), task.calendar),
                blocks: outcome.tally.blocks,
                behaviour: outcome.tally.behaviour,
            })
        };
        Ok((0..trials.len())
            .into_par_iter()
            .map_init(|| trials.scratch(), one)
            .collect())
    })
}
