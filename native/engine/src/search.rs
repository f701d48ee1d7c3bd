//! Many parameter sets over one set of bars: shared series are evaluated once per distinct value.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::bars::Bars;
use crate::error::{EngineError, Result};
use crate::evaluate::{Number, Series, View, columns, evaluate};
use crate::graph::{Graph, Op};
use crate::metrics::{Calendar, METRICS, metrics};
use crate::run::check_period;
use crate::signals::{Signals, level, write_flags};
use crate::simulate::{Account, Blind, simulate};
use crate::tally::{BLOCKS, Block, HeadlinePlan};

/// Most bytes of shared series that a call keeps.
const SHARED_BYTES: usize = 192 << 20;

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
    bars: &Bars<'_>,
    graph: &Graph,
    values: &[f64],
    account: &Account,
    headline: &[usize],
    calendar: Calendar,
    threads: usize,
) -> Result<Vec<Result<Trial>>> {
    check_period(bars, account.start, headline)?;
    let columns = columns(graph, bars)?;
    let width = graph.parameters.len();
    let trials = values.len().checked_div(width).unwrap_or(1);
    if trials * width != values.len() {
        return Err(EngineError::Config(format!(
            "{} parameter values do not make rows of {width}",
            values.len()
        )));
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| EngineError::Config(format!("threads: {error}")))?;
    let plan = HeadlinePlan::new(headline);
    pool.install(|| {
        let shared = Shared::new(bars, graph, &columns, values, trials);
        let one = |scratch: &mut Scratch, trial: usize| -> Result<Trial> {
            let params = &values[trial * width..(trial + 1) * width];
            shared.fill(bars, graph, &columns, params, trial, scratch)?;
            let Scratch { series, flags } = scratch;
            let view = |node: usize| shared.view(&columns, series, trial, node);
            write_flags(graph, view, flags);
            let signals = Signals {
                flags,
                stop: level(graph.stop_loss, view),
                target: level(graph.take_profit, view),
            };
            let outcome = simulate(bars, &signals, account, &plan, &mut Blind);
            Ok(Trial {
                values: metrics(&outcome, account.cash, plan.returns(), calendar),
                blocks: outcome.tally.blocks,
                behaviour: outcome.tally.behaviour,
            })
        };
        Ok((0..trials)
            .into_par_iter()
            .map_init(|| Scratch::new(graph.nodes.len(), bars.len()), one)
            .collect())
    })
}

/// A thread's buffers.
struct Scratch {
    series: Vec<Series>,
    flags: Vec<u8>,
}

impl Scratch {
    fn new(nodes: usize, bars: usize) -> Self {
        Self {
            series: vec![Series::Empty; nodes],
            flags: vec![0; bars],
        }
    }
}

/// Trials grouped by the values of the parameters that a node depends on.
struct Groups {
    /// For each trial, its group.
    of_trial: Vec<u32>,
    /// The first trial of each group.
    first: Vec<usize>,
}

impl Groups {
    fn new(depends: &[usize], values: &[f64], width: usize, trials: usize) -> Self {
        let mut known: HashMap<Vec<u64>, u32> = HashMap::new();
        let mut first = Vec::new();
        let of_trial = (0..trials)
            .map(|trial| {
                let key: Vec<u64> = depends
                    .iter()
                    .map(|&parameter| values[trial * width + parameter].to_bits())
                    .collect();
                *known.entry(key).or_insert_with(|| {
                    first.push(trial);
                    (first.len() - 1) as u32
                })
            })
            .collect();
        Self { of_trial, first }
    }
}

/// A node whose values several trials read, one series a group.
struct SharedNode {
    groups: Arc<Groups>,
    series: Vec<Result<Series>>,
}

/// The shared nodes of a call; the others are evaluated for each trial.
struct Shared {
    nodes: Vec<Option<SharedNode>>,
}

impl Shared {
    fn new(
        bars: &Bars<'_>,
        graph: &Graph,
        columns: &[Option<&[f64]>],
        values: &[f64],
        trials: usize,
    ) -> Self {
        let width = graph.parameters.len();
        let depends = dependencies(graph);
        let mut groupings: HashMap<&[usize], Arc<Groups>> = HashMap::new();
        let mut shared = Self {
            nodes: Vec::with_capacity(graph.nodes.len()),
        };
        let mut bytes = 0;
        for (index, node) in graph.nodes.iter().enumerate() {
            if columns[index].is_some() {
                shared.nodes.push(None);
                continue;
            }
            let groups =
                Arc::clone(groupings.entry(&depends[index]).or_insert_with(|| {
                    Arc::new(Groups::new(&depends[index], values, width, trials))
                }));
            let distinct = groups.first.len();
            let size = match (node.scalar, node.boolean) {
                (true, _) => 0,
                (false, true) => bars.len() * distinct,
                (false, false) => bars.len() * distinct * size_of::<f64>(),
            };
            let worth_it = distinct == 1 || distinct * 2 <= trials;
            let arguments_shared = node
                .args
                .iter()
                .all(|&arg| columns[arg].is_some() || shared.nodes[arg].is_some());
            if !(worth_it && arguments_shared && bytes + size <= SHARED_BYTES) {
                shared.nodes.push(None);
                continue;
            }
            bytes += size;
            let series = groups
                .first
                .par_iter()
                .map(|&trial| {
                    shared.arguments(node.args.iter().copied(), trial)?;
                    let params = &values[trial * width..(trial + 1) * width];
                    let view = |arg: usize| shared.view(columns, &[], trial, arg);
                    let mut out = Series::Empty;
                    evaluate(graph, index, bars, params, view, &mut out)?;
                    Ok(out)
                })
                .collect();
            shared.nodes.push(Some(SharedNode { groups, series }));
        }
        shared
    }

    /// Passes on the error of a shared argument.
    fn arguments(&self, mut args: impl Iterator<Item = usize>, trial: usize) -> Result<()> {
        args.try_for_each(|arg| match &self.nodes[arg] {
            Some(node) => match &node.series[node.groups.of_trial[trial] as usize] {
                Ok(_) => Ok(()),
                Err(error) => Err(error.clone()),
            },
            None => Ok(()),
        })
    }

    /// Evaluates the nodes that are not shared.
    fn fill(
        &self,
        bars: &Bars<'_>,
        graph: &Graph,
        columns: &[Option<&[f64]>],
        params: &[f64],
        trial: usize,
        scratch: &mut Scratch,
    ) -> Result<()> {
        self.arguments(0..graph.nodes.len(), trial)?;
        for index in 0..graph.nodes.len() {
            if columns[index].is_none() && self.nodes[index].is_none() {
                let mut out = std::mem::take(&mut scratch.series[index]);
                let view = |arg: usize| self.view(columns, &scratch.series, trial, arg);
                let evaluated = evaluate(graph, index, bars, params, view, &mut out);
                scratch.series[index] = out;
                evaluated?;
            }
        }
        Ok(())
    }

    fn view<'v>(
        &'v self,
        columns: &'v [Option<&[f64]>],
        own: &'v [Series],
        trial: usize,
        node: usize,
    ) -> View<'v> {
        if let Some(values) = columns[node] {
            return View::Number(Number::Series(values));
        }
        let series = match &self.nodes[node] {
            Some(shared) => match &shared.series[shared.groups.of_trial[trial] as usize] {
                Ok(series) => series,
                Err(_) => {
                    unreachable!("errors of shared nodes are passed on before values are read")
                }
            },
            None => &own[node],
        };
        series.view()
    }
}

/// For each node, the sorted parameters that it depends on.
fn dependencies(graph: &Graph) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let mut own: Vec<usize> = match node.op {
            Op::Parameter(parameter) => vec![parameter],
            _ => node.args.iter().flat_map(|&arg| all[arg].clone()).collect(),
        };
        own.sort_unstable();
        own.dedup();
        all.push(own);
    }
    all
}
