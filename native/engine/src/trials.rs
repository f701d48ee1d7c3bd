//! A graph evaluated for many sets of parameters: series are shared by trials with equal values.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::error::{EngineError, Result};
use crate::evaluate::{
    Kernel, Number, Place, Series, Steps, Stored, Sweep, View, check_settings, check_settings_of,
    scalars,
};
use crate::graph::{Graph, Op};
use crate::signals::{Signals, signals_of};

/// Most bytes of shared series that a call keeps.
const SHARED_BYTES: usize = 192 << 20;

/// Bars a tile of a trial's own nodes, for the first cache.
const TILE: usize = 1 << 12;

/// Checks that `values` are rows of the graph's parameters.
///
/// # Errors
/// A last row that is not whole.
pub(crate) fn check_rows(graph: &Graph, values: &[f64]) -> Result<()> {
    let width = graph.parameters.len();
    if values.len() == rows(graph, values) * width {
        Ok(())
    } else {
        Err(EngineError::Config(format!(
            "{} parameter values do not make rows of {width}",
            values.len()
        )))
    }
}

/// A graph without parameters has one row.
fn rows(graph: &Graph, values: &[f64]) -> usize {
    values
        .len()
        .checked_div(graph.parameters.len())
        .unwrap_or(1)
}

/// The trials of a call and the series they share.
pub(crate) struct Trials<'p, 'a> {
    place: Place<'p, 'a>,
    values: &'p [f64],
    shared: Vec<Option<SharedNode>>,
}

/// A thread's buffers.
pub(crate) struct Scratch {
    sweep: Sweep,
    flags: Vec<u8>,
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

/// A node whose values several trials read, one series a group; empty where a setting is refused.
struct SharedNode {
    groups: Arc<Groups>,
    series: Vec<Series>,
}

impl<'p, 'a> Trials<'p, 'a> {
    /// Evaluates what is worth sharing, on rayon's threads; `values` hold a row a trial.
    pub fn new(place: Place<'p, 'a>, values: &'p [f64]) -> Self {
        let Place { graph, inputs, .. } = place;
        let width = graph.parameters.len();
        let trials = rows(graph, values);
        let depends = dependencies(graph);
        let mut groupings: HashMap<&[usize], Arc<Groups>> = HashMap::new();
        let mut known = Self {
            place,
            values,
            shared: Vec::with_capacity(graph.nodes.len()),
        };
        let mut bytes = 0;
        for (index, node) in graph.nodes.iter().enumerate() {
            if node.scalar || inputs.node(index).is_some() {
                known.shared.push(None);
                continue;
            }
            let groups =
                Arc::clone(groupings.entry(&depends[index]).or_insert_with(|| {
                    Arc::new(Groups::new(&depends[index], values, width, trials))
                }));
            let distinct = groups.first.len();
            let cell = if node.boolean { 1 } else { size_of::<f64>() };
            let size = inputs.len(node.context) * distinct * cell;
            let worth_it = distinct == 1 || distinct * 2 <= trials;
            let arguments_known = node.args.iter().all(|&arg| {
                graph.nodes[arg].scalar || inputs.node(arg).is_some() || known.shared[arg].is_some()
            });
            if !(worth_it && arguments_known && bytes + size <= SHARED_BYTES) {
                known.shared.push(None);
                continue;
            }
            bytes += size;
            let series = groups
                .first
                .par_iter()
                .map(|&trial| known.evaluate(trial, index))
                .collect();
            known.shared.push(Some(SharedNode { groups, series }));
        }
        known
    }

    /// How many trials there are.
    pub fn len(&self) -> usize {
        rows(self.place.graph, self.values)
    }

    /// Buffers for a thread.
    pub fn scratch(&self) -> Scratch {
        let Place { graph, inputs, .. } = self.place;
        let own = |node: usize| {
            let elsewhere = graph.nodes[node].scalar || inputs.node(node).is_some();
            !elsewhere && self.shared[node].is_none()
        };
        Scratch {
            sweep: Sweep::new(graph, own),
            flags: vec![0; inputs.len(0)],
        }
    }

    /// What a trial's strategy wants at each bar.
    ///
    /// # Errors
    /// A window, another setting or a time stop that the graph refuses.
    pub fn signals<'s>(&'s self, scratch: &'s mut Scratch, trial: usize) -> Result<Signals<'s>> {
        let scalars = self.scalars(trial);
        check_settings(self.place.graph, self.place.inputs, &scalars)?;
        let given = |node: usize| self.stored(&scalars, trial, node);
        let steps = Steps {
            tile: TILE,
            parallel: false,
        };
        let Scratch { sweep, flags } = scratch;
        sweep.run(self.place, steps, &scalars, given, flags, None)?;
        signals_of(self.place.graph, |node| sweep.view(node, given), flags)
    }

    fn scalars(&self, trial: usize) -> Vec<f64> {
        let width = self.place.graph.parameters.len();
        let params = &self.values[trial * width..(trial + 1) * width];
        scalars(self.place.graph, params)
    }

    /// A node over all bars; empty where it or an argument is refused, which its trials report.
    fn evaluate(&self, trial: usize, index: usize) -> Series {
        let Place { graph, inputs, .. } = self.place;
        let node = &graph.nodes[index];
        let scalars = self.scalars(trial);
        let refused = |arg: &usize| {
            let shared = self.shared[*arg].as_ref();
            shared.is_some_and(|shared| matches!(shared.of(trial), Series::Empty))
        };
        let mut out = Series::Empty;
        if check_settings_of(graph, inputs, &scalars, index).is_ok()
            && !node.args.iter().any(refused)
        {
            let bars = inputs.len(node.context);
            out.resize(node.boolean, bars);
            let read = |arg: usize| self.stored(&scalars, trial, arg);
            Kernel::new(self.place, &scalars, index).advance(
                self.place,
                index,
                &(0..bars),
                &read,
                &mut out,
                0..bars,
            );
        }
        out
    }

    /// The values of a node that a trial does not evaluate for itself.
    fn stored(&self, scalars: &[f64], trial: usize, node: usize) -> Stored<'_> {
        match (self.place.inputs.node(node), &self.shared[node]) {
            (Some(values), _) => Stored::whole(View::Number(Number::Series(values))),
            (None, Some(shared)) => Stored::whole(shared.of(trial).view()),
            (None, None) => Stored::scalar(scalars[node]),
        }
    }
}

impl SharedNode {
    fn of(&self, trial: usize) -> &Series {
        &self.series[self.groups.of_trial[trial] as usize]
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
