//! The strategy graph: parsed from JSON, type-checked, in topological order.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::{EngineError, Result};

/// The version of the graph's JSON form that this engine reads.
const VERSION: u32 = 1;

/// What a node computes.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// A column of the bars.
    Column(String),
    /// A number.
    Constant(f64),
    /// A parameter, by its index in [`Graph::parameters`].
    Parameter(usize),
    /// Arithmetic on two numbers.
    Arithmetic(Arithmetic),
    /// −a.
    Negate,
    /// A comparison of two numbers.
    Comparison(Comparison),
    /// Kleene's and.
    And,
    /// Kleene's or.
    Or,
    /// Kleene's not.
    Not,
    /// The value some bars ago.
    Shift(usize),
    /// a crosses above b.
    CrossesAbove,
    /// a crosses below b.
    CrossesBelow,
    /// Simple moving average.
    Sma,
    /// Exponential moving average.
    Ema,
    /// Relative strength index.
    Rsi,
    /// Average true range.
    Atr,
    /// Rolling maximum.
    Highest,
    /// Rolling minimum.
    Lowest,
}

/// The four operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// a + b
    Add,
    /// a − b
    Subtract,
    /// a × b
    Multiply,
    /// a ÷ b
    Divide,
}

/// The six comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// a < b
    Less,
    /// a ≤ b
    LessEqual,
    /// a > b
    Greater,
    /// a ≥ b
    GreaterEqual,
    /// a = b
    Equal,
    /// a ≠ b
    NotEqual,
}

/// A node and the nodes it reads.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it computes.
    pub op: Op,
    /// The operation's name in JSON.
    pub name: String,
    /// Indices of its arguments, each smaller than its own.
    pub args: Vec<usize>,
    /// Whether it is a three-valued boolean.
    pub boolean: bool,
    /// Whether one number stands for all bars (constants, parameters and arithmetic on them).
    pub scalar: bool,
}

/// How a stop or target level is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LevelKind {
    /// A fraction of the fill price.
    Percent,
    /// A distance in price.
    Distance,
}

/// A stop or target: its kind and the number node that states it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// How to read the node's value.
    pub kind: LevelKind,
    /// The node's index.
    pub node: usize,
}

/// A compiled strategy.
#[derive(Debug, Clone)]
pub struct Graph {
    /// Nodes in topological order.
    pub nodes: Vec<Node>,
    /// Parameter names, sorted; bound values are given in this order.
    pub parameters: Vec<String>,
    /// Node of the long entry.
    pub long_entry: Option<usize>,
    /// Node of the long exit.
    pub long_exit: Option<usize>,
    /// Node of the short entry.
    pub short_entry: Option<usize>,
    /// Node of the short exit.
    pub short_exit: Option<usize>,
    /// The stop-loss.
    pub stop_loss: Option<Level>,
    /// The take-profit.
    pub take_profit: Option<Level>,
}

#[derive(Deserialize)]
struct GraphJson {
    version: u32,
    nodes: Vec<NodeJson>,
    outputs: OutputsJson,
    #[serde(default)]
    stop_loss: Option<Level>,
    #[serde(default)]
    take_profit: Option<Level>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NodeJson {
    op: String,
    #[serde(default)]
    args: Vec<usize>,
    name: Option<String>,
    value: Option<f64>,
    bars: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutputsJson {
    long_entry: Option<usize>,
    long_exit: Option<usize>,
    short_entry: Option<usize>,
    short_exit: Option<usize>,
}

impl Graph {
    /// Parses and checks a graph.
    ///
    /// # Errors
    /// Malformed JSON, an unknown operation, a wrong number or type of arguments, an argument that
    /// does not stand before its user; the message names the node.
    pub fn parse(json: &str) -> Result<Self> {
        let parsed: GraphJson =
            serde_json::from_str(json).map_err(|error| EngineError::Graph(error.to_string()))?;
        if parsed.version != VERSION {
            return Err(EngineError::Graph(format!(
                "version {} found, this engine reads {VERSION}",
                parsed.version
            )));
        }
        let mut parameters: BTreeMap<String, usize> = BTreeMap::new();
        for node in &parsed.nodes {
            if let (Some(name), "parameter") = (&node.name, node.op.as_str()) {
                parameters.insert(name.clone(), 0);
            }
        }
        for (index, slot) in parameters.values_mut().enumerate() {
            *slot = index;
        }
        let mut nodes: Vec<Node> = Vec::with_capacity(parsed.nodes.len());
        for (index, node) in parsed.nodes.into_iter().enumerate() {
            let compiled = compile(index, node, &nodes, &parameters)?;
            nodes.push(compiled);
        }
        let graph = Self {
            long_entry: parsed.outputs.long_entry,
            long_exit: parsed.outputs.long_exit,
            short_entry: parsed.outputs.short_entry,
            short_exit: parsed.outputs.short_exit,
            stop_loss: parsed.stop_loss,
            take_profit: parsed.take_profit,
            parameters: parameters.into_keys().collect(),
            nodes,
        };
        graph.check_outputs()?;
        Ok(graph)
    }

    fn check_outputs(&self) -> Result<()> {
        let signals = [
            ("long_entry", self.long_entry),
            ("long_exit", self.long_exit),
            ("short_entry", self.short_entry),
            ("short_exit", self.short_exit),
        ];
        for (name, node) in signals {
            if let Some(node) = node
                && !self.nodes.get(node).is_some_and(|found| found.boolean)
            {
                return Err(EngineError::Graph(format!(
                    "{name} names node {node}, which is not a boolean node of this graph"
                )));
            }
        }
        for (name, level) in [
            ("stop_loss", self.stop_loss),
            ("take_profit", self.take_profit),
        ] {
            if let Some(Level { node, .. }) = level
                && self.nodes.get(node).is_none_or(|found| found.boolean)
            {
                return Err(EngineError::Graph(format!(
                    "{name} names node {node}, which is not a number node of this graph"
                )));
            }
        }
        if self.long_entry.is_none() && self.short_entry.is_none() {
            return Err(EngineError::Graph(
                "neither long_entry nor short_entry is set, at least one is needed".to_owned(),
            ));
        }
        Ok(())
    }

    /// An error that names a node.
    #[must_use]
    pub fn node_error(&self, node: usize, reason: String) -> EngineError {
        EngineError::Node {
            node,
            op: self.nodes[node].name.clone(),
            reason,
        }
    }
}

fn compile(
    index: usize,
    json: NodeJson,
    before: &[Node],
    parameters: &BTreeMap<String, usize>,
) -> Result<Node> {
    let fail = |reason: String| EngineError::Node {
        node: index,
        op: json.op.clone(),
        reason,
    };
    let (op, types, boolean) = operation(&json, before, parameters).map_err(&fail)?;
    if json.args.len() != types.len() {
        return Err(fail(format!(
            "has {} arguments, expected {}",
            json.args.len(),
            types.len()
        )));
    }
    for (&arg, &wanted) in json.args.iter().zip(types) {
        match before.get(arg) {
            None => {
                return Err(fail(format!(
                    "argument {arg} does not stand before the node"
                )));
            }
            Some(node) if node.boolean != wanted => {
                let kind = |boolean| if boolean { "boolean" } else { "number" };
                return Err(fail(format!(
                    "argument {arg} is a {}, expected a {}",
                    kind(node.boolean),
                    kind(wanted)
                )));
            }
            Some(_) => {}
        }
    }
    if let Some(&window) = window_argument(&op, &json.args)
        && !before[window].scalar
    {
        return Err(fail(format!(
            "its window (node {window}) has to be a constant or a parameter"
        )));
    }
    let scalar = match op {
        Op::Constant(_) | Op::Parameter(_) => true,
        Op::Arithmetic(_) | Op::Negate => json.args.iter().all(|&arg| before[arg].scalar),
        _ => false,
    };
    Ok(Node {
        op,
        name: json.op,
        args: json.args,
        boolean,
        scalar,
    })
}

/// An operation, the types of its arguments and that of its value; true is boolean.
type Signature = (Op, &'static [bool], bool);

fn operation(
    json: &NodeJson,
    before: &[Node],
    parameters: &BTreeMap<String, usize>,
) -> std::result::Result<Signature, String> {
    let named = || json.name.clone().ok_or_else(|| "needs a name".to_owned());
    let found: Signature = match json.op.as_str() {
        "column" => (Op::Column(named()?), &[], false),
        "constant" => match json.value {
            Some(value) if value.is_finite() => (Op::Constant(value), &[], false),
            _ => return Err("needs a finite value".to_owned()),
        },
        "parameter" => (Op::Parameter(parameters[&named()?]), &[], false),
        "add" => (Op::Arithmetic(Arithmetic::Add), &[false, false], false),
        "subtract" => (Op::Arithmetic(Arithmetic::Subtract), &[false, false], false),
        "multiply" => (Op::Arithmetic(Arithmetic::Multiply), &[false, false], false),
        "divide" => (Op::Arithmetic(Arithmetic::Divide), &[false, false], false),
        "negate" => (Op::Negate, &[false], false),
        "less" => (Op::Comparison(Comparison::Less), &[false, false], true),
        "less_equal" => (Op::Comparison(Comparison::LessEqual), &[false, false], true),
        "greater" => (Op::Comparison(Comparison::Greater), &[false, false], true),
        "greater_equal" => (
            Op::Comparison(Comparison::GreaterEqual),
            &[false, false],
            true,
        ),
        "equal" => (Op::Comparison(Comparison::Equal), &[false, false], true),
        "not_equal" => (Op::Comparison(Comparison::NotEqual), &[false, false], true),
        "and" => (Op::And, &[true, true], true),
        "or" => (Op::Or, &[true, true], true),
        "not" => (Op::Not, &[true], true),
        "shift" => {
            let bars = json
                .bars
                .ok_or_else(|| "needs `bars`, a whole number ≥ 0".to_owned())?;
            let boolean = json
                .args
                .first()
                .and_then(|&arg| before.get(arg))
                .is_some_and(|node| node.boolean);
            let types: &'static [bool] = if boolean { &[true] } else { &[false] };
            (Op::Shift(bars), types, boolean)
        }
        "crosses_above" => (Op::CrossesAbove, &[false, false], true),
        "crosses_below" => (Op::CrossesBelow, &[false, false], true),
        "sma" => (Op::Sma, &[false, false], false),
        "ema" => (Op::Ema, &[false, false], false),
        "rsi" => (Op::Rsi, &[false, false], false),
        "atr" => (Op::Atr, &[false], false),
        "highest" => (Op::Highest, &[false, false], false),
        "lowest" => (Op::Lowest, &[false, false], false),
        _ => return Err("is not an operation this engine knows".to_owned()),
    };
    Ok(found)
}

/// The argument that holds a window, for operations that have one.
#[must_use]
pub fn window_argument<'a>(op: &Op, args: &'a [usize]) -> Option<&'a usize> {
    match op {
        Op::Sma | Op::Ema | Op::Rsi | Op::Highest | Op::Lowest => args.get(1),
        Op::Atr => args.first(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Graph;

    #[test]
    fn errors_name_the_node() {
        let graph = |nodes: &str| {
            Graph::parse(&format!(
                r#"{{"version": 1, "nodes": [{nodes}], "outputs": {{"long_entry": 1}}}}"#
            ))
            .unwrap_err()
            .to_string()
        };
        assert_eq!(
            graph(r#"{"op": "column", "name": "close"}, {"op": "less", "args": [0]}"#),
            "node 1 (less): has 1 arguments, expected 2"
        );
        assert_eq!(
            graph(r#"{"op": "not", "args": [0]}"#),
            "node 0 (not): argument 0 does not stand before the node"
        );
        assert_eq!(
            graph(r#"{"op": "column", "name": "close"}, {"op": "peek", "args": [0]}"#),
            "node 1 (peek): is not an operation this engine knows"
        );
        assert_eq!(
            graph(r#"{"op": "column", "name": "close"}, {"op": "sma", "args": [0, 0]}"#),
            "node 1 (sma): its window (node 0) has to be a constant or a parameter"
        );
    }
}
