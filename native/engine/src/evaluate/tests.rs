//! Every operation, node by node: tiles, threads, instructions, shared series and later bars
//! change no value.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::{Inputs, Place, Simd};
use crate::bars::{Bars, Longer};
use crate::error::{EngineError, Result};
use crate::graph::Graph;
use crate::signals::{Evaluation, LONG_ENTRY, Signals, Tiling};
use crate::trials::Trials;

/// Every operation at least once; parameters a and b are windows.
const NODES: [&str; 49] = [
    r#"{"op": "column", "name": "close"}"#,
    r#"{"op": "column", "name": "feature"}"#,
    r#"{"op": "constant", "value": 2}"#,
    r#"{"op": "parameter", "name": "a"}"#,
    r#"{"op": "parameter", "name": "b"}"#,
    r#"{"op": "add", "args": [0, 1]}"#,
    r#"{"op": "subtract", "args": [0, 3]}"#,
    r#"{"op": "multiply", "args": [2, 1]}"#,
    r#"{"op": "divide", "args": [0, 6]}"#,
    r#"{"op": "negate", "args": [1]}"#,
    r#"{"op": "absolute", "args": [6]}"#,
    r#"{"op": "minimum", "args": [0, 5]}"#,
    r#"{"op": "maximum", "args": [1, 3]}"#,
    r#"{"op": "sma", "args": [0, 3]}"#,
    r#"{"op": "ema", "args": [5, 3]}"#,
    r#"{"op": "rsi", "args": [1, 4]}"#,
    r#"{"op": "atr", "args": [3]}"#,
    r#"{"op": "highest", "args": [8, 4]}"#,
    r#"{"op": "lowest", "args": [1, 3]}"#,
    r#"{"op": "sum", "args": [5, 4]}"#,
    r#"{"op": "stdev", "args": [0, 4]}"#,
    r#"{"op": "less", "args": [0, 13]}"#,
    r#"{"op": "less_equal", "args": [1, 0]}"#,
    r#"{"op": "greater", "args": [3, 1]}"#,
    r#"{"op": "greater_equal", "args": [10, 4]}"#,
    r#"{"op": "equal", "args": [9, 9]}"#,
    r#"{"op": "not_equal", "args": [11, 0]}"#,
    r#"{"op": "and", "args": [21, 22]}"#,
    r#"{"op": "or", "args": [23, 24]}"#,
    r#"{"op": "not", "args": [27]}"#,
    r#"{"op": "crosses_above", "args": [0, 13]}"#,
    r#"{"op": "crosses_below", "args": [1, 3]}"#,
    r#"{"op": "where", "args": [28, 5, 4]}"#,
    r#"{"op": "shift", "args": [5], "bars": 3}"#,
    r#"{"op": "shift", "args": [31], "bars": 2}"#,
    r#"{"op": "shift", "args": [4], "bars": 2}"#,
    r#"{"op": "bars_since", "args": [30]}"#,
    r#"{"op": "held_for", "args": [23, 3]}"#,
    r#"{"op": "minute_of_day"}"#,
    r#"{"op": "weekday"}"#,
    r#"{"op": "bar_of_session"}"#,
    r#"{"op": "probability", "args": [0, 13], "model": {"kind": "logistic", "intercept": 0.5,
        "coefficients": [0.25, -0.5], "means": [1, 2], "scales": [3, 4],
        "trained_until_us": 4000}}"#,
    r#"{"op": "on", "args": [33], "timeframe": "3m"}"#,
    r#"{"op": "on", "args": [16], "timeframe": "5m"}"#,
    r#"{"op": "on", "args": [36], "timeframe": "3m"}"#,
    r#"{"op": "on", "args": [34], "timeframe": "5m"}"#,
    r#"{"op": "on", "args": [4], "timeframe": "5m"}"#,
    r#"{"op": "column", "name": "volume"}"#,
    r#"{"op": "on", "args": [47], "timeframe": "5m"}"#,
];

/// The graph of all nodes in which entries, or the price of their orders, are node `index`.
fn graph(index: usize) -> Graph {
    let nodes = NODES.join(", ");
    let json =
        |outputs: &str| format!(r#"{{"version": 1, "nodes": [{nodes}], "outputs": {outputs}}}"#);
    Graph::parse(&json(&format!(
        r#"{{"long_entry": {index}}}, "time_stop": 3"#
    )))
    .or_else(|_| {
        let price = format!(r#"{{"short_entry": 21}}, "entry_limit": {index}, "time_stop": 4"#);
        Graph::parse(&json(&price))
    })
    .unwrap()
}

/// What a strategy reads of the node that [`graph`] was asked for, as bits.
fn observed(signals: &Signals<'_>) -> Vec<u64> {
    let bar = |t: usize| match signals.entry_limit {
        Some(price) if price.at(t).is_nan() => f64::NAN.to_bits(),
        Some(price) => price.at(t).to_bits(),
        None => u64::from(signals.flags[t] & LONG_ENTRY),
    };
    (0..signals.flags.len()).map(bar).collect()
}

/// Made-up bars and everything that comes with them.
#[derive(Debug, Clone)]
struct Made {
    columns: Vec<Vec<f64>>,
    ts: Vec<i64>,
    buckets: Vec<(Vec<i64>, Vec<bool>)>,
}

const COLUMNS: [&str; 6] = ["open", "high", "low", "close", "volume", "feature"];

impl Made {
    fn new(cells: &[(f64, f64, bool)]) -> Self {
        let column = |value: fn(&(f64, f64, bool)) -> f64| cells.iter().map(value).collect();
        let bucket = |size: usize| {
            let bars = cells.chunks(size).zip((0..).step_by(7));
            let numbers = bars
                .flat_map(|(bar, number)| vec![number; bar.len()])
                .collect();
            let last = |t: usize| t % size == size - 1 && cells[t].2;
            (numbers, (0..cells.len()).map(last).collect())
        };
        Self {
            columns: vec![
                column(|cell| cell.0),
                column(|cell| cell.0 + 1.0),
                column(|cell| cell.0 - cell.1.abs() - 1.0),
                column(|cell| cell.0 - 0.5),
                column(|cell| if cell.2 { cell.0 } else { f64::NAN }),
                column(|cell| if cell.2 { cell.1 } else { f64::NAN }),
            ],
            ts: (0..).step_by(1000).take(cells.len()).collect(),
            buckets: vec![bucket(3), bucket(5)],
        }
    }

    fn bars(&self, len: usize) -> Bars<'_> {
        let columns = COLUMNS.iter().zip(&self.columns);
        let longer = ["3m", "5m"].iter().zip(&self.buckets);
        let clocks = ["minute_of_day", "weekday", "bar_of_session"];
        Bars::new(
            columns
                .map(|(name, values)| ((*name).to_owned(), &values[..len]))
                .collect(),
        )
        .unwrap()
        .with_time(
            &self.ts[..len],
            clocks
                .iter()
                .zip(&self.columns)
                .map(|(name, values)| ((*name).to_owned(), &values[..len]))
                .collect(),
            longer
                .map(|(timeframe, (bucket, closed))| Longer {
                    timeframe: (*timeframe).to_owned(),
                    bucket: &bucket[..len],
                    closed: &closed[..len],
                })
                .collect(),
        )
        .unwrap()
    }
}

fn made() -> impl Strategy<Value = Made> {
    let cell = (10.0..90.0_f64, -9.0..9.0_f64, prop::bool::weighted(0.8));
    prop::collection::vec(cell, 40..90).prop_map(|cells| Made::new(&cells))
}

fn evaluate(
    graph: &Graph,
    bars: &Bars<'_>,
    params: &[f64],
    simd: Simd,
    tiling: Tiling,
) -> Result<Vec<u64>> {
    let evaluation = Evaluation::tiled(graph, bars, params, simd, tiling, None)?;
    Ok(observed(&evaluation.signals()?))
}

/// One thread, in tiles of `bars`, portably.
fn plain(graph: &Graph, bars: &Bars<'_>, params: &[f64], tile: usize) -> Result<Vec<u64>> {
    let tiling = Tiling {
        bars: tile,
        threads: 1,
    };
    evaluate(graph, bars, params, Simd::Portable, tiling)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn tiles_threads_and_instructions_change_no_bit(
        made in made(), a in 1_u8..7, b in 1_u8..7, tile in 1_usize..40,
    ) {
        let bars = made.bars(made.ts.len());
        let params = [f64::from(a), f64::from(b)];
        for index in 0..NODES.len() {
            let graph = graph(index);
            let params = &params[..graph.parameters.len()];
            let expected = plain(&graph, &bars, params, usize::MAX).unwrap();
            for (simd, threads) in [(Simd::Auto, 1), (Simd::Portable, 2), (Simd::Auto, 2)] {
                let tiling = Tiling { bars: tile, threads };
                let found = evaluate(&graph, &bars, params, simd, tiling).unwrap();
                prop_assert_eq!(&found, &expected, "node {} with {:?}", index, tiling);
            }
        }
    }

    #[test]
    fn later_bars_change_no_earlier_one(made in made(), a in 1_u8..4, b in 1_u8..4, cut in 20_usize..40) {
        let (long, short) = (made.bars(made.ts.len()), made.bars(cut));
        let params = [f64::from(a), f64::from(b)];
        for index in 0..NODES.len() {
            let graph = graph(index);
            let whole = plain(&graph, &long, &params, 16).unwrap();
            let start = plain(&graph, &short, &params, 16).unwrap();
            prop_assert_eq!(&whole[..cut], &start[..], "node {}", index);
        }
    }

    #[test]
    fn trials_equal_single_evaluations(
        made in made(), rows in prop::collection::vec((1_u8..5, 1_u8..40), 1..12),
    ) {
        let bars = made.bars(made.ts.len());
        let values: Vec<f64> = rows.iter().flat_map(|&(a, b)| [f64::from(a), f64::from(b)]).collect();
        for index in 0..NODES.len() {
            let graph = graph(index);
            let inputs = Inputs::new(&graph, &bars).unwrap();
            let place = Place { graph: &graph, inputs: &inputs, simd: Simd::Auto };
            let trials = Trials::new(place, &values);
            prop_assert_eq!(trials.len(), rows.len());
            let mut scratch = trials.scratch();
            for (trial, params) in values.chunks(2).enumerate() {
                let found = trials.signals(&mut scratch, trial).map(|signals| observed(&signals));
                prop_assert_eq!(found, plain(&graph, &bars, params, usize::MAX), "node {}", index);
            }
        }
    }
}

fn fixed() -> Made {
    Made::new(
        &(1..=12)
            .map(|t| (f64::from(t), 1.0, true))
            .collect::<Vec<_>>(),
    )
}

fn numbers(nodes: &str, bars: &Bars<'_>) -> Vec<f64> {
    let graph = Graph::parse(&format!(
        r#"{{"version": 1, "nodes": [{{"op": "column", "name": "open"}}, {{"op": "less", "args": [0, 0]}},
            {nodes}], "outputs": {{"long_entry": 1}}, "entry_stop": 3}}"#
    ))
    .unwrap();
    let evaluation = Evaluation::new(&graph, bars, &[], Simd::Auto, None).unwrap();
    let price = evaluation.signals().unwrap().entry_stop.unwrap();
    (0..bars.len()).map(|t| price.at(t)).collect()
}

#[test]
fn a_longer_bar_is_read_from_its_close_on() {
    let mut made = fixed();
    // the second longer bar is never completed by its own bars: the third's first one completes it
    made.buckets[0].1[5] = false;
    let bars = made.bars(12);
    let on = |nodes: &str| {
        numbers(
            &format!("{nodes}, {{\"op\": \"on\", \"args\": [2], \"timeframe\": \"3m\"}}"),
            &bars,
        )
    };
    let high = on(r#"{"op": "column", "name": "high"}"#);
    assert!(high[..2].iter().all(|value| value.is_nan()));
    let rest: Vec<u64> = high[2..].iter().map(|value| value.to_bits()).collect();
    let expected = [4.0, 4.0, 4.0, 4.0, 7.0, 7.0, 10.0, 10.0, 10.0, 13.0];
    assert_eq!(rest, expected.map(f64::to_bits));
    let volume = on(r#"{"op": "column", "name": "volume"}"#);
    assert_eq!(volume[2].to_bits(), 6.0_f64.to_bits());
    let one = on(r#"{"op": "constant", "value": 1}"#);
    assert!(one[1].is_nan());
    assert_eq!(one[2].to_bits(), 1.0_f64.to_bits());
}

#[test]
fn a_model_says_nothing_about_its_training() {
    let model = r#"{"op": "negate", "args": [0]}, {"op": "probability", "args": [2],
        "model": {"kind": "logistic", "intercept": 0, "coefficients": [1], "means": [0],
        "scales": [1], "trained_until_us": 3000}}"#;
    let made = fixed();
    let found = numbers(model, &made.bars(12));
    assert!(found[..4].iter().all(|value| value.is_nan()));
    assert!((found[4] - 1.0 / (1.0 + 5.0_f64.exp())).abs() < 1e-15);
}

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
