//! Every operation, node by node: tiles, threads, instructions, shared series and later bars
//! change no value.

use proptest::prelude::*;

use made::{Made, NODES, fixed, graph};

use super::{Inputs, Place, Simd};
use crate::bars::Bars;
use crate::error::Result;
use crate::flags::LONG_ENTRY;
use crate::graph::Graph;
use crate::signals::{Evaluation, Signals, Tiling};
use crate::trials::{Plan, Rows, Trials};

mod made;
mod refusals;

/// What a strategy reads of the node that [`graph`] was asked for, as bits.
fn observed(signals: &Signals<'_>, bars: usize) -> Vec<u64> {
    let bar = |t: usize| match signals.entry_limit {
        Some(price) if price.at(t).is_nan() => f64::NAN.to_bits(),
        Some(price) => price.at(t).to_bits(),
        None => u64::from(signals.flags.at(t) & LONG_ENTRY),
    };
    (0..bars).map(bar).collect()
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
    Ok(observed(&evaluation.signals()?, bars.len()))
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
            for plan in [Plan::none(&graph), Plan::every(&graph, &inputs, |_| true)] {
                let mut given = Rows::new(&graph, &values, rows.len());
                let trials = Trials::new(place, &mut given, &plan);
                prop_assert_eq!(trials.len(), rows.len());
                let mut found = Vec::new();
                let all: Vec<usize> = (0..rows.len()).collect();
                trials.each(&mut trials.scratch(), &all, |_, signals| {
                    found.push(signals.map(|signals| observed(&signals, bars.len())));
                });
                for (found, params) in found.into_iter().zip(values.chunks(2)) {
                    prop_assert_eq!(found, plain(&graph, &bars, params, usize::MAX), "node {}", index);
                }
            }
        }
    }
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
fn what_is_not_finite_is_missing() {
    let mut made = fixed();
    made.columns[0][4] = f64::INFINITY;
    let bars = made.bars(12);
    let two = r#"{"op": "constant", "value": 2}"#;
    let found = numbers(&format!(r#"{two}, {{"op": "wma", "args": [0, 2]}}"#), &bars);
    let known: Vec<bool> = found.iter().map(|value| value.is_finite()).collect();
    assert_eq!(known[..6], [false, true, true, true, false, false]);
    assert!(found.iter().all(|value| !value.is_infinite()));
    let found = numbers(
        &format!(r#"{two}, {{"op": "highest", "args": [0, 2]}}"#),
        &bars,
    );
    assert!(found[4].is_nan() && found[5].is_nan() && found[6].is_finite());
}
