//! A graph evaluated for many sets of parameters: series are shared by trials with equal values.

use crate::error::{EngineError, Result};
use crate::evaluate::{
    Coarse, Conditions, Number, Place, Planes, Program, Side, Source, Steps, Stored, Sweep,
    TILE_BARS, View, check_settings_of, nodes_with_settings, put_scalars, scalars,
};
use crate::graph::{Graph, Op};
use crate::signals::{Signals, signals_of};

mod groups;
mod making;
mod ranks;
mod shared;
#[cfg(test)]
mod tests;

pub(crate) use groups::{Groups, Rows};
pub(crate) use ranks::Plan;
use ranks::Ranks;
pub(crate) use shared::bytes_of;
use shared::{Family, SharedNode, SharedOrder, coarse_of, family_of, is_coarse};

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
    with_settings: Vec<usize>,
    shared: Vec<Option<SharedNode>>,
    ranks: Ranks,
    /// Those of the program's orders that several trials have alike.
    orders: Vec<Option<SharedOrder>>,
    /// The columns that are compared, in single precision, by node.
    columns: Vec<Option<Vec<Coarse>>>,
}

/// A thread's buffers.
pub(crate) struct Scratch {
    sweep: Sweep,
    /// Of trials that are evaluated together, or of one at a time.
    planes: Vec<Planes>,
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
        let program = Program::new(graph);
        let column = |node: usize| {
            let bars = inputs.len(graph.nodes[node].context);
            let values = inputs
                .node(node)
                .filter(|_| is_coarse(&program, node, bars));
            values.map(|values| coarse_of(place.simd, values))
        };
        let mut known = Self {
            place,
            values: rows.values,
            #[cfg(test)]
            count: rows.count,
            shared: Vec::with_capacity(graph.nodes.len()),
            ranks: Ranks::default(),
            orders: Vec::new(),
            columns: (0..graph.nodes.len()).map(column).collect(),
            with_settings: nodes_with_settings(graph),
            program,
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
            let size = distinct * bytes_of(graph, inputs, &known.program, index);
            let worth_it = distinct == 1 || distinct * 2 <= rows.count;
            let arguments_known = node.args.iter().all(|&arg| known.knows(arg));
            if !(worth_it && arguments_known && bytes + size <= SHARED_BYTES) {
                known.shared.push(None);
                continue;
            }
            let family = family_of(graph, &depends, index, &mut families);
            let node = known.share(index, groups, family.zip(depends[index].first().copied()));
            bytes += node.bytes();
            known.shared.push(Some(node));
        }
        let orders: Vec<_> = known.program.orders().collect();
        for nodes in orders {
            let groups = rows.groups(&parameters_of(&depends, nodes));
            let order = known.compared(nodes, groups, SHARED_BYTES - bytes);
            bytes += order.as_ref().map_or(0, SharedOrder::bytes);
            known.orders.push(order);
        }
        known.ranks = Ranks::new(&known, plan, &depends, rows, SHARED_BYTES - bytes)?;
        Some(known)
    }

    /// Whether a node has the same values for all trials of a group, which are known.
    fn knows(&self, node: usize) -> bool {
        let Place { graph, inputs, .. } = self.place;
        graph.nodes[node].scalar || inputs.node(node).is_some() || self.shared[node].is_some()
    }

    /// A key of each trial, by which they are sorted so that neighbours read the same series, whichever
    /// parameters they depend on; nothing where all series fit into the second cache.
    pub fn order(&self) -> Option<Vec<u64>> {
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
        (groups.len() > 1 && bytes > CACHE_BYTES)
            .then(|| Groups::near(&groups, groups[0].of_trial.len()))
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
            planes: Vec::new(),
        }
    }

    /// Gives what the strategy of each of some trials wants at each bar, or why the graph refuses
    /// its settings: a window, another one or a time stop; with its place among them.
    ///
    /// Where they differ in conditions alone, those are evaluated for all of them a tile of bars
    /// after the other, as trials that stand together read the same series.
    pub fn each(
        &self,
        scratch: &mut Scratch,
        trials: &[usize],
        mut give: impl FnMut(usize, Result<Signals<'_>>),
    ) {
        let bars = self.place.inputs.len(0);
        let together = scratch.sweep.is_empty();
        let room = if together { trials.len() } else { 1 };
        let planes = || self.program.planes(bars);
        if scratch.planes.len() < room {
            scratch.planes.resize_with(room, planes);
        }
        let nodes = self.place.graph.nodes.len();
        let mut known = Vec::with_capacity(trials.len() * nodes);
        for &trial in trials {
            put_scalars(self.place.graph, self.params(trial), &mut known);
        }
        let known = known.chunks(nodes);
        if together {
            self.conditions(scratch, trials, known.clone());
        }
        for (place, (&trial, scalars)) in trials.iter().zip(known).enumerate() {
            let given = |node: usize| self.stored(scalars, trial, node);
            let mut evaluated = self.check(scalars);
            if !together {
                evaluated = evaluated.and_then(|()| self.sweep(scratch, trial, scalars));
            }
            let planes = &scratch.planes[if together { place } else { 0 }];
            let flags = self.program.flags(planes);
            let view = |node: usize| scratch.sweep.view(node, given);
            let signals = evaluated.and_then(|()| signals_of(self.place.graph, view, flags));
            give(place, signals);
        }
    }

    /// Checks a trial's settings.
    fn check(&self, scalars: &[f64]) -> Result<()> {
        let Place { graph, inputs, .. } = self.place;
        let mut nodes = self.with_settings.iter();
        nodes.try_for_each(|&node| check_settings_of(graph, inputs, scalars, node))
    }

    /// Evaluates the conditions of some trials, whose other series are all known.
    fn conditions<'k>(
        &self,
        scratch: &mut Scratch,
        trials: &[usize],
        known: impl Iterator<Item = &'k [f64]>,
    ) {
        let count = self.program.source_count();
        let mut sources = Vec::with_capacity(trials.len() * count);
        for (&trial, scalars) in trials.iter().zip(known) {
            let order = |index: usize, nodes| self.source(scalars, trial, index, nodes);
            let read = |node: usize| self.stored(scalars, trial, node);
            sources.extend(self.program.sources(order, read));
        }
        let planes = &mut scratch.planes[..trials.len()];
        for (sources, planes) in sources.chunks(count).zip(&mut *planes) {
            planes.take(sources);
        }
        let done = |source: &Source<'_>| matches!(source, Source::Compared(_));
        let bars = if sources.iter().all(done) {
            0
        } else {
            self.place.inputs.len(0)
        };
        for start in (0..bars).step_by(TILE_BARS) {
            let span = start..bars.min(start + TILE_BARS);
            for (sources, planes) in sources.chunks(count).zip(&mut *planes) {
                self.program
                    .compare(self.place.simd, &span, sources, planes);
            }
        }
        for planes in planes {
            self.program.combine(self.place.simd, planes);
        }
    }

    /// Evaluates a trial's own series and its conditions.
    fn sweep(&self, scratch: &mut Scratch, trial: usize, scalars: &[f64]) -> Result<()> {
        let given = |node: usize| self.stored(scalars, trial, node);
        let steps = Steps {
            tile: TILE,
            parallel: false,
        };
        let conditions = Conditions {
            program: &self.program,
            planes: &mut scratch.planes[0],
        };
        let sweep = &mut scratch.sweep;
        sweep.run(self.place, steps, scalars, given, conditions, None)
    }

    fn params(&self, trial: usize) -> &[f64] {
        let width = self.place.graph.parameters.len();
        &self.values[trial * width..(trial + 1) * width]
    }

    fn scalars(&self, trial: usize) -> Vec<f64> {
        scalars(self.place.graph, self.params(trial))
    }

    /// The values of a node that a trial does not evaluate for itself.
    fn stored(&self, scalars: &[f64], trial: usize, node: usize) -> Stored<'_> {
        match (self.place.inputs.node(node), self.place_of(node, trial)) {
            (Some(values), _) => Stored::whole(View::Number(Number::Series(values))),
            (None, Some((owner, place))) => Stored::whole(owner.at(place)),
            (None, None) => Stored::scalar(scalars[node]),
        }
    }

    /// What a trial's order of two nodes is made from.
    fn source(
        &self,
        scalars: &[f64],
        trial: usize,
        order: usize,
        nodes: (usize, usize),
    ) -> Source<'_> {
        let side = |node: usize| self.side(scalars, trial, node);
        match (&self.orders[order], self.ranks.of(nodes, trial)) {
            (Some(known), _) => Source::Compared(known.of(trial)),
            (None, Some((a, b))) => Source::Ranks(a, b),
            (None, None) => Source::Numbers(side(nodes.0), side(nodes.1)),
        }
    }

    /// A node's values as they are compared.
    fn side(&self, scalars: &[f64], trial: usize, node: usize) -> Side<'_> {
        Side {
            values: self.stored(scalars, trial, node),
            coarse: self.coarse(trial, node),
        }
    }

    /// A node's values in single precision, where it is compared.
    fn coarse(&self, trial: usize, node: usize) -> Option<&[Coarse]> {
        let column = self.columns[node].as_deref();
        column.or_else(|| {
            let (owner, place) = self.place_of(node, trial)?;
            owner.coarse_at(place)
        })
    }

    /// A parameter's value, as bits.
    fn bits(&self, trial: usize, parameter: usize) -> u64 {
        self.params(trial)[parameter].to_bits()
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

/// Whether so many trials have something alike that it is worth being made once for each group.
fn is_alike(groups: &Groups) -> bool {
    groups.first.len() * 2 <= groups.of_trial.len()
}

/// The sorted parameters that one of two nodes depends on.
fn parameters_of(depends: &[Vec<usize>], (a, b): (usize, usize)) -> Vec<usize> {
    let mut parameters = [&depends[a][..], &depends[b]].concat();
    parameters.sort_unstable();
    parameters.dedup();
    parameters
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
