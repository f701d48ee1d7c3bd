//! Series that several trials read: which trials have the same, and where they stand.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::evaluate::{Coarse, Inputs, Number, Program, Simd, View};
use crate::flags::WORD;
use crate::graph::{Graph, Op};

/// Up to how many bars series are kept in single precision as well: beyond, few of them fit into a
/// cache either way, and fewer of them into memory together.
const COARSE_BARS: usize = 1 << 16;

/// Trials grouped by the values of the parameters that a node depends on.
pub(crate) struct Groups {
    /// For each trial, its group.
    pub of_trial: Vec<u32>,
    /// The first trial of each group.
    pub first: Vec<usize>,
}

impl Groups {
    /// Trials with equal keys, in the order of the first of each.
    fn new(keys: impl Iterator<Item = u64>) -> Self {
        let mut known = HashMap::new();
        let mut first = Vec::new();
        // rows of a grid differ from those before them in few places
        let mut last = None;
        let group = |(trial, key)| match last {
            Some((before, group)) if before == key => group,
            _ => {
                let group = *known.entry(key).or_insert_with(|| {
                    first.push(trial);
                    first.len() as u32 - 1
                });
                last = Some((key, group));
                group
            }
        };
        let of_trial = keys.enumerate().map(group).collect();
        Self { of_trial, first }
    }

    /// Trials that are in the same group here and there.
    fn and(&self, other: &Self) -> Self {
        let pairs = self.of_trial.iter().zip(&other.of_trial);
        Self::new(pairs.map(|(&a, &b)| u64::from(a) << u32::BITS | u64::from(b)))
    }
}

/// The rows of a call, a trial each, and how they fall into groups: found once for all who ask.
pub(crate) struct Rows<'v> {
    /// A row a trial, in the order of the graph's parameters.
    pub values: &'v [f64],
    /// How many.
    pub count: usize,
    width: usize,
    known: HashMap<Vec<usize>, Arc<Groups>>,
}

impl<'v> Rows<'v> {
    /// So many rows.
    pub fn new(graph: &Graph, values: &'v [f64], count: usize) -> Self {
        Self {
            values,
            count,
            width: graph.parameters.len(),
            known: HashMap::new(),
        }
    }

    /// The trials grouped by some parameters.
    pub fn groups(&mut self, parameters: &[usize]) -> Arc<Groups> {
        if let Some(groups) = self.known.get(parameters) {
            return Arc::clone(groups);
        }
        let groups = Arc::new(match parameters {
            [] => Groups::new((0..self.count).map(|_| 0)),
            &[one] => {
                let (values, width) = (self.values, self.width);
                Groups::new((0..self.count).map(|trial| values[trial * width + one].to_bits()))
            }
            [rest @ .., last] => {
                let (rest, last) = (self.groups(rest), self.groups(&[*last]));
                rest.and(&last)
            }
        });
        self.known.insert(parameters.to_vec(), Arc::clone(&groups));
        groups
    }
}

/// A node whose values several trials read: one series a group, all in one piece of memory, which
/// goes back whole when the search is done.
pub(super) struct SharedNode {
    pub groups: Arc<Groups>,
    pub bars: usize,
    /// Where each group's series stands: a node of the same family, and the place in its memory.
    pub places: Vec<(u32, u32)>,
    pub values: Pieces,
    /// The same in single precision, where they are compared.
    pub coarse: Vec<Coarse>,
    /// The series of which a setting is refused.
    pub refused: Vec<bool>,
}

/// Two nodes that were compared for several trials: the planes of each group.
pub(super) struct SharedOrder {
    pub groups: Arc<Groups>,
    /// Words of a group's planes.
    pub words: usize,
    pub planes: Vec<u64>,
}

impl SharedOrder {
    /// Its memory.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.planes[..])
    }

    /// A trial's planes.
    pub fn of(&self, trial: usize) -> &[u64] {
        let group = self.groups.of_trial[trial] as usize;
        &self.planes[group * self.words..(group + 1) * self.words]
    }
}

/// Nodes that are one function of one parameter each, over the same series: with equal values they
/// are equal.
pub(super) struct Family {
    /// The first of them.
    pub first: usize,
    /// Where the series of a value stands.
    pub places: HashMap<u64, (u32, u32)>,
}

pub(super) enum Pieces {
    Number(Vec<f64>),
    Boolean(Vec<u8>),
}

/// The family of a node that is a function of one parameter alone, over series that depend on none.
pub(super) fn family_of<'f>(
    graph: &Graph,
    depends: &[Vec<usize>],
    index: usize,
    families: &'f mut Vec<Family>,
) -> Option<&'f mut Family> {
    let node = &graph.nodes[index];
    let plain =
        |&arg: &usize| depends[arg].is_empty() || matches!(graph.nodes[arg].op, Op::Parameter(_));
    if depends[index].len() != 1 || !node.args.iter().all(plain) {
        return None;
    }
    let alike = |family: &Family| {
        let other = &graph.nodes[family.first];
        let same =
            |(&a, &b): (&usize, &usize)| a == b || !depends[a].is_empty() && !depends[b].is_empty();
        other.op == node.op
            && other.context == node.context
            && other.args.len() == node.args.len()
            && other.args.iter().zip(&node.args).all(same)
    };
    let known = families.iter().position(alike).unwrap_or_else(|| {
        families.push(Family {
            first: index,
            places: HashMap::new(),
        });
        families.len() - 1
    });
    Some(&mut families[known])
}

impl SharedNode {
    /// Its memory.
    pub fn bytes(&self) -> usize {
        let values = match &self.values {
            Pieces::Number(values) => size_of_val(&values[..]),
            Pieces::Boolean(values) => values.len(),
        };
        values + size_of_val(&self.coarse[..])
    }

    /// The series at a place.
    pub fn at(&self, place: usize) -> View<'_> {
        let from = place * self.bars;
        match &self.values {
            Pieces::Number(values) => View::Number(Number::Series(&values[from..from + self.bars])),
            Pieces::Boolean(values) => View::Boolean(&values[from..from + self.bars]),
        }
    }
    /// The same in single precision, where they are compared.
    pub fn coarse_at(&self, place: usize) -> Option<&[Coarse]> {
        let words = self.bars.div_ceil(WORD);
        self.coarse.get(place * words..(place + 1) * words)
    }
}

/// Series of so many bars in single precision, each from a word of its own on; on rayon's threads.
pub(super) fn coarse_of(simd: Simd, values: &[f64], bars: usize) -> Vec<Coarse> {
    let words = bars.div_ceil(WORD);
    let word = |index: usize| {
        let (series, from) = (index / words, index % words * WORD);
        simd.coarse(&values[series * bars + from..series * bars + bars.min(from + WORD)])
    };
    let count = values.len() / bars * words;
    let indices = (0..count).into_par_iter().with_min_len(words);
    indices.map(word).collect()
}

/// Whether a node's series of so many bars are worth having in single precision too.
pub(super) fn is_coarse(program: &Program, node: usize, bars: usize) -> bool {
    bars <= COARSE_BARS && program.compares(node)
}

/// Bytes of a shared node's series.
pub(crate) fn bytes_of(
    graph: &Graph,
    inputs: &Inputs<'_>,
    program: &Program,
    node: usize,
) -> usize {
    let bars = inputs.len(graph.nodes[node].context);
    if graph.nodes[node].boolean {
        return bars;
    }
    let coarse = if is_coarse(program, node, bars) {
        bars.div_ceil(WORD) * size_of::<Coarse>()
    } else {
        0
    };
    bars * size_of::<f64>() + coarse
}
