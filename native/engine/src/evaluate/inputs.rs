//! What a graph reads of the bars: columns, session columns, times, longer bars.

use std::borrow::Cow;

use crate::bars::{Bars, Longer};
use crate::error::{EngineError, Result};
use crate::graph::{Graph, Op};
use crate::resample::Buckets;

/// Everything a graph's nodes read, found and checked once for all parameters.
pub(crate) struct Inputs<'a> {
    /// When each bar opens.
    pub ts: &'a [i64],
    /// The longer timeframe of each context but the first.
    pub longer: Vec<Longer<'a>>,
    /// The number of bars of each context.
    lengths: Vec<usize>,
    columns: Vec<Column<'a>>,
    /// The column that a node is, by node.
    nodes: Vec<Option<usize>>,
    /// High, low and close by context, where a node needs them.
    ranges: Vec<Option<[usize; 3]>>,
}

struct Column<'a> {
    context: usize,
    name: String,
    values: Cow<'a, [f64]>,
}

impl<'a> Inputs<'a> {
    /// Finds what the graph reads and makes the columns of longer bars.
    ///
    /// # Errors
    /// A column, session column, time or longer timeframe that is not there, or is malformed.
    pub fn new(graph: &Graph, bars: &Bars<'a>) -> Result<Self> {
        let mut lengths = vec![bars.len()];
        let mut longer: Vec<Longer<'a>> = Vec::with_capacity(graph.longer.len());
        let mut buckets: Vec<Buckets> = Vec::with_capacity(graph.longer.len());
        for context in 1..=graph.longer.len() {
            let found = find_longer(graph, bars, context)?;
            let made = Buckets::new(found, bars.len())?;
            lengths.push(made.len());
            longer.push(found.clone());
            buckets.push(made);
        }
        let mut inputs = Self {
            ts: bars.ts,
            longer,
            ranges: vec![None; lengths.len()],
            lengths,
            columns: Vec::new(),
            nodes: Vec::with_capacity(graph.nodes.len()),
        };
        for (index, node) in graph.nodes.iter().enumerate() {
            let context = node.context;
            let column = match &node.op {
                Op::Column(name) => Some(
                    inputs
                        .column(bars, &buckets, context, name)
                        .map_err(|reason| graph.node_error(index, reason))?,
                ),
                Op::Clock => Some(inputs.clock(graph, bars, index)?),
                Op::Indicator(indicator) if indicator.reads_the_bar() => {
                    let mut find = |name| inputs.column(bars, &buckets, context, name);
                    let found = find("high")
                        .and_then(|high| Ok([high, find("low")?, find("close")?]))
                        .map_err(|reason| graph.node_error(index, reason))?;
                    inputs.ranges[context] = Some(found);
                    None
                }
                Op::Probability(_) if bars.ts.len() != bars.len() => {
                    return Err(graph.node_error(
                        index,
                        format!(
                            "needs the time of each bar; {} times for {} bars",
                            bars.ts.len(),
                            bars.len()
                        ),
                    ));
                }
                _ => None,
            };
            inputs.nodes.push(column);
        }
        Ok(inputs)
    }

    /// The number of bars in a context.
    pub fn len(&self, context: usize) -> usize {
        self.lengths[context]
    }

    /// The values of a node that is a column.
    pub fn node(&self, node: usize) -> Option<&[f64]> {
        self.nodes[node].map(|column| &*self.columns[column].values)
    }

    /// High, low and close of a context that has a node for them.
    pub fn ranges(&self, context: usize) -> [&[f64]; 3] {
        let Some(columns) = self.ranges[context] else {
            unreachable!("the columns of each range are found with the inputs")
        };
        columns.map(|column| &*self.columns[column].values)
    }

    fn column(
        &mut self,
        bars: &Bars<'a>,
        buckets: &[Buckets],
        context: usize,
        name: &str,
    ) -> std::result::Result<usize, String> {
        let known = |column: &Column<'_>| column.context == context && column.name == name;
        if let Some(known) = self.columns.iter().position(known) {
            return Ok(known);
        }
        let Some(values) = bars.column(name) else {
            let names: Vec<&str> = bars.names().collect();
            return Err(format!(
                "no column {name:?}; the bars have {}",
                names.join(", ")
            ));
        };
        let values = match context.checked_sub(1) {
            None => Cow::Borrowed(values),
            Some(longer) => Cow::Owned(buckets[longer].column(name, values)),
        };
        Ok(self.push(context, name, values))
    }

    fn clock(&mut self, graph: &Graph, bars: &Bars<'a>, index: usize) -> Result<usize> {
        let name = &graph.nodes[index].name;
        let Some((_, values)) = bars.clock.iter().find(|(known, _)| known == name) else {
            return Err(graph.node_error(index, "the bars come without it".to_owned()));
        };
        if values.len() != bars.len() {
            return Err(EngineError::Bars(format!(
                "{name} has {} rows, the bars have {}",
                values.len(),
                bars.len()
            )));
        }
        Ok(self.push(0, name, Cow::Borrowed(values)))
    }

    fn push(&mut self, context: usize, name: &str, values: Cow<'a, [f64]>) -> usize {
        self.columns.push(Column {
            context,
            name: name.to_owned(),
            values,
        });
        self.columns.len() - 1
    }
}

fn find_longer<'b, 'a>(
    graph: &Graph,
    bars: &'b Bars<'a>,
    context: usize,
) -> Result<&'b Longer<'a>> {
    let wanted = &graph.longer[context - 1];
    if let Some(found) = bars.longer.iter().find(|known| known.timeframe == *wanted) {
        return Ok(found);
    }
    let reason = format!("the bars come without their {wanted} bars");
    let user = graph
        .nodes
        .iter()
        .position(|node| node.op == Op::On(context));
    Err(match user {
        Some(node) => graph.node_error(node, reason),
        None => EngineError::Graph(reason),
    })
}
