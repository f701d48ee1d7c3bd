//! What a strategy wants at each bar: four flags and two levels.

use crate::bars::Bars;
use crate::error::Result;
use crate::evaluate::{Number, Series, TRUE, View, columns, evaluate};
use crate::graph::{Graph, Level, LevelKind};

/// Flag of a long entry.
pub const LONG_ENTRY: u8 = 1;
/// Flag of a long exit.
pub const LONG_EXIT: u8 = 2;
/// Flag of a short entry.
pub const SHORT_ENTRY: u8 = 4;
/// Flag of a short exit.
pub const SHORT_EXIT: u8 = 8;

/// A stop or target's values.
#[derive(Clone, Copy)]
pub struct LevelView<'a> {
    /// Percent of the fill price or distance in price.
    pub kind: LevelKind,
    /// The stated value at each bar.
    pub values: Number<'a>,
}

impl LevelView<'_> {
    /// The value stated at bar `t`.
    #[must_use]
    pub fn at(&self, t: usize) -> f64 {
        match self.values {
            Number::Scalar(value) => value,
            Number::Series(values) => values[t],
        }
    }
}

/// Flags of all bars and the levels that go with entries.
pub struct Signals<'a> {
    /// One byte of flags a bar.
    pub flags: &'a [u8],
    /// The stop-loss, where the strategy has one.
    pub stop: Option<LevelView<'a>>,
    /// The take-profit, where the strategy has one.
    pub target: Option<LevelView<'a>>,
}

/// All nodes of a graph evaluated for one set of parameters.
pub struct Evaluation<'a> {
    columns: Vec<Option<&'a [f64]>>,
    series: Vec<Series>,
}

impl<'a> Evaluation<'a> {
    /// Evaluates every node once.
    ///
    /// # Errors
    /// Those of [`evaluate`] and [`columns`].
    pub fn new(graph: &Graph, bars: &Bars<'a>, params: &[f64]) -> Result<Self> {
        let columns = columns(graph, bars)?;
        let mut series: Vec<Series> = Vec::with_capacity(graph.nodes.len());
        for (index, column) in columns.iter().enumerate() {
            let mut out = Series::Empty;
            if column.is_none() {
                let view = |node: usize| view_of(&columns, &series, node);
                evaluate(graph, index, bars, params, view, &mut out)?;
            }
            series.push(out);
        }
        Ok(Self { columns, series })
    }

    /// The values of a node.
    #[must_use]
    pub fn view(&self, node: usize) -> View<'_> {
        view_of(&self.columns, &self.series, node)
    }
}

fn view_of<'v>(columns: &'v [Option<&[f64]>], series: &'v [Series], node: usize) -> View<'v> {
    match columns[node] {
        Some(values) => View::Number(Number::Series(values)),
        None => series[node].view(),
    }
}

/// Joins the four signal nodes into one byte a bar; missing counts as false.
pub fn write_flags<'v>(graph: &Graph, view: impl Fn(usize) -> View<'v>, flags: &mut [u8]) {
    flags.fill(0);
    let outputs = [
        (graph.long_entry, LONG_ENTRY),
        (graph.long_exit, LONG_EXIT),
        (graph.short_entry, SHORT_ENTRY),
        (graph.short_exit, SHORT_EXIT),
    ];
    for (node, flag) in outputs {
        if let Some(node) = node
            && let View::Boolean(values) = view(node)
        {
            for (slot, &value) in flags.iter_mut().zip(values) {
                *slot |= if value == TRUE { flag } else { 0 };
            }
        }
    }
}

/// The values of a level.
#[must_use]
pub fn level<'v>(level: Option<Level>, view: impl Fn(usize) -> View<'v>) -> Option<LevelView<'v>> {
    let Level { kind, node } = level?;
    match view(node) {
        View::Number(values) => Some(LevelView { kind, values }),
        View::Boolean(_) => None,
    }
}
