//! One node's evaluation, carried from tile to tile.

use std::ops::Range;

use super::elementwise::{
    Before, and, binary, calculate, choose, compare, crosses_above, larger, not, or, pairs,
    smaller, unary,
};
use super::inputs::Inputs;
use super::simd::Simd;
use super::values::{MISSING, Number, Series, Stored, View};
use crate::bars::Longer;
use crate::graph::{Graph, Node, Op, window_argument};
use crate::indicators::channel::{Extreme, Side};
use crate::indicators::conditions::{Held, Since};
use crate::indicators::dispersion::Deviation;
use crate::indicators::momentum::Rsi;
use crate::indicators::rolling::{Mean, Rolling, Total};
use crate::indicators::trend::Ema;
use crate::indicators::volatility::Atr;

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
    /// The values of a scalar argument whose past is read, one a bar.
    repeated: Vec<f64>,
}

#[derive(Default)]
enum Memory {
    #[default]
    None,
    Crosses(Before),
    Sma(Rolling<Mean>),
    Sum(Rolling<Total>),
    Stdev(Rolling<Deviation>),
    Ema(Ema),
    Rsi(Rsi),
    Atr(Atr),
    Extreme(Extreme),
    Since(Since),
    Held(Held),
    /// The ordinal of the longer bar that the last bar belongs to.
    On(usize),
}

impl Op {
    /// Whether the operation reads its argument's values from before a tile, all of them, or
    /// those of another context.
    pub(crate) fn reads_the_past(&self) -> bool {
        matches!(
            self,
            Self::Sma | Self::Sum | Self::Stdev | Self::Shift(_) | Self::On(_)
        )
    }
}

impl Kernel {
    /// A node before the first bar; windows have been checked.
    pub fn new(place: Place<'_, '_>, scalars: &[f64], index: usize) -> Self {
        let node = &place.graph.nodes[index];
        let window = window_argument(&node.op, &node.args).map_or(0, |&arg| scalars[arg] as usize);
        let memory = match node.op {
            Op::CrossesAbove | Op::CrossesBelow => Memory::Crosses(Before::first_bar()),
            Op::Sma => Memory::Sma(Rolling::new(window)),
            Op::Sum => Memory::Sum(Rolling::new(window)),
            Op::Stdev => Memory::Stdev(Rolling::new(window)),
            Op::Ema => Memory::Ema(Ema::new(window)),
            Op::Rsi => Memory::Rsi(Rsi::new(window)),
            Op::Atr => Memory::Atr(Atr::new(window)),
            Op::Highest => Memory::Extreme(Extreme::new(window, Side::Highest)),
            Op::Lowest => Memory::Extreme(Extreme::new(window, Side::Lowest)),
            Op::BarsSince => Memory::Since(Since::default()),
            Op::HeldFor => Memory::Held(Held::new(window)),
            Op::On(_) => Memory::On(0),
            _ => Memory::None,
        };
        let over_scalar = matches!(
            node.op,
            Op::Sma | Op::Sum | Op::Stdev | Op::Ema | Op::Rsi | Op::Highest | Op::Lowest
        ) && place.graph.nodes[node.args[0]].scalar;
        let repeated = if over_scalar {
            vec![scalars[node.args[0]]; place.inputs.len(node.context)]
        } else {
            Vec::new()
        };
        Self { memory, repeated }
    }

    /// Evaluates the bars of `span` into `out`, which starts at the first of them; `read` gives
    /// earlier nodes.
    pub fn advance<'v>(
        &mut self,
        place: Place<'_, '_>,
        index: usize,
        span: &Range<usize>,
        read: &impl Fn(usize) -> Stored<'v>,
        out: &mut Series,
        slots: Range<usize>,
    ) {
        let node = &place.graph.nodes[index];
        match out {
            Series::Number(out) => self.numbers(place, node, span, read, &mut out[slots]),
            Series::Boolean(out) => self.booleans(place, node, span, read, &mut out[slots]),
            Series::Empty => unreachable!("room is made before a node is evaluated"),
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
            (_, Memory::Atr(atr)) => {
                let [high, low, close] = place.inputs.ranges(node.context);
                let tile = span.clone();
                atr.advance(&high[tile.clone()], &low[tile.clone()], &close[tile], out);
            }
            (_, memory) => {
                let whole = || match read(node.args[0]).past(span.end).number() {
                    Number::Series(values) => values,
                    Number::Scalar(_) => &self.repeated[..span.end],
                };
                let tile = || match number(0) {
                    Number::Series(values) => values,
                    Number::Scalar(_) => &self.repeated[span.clone()],
                };
                match memory {
                    Memory::Sma(sma) => sma.advance(whole(), span.start, out),
                    Memory::Sum(sum) => sum.advance(whole(), span.start, out),
                    Memory::Stdev(stdev) => stdev.advance(whole(), span.start, out),
                    Memory::Ema(ema) => ema.advance(tile(), out),
                    Memory::Rsi(rsi) => rsi.advance(tile(), out),
                    Memory::Extreme(extreme) => extreme.advance(tile(), out),
                    _ => unreachable!("no other operation gives numbers"),
                }
            }
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
fn shift<T: Copy>(values: &[T], bars: usize, span: &Range<usize>, missing: T, out: &mut [T]) {
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
