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

use super::simd::{Coarse, NO_RANK, Simd, Words};
use super::values::{FALSE, Number, Stored, TRUE, View};
use crate::flags::{Flags, WORD};
use crate::graph::{Comparison, Graph, Op};

/// Words that are compared at a time.
const TILE_WORDS: usize = 128;

/// Bars that are compared at a time.
pub(crate) const TILE_BARS: usize = TILE_WORDS * WORD;

/// The words of a plane that are compared at a time.
type Tile = [u64; TILE_WORDS];

/// A plane's number.
type Plane = usize;

/// The plane of no bits.
const NOTHING: Plane = 0;

/// Planes of an order: where a > b, where a < b, and where both are there.
const OF_ORDER: usize = 3;

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

/// The planes of all bars, one behind the other; bits beyond the last bar are 0.
pub(crate) struct Planes {
    bits: Vec<u64>,
    /// Words of a plane.
    words: usize,
}

/// A number that is compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Side<'v> {
    /// Its values.
    pub values: Stored<'v>,
    /// Those of all bars in single precision, where they are known.
    pub coarse: Option<&'v [Coarse]>,
}

/// What an order or a condition reads.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source<'v> {
    /// Two numbers.
    Numbers(Side<'v>, Side<'v>),
    /// The ranks of two numbers, of all bars.
    Ranks(&'v [i16], &'v [i16]),
    /// The planes of two numbers that were compared before, one behind the other.
    Compared(&'v [u64]),
    /// A three-valued boolean.
    Bytes(Stored<'v>),
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
        let words = bars.div_ceil(WORD);
        Planes {
            bits: vec![0; self.planes * words],
            words,
        }
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

/// The first plane of an order.
fn of_order(order: usize) -> Plane {
    NOTHING + 1 + order * OF_ORDER
}

/// The planes of an order.
fn planes_of(order: usize) -> [Plane; OF_ORDER] {
    std::array::from_fn(|i| of_order(order) + i)
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

impl Planes {
    /// Takes over the planes of the orders that were compared before.
    pub fn take(&mut self, sources: &[Source<'_>]) {
        for (order, source) in sources.iter().enumerate() {
            if let Source::Compared(known) = source {
                let from = of_order(order) * self.words;
                self.bits[from..from + known.len()].copy_from_slice(known);
            }
        }
    }

    fn at(&self, plane: Plane) -> &[u64] {
        &self.bits[plane * self.words..(plane + 1) * self.words]
    }

    /// A plane to write, and how those before it are read.
    #[inline(always)]
    fn split<'p>(&'p mut self, plane: Plane) -> (&'p mut [u64], impl Fn(Plane) -> &'p [u64]) {
        let words = self.words;
        let (before, rest) = self.bits.split_at_mut(plane * words);
        let before = &*before;
        (&mut rest[..words], move |plane: Plane| {
            &before[plane * words..(plane + 1) * words]
        })
    }

    /// Makes a plane from two before it.
    #[inline(always)]
    fn two(&mut self, plane: Plane, a: Plane, b: Plane, of: impl Fn(u64, u64) -> u64) {
        let (out, read) = self.split(plane);
        for ((slot, &a), &b) in out.iter_mut().zip(read(a)).zip(read(b)) {
            *slot = of(a, b);
        }
    }

    /// Makes a plane from itself and one before it.
    #[inline(always)]
    fn own(&mut self, plane: Plane, a: Plane, of: impl Fn(u64, u64) -> u64) {
        let (out, read) = self.split(plane);
        for (slot, &a) in out.iter_mut().zip(read(a)) {
            *slot = of(*slot, a);
        }
    }

    /// Makes a plane from two before it, each as it is and as it was a bar before.
    #[inline(always)]
    fn with_last(
        &mut self,
        plane: Plane,
        [a, b]: [Plane; 2],
        of: impl Fn([u64; 2], [u64; 2]) -> u64,
    ) {
        let (out, read) = self.split(plane);
        let (a, b) = (read(a), read(b));
        let ([first, rest @ ..], [a0, a_rest @ ..], [b0, b_rest @ ..]) = (out, a, b) else {
            return;
        };
        *first = of([*a0, a0 << 1], [*b0, b0 << 1]);
        let a = a.iter().zip(a_rest);
        let b = b.iter().zip(b_rest);
        for ((slot, (&then, &a)), (&before, &b)) in rest.iter_mut().zip(a).zip(b) {
            let last = [a << 1 | then >> (WORD - 1), b << 1 | before >> (WORD - 1)];
            *slot = of([a, last[0]], [b, last[1]]);
        }
    }

    /// Writes the planes of an order at the bars of `part`.
    fn compare(&mut self, simd: Simd, order: usize, source: &Source<'_>, part: &Range<usize>) {
        if matches!(source, Source::Compared(_)) {
            return;
        }
        if part.start.is_multiple_of(WORD) {
            let (from, to) = (part.start / WORD, part.end.div_ceil(WORD));
            let planes = self.bits[of_order(order) * self.words..].chunks_mut(self.words);
            let mut planes = planes.map(|plane| &mut plane[from..to]);
            if let (Some(above), Some(below), Some(known)) =
                (planes.next(), planes.next(), planes.next())
            {
                compare(simd, source, part, [above, below, known]);
            }
            return;
        }
        let mut words = [[0; TILE_WORDS]; OF_ORDER];
        let [above, below, known] = &mut words;
        compare(simd, source, part, [above, below, known]);
        for (plane, words) in planes_of(order).into_iter().zip(&words) {
            self.put(plane, words, part);
        }
    }

    /// Writes the words of `part`; what follows it is written next.
    fn put(&mut self, plane: Plane, words: &Tile, part: &Range<usize>) {
        let words = &words[..part.len().div_ceil(WORD)];
        let plane = &mut self.bits[plane * self.words..(plane + 1) * self.words];
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
}

/// Which of up to 64 bytes have a value.
fn word_of(bytes: &[u8], value: u8) -> u64 {
    let mut word = 0;
    for (i, &byte) in bytes.iter().enumerate() {
        word |= u64::from(byte == value) << i;
    }
    word
}

/// The planes of an order at all of so many bars, one behind the other.
pub(crate) fn compare_all(simd: Simd, source: &Source<'_>, bars: usize, planes: &mut [u64]) {
    let words = bars.div_ceil(WORD);
    let (above, rest) = planes.split_at_mut(words);
    let (below, known) = rest.split_at_mut(words);
    compare(simd, source, &(0..bars), [above, below, known]);
}

/// Words of the planes of an order.
pub(crate) fn order_words(bars: usize) -> usize {
    OF_ORDER * bars.div_ceil(WORD)
}

/// Writes where a > b, where a < b, and where both are there, of two numbers at the bars of `part`.
fn compare(
    simd: Simd,
    source: &Source<'_>,
    part: &Range<usize>,
    [above, below, known]: [&mut [u64]; OF_ORDER],
) {
    let (a, b) = match source {
        Source::Numbers(a, b) => (a, b),
        Source::Ranks(a, b) => {
            let (a, b) = (&a[part.clone()], &b[part.clone()]);
            return compare_ranks(simd, a, b, [above, below, known]);
        }
        Source::Compared(_) | Source::Bytes(_) => unreachable!("numbers are compared once"),
    };
    let scalar = |side: &Side<'_>| matches!(side.values.view, View::Number(Number::Scalar(_)));
    let mirrored = scalar(a) && !scalar(b);
    let ([a, b], out) = if mirrored {
        ([b, a], [below, above, known])
    } else {
        ([a, b], [above, below, known])
    };
    let [x, y] = [a, b].map(|side| side.values.span(part).number());
    let [a, b] = [a, b].map(|side| {
        let words = part.start / WORD..part.end / WORD;
        side.coarse.map(|coarse| &coarse[words])
    });
    let bars = part.len();
    match (x, y) {
        (Number::Series(x), Number::Series(y)) => {
            let (x64, y64, one) = (x.as_chunks().0, y.as_chunks().0, |t| (x[t], y[t]));
            match (a, b) {
                (Some(a), Some(b)) => orders(simd, (x64, a), (y64, b), one, bars, out),
                _ => orders(simd, x64, y64, one, bars, out),
            }
        }
        (Number::Series(x), Number::Scalar(y)) => {
            let (x64, one) = (x.as_chunks().0, |t| (x[t], y));
            match a {
                Some(a) => orders(simd, (x64, a), y, one, bars, out),
                None => orders(simd, x64, y, one, bars, out),
            }
        }
        (x, y) => orders(simd, x.at(0), y.at(0), |_| (x.at(0), y.at(0)), bars, out),
    }
}

/// As [`compare`]; `one` gives the numbers by bar.
#[inline(always)]
fn orders(
    simd: Simd,
    a: impl Words,
    b: impl Words,
    one: impl Fn(usize) -> (f64, f64),
    bars: usize,
    [above, below, known]: [&mut [u64]; OF_ORDER],
) {
    let whole = bars / WORD;
    simd.words(whole, a, b, |i, words: [u64; OF_ORDER]| {
        [above[i], below[i], known[i]] = words;
    });
    if bars > whole * WORD {
        [above[whole], below[whole], known[whole]] = words_of(
            (whole * WORD..bars)
                .map(one)
                .map(|(a, b)| [a > b, a < b, !(a.is_nan() | b.is_nan())]),
        );
    }
}

/// As [`compare`], of numbers that are known by their ranks.
fn compare_ranks(simd: Simd, a: &[i16], b: &[i16], [above, below, known]: [&mut [u64]; OF_ORDER]) {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks(), b.as_chunks());
    simd.rank_words(a, b, |i, words: [u64; OF_ORDER]| {
        [above[i], below[i], known[i]] = words;
    });
    let whole = a.len();
    if !a_rest.is_empty() {
        [above[whole], below[whole], known[whole]] =
            words_of(a_rest.iter().zip(b_rest).map(|(&a, &b)| {
                let known = a != NO_RANK && b != NO_RANK;
                [known && a > b, known && a < b, known]
            }));
    }
}

/// The words of less than 64 bars.
fn words_of(sides: impl Iterator<Item = [bool; OF_ORDER]>) -> [u64; OF_ORDER] {
    let mut words = [0; OF_ORDER];
    for (bit, sides) in sides.enumerate() {
        for (word, side) in words.iter_mut().zip(sides) {
            *word |= u64::from(side) << bit;
        }
    }
    words
}
