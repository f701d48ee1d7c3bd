//! Nodes that are one number for all bars, and the settings they state.

use super::elementwise::{arithmetic, larger, smaller};
use super::inputs::Inputs;
use crate::error::Result;
use crate::graph::{Graph, Op, Slot};

/// The values of scalar nodes, by node; NaN for the others.
pub(crate) fn scalars(graph: &Graph, params: &[f64]) -> Vec<f64> {
    let mut values = Vec::with_capacity(graph.nodes.len());
    put_scalars(graph, params, &mut values);
    values
}

/// As [`scalars`], behind those that `values` hold.
pub(crate) fn put_scalars(graph: &Graph, params: &[f64], values: &mut Vec<f64>) {
    let first = values.len();
    for node in &graph.nodes {
        let arg = |position: usize| -> f64 { values[first + node.args[position]] };
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
}

/// Checks every window and other setting against what it may be.
///
/// # Errors
/// Those of [`check_settings_of`], of the first node that has one.
pub(crate) fn check_settings(graph: &Graph, inputs: &Inputs<'_>, scalars: &[f64]) -> Result<()> {
    (0..graph.nodes.len()).try_for_each(|node| check_settings_of(graph, inputs, scalars, node))
}

/// The nodes that have a setting, in their order.
pub(crate) fn nodes_with_settings(graph: &Graph) -> Vec<usize> {
    let is_setting = |slot: &Slot| !matches!(slot, Slot::Number | Slot::Condition);
    let nodes = graph.nodes.iter().enumerate();
    let with = nodes.filter(|(_, node)| node.op.slots().iter().any(is_setting));
    with.map(|(index, _)| index).collect()
}

/// Checks a node's windows and other settings, where it has any.
///
/// # Errors
/// A window that is not a whole number from 1 to the number of bars; a fraction that is not from 0
/// to 1; a number that is not above 0.
pub(crate) fn check_settings_of(
    graph: &Graph,
    inputs: &Inputs<'_>,
    scalars: &[f64],
    index: usize,
) -> Result<()> {
    let node = &graph.nodes[index];
    let bars = inputs.len(node.context);
    for (&slot, &arg) in node.op.slots().iter().zip(&node.args) {
        let value = scalars[arg];
        let fits = match slot {
            Slot::Number | Slot::Condition => true,
            Slot::Window(_) => value.fract() == 0.0 && (1.0..=bars as f64).contains(&value),
            Slot::Fraction(_) => (0.0..=1.0).contains(&value),
            Slot::Positive(_) => value > 0.0 && value.is_finite(),
        };
        if !fits {
            return Err(graph.node_error(index, refusal(graph, slot, value, (node.context, bars))));
        }
    }
    Ok(())
}

/// What a setting is and what it should be; a window by the context and number of its bars.
fn refusal(graph: &Graph, slot: Slot, value: f64, (context, bars): (usize, usize)) -> String {
    let expected = match slot {
        Slot::Fraction(_) => "a number from 0 to 1".to_owned(),
        Slot::Positive(_) => "a number above 0".to_owned(),
        _ => {
            let longer = context.checked_sub(1).map(|longer| &graph.longer[longer]);
            let of = longer.map_or(String::new(), |longer| format!(" of {longer}"));
            format!("a whole number from 1 to the {bars} bars{of}")
        }
    };
    let name = slot.setting().unwrap_or("argument");
    format!("its {name} is {value}, expected {expected}")
}
