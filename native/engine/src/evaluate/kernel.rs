//! One node's evaluation, carried from tile to tile.

use std::ops::Range;

use super::elementwise::{
    Before, and, binary, calculate, choose, compare, crosses_above, larger, not, or, pairs,
    smaller, unary,
};
use super::indicator::{Running, drop_infinities};
use super::inputs::Inputs;
use super::simd::Simd;
use super::values::{MISSING, Number, Slots, Stored, View};
use crate::bars::Longer;
use crate::graph::{Graph, Indicator, Node, Op};
use crate::indicators::conditions::{Held, Since, SumSince};

/// Where an evaluation happens: a graph over its inputs.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p, 'a> {
    pub graph: &'p Graph,
    pub inputs: &'p Inputs<'a>,
    pub simd: Simd,
}

/// What a node remembers of the bars before a tile.
#[derive(Default)]
pub(crate) struct Kernel {
    memory: Memory,
    /// The values of arguments that are one number for all bars, where an indicator reads them as
    /// series; empty for others.
    repeated: Vec<Vec<f64>>,
}

#[derive(Default)]
enum Memory {
    #[default]
    None,
    Crosses(Before),
    Running(Running),
    Since(Since),
    SumSince(SumSince),
    Held(Held),
    /// The ordinal of the longer bar that the last bar belongs to.
    On(usize),
}

impl Kernel {
    /// A node before the first bar; its settings have been checked.
    pub fn new(place: Place<'_, '_>, scalars: &[f64], index: usize) -> Self {
        let node = &place.graph.nodes[index];
        let mut repeated = Vec::new();
        let memory = match node.op {
            Op::CrossesAbove | Op::CrossesBelow => Memory::Crosses(Before::first_bar()),
            Op::BarsSince => Memory::Since(Since::default()),
            Op::SumSince => Memory::SumSince(SumSince::default()),
            Op::HeldFor => Memory::Held(Held::new(scalars[node.args[1]] as usize)),
            Op::On(_) => Memory::On(0),
            Op::Indicator(indicator) => {
                let (series, settings) = node.args.split_at(indicator.series());
                let bars = place.inputs.len(node.context);
                let values = |&arg: &usize| {
                    if place.graph.nodes[arg].scalar {
                        vec![scalars[arg]; bars]
                    } else {
                        Vec::new()
                    }
                };
                repeated = series.iter().map(values).collect();
                let settings: Vec<f64> = settings.iter().map(|&arg| scalars[arg]).collect();
                Memory::Running(Running::new(place.simd, indicator, &settings))
            }
            _ => Memory::None,
        };
        Self { memory, repeated }
    }

    /// Evaluates the bars of `span` into `out`; `read` gives earlier nodes.
    pub fn advance<'v>(
        &mut self,
        place: Place<'_, '_>,
        index: usize,
        span: &Range<usize>,
        read: &impl Fn(usize) -> Stored<'v>,
        out: Slots<'_>,
    ) {
        let node = &place.graph.nodes[index];
        match out {
            Slots::Number(out) => self.numbers(place, node, span, read, out),
            Slots::Boolean(out) => self.booleans(place, node, span, read, out),
        }
    }

    fn numbers<'v>(
        &mut self,
        place: Place<'_, '_>,
        node: &Node,
        span: &Range<usize>,
        read: &impl Fn(usize) -> Stored<'v>,
        out: &mut [f64],
    ) {
        let simd = place.simd;
        let view = |position: usize| read(node.args[position]).span(span);
        let number = |position: usize| view(position).number();
        match (&node.op, &mut self.memory) {
            (Op::Arithmetic(op), _) => calculate(simd, *op, number(0), number(1), out),
            (Op::Minimum, _) => binary(simd, number(0), number(1), out, smaller),
            (Op::Maximum, _) => binary(simd, number(0), number(1), out, larger),
            (Op::Negate, _) => unary(simd, series(number(0)), out, |x: f64| -x),
            (Op::Absolute, _) => unary(simd, series(number(0)), out, f64::abs),
            (Op::Where, _) => choose(simd, view(0).boolean(), number(1), number(2), out),
            (Op::Shift(bars), _) => match read(node.args[0]).past(span.end).number() {
                Number::Series(values) => shift(values, *bars, span, f64::NAN, out),
                Number::Scalar(value) => {
                    let missing = bars.saturating_sub(span.start).min(out.len());
                    out[..missing].fill(f64::NAN);
                    out[missing..].fill(value);
                }
            },
            (Op::On(context), Memory::On(ordinal)) => {
                let values = read(node.args[0]).view.number();
                let longer = &place.inputs.longer[context - 1];
                newest_closed(longer, ordinal, span, f64::NAN, |bar| values.at(bar), out);
            }
            (Op::Probability(model), _) => {
                let features: Vec<Number<'_>> = (0..node.args.len()).map(number).collect();
                let times = &place.inputs.ts[span.clone()];
                for (t, (slot, &time)) in out.iter_mut().zip(times).enumerate() {
                    *slot = if time <= model.trained_until_us() {
                        f64::NAN
                    } else {
                        model.probability(features.iter().map(|feature| feature.at(t)))
                    };
                }
            }
            (_, Memory::Since(since)) => since.advance(view(0).boolean(), out),
            (_, Memory::SumSince(sum)) => {
                let values = number(1);
                let values = (0..out.len()).map(|t| values.at(t));
                sum.advance(view(0).boolean(), values, out);
                drop_infinities(simd, out);
            }
            (Op::Indicator(indicator), Memory::Running(running)) => {
                let bars = if indicator.looks_back() {
                    0..span.end
                } else {
                    span.clone()
                };
                if indicator.reads_the_bar() {
                    let ranges = place.inputs.ranges(node.context);
                    let series = ranges.map(|values| &values[bars.clone()]);
                    running.advance(simd, &series, span.start, out);
                } else {
                    let mut series: [&[f64]; Indicator::MOST_SERIES] = Default::default();
                    for (i, (slot, repeated)) in series.iter_mut().zip(&self.repeated).enumerate() {
                        *slot = match read(node.args[i]).span(&bars).number() {
                            Number::Series(values) => values,
                            Number::Scalar(_) => &repeated[bars.clone()],
                        };
                    }
                    running.advance(simd, &series, span.start, out);
                }
            }
            _ => unreachable!("no other operation gives numbers"),
        }
    }

    fn booleans<'v>(
        &mut self,
        place: Place<'_, '_>,
        node: &Node,
        span: &Range<usize>,
        read: &impl Fn(usize) -> Stored<'v>,
        out: &mut [u8],
    ) {
        let simd = place.simd;
        let view = |position: usize| read(node.args[position]).span(span);
        let number = |position: usize| view(position).number();
        let boolean = |position: usize| view(position).boolean();
        match (&node.op, &mut self.memory) {
            (Op::Comparison(op), _) => compare(simd, *op, number(0), number(1), out),
            (Op::And, _) => pairs(simd, boolean(0), boolean(1), out, and),
            (Op::Or, _) => pairs(simd, boolean(0), boolean(1), out, or),
            (Op::Not, _) => unary(simd, boolean(0), out, not),
            (Op::Shift(bars), _) => {
                let values = read(node.args[0]).past(span.end).boolean();
                shift(values, *bars, span, MISSING, out);
            }
            (Op::CrossesAbove, Memory::Crosses(before)) => {
                crosses_above(simd, before, number(0), number(1), out);
            }
            (Op::CrossesBelow, Memory::Crosses(before)) => {
                crosses_above(simd, before, number(1), number(0), out);
            }
            (Op::HeldFor, Memory::Held(held)) => held.advance(boolean(0), out),
            (Op::On(context), Memory::On(ordinal)) => {
                let View::Boolean(values) = read(node.args[0]).view else {
                    unreachable!("types are checked when the graph is compiled")
                };
                let longer = &place.inputs.longer[context - 1];
                newest_closed(longer, ordinal, span, MISSING, |bar| values[bar], out);
            }
            _ => unreachable!("no other operation gives booleans"),
        }
    }
}

/// The series that a node is made of which is no scalar itself.
fn series(number: Number<'_>) -> &[f64] {
    match number {
        Number::Series(values) => values,
        Number::Scalar(_) => unreachable!("such a node over a scalar is a scalar"),
    }
}

/// The values some bars before those of `span`; `values` are those of all bars up to its end.
pub(super) fn shift<T: Copy>(
    values: &[T],
    bars: usize,
    span: &Range<usize>,
    missing: T,
    out: &mut [T],
) {
    let lead = bars.saturating_sub(span.start).min(out.len());
    out[..lead].fill(missing);
    if lead < out.len() {
        out[lead..].copy_from_slice(&values[span.start + lead - bars..span.end - bars]);
    }
}

/// The value of the newest longer bar that is closed at each bar's close.
fn newest_closed<T>(
    longer: &Longer<'_>,
    ordinal: &mut usize,
    span: &Range<usize>,
    missing: T,
    value: impl Fn(usize) -> T,
    out: &mut [T],
) where
    T: Copy,
{
    for (slot, t) in out.iter_mut().zip(span.clone()) {
        if t > 0 && longer.bucket[t] != longer.bucket[t - 1] {
            *ordinal += 1;
        }
        let newest = if longer.closed[t] {
            Some(*ordinal)
        } else {
            ordinal.checked_sub(1)
        };
        *slot = newest.map_or(missing, &value);
    }
}
