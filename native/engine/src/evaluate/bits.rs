//! Conditions as bits: 64 bars a word, three-valued by a word for true and one for false.
//!
//! What only conditions and the four signals read is evaluated here: the order of two numbers once
//! for all comparisons and crosses of them, a tile of bars at a time, and the rest by logic on the
//! words of all bars. A plane that nobody reads is not made. Conditions that other operations read
//! are evaluated as bytes, and come in as such.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use std::ops::Range;

use super::simd::Simd;
use super::values::{FALSE, Stored, TRUE};
use crate::flags::{Flags, WORD};
use crate::graph::{Comparison, Graph, Op};

mod compare;
mod planes;

pub(crate) use compare::{Side, Source, compare_all, order_words};
use planes::{NOTHING, Plane, TILE_WORDS, of_order, planes_of};
pub(crate) use planes::{Planes, TILE_BARS};

/// Two numbers that stand in an order.
#[derive(Debug, Clone, Copy)]
struct Order {
    a: usize,
    b: usize,
}

/// How one condition comes from others.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Bytes that are evaluated elsewhere.
    Bytes { node: usize },
    /// A comparison of an order.
    Compare { order: usize, op: Comparison },
    /// A cross: above and not before.
    Cross { order: usize, upwards: bool },
    /// Kleene's and.
    And(usize, usize),
    /// Kleene's or.
    Or(usize, usize),
    /// Kleene's not.
    Not(usize),
}

/// A step and its planes, where they are needed: where it is true, where it is false.
#[derive(Debug, Clone, Copy)]
struct Condition {
    step: Step,
    yes: Option<Plane>,
    no: Option<Plane>,
}

/// The conditions of a graph that are evaluated as bits.
///
/// Plane 0 has no bits, those of the orders follow, then those of the conditions: a plane is made
/// from planes before it.
#[derive(Debug)]
pub(crate) struct Program {
    orders: Vec<Order>,
    conditions: Vec<Condition>,
    /// The plane of each signal.
    outputs: [Plane; 4],
    planes: usize,
    /// Whether a node is evaluated here, by node.
    own: Vec<bool>,
}

/// What the conditions of a sweep are evaluated by and into.
pub(crate) struct Conditions<'c> {
    pub program: &'c Program,
    pub planes: &'c mut Planes,
}

impl Conditions<'_> {
    /// Compares at the bars of `span`.
    pub fn compare<'v>(
        &mut self,
        simd: Simd,
        span: &Range<usize>,
        read: impl Fn(usize) -> Stored<'v>,
    ) {
        let side = |node: usize| Side {
            values: read(node),
            coarse: None,
        };
        let sources: Vec<Source<'_>> = self
            .program
            .sources(|_, (a, b)| Source::Numbers(side(a), side(b)), &read)
            .collect();
        self.program.compare(simd, span, &sources, self.planes);
    }

    /// Makes the signals, once all bars are compared.
    pub fn combine(&mut self, simd: Simd) {
        self.program.combine(simd, self.planes);
    }
}

/// Whether an operation is evaluated as bits where it can be.
fn is_logic(op: &Op) -> bool {
    matches!(
        op,
        Op::Comparison(_) | Op::And | Op::Or | Op::Not | Op::CrossesAbove | Op::CrossesBelow
    )
}

impl Program {
    /// Compiles the conditions that nothing but conditions and signals reads.
    pub fn new(graph: &Graph) -> Self {
        let mut own: Vec<bool> = graph
            .nodes
            .iter()
            .map(|node| node.boolean && node.context == 0 && is_logic(&node.op))
            .collect();
        for node in graph.kept() {
            own[node] = false;
        }
        for (index, node) in graph.nodes.iter().enumerate().rev() {
            if !own[index] {
                for &arg in &node.args {
                    own[arg] = false;
                }
            }
        }
        let mut program = Self {
            orders: Vec::new(),
            conditions: Vec::new(),
            outputs: [NOTHING; 4],
            planes: NOTHING + 1,
            own,
        };
        let mut known = vec![None; graph.nodes.len()];
        let outputs = graph
            .outputs()
            .map(|node| node.map(|node| program.condition(graph, &mut known, node)));
        program.number(outputs);
        program
    }

    /// The nodes that are compared here, in the order of [`Self::sources`].
    pub fn orders(&self) -> impl Iterator<Item = (usize, usize)> {
        self.orders.iter().map(|order| (order.a, order.b))
    }

    /// Whether a node is a number that is compared here.
    pub fn compares(&self, node: usize) -> bool {
        self.orders
            .iter()
            .any(|order| order.a == node || order.b == node)
    }

    /// Whether a node is evaluated here.
    pub fn evaluates(&self, node: usize) -> bool {
        self.own[node]
    }

    /// Room for the planes of so many bars.
    pub fn planes(&self, bars: usize) -> Planes {
        Planes::new(self.planes, bars)
    }

    /// The signals, once all bars are compared and combined.
    pub fn flags<'p>(&self, planes: &'p Planes) -> Flags<'p> {
        Flags::new(self.outputs.map(|plane| planes.at(plane)))
    }

    /// What each order reads, and then each condition that is evaluated elsewhere: `order` gives that
    /// of an order of two nodes by its number, `read` the values of a node.
    pub fn sources<'v>(
        &self,
        order: impl Fn(usize, (usize, usize)) -> Source<'v>,
        read: impl Fn(usize) -> Stored<'v>,
    ) -> impl Iterator<Item = Source<'v>> {
        let orders = self.orders().enumerate();
        let bytes = self
            .elsewhere()
            .map(move |(_, node)| Source::Bytes(read(node)));
        orders
            .map(move |(index, nodes)| order(index, nodes))
            .chain(bytes)
    }

    /// How many sources there are.
    pub fn source_count(&self) -> usize {
        self.orders.len() + self.elsewhere().count()
    }

    /// The conditions that are evaluated elsewhere, and the node of each.
    fn elsewhere(&self) -> impl Iterator<Item = (&Condition, usize)> {
        self.conditions.iter().filter_map(|one| match one.step {
            Step::Bytes { node } => Some((one, node)),
            _ => None,
        })
    }

    /// The number of a node's condition; conditions stand behind those they read.
    fn condition(&mut self, graph: &Graph, known: &mut [Option<usize>], index: usize) -> usize {
        if let Some(found) = known[index] {
            return found;
        }
        let node = &graph.nodes[index];
        let step = if self.own[index] {
            match node.op {
                Op::Comparison(op) => Step::Compare {
                    order: self.order(node.args[0], node.args[1]),
                    op,
                },
                Op::CrossesAbove => Step::Cross {
                    order: self.order(node.args[0], node.args[1]),
                    upwards: true,
                },
                Op::CrossesBelow => Step::Cross {
                    order: self.order(node.args[0], node.args[1]),
                    upwards: false,
                },
                Op::Not => Step::Not(self.condition(graph, known, node.args[0])),
                _ => {
                    let a = self.condition(graph, known, node.args[0]);
                    let b = self.condition(graph, known, node.args[1]);
                    if node.op == Op::And {
                        Step::And(a, b)
                    } else {
                        Step::Or(a, b)
                    }
                }
            }
        } else {
            Step::Bytes { node: index }
        };
        self.conditions.push(Condition {
            step,
            yes: None,
            no: None,
        });
        let found = self.conditions.len() - 1;
        known[index] = Some(found);
        found
    }

    fn order(&mut self, a: usize, b: usize) -> usize {
        let known = |order: &Order| (order.a, order.b) == (a, b);
        self.orders.iter().position(known).unwrap_or_else(|| {
            self.orders.push(Order { a, b });
            self.orders.len() - 1
        })
    }

    /// Numbers the planes that are needed: of an output where it is true, and of what comes from
    /// others what is read.
    fn number(&mut self, outputs: [Option<usize>; 4]) {
        let mut needed = vec![[false; 2]; self.conditions.len()];
        for condition in outputs.into_iter().flatten() {
            needed[condition][0] = true;
        }
        for (index, condition) in self.conditions.iter().enumerate().rev() {
            let [yes, no] = needed[index];
            match condition.step {
                Step::Not(a) => {
                    needed[a][0] |= no;
                    needed[a][1] |= yes;
                }
                Step::And(a, b) | Step::Or(a, b) => {
                    for arg in [a, b] {
                        needed[arg][0] |= yes;
                        needed[arg][1] |= no;
                    }
                }
                Step::Bytes { .. } | Step::Compare { .. } | Step::Cross { .. } => {}
            }
        }
        self.planes = of_order(self.orders.len());
        for (condition, [yes, no]) in self.conditions.iter_mut().zip(needed) {
            for (slot, needed) in [(&mut condition.yes, yes), (&mut condition.no, no)] {
                *slot = needed.then_some(self.planes);
                self.planes += usize::from(needed);
            }
        }
        let yes = |condition: usize| self.conditions[condition].yes;
        self.outputs = outputs.map(|output| output.and_then(yes).unwrap_or(NOTHING));
    }

    /// Compares at the bars of `span`, of [`Self::sources`], what was not compared before.
    pub fn compare(
        &self,
        simd: Simd,
        span: &Range<usize>,
        sources: &[Source<'_>],
        planes: &mut Planes,
    ) {
        let (numbers, bytes) = sources.split_at(self.orders.len());
        for start in span.clone().step_by(TILE_BARS) {
            let part = start..span.end.min(start + TILE_BARS);
            for (order, source) in numbers.iter().enumerate() {
                planes.compare(simd, order, source, &part);
            }
            for ((condition, _), source) in self.elsewhere().zip(bytes) {
                let Source::Bytes(bytes) = source else {
                    unreachable!("what is evaluated elsewhere comes as bytes");
                };
                let bytes = bytes.span(&part).boolean();
                for (plane, value) in [(condition.yes, TRUE), (condition.no, FALSE)] {
                    if let Some(plane) = plane {
                        let mut words = [0; TILE_WORDS];
                        for (word, bytes) in words.iter_mut().zip(bytes.chunks(WORD)) {
                            *word = word_of(bytes, value);
                        }
                        planes.put(plane, &words, &part);
                    }
                }
            }
        }
    }

    /// Makes the planes of all conditions, once all bars are compared.
    pub fn combine(&self, simd: Simd, planes: &mut Planes) {
        simd.run(
            #[inline(always)]
            || {
                for condition in &self.conditions {
                    self.step(condition, planes);
                }
            },
        );
    }

    /// The planes of a condition from those before it.
    #[inline(always)]
    fn step(&self, condition: &Condition, planes: &mut Planes) {
        let Condition { step, yes, no } = *condition;
        for (plane, truth) in [(yes, true), (no, false)] {
            let Some(plane) = plane else {
                continue;
            };
            match step {
                Step::Bytes { .. } => {}
                Step::Compare { order, op } => compared(planes, plane, order, op, truth),
                Step::Cross { order, upwards } => {
                    let [above, below, known] = planes_of(order);
                    let side = if upwards { above } else { below };
                    if truth {
                        planes.with_last(plane, [side, known], |[now, then], [known, before]| {
                            now & !then & known & before
                        });
                    } else {
                        planes.with_last(plane, [side, known], |[now, then], [known, before]| {
                            (!now | then) & known & before
                        });
                    }
                }
                Step::And(a, b) | Step::Or(a, b) => {
                    let of = |one: usize| {
                        let one = self.conditions[one];
                        if truth { one.yes } else { one.no }
                    };
                    let [a, b] = [a, b].map(|one| of(one).unwrap_or(NOTHING));
                    if matches!(step, Step::And(..)) == truth {
                        planes.two(plane, a, b, |a, b| a & b);
                    } else {
                        planes.two(plane, a, b, |a, b| a | b);
                    }
                }
                Step::Not(a) => {
                    let a = self.conditions[a];
                    let from = if truth { a.no } else { a.yes };
                    planes.two(plane, from.unwrap_or(NOTHING), NOTHING, |a, _| a);
                }
            }
        }
    }
}

/// Where a comparison is true, or false.
#[inline(always)]
fn compared(planes: &mut Planes, plane: Plane, order: usize, op: Comparison, truth: bool) {
    let [above, below, known] = planes_of(order);
    match (op, truth) {
        (Comparison::Greater, true) | (Comparison::LessEqual, false) => {
            planes.two(plane, above, NOTHING, |above, _| above);
        }
        (Comparison::Less, true) | (Comparison::GreaterEqual, false) => {
            planes.two(plane, below, NOTHING, |below, _| below);
        }
        (Comparison::LessEqual, true) | (Comparison::Greater, false) => {
            planes.two(plane, known, above, |known, above| known & !above);
        }
        (Comparison::GreaterEqual, true) | (Comparison::Less, false) => {
            planes.two(plane, known, below, |known, below| known & !below);
        }
        (Comparison::NotEqual, true) | (Comparison::Equal, false) => {
            planes.two(plane, above, below, |above, below| above | below);
        }
        (Comparison::Equal, true) | (Comparison::NotEqual, false) => {
            planes.two(plane, above, below, |above, below| above | below);
            planes.own(plane, known, |unequal, known| known & !unequal);
        }
    }
}

/// Which of up to 64 bytes have a value.
fn word_of(bytes: &[u8], value: u8) -> u64 {
    let mut word = 0;
    for (i, &byte) in bytes.iter().enumerate() {
        word |= u64::from(byte == value) << i;
    }
    word
}
