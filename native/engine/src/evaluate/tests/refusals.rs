//! What an evaluation refuses, and its watch.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::made::{COLUMNS, fixed, graph};
use super::plain;
use crate::bars::Bars;
use crate::error::EngineError;
use crate::evaluate::{Inputs, Place, Simd};
use crate::graph::Graph;
use crate::signals::{Evaluation, Tiling};
use crate::trials::{Plan, Rows, Trials};

#[test]
fn a_refused_input_names_the_node() {
    let made = fixed();
    let bars = made.bars(12);
    let timeless = Bars::new(
        COLUMNS
            .iter()
            .zip(&made.columns)
            .map(|(name, values)| ((*name).to_owned(), values.as_slice()))
            .collect(),
    )
    .unwrap();
    let refused = |index: usize, bars: &Bars<'_>, params: &[f64]| {
        plain(&graph(index), bars, params, 8)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused(43, &bars, &[4.0, 1.0]),
        "node 16 (atr): its window is 4, expected a whole number from 1 to the 3 bars of 5m"
    );
    assert_eq!(
        refused(43, &timeless, &[1.0, 1.0]),
        "node 43 (on): the bars come without their 5m bars"
    );
    assert_eq!(
        refused(39, &timeless, &[1.0, 1.0]),
        "node 39 (weekday): the bars come without it"
    );
    assert_eq!(
        refused(41, &timeless, &[1.0, 1.0]),
        "node 41 (probability): needs the time of each bar; 0 times for 12 bars"
    );
    assert_eq!(
        refused(13, &bars, &[13.0, 1.0]),
        "node 13 (sma): its window is 13, expected a whole number from 1 to the 12 bars"
    );
    assert_eq!(
        refused(21, &bars, &[2.5, 1.0]),
        "node 13 (sma): its window is 2.5, expected a whole number from 1 to the 12 bars"
    );
    assert_eq!(
        refused(0, &bars, &[1.0, 0.0]),
        "node 4 (parameter): the time stop is 0 bars, expected a whole number of at least 1"
    );
}

#[test]
fn settings_have_their_ranges() {
    let made = fixed();
    let bars = made.bars(12);
    let refused = |node: &str, params: &[f64]| {
        let json = format!(
            r#"{{"version": 1, "nodes": [
            {{"op": "column", "name": "close"}}, {{"op": "parameter", "name": "a"}},
            {{"op": "constant", "value": 2}}, {node},
            {{"op": "less", "args": [0, 3]}}], "outputs": {{"long_entry": 4}}}}"#
        );
        let graph = Graph::parse(&json).unwrap();
        let found = plain(&graph, &bars, params, 8).unwrap_err();
        // a search marks the trial
        let inputs = Inputs::new(&graph, &bars).unwrap();
        let place = Place {
            graph: &graph,
            inputs: &inputs,
            simd: Simd::Auto,
        };
        let values = [1.0, params[0], 1.0, params[0]];
        let count = values.len() / graph.parameters.len();
        let mut rows = Rows::new(&graph, &values, count);
        let plan = Plan::every(&graph, &inputs, |_| true);
        let trials = Trials::new(place, &mut rows, &plan);
        let mut failed = Vec::new();
        trials.each(&mut trials.scratch(), &[0, 1], |_, signals| {
            failed.push(signals.err().map(|error| error.to_string()));
        });
        assert_eq!(failed, [None, Some(found.to_string())]);
        found.to_string()
    };
    let quantile = r#"{"op": "quantile", "args": [0, 2, 1]}"#;
    assert_eq!(
        refused(quantile, &[1.5]),
        "node 3 (quantile): its q is 1.5, expected a number from 0 to 1"
    );
    assert_eq!(
        refused(quantile, &[f64::NAN]),
        "node 3 (quantile): its q is NaN, expected a number from 0 to 1"
    );
    assert_eq!(
        refused(r#"{"op": "sar", "args": [1, 2]}"#, &[0.0]),
        "node 3 (sar): its acceleration is 0, expected a number above 0"
    );
    assert_eq!(
        refused(r#"{"op": "sar", "args": [2, 1]}"#, &[-0.5]),
        "node 3 (sar): its maximum is -0.5, expected a number above 0"
    );
    assert_eq!(
        refused(r#"{"op": "macd", "args": [0, 2, 1]}"#, &[13.0]),
        "node 3 (macd): its slow window is 13, expected a whole number from 1 to the 12 bars"
    );
    assert_eq!(
        refused(r#"{"op": "macd", "args": [0, 1, 2]}"#, &[0.0]),
        "node 3 (macd): its fast window is 0, expected a whole number from 1 to the 12 bars"
    );
}

#[test]
fn the_watch_ends_the_evaluation() {
    let made = fixed();
    let bars = made.bars(12);
    let graph = graph(21);
    let asked = AtomicUsize::new(0);
    let watch = |bar: usize| match asked.fetch_add(1, Ordering::Relaxed) {
        2 => Err(EngineError::Stopped(bar)),
        _ => Ok(()),
    };
    let tiling = Tiling {
        bars: 2,
        threads: 1,
    };
    let ended = Evaluation::tiled(&graph, &bars, &[1.0, 1.0], Simd::Auto, tiling, Some(&watch));
    assert_eq!(ended.err(), Some(EngineError::Stopped(0)));
    assert_eq!(asked.into_inner(), 3);
}
