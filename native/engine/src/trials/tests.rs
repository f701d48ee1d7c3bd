//! Trials against evaluations of one set of parameters, where single precision is not enough.

use super::{Plan, Rows, Trials};
use crate::bars::Bars;
use crate::evaluate::{Inputs, Place, Simd};
use crate::graph::Graph;
use crate::signals::Evaluation;

const GRAPH: &str = r#"{"version": 1, "nodes": [
    {"op": "column", "name": "close"}, {"op": "column", "name": "odd"},
    {"op": "parameter", "name": "fast"}, {"op": "parameter", "name": "slow"},
    {"op": "parameter", "name": "level"},
    {"op": "sma", "args": [0, 2]}, {"op": "sma", "args": [0, 3]},
    {"op": "crosses_above", "args": [5, 6]}, {"op": "crosses_below", "args": [5, 6]},
    {"op": "less", "args": [1, 4]}, {"op": "not_equal", "args": [0, 1]},
    {"op": "and", "args": [9, 10]}, {"op": "or", "args": [7, 11]},
    {"op": "greater_equal", "args": [0, 6]}, {"op": "not", "args": [13]},
    {"op": "or", "args": [8, 14]}, {"op": "equal", "args": [4, 1]},
    {"op": "greater", "args": [4, 2]}, {"op": "and", "args": [16, 17]}],
    "outputs": {"long_entry": 12, "long_exit": 15, "short_entry": 8, "short_exit": 18}}"#;

/// Numbers of which many are one in single precision, or not to be told from what they are not.
const ODD: [f64; 14] = [
    f64::NAN,
    f64::NEG_INFINITY,
    -1e300,
    -2.5,
    -f64::MIN_POSITIVE,
    -0.0,
    0.0,
    5e-324,
    1.0,
    1.0 + f64::EPSILON,
    3.0,
    3.0 - 4.0 * f64::EPSILON,
    1e300,
    f64::INFINITY,
];

#[test]
fn what_single_precision_cannot_tell_is_compared_in_double() {
    for count in [1_usize, 63, 64, 512, 1_025, 2_501] {
        // a rise of which single precision sees a step every few bars
        let close: Vec<f64> = (0..count)
            .map(|t| 100.0 + ((t * 7_919) % 1_009) as f64 * 1e-7)
            .collect();
        let odd: Vec<f64> = (0..count).map(|t| ODD[t * 5 % 97 % ODD.len()]).collect();
        let columns = [("open", &close), ("high", &close), ("low", &close)]
            .into_iter()
            .chain([("close", &close), ("odd", &odd)])
            .map(|(name, values)| (name.to_owned(), &values[..]));
        let bars = Bars::new(columns.collect()).unwrap();
        let graph = Graph::parse(GRAPH).unwrap();
        let inputs = Inputs::new(&graph, &bars).unwrap();
        let windows = count.min(7);
        let rows: Vec<[f64; 3]> = (1..=windows)
            .flat_map(|fast| (1..=windows).map(move |slow| (fast, slow)))
            .map(|(fast, slow)| [fast as f64, ODD[(fast * slow) % ODD.len()], slow as f64])
            .collect();
        let values: Vec<f64> = rows.iter().flatten().copied().collect();
        for simd in [Simd::Auto, Simd::Portable] {
            let place = Place {
                graph: &graph,
                inputs: &inputs,
                simd,
            };
            let mut given = Rows::new(&graph, &values, rows.len());
            let trials = Trials::new(place, &mut given, &Plan::none(&graph));
            let all: Vec<usize> = (0..rows.len()).collect();
            let coarse = |node| trials.coarse(0, node).is_some();
            assert!(coarse(0) && coarse(1) && coarse(5) && coarse(6) && !coarse(4));
            trials.each(&mut trials.scratch(), &all, |trial, signals| {
                let flags = signals.unwrap().flags;
                let single = Evaluation::new(&graph, &bars, &rows[trial], simd, None).unwrap();
                let expected = single.signals().unwrap().flags;
                for t in 0..count {
                    assert_eq!(flags.at(t), expected.at(t), "trial {trial}, bar {t}");
                }
            });
        }
    }
}
