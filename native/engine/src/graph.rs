//! The strategy graph: parsed from JSON, type-checked, expanded to one list in topological order.
//!
//! A node under `on` is evaluated over the bars of a longer timeframe: the same JSON node in
//! another *context*. Each pair of JSON node and context that an output needs stands once in
//! [`Graph::nodes`], so evaluation is one pass.

use serde::Deserialize;

use crate::error::{EngineError, Result};

mod document;
mod expand;
mod indicator;
mod operation;
mod signature;

pub use indicator::Indicator;
pub use operation::{Arithmetic, Comparison, Op, Slot};

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
    /// The bars it is evaluated on: 0 for those at hand, k for those of `Graph::longer[k - 1]`.
    pub context: usize,
    /// Its index in the JSON form.
    pub json: usize,
}

/// How a stop or target level is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LevelKind {
    /// A fraction of the fill price.
    Percent,
    /// A distance in price.
    Distance,
    /// The level itself.
    Price,
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

/// A compiled strategy, or the nodes whose values were asked for.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// The nodes that outputs need, in topological order.
    pub nodes: Vec<Node>,
    /// Parameter names, sorted; bound values are given in this order.
    pub parameters: Vec<String>,
    /// The longer timeframes that nodes are evaluated on, sorted.
    pub longer: Vec<String>,
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
    /// The trailing stop.
    pub trailing_stop: Option<Level>,
    /// Node of the time stop's bars, a scalar.
    pub time_stop: Option<usize>,
    /// Node of the price of entry limit orders.
    pub entry_limit: Option<usize>,
    /// Node of the price of entry stop orders.
    pub entry_stop: Option<usize>,
    /// The nodes whose values were asked for, in that order; empty for a strategy.
    pub asked: Vec<usize>,
}

impl Graph {
    /// Parses and checks a graph.
    ///
    /// # Errors
    /// Malformed JSON, an unknown operation, a wrong number or type of arguments, an argument that
    /// does not stand before its user, `on` inside `on`; the message names the node.
    pub fn parse(json: &str) -> Result<Self> {
        let document = document::Document::parse(json)?;
        let parameters = document.parameters();
        let checked = signature::check(&document.nodes, &parameters)?;
        document.check_outputs(&checked)?;
        document.check_entry()?;
        Ok(expand::expand(&document, &checked, parameters, None))
    }

    /// Parses and checks a graph of which only the values of some nodes are wanted, by their
    /// places in the JSON form; it needs no entry, and its outputs are not kept.
    ///
    /// # Errors
    /// Those of [`Graph::parse`], but for a missing entry; a node that is not there.
    pub fn parse_nodes(json: &str, asked: &[usize]) -> Result<Self> {
        let document = document::Document::parse(json)?;
        let parameters = document.parameters();
        let checked = signature::check(&document.nodes, &parameters)?;
        document.check_outputs(&checked)?;
        if let Some(missing) = asked.iter().find(|&&node| node >= checked.len()) {
            return Err(EngineError::Graph(format!(
                "node {missing} was asked for, the graph has {}",
                checked.len()
            )));
        }
        Ok(expand::expand(&document, &checked, parameters, Some(asked)))
    }

    /// An error that names a node by its place in the JSON form.
    #[must_use]
    pub fn node_error(&self, node: usize, reason: String) -> EngineError {
        EngineError::Node {
            node: self.nodes[node].json,
            op: self.nodes[node].name.clone(),
            reason,
        }
    }

    /// The signals' nodes: long entry and exit, short entry and exit.
    #[must_use]
    pub fn outputs(&self) -> [Option<usize>; 4] {
        [
            self.long_entry,
            self.long_exit,
            self.short_entry,
            self.short_exit,
        ]
    }

    /// The nodes whose values are read when all is evaluated: levels, order prices, and those that
    /// were asked for.
    pub fn kept(&self) -> impl Iterator<Item = usize> {
        let levels = [self.stop_loss, self.take_profit, self.trailing_stop];
        let prices = [self.entry_limit, self.entry_stop];
        levels
            .into_iter()
            .flatten()
            .map(|level| level.node)
            .chain(prices.into_iter().flatten())
            .chain(self.asked.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::{Graph, Op};

    fn error(nodes: &str, rest: &str) -> String {
        Graph::parse(&format!(
            r#"{{"version": 1, "nodes": [{nodes}], "outputs": {{"long_entry": 1}}{rest}}}"#
        ))
        .unwrap_err()
        .to_string()
    }

    const CONDITION: &str = r#"{"op": "column", "name": "close"}, {"op": "less", "args": [0, 0]}"#;

    #[test]
    fn errors_name_the_node() {
        let close = r#"{"op": "column", "name": "close"}"#;
        for (nodes, expected) in [
            (
                r#"{"op": "less", "args": [0]}"#,
                "node 1 (less): has 1 arguments, expected 2",
            ),
            (
                r#"{"op": "not", "args": [1]}"#,
                "node 1 (not): argument 1 does not stand before the node",
            ),
            (
                r#"{"op": "peek", "args": [0]}"#,
                "node 1 (peek): is not an operation this engine knows",
            ),
            (
                r#"{"op": "sma", "args": [0, 0]}"#,
                "node 1 (sma): its window (node 0) has to be a constant or a parameter",
            ),
            (
                r#"{"op": "sar", "args": [0, 0]}"#,
                "node 1 (sar): its acceleration (node 0) has to be a constant or a parameter",
            ),
            (
                r#"{"op": "macd", "args": [0, 0, 0]}"#,
                "node 1 (macd): its fast window (node 0) has to be a constant or a parameter",
            ),
            (
                r#"{"op": "supertrend_line", "args": [0, 0]}"#,
                "node 1 (supertrend_line): has 2 arguments, expected 3",
            ),
            (
                r#"{"op": "bars_since", "args": [0]}"#,
                "node 1 (bars_since): argument 0 is a number, expected a boolean",
            ),
            (
                r#"{"op": "on", "args": [0]}"#,
                "node 1 (on): needs a `timeframe`",
            ),
            (
                r#"{"op": "negate", "args": [0], "bars": 2}"#,
                "node 1 (negate): takes no `bars`",
            ),
            (
                r#"{"op": "probability", "args": [], "model": {"kind": "logistic", "intercept": 0,
                    "coefficients": [], "means": [], "scales": [], "trained_until_us": 0}}"#,
                "node 1 (probability): needs at least one argument",
            ),
        ] {
            assert_eq!(error(&format!("{close}, {nodes}"), ""), expected);
        }
        assert!(
            error(r#"{"op": "column", "name": "close", "window": 3}"#, "")
                .contains("unknown field `window`")
        );
    }

    #[test]
    fn what_reads_the_session_stays_out_of_on() {
        for inner in [
            r#"{"op": "weekday"}"#,
            r#"{"op": "on", "args": [0], "timeframe": "1d"}"#,
        ] {
            let nodes =
                format!(r#"{CONDITION}, {inner}, {{"op": "on", "args": [2], "timeframe": "1h"}}"#);
            let message = error(&nodes, "");
            assert!(message.starts_with("node 3 (on): "), "{message}");
            assert!(message.contains("node 2"), "{message}");
        }
    }

    #[test]
    fn orders_and_stops_have_their_kinds_of_node() {
        for (rest, expected) in [
            (
                r#""time_stop": 0"#,
                "time_stop names node 0, which is not a constant or parameter",
            ),
            (
                r#""entry_limit": 1"#,
                "entry_limit names node 1, which is not a number",
            ),
            (
                r#""entry_limit": 0, "entry_stop": 0"#,
                "both entry_limit and entry_stop are set",
            ),
            (
                r#""trailing_stop": {"kind": "percent", "node": 1}"#,
                "trailing_stop names node 1, which is not a number",
            ),
        ] {
            let message = error(CONDITION, &format!(", {rest}"));
            assert!(message.contains(expected), "{message}");
        }
        let graph = Graph::parse(&format!(
            r#"{{"version": 1, "nodes": [{CONDITION}], "outputs": {{"long_entry": 1}},
                "trailing_stop": null, "time_stop": null,
                "entry_limit": 0, "stop_loss": {{"kind": "price", "node": 0}}}}"#
        ))
        .unwrap();
        assert_eq!(graph.entry_limit, Some(0));
        assert_eq!(graph.kept().collect::<Vec<_>>(), [0, 0]);
    }

    #[test]
    fn a_node_stands_once_for_each_context() {
        let graph = Graph::parse(
            r#"{"version": 1, "nodes": [
                {"op": "column", "name": "close"},
                {"op": "constant", "value": 3},
                {"op": "sma", "args": [0, 1]},
                {"op": "column", "name": "unused"},
                {"op": "on", "args": [2], "timeframe": "1h"},
                {"op": "on", "args": [0], "timeframe": "1d"},
                {"op": "on", "args": [0], "timeframe": "1h"},
                {"op": "add", "args": [4, 5]},
                {"op": "add", "args": [6, 7]},
                {"op": "less", "args": [2, 8]}], "outputs": {"short_entry": 9}}"#,
        )
        .unwrap();
        assert_eq!(graph.longer, ["1d", "1h"]);
        let places: Vec<(usize, usize)> = graph
            .nodes
            .iter()
            .map(|node| (node.json, node.context))
            .collect();
        assert_eq!(
            places,
            [
                (0, 0),
                (0, 1),
                (0, 2),
                (1, 0),
                (2, 0),
                (2, 2),
                (4, 0),
                (5, 0),
                (6, 0),
                (7, 0),
                (8, 0),
                (9, 0)
            ]
        );
        assert_eq!(graph.nodes[5].args, [2, 3]);
        assert_eq!(graph.nodes[6].op, Op::On(2));
        assert_eq!(graph.nodes[6].args, [5]);
        assert_eq!(graph.nodes[7].args, [1]);
        assert_eq!(graph.nodes[8].args, [2]);
        assert_eq!(graph.short_entry, Some(11));
    }
}
