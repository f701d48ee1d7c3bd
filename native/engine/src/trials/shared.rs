//! Series that several trials read, and where those of each stand.

use std::collections::HashMap;
use std::sync::Arc;

use super::groups::Groups;
use crate::evaluate::{Coarse, Inputs, Number, Program, Simd, View};
use crate::flags::WORD;
use crate::graph::{Graph, Op};

/// Up to how many bars series are kept in single precision as well: beyond, few of them fit into a
/// cache either way, and fewer of them into memory together.
const COARSE_BARS: usize = 1 << 16;

/// A node whose values several trials read: one series a group, all in one piece of memory, which
/// goes back whole when the search is done.
pub(super) struct SharedNode {
    pub groups: Arc<Groups>,
    pub bars: usize,
    /// Where each group's series stands: a node of the same family, and the place in its memory.
    pub places: Vec<(u32, u32)>,
    pub values: Pieces,
    /// Each in single precision, where they are compared; else empty.
    pub coarse: Vec<Vec<Coarse>>,
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
        let coarse = self.coarse.iter().map(|series| size_of_val(&series[..]));
        values + coarse.sum::<usize>()
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
        self.coarse.get(place).map(AsRef::as_ref)
    }
}

/// A series in single precision.
pub(super) fn coarse_of(simd: Simd, values: &[f64]) -> Vec<Coarse> {
    values.chunks(WORD).map(|word| simd.coarse(word)).collect()
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
