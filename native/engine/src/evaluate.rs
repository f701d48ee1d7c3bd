//! Evaluates one node at a time: scalars stay scalars, series are written into reusable buffers.

use crate::bars::Bars;
use crate::error::Result;
use crate::graph::{Arithmetic, Comparison, Graph, Node, Op, window_argument};
use crate::indicators::{channel, momentum, trend, volatility};

/// A boolean that is known to be false.
pub const FALSE: u8 = 0;
/// A boolean that is known to be true.
pub const TRUE: u8 = 1;
/// A boolean that is missing.
pub const MISSING: u8 = 2;

/// A node's values.
#[derive(Debug, Clone, Default)]
pub enum Series {
    /// Not evaluated.
    #[default]
    Empty,
    /// One number for all bars.
    Scalar(f64),
    /// A number a bar, NaN where missing.
    Number(Vec<f64>),
    /// A three-valued boolean a bar.
    Boolean(Vec<u8>),
}

/// A number series as an operation reads it.
#[derive(Clone, Copy)]
pub enum Number<'a> {
    /// The same number at each bar.
    Scalar(f64),
    /// A number a bar.
    Series(&'a [f64]),
}

/// Borrowed values of a node; columns are read in place.
#[derive(Clone, Copy)]
pub enum View<'a> {
    /// A number or a number series.
    Number(Number<'a>),
    /// A boolean series.
    Boolean(&'a [u8]),
}

impl Series {
    /// Borrows the values.
    ///
    /// # Panics
    /// The node has not been evaluated, which topological order rules out.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        match self {
            Self::Empty => unreachable!("nodes are evaluated in topological order"),
            Self::Scalar(value) => View::Number(Number::Scalar(*value)),
            Self::Number(values) => View::Number(Number::Series(values)),
            Self::Boolean(values) => View::Boolean(values),
        }
    }

    fn number_buffer(&mut self, len: usize) -> &mut [f64] {
        if !matches!(self, Self::Number(values) if values.len() == len) {
            *self = Self::Number(vec![0.0; len]);
        }
        match self {
            Self::Number(values) => values,
            _ => unreachable!("just made a number buffer"),
        }
    }

    fn boolean_buffer(&mut self, len: usize) -> &mut [u8] {
        if !matches!(self, Self::Boolean(values) if values.len() == len) {
            *self = Self::Boolean(vec![0; len]);
        }
        match self {
            Self::Boolean(values) => values,
            _ => unreachable!("just made a boolean buffer"),
        }
    }
}

impl<'a> View<'a> {
    fn number(self) -> Number<'a> {
        match self {
            Self::Number(number) => number,
            Self::Boolean(_) => unreachable!("types are checked when the graph is compiled"),
        }
    }

    fn boolean(self) -> &'a [u8] {
        match self {
            Self::Boolean(values) => values,
            Self::Number(_) => unreachable!("types are checked when the graph is compiled"),
        }
    }
}

/// The columns that the graph's column nodes read, by node.
///
/// # Errors
/// A column that the bars do not have.
pub fn columns<'a>(graph: &Graph, bars: &Bars<'a>) -> Result<Vec<Option<&'a [f64]>>> {
    let find = |(index, node): (usize, &Node)| match &node.op {
        Op::Column(name) => bars.column(name).map(Some).ok_or_else(|| {
            let names: Vec<&str> = bars.names().collect();
            graph.node_error(
                index,
                format!("no column {name:?}; the bars have {}", names.join(", ")),
            )
        }),
        _ => Ok(None),
    };
    graph.nodes.iter().enumerate().map(find).collect()
}

/// Evaluates node `index`, which is no column, into `out`; `view` gives the values of earlier nodes.
///
/// # Errors
/// A window that is not a whole number from 1 to the number of bars.
pub fn evaluate<'a>(
    graph: &Graph,
    index: usize,
    bars: &Bars<'_>,
    params: &[f64],
    view: impl Fn(usize) -> View<'a>,
    out: &mut Series,
) -> Result<()> {
    let node = &graph.nodes[index];
    let len = bars.len();
    let window = match window_argument(&node.op, &node.args) {
        Some(&argument) => Some(checked_window(graph, index, view(argument).number(), len)?),
        None => None,
    };
    let arg = |position: usize| view(node.args[position]);
    match (&node.op, window) {
        (Op::Constant(value), _) => *out = Series::Scalar(*value),
        (Op::Parameter(parameter), _) => *out = Series::Scalar(params[*parameter]),
        (Op::Column(_), _) => unreachable!("columns are read in place"),
        (Op::Arithmetic(op), _) => arithmetic(*op, arg(0).number(), arg(1).number(), len, out),
        (Op::Negate, _) => match arg(0).number() {
            Number::Scalar(value) => *out = Series::Scalar(-value),
            Number::Series(values) => {
                for (slot, value) in out.number_buffer(len).iter_mut().zip(values) {
                    *slot = -value;
                }
            }
        },
        (Op::Comparison(op), _) => comparison(
            *op,
            arg(0).number(),
            arg(1).number(),
            out.boolean_buffer(len),
        ),
        (Op::And, _) => {
            for_each_pair(
                arg(0).boolean(),
                arg(1).boolean(),
                out.boolean_buffer(len),
                and,
            );
        }
        (Op::Or, _) => {
            for_each_pair(
                arg(0).boolean(),
                arg(1).boolean(),
                out.boolean_buffer(len),
                or,
            );
        }
        (Op::Not, _) => {
            for (slot, &value) in out.boolean_buffer(len).iter_mut().zip(arg(0).boolean()) {
                *slot = not(value);
            }
        }
        (Op::Shift(bars), _) => shift(arg(0), *bars, len, out),
        (Op::CrossesAbove, _) => crosses(
            arg(0).number(),
            arg(1).number(),
            out.boolean_buffer(len),
            |a0, b0, a1, b1| a0 <= b0 && a1 > b1,
        ),
        (Op::CrossesBelow, _) => crosses(
            arg(0).number(),
            arg(1).number(),
            out.boolean_buffer(len),
            |a0, b0, a1, b1| a0 >= b0 && a1 < b1,
        ),
        (_, Some(window)) => {
            let input = (!matches!(node.op, Op::Atr)).then(|| arg(0).number());
            windowed(&node.op, input, window, bars, out.number_buffer(len));
        }
        (Op::Sma | Op::Ema | Op::Rsi | Op::Highest | Op::Lowest | Op::Atr, None) => {
            unreachable!("these operations have a window argument")
        }
    }
    Ok(())
}

fn checked_window(graph: &Graph, index: usize, window: Number<'_>, len: usize) -> Result<usize> {
    let Number::Scalar(value) = window else {
        unreachable!("windows are checked to be scalars when the graph is compiled")
    };
    if value.fract() != 0.0 || !(1.0..=len as f64).contains(&value) {
        return Err(graph.node_error(
            index,
            format!("its window is {value}, expected a whole number from 1 to the {len} bars"),
        ));
    }
    Ok(value as usize)
}

/// The indicators; `input` is their series, which the true range does without.
fn windowed(op: &Op, input: Option<Number<'_>>, window: usize, bars: &Bars<'_>, out: &mut [f64]) {
    let repeated: Vec<f64>;
    let values = match input {
        None => &[],
        Some(Number::Series(values)) => values,
        Some(Number::Scalar(value)) => {
            repeated = vec![value; bars.len()];
            &repeated
        }
    };
    match op {
        Op::Sma => trend::sma(values, window, out),
        Op::Ema => trend::ema(values, window, out),
        Op::Rsi => momentum::rsi(values, window, out),
        Op::Highest => channel::highest(values, window, out),
        Op::Lowest => channel::lowest(values, window, out),
        Op::Atr => volatility::atr(bars.high, bars.low, bars.close, window, out),
        _ => unreachable!("only indicators have a window"),
    }
}

/// Kleene's and.
fn and(a: u8, b: u8) -> u8 {
    if a == FALSE || b == FALSE {
        FALSE
    } else {
        a.max(b)
    }
}

/// Kleene's or.
fn or(a: u8, b: u8) -> u8 {
    if a == TRUE || b == TRUE {
        TRUE
    } else {
        a.max(b)
    }
}

/// Kleene's not.
fn not(a: u8) -> u8 {
    match a {
        FALSE => TRUE,
        TRUE => FALSE,
        _ => MISSING,
    }
}

fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}

fn arithmetic(op: Arithmetic, a: Number<'_>, b: Number<'_>, len: usize, out: &mut Series) {
    match op {
        Arithmetic::Add => numbers(a, b, len, out, |x, y| finite(x + y)),
        Arithmetic::Subtract => numbers(a, b, len, out, |x, y| finite(x - y)),
        Arithmetic::Multiply => numbers(a, b, len, out, |x, y| finite(x * y)),
        Arithmetic::Divide => numbers(a, b, len, out, |x, y| finite(x / y)),
    }
}

fn numbers(
    a: Number<'_>,
    b: Number<'_>,
    len: usize,
    out: &mut Series,
    op: impl Fn(f64, f64) -> f64,
) {
    if let (Number::Scalar(x), Number::Scalar(y)) = (a, b) {
        *out = Series::Scalar(op(x, y));
    } else {
        pairs(a, b, out.number_buffer(len), op);
    }
}

/// Applies `op` to each pair; both scalars fill the whole of `out`.
fn pairs<T: Copy>(a: Number<'_>, b: Number<'_>, out: &mut [T], op: impl Fn(f64, f64) -> T) {
    match (a, b) {
        (Number::Scalar(x), Number::Scalar(y)) => out.fill(op(x, y)),
        (Number::Scalar(x), Number::Series(ys)) => {
            for (slot, &y) in out.iter_mut().zip(ys) {
                *slot = op(x, y);
            }
        }
        (Number::Series(xs), Number::Scalar(y)) => {
            for (slot, &x) in out.iter_mut().zip(xs) {
                *slot = op(x, y);
            }
        }
        (Number::Series(xs), Number::Series(ys)) => for_each_pair(xs, ys, out, op),
    }
}

fn for_each_pair<A: Copy, T>(a: &[A], b: &[A], out: &mut [T], op: impl Fn(A, A) -> T) {
    for ((slot, &x), &y) in out.iter_mut().zip(a).zip(b) {
        *slot = op(x, y);
    }
}

#[allow(
    clippy::float_cmp,
    reason = "equality is what the strategy asked for, and it is IEEE 754's"
)]
fn comparison(op: Comparison, a: Number<'_>, b: Number<'_>, out: &mut [u8]) {
    fn known(x: f64, y: f64, truth: bool) -> u8 {
        if x.is_nan() || y.is_nan() {
            MISSING
        } else {
            u8::from(truth)
        }
    }
    match op {
        Comparison::Less => pairs(a, b, out, |x, y| known(x, y, x < y)),
        Comparison::LessEqual => pairs(a, b, out, |x, y| known(x, y, x <= y)),
        Comparison::Greater => pairs(a, b, out, |x, y| known(x, y, x > y)),
        Comparison::GreaterEqual => pairs(a, b, out, |x, y| known(x, y, x >= y)),
        Comparison::Equal => pairs(a, b, out, |x, y| known(x, y, x == y)),
        Comparison::NotEqual => pairs(a, b, out, |x, y| known(x, y, x != y)),
    }
}

fn shift(view: View<'_>, bars: usize, len: usize, out: &mut Series) {
    let lead = bars.min(len);
    match view {
        View::Boolean(values) => {
            let out = out.boolean_buffer(len);
            out[..lead].fill(MISSING);
            out[lead..].copy_from_slice(&values[..len - lead]);
        }
        View::Number(Number::Series(values)) => {
            let out = out.number_buffer(len);
            out[..lead].fill(f64::NAN);
            out[lead..].copy_from_slice(&values[..len - lead]);
        }
        View::Number(Number::Scalar(value)) => {
            let out = out.number_buffer(len);
            out[..lead].fill(f64::NAN);
            out[lead..].fill(value);
        }
    }
}

/// Compares neighbouring bars; the first bar, and any with a missing value, is missing.
fn crosses(
    a: Number<'_>,
    b: Number<'_>,
    out: &mut [u8],
    crossed: impl Fn(f64, f64, f64, f64) -> bool,
) {
    let cell = |a0: f64, b0: f64, a1: f64, b1: f64| {
        if a0.is_nan() | b0.is_nan() | a1.is_nan() | b1.is_nan() {
            MISSING
        } else {
            u8::from(crossed(a0, b0, a1, b1))
        }
    };
    out[0] = MISSING;
    match (a, b) {
        (Number::Series(a), Number::Series(b)) => {
            for ((slot, a), b) in out[1..].iter_mut().zip(a.windows(2)).zip(b.windows(2)) {
                *slot = cell(a[0], b[0], a[1], b[1]);
            }
        }
        (Number::Series(a), Number::Scalar(b)) => {
            for (slot, a) in out[1..].iter_mut().zip(a.windows(2)) {
                *slot = cell(a[0], b, a[1], b);
            }
        }
        (Number::Scalar(a), Number::Series(b)) => {
            for (slot, b) in out[1..].iter_mut().zip(b.windows(2)) {
                *slot = cell(a, b[0], a, b[1]);
            }
        }
        (Number::Scalar(a), Number::Scalar(b)) => {
            out[1..].fill(cell(a, b, a, b));
        }
    }
}
