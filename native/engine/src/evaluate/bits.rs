//! Conditions as bits: 64 bars a word, three-valued by a word for true and one for false.
//!
//! What only conditions and the four signals read is evaluated here, a tile at a time: the order of
//! two numbers once for all comparisons and crosses of them, the rest by logic on words. A plane
//! that nobody reads is not made. Conditions that other operations read are evaluated as bytes, and
//! come in as such.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use std::ops::Range;

use super::simd::{NO_RANK, Simd, Words};
use super::values::{FALSE, Number, Stored, TRUE};
use crate::flags::{Flags, WORD};
use crate::graph::{Comparison, Graph, Op};

/// Words that are evaluated at a time.
const TILE_WORDS: usize = 16;

/// The words of a plane that are evaluated at a time; what lies beyond the bars is anything.
type Tile = [u64; TILE_WORDS];

/// A plane that nobody needs.
const NOTHING: Tile = [0; TILE_WORDS];

/// A plane: the first step's number, and which of its planes.
type Plane = usize;

/// Where two numbers stand to each other: the planes of a > b, a < b, and of both being there.
#[derive(Debug, Clone, Copy)]
struct Order {
    a: usize,
    b: usize,
    above: Option<Plane>,
    below: Option<Plane>,
    known: Option<Plane>,
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

/// A step and its planes: where it is true, where it is false.
#[derive(Debug, Clone, Copy)]
struct Condition {
    step: Step,
    yes: Option<Plane>,
    no: Option<Plane>,
}

/// The conditions of a graph that are evaluated as bits.
#[derive(Debug)]
pub(crate) struct Program {
    orders: Vec<Order>,
    conditions: Vec<Condition>,
    /// The condition of each signal.
    outputs: [Option<usize>; 4],
    planes: usize,
    /// Whether a node is evaluated here, by node.
    own: Vec<bool>,
}

/// A thread's planes, and the last bar's order of each cross.
pub(crate) struct Planes {
    tiles: Vec<Tile>,
    carried: Vec<(u64, u64)>,
}

/// The ranks of a node that is compared by them, of all bars.
pub(crate) type Ranked<'r> = &'r (dyn Fn(usize) -> Option<&'r [i16]> + Sync);

/// What the conditions of a sweep are evaluated by and into.
pub(crate) struct Conditions<'c> {
    pub program: &'c Program,
    pub planes: &'c mut Planes,
    pub flags: &'c mut Flags,
    pub ranked: Ranked<'c>,
}

impl Conditions<'_> {
    /// Evaluates the bars of `span`, which follow on those before, and writes the signals.
    pub fn advance<'v>(
        &mut self,
        simd: Simd,
        span: &Range<usize>,
        read: &impl Fn(usize) -> Stored<'v>,
    ) {
        let read = (read, self.ranked);
        self.program
            .advance(simd, span, read, self.planes, self.flags);
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
            outputs: [None; 4],
            planes: 0,
            own,
        };
        let mut known = vec![None; graph.nodes.len()];
        let outputs = graph.outputs();
        for (slot, node) in outputs.into_iter().enumerate() {
            program.outputs[slot] = node.map(|node| program.condition(graph, &mut known, node));
        }
        for output in program.outputs.into_iter().flatten() {
            program.need(output, true);
        }
        for condition in (0..program.conditions.len()).rev() {
            program.need_arguments(condition);
        }
        program
    }

    /// The pairs of numbers that are compared here.
    pub fn orders(&self) -> impl Iterator<Item = (usize, usize)> {
        self.orders.iter().map(|order| (order.a, order.b))
    }

    /// Whether a node is evaluated here.
    pub fn evaluates(&self, node: usize) -> bool {
        self.own[node]
    }

    /// Room for a thread's planes.
    pub fn planes(&self) -> Planes {
        Planes {
            tiles: vec![NOTHING; self.planes],
            carried: vec![(0, 0); self.conditions.len()],
        }
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
            self.orders.push(Order {
                a,
                b,
                above: None,
                below: None,
                known: None,
            });
            self.orders.len() - 1
        })
    }

    /// Makes a plane for where a condition is true, or false.
    fn need(&mut self, condition: usize, truth: bool) {
        let condition = &mut self.conditions[condition];
        let slot = if truth {
            &mut condition.yes
        } else {
            &mut condition.no
        };
        if slot.is_none() {
            *slot = Some(self.planes);
            self.planes += 1;
        }
    }

    /// Makes the planes that the planes of a condition are made from.
    fn need_arguments(&mut self, index: usize) {
        let Condition { step, yes, no } = self.conditions[index];
        let planes = [(true, yes.is_some()), (false, no.is_some())];
        for (truth, _) in planes.into_iter().filter(|(_, wanted)| *wanted) {
            match step {
                Step::Bytes { .. } => {}
                Step::Not(a) => self.need(a, !truth),
                Step::And(a, b) | Step::Or(a, b) => {
                    self.need(a, truth);
                    self.need(b, truth);
                }
                Step::Cross { order, upwards } => {
                    self.need_order(order, [upwards, !upwards, true]);
                }
                Step::Compare { order, op } => {
                    let needed = match op {
                        Comparison::Greater => [true, false, !truth],
                        Comparison::Less => [false, true, !truth],
                        Comparison::LessEqual => [true, false, truth],
                        Comparison::GreaterEqual => [false, true, truth],
                        Comparison::Equal => [true, true, truth],
                        Comparison::NotEqual => [true, true, !truth],
                    };
                    self.need_order(order, needed);
                }
            }
        }
    }

    fn need_order(&mut self, order: usize, needed: [bool; 3]) {
        let order = &mut self.orders[order];
        for (slot, needed) in [&mut order.above, &mut order.below, &mut order.known]
            .into_iter()
            .zip(needed)
        {
            if needed && slot.is_none() {
                *slot = Some(self.planes);
                self.planes += 1;
            }
        }
    }

    fn advance<'v>(
        &self,
        simd: Simd,
        span: &Range<usize>,
        read: (&impl Fn(usize) -> Stored<'v>, Ranked<'_>),
        planes: &mut Planes,
        flags: &mut Flags,
    ) {
        if span.start == 0 {
            planes.carried.fill((0, 0));
        }
        let mut start = span.start;
        while start < span.end {
            let part = start..span.end.min(start + TILE_WORDS * WORD);
            self.tile(simd, &part, read, planes);
            for (output, condition) in self.outputs.into_iter().enumerate() {
                if let Some(yes) = condition.and_then(|one| self.conditions[one].yes) {
                    let words = &planes.tiles[yes][..part.len().div_ceil(WORD)];
                    put(words, &part, flags.plane(output));
                }
            }
            start = part.end;
        }
    }

    fn tile<'v>(
        &self,
        simd: Simd,
        part: &Range<usize>,
        (read, ranked): (&impl Fn(usize) -> Stored<'v>, Ranked<'_>),
        planes: &mut Planes,
    ) {
        let Planes { tiles, carried } = planes;
        for order in &self.orders {
            if let (Some(a), Some(b)) = (ranked(order.a), ranked(order.b)) {
                compare_ranks(simd, &a[part.clone()], &b[part.clone()], order, tiles);
                continue;
            }
            let number = |node: usize| read(node).span(part).number();
            let (a, b) = (number(order.a), number(order.b));
            compare_order(simd, a, b, order, part.len(), tiles);
        }
        for condition in &self.conditions {
            if let Step::Bytes { node } = condition.step {
                let bytes = read(node).span(part).boolean();
                for (plane, value) in [(condition.yes, TRUE), (condition.no, FALSE)] {
                    if let Some(plane) = plane {
                        for (word, bytes) in tiles[plane].iter_mut().zip(bytes.chunks(WORD)) {
                            *word = word_of(bytes, value);
                        }
                    }
                }
            }
        }
        simd.run(
            #[inline(always)]
            || {
                for (index, condition) in self.conditions.iter().enumerate() {
                    self.combine(condition, &mut carried[index], part.len(), tiles);
                }
            },
        );
    }

    /// The planes of a condition from those of others.
    #[inline(always)]
    fn combine(
        &self,
        condition: &Condition,
        carried: &mut (u64, u64),
        bars: usize,
        tiles: &mut [Tile],
    ) {
        let Condition { step, yes, no } = *condition;
        match step {
            Step::Bytes { .. } => {}
            Step::Compare { order, op } => {
                let order = self.orders[order];
                for (plane, truth) in [(yes, true), (no, false)] {
                    write(tiles, plane, |tiles| compared(tiles, &order, op, truth));
                }
            }
            Step::Cross { order, upwards } => {
                let order = self.orders[order];
                let side = if upwards { order.above } else { order.below };
                let (now, known) = (*tile(tiles, side), *tile(tiles, order.known));
                let before = later(&now, carried.0);
                let both = two(&known, &later(&known, carried.1), |now, then| now & then);
                let crosses = two(&now, &before, |now, before| now & !before);
                let crosses = two(&crosses, &both, |crosses, both| crosses & both);
                let (word, bit) = ((bars - 1) / WORD, (bars - 1) % WORD);
                *carried = (now[word] >> bit & 1, known[word] >> bit & 1);
                write(tiles, yes, |_| crosses);
                write(tiles, no, |_| two(&both, &crosses, |both, yes| both & !yes));
            }
            Step::And(a, b) | Step::Or(a, b) => {
                let (a, b) = (self.conditions[a], self.conditions[b]);
                let is_and = matches!(step, Step::And(..));
                for (plane, a, b, both) in [(yes, a.yes, b.yes, is_and), (no, a.no, b.no, !is_and)]
                {
                    write(tiles, plane, |tiles| {
                        let (a, b) = (tile(tiles, a), tile(tiles, b));
                        if both {
                            two(a, b, |a, b| a & b)
                        } else {
                            two(a, b, |a, b| a | b)
                        }
                    });
                }
            }
            Step::Not(a) => {
                let a = self.conditions[a];
                write(tiles, yes, |tiles| *tile(tiles, a.no));
                write(tiles, no, |tiles| *tile(tiles, a.yes));
            }
        }
    }
}

/// Where a comparison is true, or false.
#[inline(always)]
fn compared(tiles: &[Tile], order: &Order, op: Comparison, truth: bool) -> Tile {
    let [above, below, known] =
        [order.above, order.below, order.known].map(|plane| tile(tiles, plane));
    let known_but = |side: &Tile| two(known, side, |known, side| known & !side);
    let unequal = || two(above, below, |above, below| above | below);
    match (op, truth) {
        (Comparison::Greater, true) | (Comparison::LessEqual, false) => *above,
        (Comparison::Less, true) | (Comparison::GreaterEqual, false) => *below,
        (Comparison::LessEqual, true) | (Comparison::Greater, false) => known_but(above),
        (Comparison::GreaterEqual, true) | (Comparison::Less, false) => known_but(below),
        (Comparison::NotEqual, true) | (Comparison::Equal, false) => unequal(),
        (Comparison::Equal, true) | (Comparison::NotEqual, false) => known_but(&unequal()),
    }
}

#[inline(always)]
fn tile(tiles: &[Tile], plane: Option<Plane>) -> &Tile {
    plane.map_or(&NOTHING, |plane| &tiles[plane])
}

#[inline(always)]
fn write(tiles: &mut [Tile], plane: Option<Plane>, value: impl FnOnce(&[Tile]) -> Tile) {
    if let Some(plane) = plane {
        tiles[plane] = value(tiles);
    }
}

#[inline(always)]
fn two(a: &Tile, b: &Tile, of: impl Fn(u64, u64) -> u64) -> Tile {
    std::array::from_fn(|i| of(a[i], b[i]))
}

/// A plane one bar later, behind the last bit before it.
#[inline(always)]
fn later(tile: &Tile, before: u64) -> Tile {
    let mut found = NOTHING;
    found[0] = tile[0] << 1 | before;
    for i in 1..TILE_WORDS {
        found[i] = tile[i] << 1 | tile[i - 1] >> (WORD - 1);
    }
    found
}

/// Which of up to 64 bytes have a value.
fn word_of(bytes: &[u8], value: u8) -> u64 {
    let mut word = 0;
    for (i, &byte) in bytes.iter().enumerate() {
        word |= u64::from(byte == value) << i;
    }
    word
}

/// Writes words that begin at bar `part.start` into a plane; what follows `part` is written next.
fn put(words: &[u64], part: &Range<usize>, plane: &mut [u64]) {
    let (first, shift) = (part.start / WORD, part.start % WORD);
    if shift == 0 {
        plane[first..first + words.len()].copy_from_slice(words);
        return;
    }
    let last = (part.end - 1) / WORD;
    for (i, &word) in words.iter().enumerate() {
        let slot = first + i;
        plane[slot] = plane[slot] & !(u64::MAX << shift) | word << shift;
        if slot < last {
            plane[slot + 1] = word >> (WORD - shift);
        }
    }
}

/// Numbers of some bars as words are made of them.
fn compare_order(
    simd: Simd,
    a: Number<'_>,
    b: Number<'_>,
    order: &Order,
    bars: usize,
    tiles: &mut [Tile],
) {
    match (a, b) {
        (Number::Series(a), Number::Series(b)) => {
            let (a64, b64) = (a.as_chunks().0, b.as_chunks().0);
            orders(simd, a64, b64, |t| (a[t], b[t]), order, bars, tiles);
        }
        (Number::Series(a), Number::Scalar(y)) => {
            orders(simd, a.as_chunks().0, y, |t| (a[t], y), order, bars, tiles);
        }
        (Number::Scalar(x), Number::Series(b)) => {
            orders(simd, x, b.as_chunks().0, |t| (x, b[t]), order, bars, tiles);
        }
        (Number::Scalar(x), Number::Scalar(y)) => {
            orders(simd, x, y, |_| (x, y), order, bars, tiles);
        }
    }
}

/// The planes of an order; `one` gives its numbers by bar.
#[allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]
#[inline(always)]
fn orders(
    simd: Simd,
    a: impl Words,
    b: impl Words,
    one: impl Fn(usize) -> (f64, f64),
    order: &Order,
    bars: usize,
    tiles: &mut [Tile],
) {
    let whole = bars / WORD;
    let mut words = [NOTHING; 3];
    simd.words(whole, a, b, |i, above, below, known| {
        (words[0][i], words[1][i], words[2][i]) = (above, below, known);
    });
    if !bars.is_multiple_of(WORD) {
        let sides = (whole * WORD..bars).map(|t| {
            let (a, b) = one(t);
            [a > b, a < b, !(a.is_nan() | b.is_nan())]
        });
        put_rest(&mut words, whole, sides);
    }
    order.put(tiles, &words);
}

/// As [`orders`], of numbers that are known by their ranks.
fn compare_ranks(simd: Simd, a: &[i16], b: &[i16], order: &Order, tiles: &mut [Tile]) {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks(), b.as_chunks());
    let mut words = [NOTHING; 3];
    simd.rank_words(a, b, |i, above, below, known| {
        (words[0][i], words[1][i], words[2][i]) = (above, below, known);
    });
    if !a_rest.is_empty() {
        let sides = a_rest.iter().zip(b_rest).map(|(&a, &b)| {
            let known = a != NO_RANK && b != NO_RANK;
            [known && a > b, known && a < b, known]
        });
        put_rest(&mut words, a.len(), sides);
    }
    order.put(tiles, &words);
}

/// Makes the words of less than 64 bars.
fn put_rest(words: &mut [Tile; 3], i: usize, sides: impl Iterator<Item = [bool; 3]>) {
    for (bit, sides) in sides.enumerate() {
        for (words, side) in words.iter_mut().zip(sides) {
            words[i] |= u64::from(side) << bit;
        }
    }
}

impl Order {
    /// Writes its planes.
    fn put(&self, tiles: &mut [Tile], words: &[Tile; 3]) {
        for (plane, words) in [self.above, self.below, self.known].into_iter().zip(words) {
            if let Some(plane) = plane {
                tiles[plane] = *words;
            }
        }
    }
}
