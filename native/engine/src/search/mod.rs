//! Many parameter sets over one set of bars: shared series are evaluated once per distinct value.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::config::Settings;
use crate::error::{EngineError, Result};
use crate::evaluate::{Inputs, Place};
use crate::market::Market;
use crate::run::{Task, check_period};
use crate::tally::{BLOCK_COLUMNS, BLOCKS};
use crate::trials::{Plan, Rows, SHARED_BYTES, Trials, check_rows};
use crate::watch::Watch;

mod found;
mod parts;
mod worker;

pub use found::Found;
use worker::Search;

/// Numbers of a trial's block moments.
pub const BLOCK_NUMBERS: usize = (BLOCKS + 1) * BLOCK_COLUMNS;

/// Trials that a thread takes at a time: neighbours, which read the same series.
const TAKEN: usize = 16;

/// What is searched.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// A row a trial, in the order of `graph.parameters`.
    pub values: &'a [f64],
    /// How many rows that is: a graph may have no parameters.
    pub trials: usize,
    /// Accounts, at least one.
    pub settings: &'a [Settings],
    /// Which of them each trial has; the first where it is empty.
    pub setting: &'a [u32],
    /// Whether block moments are kept.
    pub blocks: bool,
    /// Worker threads; results do not depend on it.
    pub threads: usize,
}

/// Evaluates every row.
///
/// A trial whose parameters the graph refuses (a window longer than the bars) is marked and leaves
/// the others untouched. `watch` is asked between trials, with the number done.
///
/// # Errors
/// A missing column, a malformed period, rows of the wrong length, a setting that is not there; the
/// watch said to stop.
pub fn search(task: &Task<'_>, request: &Request<'_>, watch: Option<Watch<'_>>) -> Result<Found> {
    search_within(task, request, watch, SHARED_BYTES)
}

fn search_within(
    task: &Task<'_>,
    request: &Request<'_>,
    watch: Option<Watch<'_>>,
    most_bytes: usize,
) -> Result<Found> {
    let Task {
        bars,
        graph,
        headline,
        simd,
        ..
    } = *task;
    for settings in request.settings {
        check_period(bars, settings.start, headline)?;
    }
    check_rows(graph, request.values, request.trials)?;
    check_setting(request)?;
    let inputs = Inputs::new(graph, bars)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(request.threads.min(request.trials.div_ceil(TAKEN)).max(1))
        .build()
        .map_err(|error| EngineError::Config(format!("threads: {error}")))?;
    let place = Place {
        graph,
        inputs: &inputs,
        simd,
    };
    let mut all = Rows::new(graph, request.values, request.trials);
    let (market, plan) = pool.install(|| {
        rayon::join(
            || Market::shared(bars, headline, simd),
            || Plan::new(graph, &inputs, &mut all),
        )
    });
    let known = (place, &market, &plan);
    let done = AtomicUsize::new(0);
    let tell = |trials: usize| {
        let before = done.fetch_add(trials, Ordering::Relaxed);
        watch.map_or(Ok(()), |watch| watch(before))
    };
    let Some(parts) = parts::parts(place, &plan, &mut all, most_bytes) else {
        return pool.install(|| part(task, request, known, &mut all, &tell));
    };
    let width = graph.parameters.len();
    let mut found = Found::room(request);
    for rows in parts {
        let row = |&trial: &usize| &request.values[trial * width..(trial + 1) * width];
        let values = rows.iter().flat_map(row).copied().collect::<Vec<f64>>();
        let setting: Vec<u32> = match request.setting {
            [] => Vec::new(),
            named => rows.iter().map(|&trial| named[trial]).collect(),
        };
        let own = Request {
            values: &values,
            trials: rows.len(),
            setting: &setting,
            ..*request
        };
        found.take(
            &pool.install(|| {
                part(
                    task,
                    &own,
                    known,
                    &mut Rows::new(graph, &values, rows.len()),
                    &tell,
                )
            })?,
            &rows,
        );
    }
    Ok(found)
}

/// Evaluates rows whose shared series are kept together, on the threads of the pool around it.
fn part<'p, 'v: 'p>(
    task: &Task<'_>,
    request: &Request<'_>,
    (place, market, plan): (Place<'p, 'p>, &'p Market<'p>, &Plan),
    rows: &mut Rows<'v>,
    tell: &(impl Fn(usize) -> Result<()> + Sync),
) -> Result<Found> {
    let mut found = Found::room(request);
    let trials = Trials::new(place, rows, plan);
    let search = Search::new(task, request, market, &trials);
    let mut slots = found.slots();
    if let Some(order) = trials.order() {
        slots.sort_by_cached_key(|slot| order[slot.trial]);
    }
    // trials differ in their work by far: whoever is done takes the next ones
    let takes = slots.chunks_mut(TAKEN).par_bridge();
    takes.try_for_each_init(
        || trials.scratch(),
        |scratch, slots| {
            search.group(scratch, slots);
            tell(slots.len())
        },
    )?;
    drop(slots);
    found.first_error = search.into_first_error();
    Ok(found)
}

fn check_setting(request: &Request<'_>) -> Result<()> {
    let known = request.settings.len();
    if known == 0 {
        return Err(EngineError::Config("no settings to search with".to_owned()));
    }
    if !request.setting.is_empty() && request.setting.len() != request.trials {
        return Err(EngineError::Config(format!(
            "{} settings are named for {} trials",
            request.setting.len(),
            request.trials
        )));
    }
    match request
        .setting
        .iter()
        .find(|&&index| index as usize >= known)
    {
        Some(wrong) => Err(EngineError::Config(format!(
            "setting {wrong} is named, there are {known}"
        ))),
        None => Ok(()),
    }
}
