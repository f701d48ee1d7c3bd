//! The JSON form, as it is read.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Level;
use super::signature::Checked;
use crate::error::{EngineError, Result};
use crate::probability::Model;

/// The version of the graph's JSON form that this engine reads.
const VERSION: u32 = 1;

/// The document; names and ranges of parameters are the Python side's.
#[derive(Deserialize)]
pub(super) struct Document {
    version: u32,
    pub nodes: Vec<NodeJson>,
    pub outputs: Outputs,
    pub stop_loss: Option<Level>,
    pub take_profit: Option<Level>,
    pub trailing_stop: Option<Level>,
    pub time_stop: Option<usize>,
    pub entry_limit: Option<usize>,
    pub entry_stop: Option<usize>,
}

/// A node with every attribute that some operation takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NodeJson {
    pub op: String,
    #[serde(default)]
    pub args: Vec<usize>,
    pub name: Option<String>,
    pub value: Option<f64>,
    pub bars: Option<usize>,
    pub timeframe: Option<String>,
    pub model: Option<Model>,
}

/// The boolean nodes that trade.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outputs {
    pub long_entry: Option<usize>,
    pub long_exit: Option<usize>,
    pub short_entry: Option<usize>,
    pub short_exit: Option<usize>,
}

impl Document {
    pub fn parse(json: &str) -> Result<Self> {
        let document: Self =
            serde_json::from_str(json).map_err(|error| EngineError::Graph(error.to_string()))?;
        if document.version != VERSION {
            return Err(EngineError::Graph(format!(
                "version {} found, this engine reads {VERSION}",
                document.version
            )));
        }
        Ok(document)
    }

    /// The parameters' names, sorted, each with its index.
    pub fn parameters(&self) -> BTreeMap<String, usize> {
        let mut parameters: BTreeMap<String, usize> = self
            .nodes
            .iter()
            .filter(|node| node.op == "parameter")
            .filter_map(|node| Some((node.name.clone()?, 0)))
            .collect();
        for (index, slot) in parameters.values_mut().enumerate() {
            *slot = index;
        }
        parameters
    }

    /// Checks that outputs, levels and orders name nodes of the kind they need.
    pub fn check_outputs(&self, nodes: &[Checked]) -> Result<()> {
        let refuse = |name: &str, node: usize, wanted: &str| {
            Err(EngineError::Graph(format!(
                "{name} names node {node}, which is not a {wanted} node of this graph"
            )))
        };
        for (name, node) in [
            ("long_entry", self.outputs.long_entry),
            ("long_exit", self.outputs.long_exit),
            ("short_entry", self.outputs.short_entry),
            ("short_exit", self.outputs.short_exit),
        ] {
            if let Some(node) = node
                && !nodes.get(node).is_some_and(|found| found.boolean)
            {
                return refuse(name, node, "boolean");
            }
        }
        for (name, node) in [
            ("stop_loss", self.stop_loss.map(|level| level.node)),
            ("take_profit", self.take_profit.map(|level| level.node)),
            ("trailing_stop", self.trailing_stop.map(|level| level.node)),
            ("entry_limit", self.entry_limit),
            ("entry_stop", self.entry_stop),
        ] {
            if let Some(node) = node
                && nodes.get(node).is_none_or(|found| found.boolean)
            {
                return refuse(name, node, "number");
            }
        }
        if let Some(node) = self.time_stop
            && !nodes.get(node).is_some_and(|found| found.scalar)
        {
            return refuse("time_stop", node, "constant or parameter");
        }
        if self.entry_limit.is_some() && self.entry_stop.is_some() {
            return Err(EngineError::Graph(
                "both entry_limit and entry_stop are set, at most one may be".to_owned(),
            ));
        }
        Ok(())
    }

    /// Checks that there is something to trade.
    pub fn check_entry(&self) -> Result<()> {
        if self.outputs.long_entry.is_none() && self.outputs.short_entry.is_none() {
            return Err(EngineError::Graph(
                "neither long_entry nor short_entry is set, at least one is needed".to_owned(),
            ));
        }
        Ok(())
    }
}
