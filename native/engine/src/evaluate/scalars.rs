//! Nodes that are one number for all bars, and the windows they state.

use super::elementwise::{arithmetic, larger, smaller};
use super::inputs::Inputs;
use crate::error::Result;
use crate::graph::{Graph, Op, window_argument};

/// The values of scalar nodes, by node; NaN for the others.
pub(crate) fn scalars(graph: &Graph, params: &[f64]) -> Vec<f64> {
    let mut values = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let arg = |position: usize| -> f64 { values[node.args[position]] };
        let value = match &node.op {
            _ if !node.scalar => f64::NAN,
            Op::Constant(value) => *value,
            Op::Parameter(parameter) => params[*parameter],
            Op::Arithmetic(op) => arithmetic(*op, arg(0), arg(1)),
            Op::Negate => -arg(0),
            Op::Absolute => arg(0).abs(),
            Op::Minimum => smaller(arg(0), arg(1)),
            Op::Maximum => larger(arg(0), arg(1)),
            _ => unreachable!("no other operation on scalars is a scalar"),
        };
        values.push(value);
    }
    values
}

/// Checks every window against the bars it runs over.
///
/// # Errors
/// Those of [`check_window`], of the first node that has one.
pub(crate) fn check_windows(graph: &Graph, inputs: &Inputs<'_>, scalars: &[f64]) -> Result<()> {
    (0..graph.nodes.len()).try_for_each(|node| check_window(graph, inputs, scalars, node))
}

/// Checks a node's window, where it has one.
///
/// # Errors
/// A window that is not a whole number from 1 to the number of bars.
pub(crate) fn check_window(
    graph: &Graph,
    inputs: &Inputs<'_>,
    scalars: &[f64],
    index: usize,
) -> Result<()> {
    let node = &graph.nodes[index];
    let Some(&argument) = window_argument(&node.op, &node.args) else {
        return Ok(());
    };
    let (value, len) = (scalars[argument], inputs.len(node.context));
    if value.fract() == 0.0 && (1.0..=len as f64).contains(&value) {
        return Ok(());
    }
    let bars = match node.context.checked_sub(1) {
        None => "bars".to_owned(),
        Some(longer) => format!("bars of {}", graph.longer[longer]),
    };
    Err(graph.node_error(
        index,
        format!("its window is {value}, expected a whole number from 1 to the {len} {bars}"),
    ))
}
