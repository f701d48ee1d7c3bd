//! A graph evaluated for many sets of parameters: series are shared by trials with equal values.

use std::sync::Arc;

use rayon::prelude::*;

use crate::error::{EngineError, Result};
use crate::evaluate::{
    Conditions, Kernel, Number, Place, Planes, Program, Slots, Steps, Stored, Sweep, View,
    check_settings, check_settings_of, scalars,
};
use crate::flags::Flags;
use crate::graph::{Graph, Op};
use crate::signals::{Signals, signals_of};

mod ranks;
mod shared;

pub(crate) use ranks::Plan;
use ranks::Ranks;
use shared::{Family, Pieces, SharedNode, family_of};
pub(crate) use shared::{Groups, Rows};

/// Most bytes of shared series that a call keeps.
pub(crate) const SHARED_BYTES: usize = 96 << 20;

/// Bytes of shared series that the second cache holds with what else is read.
const CACHE_BYTES: usize = 1 << 19;

/// Bars a tile of a trial's own nodes, for the first cache.
const TILE: usize = 1 << 12;

/// Checks that `values` are so many rows of the graph's parameters.
///
/// # Errors
/// Too few numbers or too many.
pub(crate) fn check_rows(graph: &Graph, values: &[f64], trials: usize) -> Result<()> {
    let width = graph.parameters.len();
    if values.len() == trials * width {
        Ok(())
    } else {
        Err(EngineError::Config(format!(
            "{} parameter values do not make {trials} rows of {width}",
            values.len()
        )))
    }
}

/// The trials of a call and the series they share.
pub(crate) struct Trials<'p, 'a> {
    place: Place<'p, 'a>,
    values: &'p [f64],
    #[cfg(test)]
    count: usize,
    program: Program,
    shared: Vec<Option<SharedNode>>,
    ranks: Ranks,
}

/// A thread's buffers.
pub(crate) struct Scratch {
    sweep: Sweep,
    planes: Planes,
    flags: Flags,
}

impl<'p, 'a> Trials<'p, 'a> {
    /// Evaluates what is worth sharing, on rayon's threads; `plan` says what is worth ranking.
    pub fn new<'v: 'p>(place: Place<'p, 'a>, rows: &mut Rows<'v>, plan: &Plan) -> Self {
        Self::planned(place, rows, plan).unwrap_or_else(|| {
            let none = Plan::none(place.graph);
            let known = Self::planned(place, rows, &none);
            known.unwrap_or_else(|| unreachable!("without ranks nothing hinders"))
        })
    }

    /// As [`Self::new`]; nothing where what should be ranked can't be.
    fn planned<'v: 'p>(place: Place<'p, 'a>, rows: &mut Rows<'v>, plan: &Plan) -> Option<Self> {
        let Place { graph, inputs, .. } = place;
        let depends = dependencies(graph);
        let mut known = Self {
            place,
            values: rows.values,
            #[cfg(test)]
            count: rows.count,
            program: Program::new(graph),
            shared: Vec::with_capacity(graph.nodes.len()),
            ranks: Ranks::default(),
        };
        let mut families: Vec<Family> = Vec::new();
        let mut bytes = 0;
        for (index, node) in graph.nodes.iter().enumerate() {
            let elsewhere = node.scalar || inputs.node(index).is_some();
            if elsewhere || known.program.evaluates(index) || plan.is_leaf(index) {
                known.shared.push(None);
                continue;
            }
            let groups = rows.groups(&depends[index]);
            let distinct = groups.first.len();
            let cell = if node.boolean { 1 } else { size_of::<f64>() };
            let size = inputs.len(node.context) * distinct * cell;
            let worth_it = distinct == 1 || distinct * 2 <= rows.count;
            let arguments_known = node.args.iter().all(|&arg| {
                graph.nodes[arg].scalar || inputs.node(arg).is_some() || known.shared[arg].is_some()
            });
            if !(worth_it && arguments_known && bytes + size <= SHARED_BYTES) {
                known.shared.push(None);
                continue;
            }
            let family = family_of(graph, &depends, index, &mut families);
            let node = known.share(index, groups, family.zip(depends[index].first().copied()));
            bytes += node.bytes();
            known.shared.push(Some(node));
        }
        let room = SHARED_BYTES - bytes.min(SHARED_BYTES);
        known.ranks = Ranks::new(&known, plan, &depends, rows, room)?;
        Some(known)
    }

    /// A key by which trials are sorted so that neighbours read the same series, whichever parameters
    /// they depend on (Morton's order); nothing where all series fit into the second cache.
    pub fn order(&self) -> Option<impl Fn(usize) -> u64 + '_> {
        let mut groups: Vec<&Groups> = Vec::new();
        let shared = || self.shared.iter().flatten();
        for of_node in shared()
            .map(|shared| &*shared.groups)
            .chain(self.ranks.groups())
        {
            let known = |&one: &&Groups| std::ptr::eq(one, of_node);
            if of_node.first.len() > 1 && !groups.iter().any(known) {
                groups.push(of_node);
            }
        }
        let bytes: usize = shared().map(SharedNode::bytes).sum();
        let bytes = bytes + self.ranks.bytes();
        let most = groups.iter().map(|groups| groups.first.len()).max()?;
        let several = groups.len() > 1;
        let bits = (u64::BITS / groups.len() as u32).min(most.ilog2() + 1);
        let key = move |trial: usize| {
            let numbers = groups.iter().map(|groups| groups.of_trial[trial]);
            interleaved(&numbers, bits)
        };
        (several && bytes > CACHE_BYTES).then_some(key)
    }

    /// How many trials there are.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Buffers for a thread.
    pub fn scratch(&self) -> Scratch {
        let Place { graph, inputs, .. } = self.place;
        let own = |node: usize| {
            let elsewhere = graph.nodes[node].scalar
                || inputs.node(node).is_some()
                || self.program.evaluates(node);
            !elsewhere && self.shared[node].is_none() && !self.ranks.has(node)
        };
        Scratch {
            sweep: Sweep::new(graph, own),
            planes: self.program.planes(),
            flags: Flags::new(inputs.len(0)),
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
        let Scratch {
            sweep,
            planes,
            flags,
        } = scratch;
        let conditions = Conditions {
            program: &self.program,
            planes,
            flags: &mut *flags,
            ranked: &|node| self.ranks.of(node, trial),
        };
        sweep.run(self.place, steps, &scalars, given, conditions, None)?;
        signals_of(
            self.place.graph,
            |node| sweep.view(node, given),
            flags.view(),
        )
    }

    fn scalars(&self, trial: usize) -> Vec<f64> {
        let width = self.place.graph.parameters.len();
        let params = &self.values[trial * width..(trial + 1) * width];
        scalars(self.place.graph, params)
    }

    /// Evaluates a node for each of its groups that its family does not know; a family comes with
    /// the parameter that the node depends on.
    fn share(
        &self,
        index: usize,
        groups: Arc<Groups>,
        family: Option<(&mut Family, usize)>,
    ) -> SharedNode {
        let Place { graph, inputs, .. } = self.place;
        let node = &graph.nodes[index];
        let bars = inputs.len(node.context);
        let mut own: Vec<usize> = Vec::new();
        let mut next = |trial: usize| {
            own.push(trial);
            (index as u32, own.len() as u32 - 1)
        };
        let first = groups.first.iter().copied();
        let places = match family {
            Some((family, parameter)) => first
                .map(|trial| {
                    let value = self.bits(trial, parameter);
                    *family.places.entry(value).or_insert_with(|| next(trial))
                })
                .collect(),
            None => first.map(&mut next).collect(),
        };
        let cells = bars * own.len();
        let (values, refused) = if node.boolean {
            let mut values = vec![0; cells];
            let slots = values.par_chunks_mut(bars).map(Slots::Boolean);
            let refused = self.evaluate_each(index, &own, slots);
            (Pieces::Boolean(values), refused)
        } else {
            let mut values = vec![0.0; cells];
            let slots = values.par_chunks_mut(bars).map(Slots::Number);
            let refused = self.evaluate_each(index, &own, slots);
            (Pieces::Number(values), refused)
        };
        SharedNode {
            groups,
            bars,
            places,
            values,
            refused,
        }
    }

    fn evaluate_each<'o>(
        &self,
        index: usize,
        trials: &[usize],
        slots: impl IndexedParallelIterator<Item = Slots<'o>>,
    ) -> Vec<bool> {
        slots
            .zip(trials)
            .map(|(out, &trial)| !self.evaluate(trial, index, out))
            .collect()
    }

    /// Evaluates a node over all bars, unless it or an argument is refused, which its trials
    /// report; gives whether it did.
    fn evaluate(&self, trial: usize, index: usize, out: Slots<'_>) -> bool {
        let Place { graph, inputs, .. } = self.place;
        let node = &graph.nodes[index];
        let scalars = self.scalars(trial);
        let refused = |&arg: &usize| self.is_refused(arg, trial);
        if check_settings_of(graph, inputs, &scalars, index).is_err()
            || node.args.iter().any(refused)
        {
            return false;
        }
        let bars = inputs.len(node.context);
        let read = |arg: usize| self.stored(&scalars, trial, arg);
        Kernel::new(self.place, &scalars, index).advance(self.place, index, &(0..bars), &read, out);
        true
    }

    /// The values of a node that a trial does not evaluate for itself.
    fn stored(&self, scalars: &[f64], trial: usize, node: usize) -> Stored<'_> {
        match (self.place.inputs.node(node), self.place_of(node, trial)) {
            (Some(values), _) => Stored::whole(View::Number(Number::Series(values))),
            (None, Some((owner, place))) => Stored::whole(owner.at(place)),
            (None, None) => Stored::scalar(scalars[node]),
        }
    }

    /// A parameter's value, as bits.
    fn bits(&self, trial: usize, parameter: usize) -> u64 {
        let width = self.place.graph.parameters.len();
        self.values[trial * width + parameter].to_bits()
    }

    /// Whether a shared node's series is refused for a trial.
    fn is_refused(&self, node: usize, trial: usize) -> bool {
        self.place_of(node, trial)
            .is_some_and(|(owner, place)| owner.refused[place])
    }

    /// The node that holds a shared node's series for a trial, and its place there.
    fn place_of(&self, node: usize, trial: usize) -> Option<(&SharedNode, usize)> {
        let shared = self.shared[node].as_ref()?;
        let (owner, place) = shared.places[shared.groups.of_trial[trial] as usize];
        // a node that is being shared does not read itself
        let owner = self.shared[owner as usize].as_ref()?;
        Some((owner, place as usize))
    }
}

/// The lowest bits of some numbers in turn, the highest of them first.
pub(crate) fn interleaved(numbers: &(impl Iterator<Item = u32> + Clone), bits: u32) -> u64 {
    (0..bits).rev().fold(0, |key, bit| {
        numbers
            .clone()
            .fold(key, |key, number| key << 1 | u64::from(number >> bit & 1))
    })
}

/// For each node, the sorted parameters that it depends on.
pub(crate) fn dependencies(graph: &Graph) -> Vec<Vec<usize>> {
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
