//! Series that are only compared with each other, as ranks.
//!
//! At a bar, which of two numbers is greater follows from their places in the order of all numbers
//! they may be compared with. A place takes two bytes, so a trial reads a quarter of the memory, and
//! compares four times as many bars at once; what comes out is the same to the bit. Ranks are made
//! once for all trials, a tile of bars at a time, so that the numbers themselves are never kept.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::Trials;
use super::groups::{Groups, Rows};
use super::shared::{Family, family_of};
use crate::evaluate::{Inputs, Kernel, NO_RANK, Number, Program, Slots, check_settings_of};
use crate::graph::Graph;

/// Trials for each series from which on ranks are worth their making.
const WORTH: usize = 32;

/// Most series that are ranked together.
const MOST: usize = 1 << 12;

/// Bars a tile of the numbers.
const TILE: usize = 1 << 10;

/// Bars that a thread ranks at a time.
const CHUNK: usize = 1 << 7;

/// Moves a number, in sorting by insertion, beyond which the numbers are sorted otherwise.
const MOVES: usize = 8;

/// Which nodes are read as ranks.
pub(crate) struct Plan {
    /// Nodes that are compared with each other, directly or over others.
    classes: Vec<Vec<usize>>,
    /// Whether a node is evaluated for its rank alone, by node.
    leaves: Vec<bool>,
}

impl Plan {
    /// No ranks.
    pub fn none(graph: &Graph) -> Self {
        Self {
            classes: Vec::new(),
            leaves: vec![false; graph.nodes.len()],
        }
    }

    /// What is worth ranking for some trials: classes of few series, each compared with another one
    /// in nearly every trial.
    pub fn new(graph: &Graph, inputs: &Inputs<'_>, rows: &mut Rows<'_>) -> Self {
        let trials = rows.count;
        if trials < WORTH {
            return Self::none(graph);
        }
        let depends = super::dependencies(graph);
        let mut plan = Self::every(graph, inputs, |nodes| {
            !super::is_alike(&rows.groups(&super::parameters_of(&depends, nodes)))
        });
        let mut distinct = |&node: &usize| rows.groups(&depends[node]).first.len();
        plan.classes.retain(|nodes| {
            let series: usize = nodes.iter().map(&mut distinct).sum();
            series <= MOST && series * WORTH <= trials
        });
        for (node, leaf) in plan.leaves.iter_mut().enumerate() {
            *leaf &= plan.classes.iter().any(|nodes| nodes.contains(&node));
        }
        plan
    }

    /// Every class that a graph has, of the pairs of nodes that `is_ranked` names.
    pub fn every(
        graph: &Graph,
        inputs: &Inputs<'_>,
        mut is_ranked: impl FnMut((usize, usize)) -> bool,
    ) -> Self {
        let program = Program::new(graph);
        let mut classes: Vec<Vec<usize>> = Vec::new();
        let (ranked, others): (Vec<_>, Vec<_>) = program.orders().partition(|&one| is_ranked(one));
        for (a, b) in ranked {
            let (mut joined, rest): (Vec<_>, Vec<_>) = classes
                .into_iter()
                .partition(|nodes| nodes.contains(&a) || nodes.contains(&b));
            joined.push(vec![a, b]);
            let mut nodes = joined.concat();
            nodes.sort_unstable();
            nodes.dedup();
            classes = rest;
            classes.push(nodes);
        }
        // two numbers for all bars are compared without ranks
        classes.retain(|nodes| nodes.iter().any(|&node| !graph.nodes[node].scalar));
        let mut leaves: Vec<bool> = (0..graph.nodes.len())
            .map(|node| {
                let own = !graph.nodes[node].scalar && inputs.node(node).is_none();
                own && classes.iter().any(|nodes| nodes.contains(&node))
            })
            .collect();
        for node in graph.kept() {
            leaves[node] = false;
        }
        for (a, b) in others {
            (leaves[a], leaves[b]) = (false, false);
        }
        for (index, node) in graph.nodes.iter().enumerate() {
            if !program.evaluates(index) {
                for &arg in &node.args {
                    leaves[arg] = false;
                }
            }
        }
        Self { classes, leaves }
    }

    /// Whether a node is read as ranks.
    pub fn has(&self, node: usize) -> bool {
        self.classes.iter().any(|nodes| nodes.contains(&node))
    }

    /// Whether a node is evaluated for its rank alone.
    pub fn is_leaf(&self, node: usize) -> bool {
        self.leaves[node]
    }
}

/// The ranks of some nodes for all trials of a call.
#[derive(Default)]
pub(super) struct Ranks {
    /// A rank a bar, by series.
    series: Vec<Vec<i16>>,
    /// The trials' groups and the series of each, by node.
    nodes: Vec<Option<Ranked>>,
}

/// A node that has ranks.
struct Ranked {
    /// What it is ranked with: ranks of two classes say nothing of each other.
    class: usize,
    groups: Arc<Groups>,
    /// The series of each group.
    rows: Vec<u32>,
}

/// Where the numbers of a series come from.
enum Source {
    /// A node that is evaluated here, for a trial.
    Own(usize),
    /// A node whose series is kept as numbers, for a trial.
    Kept(usize),
    /// One number for all bars.
    Scalar(f64),
}

/// A series while it is ranked.
struct Making {
    source: Source,
    trial: usize,
    scalars: Vec<f64>,
    kernel: Kernel,
    numbers: Vec<f64>,
    ranks: Vec<i16>,
}

impl Ranks {
    /// Makes them, on rayon's threads; nothing where a series is not known beforehand, or where they
    /// would take more than so many bytes.
    pub fn new(
        trials: &Trials<'_, '_>,
        plan: &Plan,
        depends: &[Vec<usize>],
        trial_rows: &mut Rows<'_>,
        most_bytes: usize,
    ) -> Option<Self> {
        let (graph, inputs) = (trials.place.graph, trials.place.inputs);
        let bars = inputs.len(0);
        let mut found = Self {
            series: Vec::new(),
            nodes: (0..graph.nodes.len()).map(|_| None).collect(),
        };
        for (class, nodes) in plan.classes.iter().enumerate() {
            let mut families: Vec<Family> = Vec::new();
            let mut known: HashMap<(usize, u64), u32> = HashMap::new();
            let mut making: Vec<Making> = Vec::new();
            for &node in nodes {
                let of_node = trial_rows.groups(&depends[node]);
                let family = family_of(graph, depends, node, &mut families);
                let kind = family.map(|family| (family.first, depends[node][0]));
                let rows = of_node.first.iter().enumerate().map(|(group, &trial)| {
                    let key = match kind {
                        Some((first, parameter)) => (first, trials.bits(trial, parameter)),
                        None => (node, group as u64),
                    };
                    if let Some(&row) = known.get(&key) {
                        return Some(row);
                    }
                    let row = making.len() as u32;
                    making.push(Making::new(trials, plan, node, trial)?);
                    known.insert(key, row);
                    Some(row)
                });
                let base = found.series.len() as u32;
                let rows: Option<Vec<u32>> = rows.map(|row| row.map(|row| base + row)).collect();
                found.nodes[node] = Some(Ranked {
                    class,
                    groups: of_node,
                    rows: rows?,
                });
            }
            let count = found.series.len() + making.len();
            if count * bars * size_of::<i16>() > most_bytes {
                return None;
            }
            rank(trials, bars, &mut making);
            found
                .series
                .extend(making.into_iter().map(|making| making.ranks));
        }
        Some(found)
    }

    /// Whether a node has ranks.
    pub fn has(&self, node: usize) -> bool {
        self.nodes.get(node).is_some_and(Option::is_some)
    }

    /// The ranks of two nodes for a trial, where they are ranked with each other.
    pub fn of(&self, (a, b): (usize, usize), trial: usize) -> Option<(&[i16], &[i16])> {
        let ranked = |node: usize| self.nodes.get(node)?.as_ref();
        let (a, b) = (ranked(a)?, ranked(b)?);
        let series = |one: &Ranked| {
            let row = one.rows[one.groups.of_trial[trial] as usize];
            &self.series[row as usize][..]
        };
        (a.class == b.class).then(|| (series(a), series(b)))
    }

    /// The groups of trials that read the same ranks.
    pub fn groups(&self) -> impl Iterator<Item = &Groups> {
        self.nodes.iter().flatten().map(|one| &*one.groups)
    }

    /// Their memory.
    pub fn bytes(&self) -> usize {
        self.series
            .iter()
            .map(|ranks| size_of_val(&ranks[..]))
            .sum()
    }
}

impl Making {
    /// A node's series for a trial; nothing where it is not known beforehand.
    fn new(trials: &Trials<'_, '_>, plan: &Plan, index: usize, trial: usize) -> Option<Self> {
        let (graph, inputs) = (trials.place.graph, trials.place.inputs);
        let numbers = trials.scalars(trial);
        let node = &graph.nodes[index];
        let known = |&arg: &usize| {
            graph.nodes[arg].scalar || inputs.node(arg).is_some() || trials.shared[arg].is_some()
        };
        let source = if node.scalar {
            Source::Scalar(numbers[index])
        } else if known(&index) {
            Source::Kept(index)
        } else if plan.is_leaf(index) && node.args.iter().all(known) {
            Source::Own(index)
        } else {
            return None;
        };
        let refused = |&arg: &usize| trials.is_refused(arg, trial);
        // trials of which a setting is refused report it, whatever stands here
        let source = match source {
            Source::Own(index)
                if check_settings_of(graph, inputs, &numbers, index).is_err()
                    || node.args.iter().any(refused) =>
            {
                Source::Scalar(f64::NAN)
            }
            source => source,
        };
        let kernel = match source {
            Source::Own(index) => Kernel::new(trials.place, &numbers, index),
            _ => Kernel::default(),
        };
        Some(Self {
            source,
            trial,
            scalars: numbers,
            kernel,
            numbers: vec![0.0; TILE],
            ranks: Vec::new(),
        })
    }

    /// The numbers of the bars of `span`, which follow on those before.
    fn advance(&mut self, trials: &Trials<'_, '_>, span: &Range<usize>) {
        let out = &mut self.numbers[..span.len()];
        let read = |node: usize| trials.stored(&self.scalars, self.trial, node);
        match self.source {
            Source::Own(index) => {
                let slots = Slots::Number(out);
                self.kernel.advance(trials.place, index, span, &read, slots);
            }
            Source::Kept(index) => match read(index).span(span).number() {
                Number::Series(values) => out.copy_from_slice(values),
                Number::Scalar(value) => out.fill(value),
            },
            Source::Scalar(value) => out.fill(value),
        }
    }
}

/// Ranks series bar by bar, a tile after the other.
fn rank(trials: &Trials<'_, '_>, bars: usize, making: &mut [Making]) {
    making
        .par_iter_mut()
        .for_each(|making| making.ranks = vec![NO_RANK; bars]);
    for start in (0..bars).step_by(TILE) {
        let span = start..bars.min(start + TILE);
        making
            .par_iter_mut()
            .for_each(|making| making.advance(trials, &span));
        let series: Vec<&[f64]> = making.iter().map(|making| &making.numbers[..]).collect();
        let chunks: Vec<Vec<i16>> = (0..span.len())
            .into_par_iter()
            .step_by(CHUNK)
            .map(|from| ranks_of(&series, from..span.len().min(from + CHUNK)))
            .collect();
        making.par_iter_mut().enumerate().for_each(|(row, making)| {
            let out = making.ranks[span.clone()].chunks_mut(CHUNK);
            for (out, ranks) in out.zip(&chunks) {
                out.copy_from_slice(&ranks[row * out.len()..(row + 1) * out.len()]);
            }
        });
    }
}

/// The ranks of some series at some bars, series after series. Equal numbers have the same rank;
/// what is missing has none.
fn ranks_of(series: &[&[f64]], bars: Range<usize>) -> Vec<i16> {
    let count = bars.len();
    let keys: Vec<i64> = series
        .iter()
        .flat_map(|numbers| numbers[bars.clone()].iter().map(|&number| key_of(number)))
        .collect();
    let mut ranks = vec![NO_RANK; keys.len()];
    // where a series begins; in the order of the bar before, from which few numbers move
    let starts = (0..series.len() as u32).map(|row| row * count as u32);
    let mut order: Vec<Keyed> = starts.map(|start| Keyed { key: 0, start }).collect();
    for bar in 0..count {
        for place in &mut order {
            place.key = keys[place.start as usize + bar];
        }
        sort(&mut order);
        let (mut rank, mut last) = (0, order.first().map_or(0, |place| place.key));
        for place in &order {
            rank += i16::from(place.key != last);
            last = place.key;
            let rank = if last == MISSING { NO_RANK } else { rank };
            ranks[place.start as usize + bar] = rank;
        }
    }
    ranks
}

/// A number among others: its key, and where its series begins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Keyed {
    key: i64,
    start: u32,
}

/// The key of what is missing, behind all others.
const MISSING: i64 = i64::MAX;

/// An integer that stands to others as the number to others.
fn key_of(number: f64) -> i64 {
    if number.is_nan() {
        return MISSING;
    }
    // both zeros are equal
    let bits = (number + 0.0).to_bits().cast_signed();
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

/// Sorts what is nearly sorted.
fn sort(order: &mut [Keyed]) {
    let mut moves = order.len() * MOVES;
    for end in 1..order.len() {
        let one = order[end];
        let mut place = end;
        while place > 0 && order[place - 1].key > one.key {
            order[place] = order[place - 1];
            place -= 1;
        }
        order[place] = one;
        match moves.checked_sub(end - place) {
            Some(left) => moves = left,
            None => return order.sort_unstable(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Rows, Trials};
    use super::{NO_RANK, Plan, key_of, ranks_of};
    use crate::bars::Bars;
    use crate::evaluate::{Inputs, Place, Simd};
    use crate::graph::Graph;

    const GRAPH: &str = r#"{"version": 1, "nodes": [
        {"op": "column", "name": "close"}, {"op": "column", "name": "odd"},
        {"op": "parameter", "name": "fast"}, {"op": "parameter", "name": "slow"},
        {"op": "parameter", "name": "level"},
        {"op": "sma", "args": [0, 2]}, {"op": "sma", "args": [0, 3]}, {"op": "rsi", "args": [1, 3]},
        {"op": "crosses_above", "args": [5, 6]}, {"op": "crosses_below", "args": [5, 6]},
        {"op": "less", "args": [7, 4]}, {"op": "not_equal", "args": [0, 1]},
        {"op": "and", "args": [10, 11]}, {"op": "or", "args": [8, 12]},
        {"op": "greater_equal", "args": [0, 6]}, {"op": "not", "args": [14]},
        {"op": "or", "args": [9, 15]}],
        "outputs": {"long_entry": 13, "long_exit": 16, "short_entry": 9}}"#;

    /// What strategies want, by trial and bar, and whether ranks were made.
    fn wanted(place: Place<'_, '_>, values: &[f64], plan: &Plan) -> (Vec<Vec<u8>>, bool) {
        let count = values.len() / 3;
        let mut rows = Rows::new(place.graph, values, count);
        let trials = Trials::new(place, &mut rows, plan);
        let all: Vec<usize> = (0..count).collect();
        let mut flags = Vec::new();
        trials.each(&mut trials.scratch(), &all, |_, signals| {
            let found = signals.unwrap().flags;
            flags.push((0..place.inputs.len(0)).map(|t| found.at(t)).collect());
        });
        (flags, trials.ranks.has(5) && trials.ranks.has(4))
    }

    #[test]
    fn what_is_ranked_is_compared_alike() {
        for bars in [1_usize, 63, 64, 1_024, 2_501] {
            let close: Vec<f64> = (0..bars)
                .map(|t| ((t * 7919) % 1_009) as f64 / 10.0 + 1.0)
                .collect();
            let odd: Vec<f64> = (0..bars)
                .map(|t| {
                    if t % 97 == 13 {
                        f64::NAN
                    } else {
                        close[t / 2 * 2]
                    }
                })
                .collect();
            let columns = [("open", &close), ("high", &close), ("low", &close)]
                .into_iter()
                .chain([("close", &close), ("odd", &odd)])
                .map(|(name, values)| (name.to_owned(), &values[..]));
            let bars = Bars::new(columns.collect()).unwrap();
            let graph = Graph::parse(GRAPH).unwrap();
            let inputs = Inputs::new(&graph, &bars).unwrap();
            let windows = bars.len().min(9);
            let values: Vec<f64> = (1..=windows)
                .flat_map(|fast| (1..=windows).map(move |slow| (fast, slow)))
                .flat_map(|(fast, slow)| [fast as f64, (fast * slow) as f64, slow as f64])
                .collect();
            for simd in [Simd::Auto, Simd::Portable] {
                let place = Place {
                    graph: &graph,
                    inputs: &inputs,
                    simd,
                };
                let (plain, ranked) = wanted(place, &values, &Plan::none(&graph));
                assert!(!ranked);
                let (found, ranked) =
                    wanted(place, &values, &Plan::every(&graph, &inputs, |_| true));
                assert!(ranked);
                assert_eq!(found, plain);
            }
        }
    }

    #[test]
    fn ranks_of_two_classes_are_not_compared() {
        let json = r#"{"version": 1, "nodes": [
            {"op": "column", "name": "close"},
            {"op": "parameter", "name": "fast"}, {"op": "parameter", "name": "slow"},
            {"op": "sma", "args": [0, 1]}, {"op": "sma", "args": [0, 2]},
            {"op": "rsi", "args": [0, 1]}, {"op": "rsi", "args": [0, 2]},
            {"op": "greater", "args": [3, 4]}, {"op": "greater", "args": [5, 6]},
            {"op": "greater", "args": [3, 6]},
            {"op": "and", "args": [7, 8]}],
            "outputs": {"long_entry": 10, "long_exit": 9}}"#;
        let close: Vec<f64> = (0..500)
            .map(|t| 50.0 + f64::from(t * 7_919 % 1_009) / 40.0)
            .collect();
        let columns = ["open", "high", "low", "close"].map(|name| (name.to_owned(), &close[..]));
        let bars = Bars::new(columns.to_vec()).unwrap();
        let graph = Graph::parse(json).unwrap();
        let inputs = Inputs::new(&graph, &bars).unwrap();
        let place = Place {
            graph: &graph,
            inputs: &inputs,
            simd: Simd::Auto,
        };
        // each pair of windows once, so that no order of both is compared for several trials
        let values: Vec<f64> = (2..8)
            .flat_map(|fast| (8..14).flat_map(move |slow| [f64::from(fast), f64::from(slow)]))
            .collect();
        let found = |plan: &Plan| {
            let mut rows = Rows::new(&graph, &values, values.len() / 2);
            let trials = Trials::new(place, &mut rows, plan);
            let pairs = [(3, 4), (5, 6), (3, 6)].map(|nodes| trials.ranks.of(nodes, 0).is_some());
            let all: Vec<usize> = (0..values.len() / 2).collect();
            let mut flags: Vec<Vec<u8>> = Vec::new();
            trials.each(&mut trials.scratch(), &all, |_, signals| {
                let found = signals.unwrap().flags;
                flags.push((0..close.len()).map(|t| found.at(t)).collect());
            });
            (flags, pairs)
        };
        let apart = Plan::every(&graph, &inputs, |nodes| nodes != (3, 6));
        let (plain, none) = found(&Plan::none(&graph));
        assert_eq!(none, [false; 3]);
        assert!(plain.iter().flatten().any(|&flags| flags & 2 == 2));
        let (ranked, pairs) = found(&apart);
        assert_eq!(pairs, [true, true, false]);
        assert_eq!(ranked, plain);
    }

    #[test]
    fn ranks_stand_as_numbers_do() {
        let numbers = [
            f64::NAN,
            f64::NEG_INFINITY,
            -1e300,
            -2.5,
            -f64::MIN_POSITIVE,
            -0.0,
            0.0,
            5e-324,
            1.0,
            1.0 + f64::EPSILON,
            7.0,
            f64::INFINITY,
        ];
        // each series takes all numbers in turn, at steps of its own
        let series: Vec<Vec<f64>> = (0..40_usize)
            .map(|row| {
                (0..300_usize)
                    .map(|bar| numbers[(row * 7 + bar * (row % 5 + 1)) % numbers.len()])
                    .collect()
            })
            .collect();
        let series: Vec<&[f64]> = series.iter().map(Vec::as_slice).collect();
        let ranks = ranks_of(&series, 100..300);
        for bar in 0..200 {
            for a in 0..series.len() {
                for b in 0..series.len() {
                    let (x, y) = (series[a][100 + bar], series[b][100 + bar]);
                    let (i, j) = (ranks[a * 200 + bar], ranks[b * 200 + bar]);
                    assert_eq!((i == NO_RANK, j == NO_RANK), (x.is_nan(), y.is_nan()));
                    if i != NO_RANK && j != NO_RANK {
                        assert_eq!((i > j, i < j), (x > y, x < y));
                    }
                }
            }
        }
        assert_eq!(key_of(-0.0), key_of(0.0));
    }
}
