//! The values of some of a graph's nodes: features, not trades.

use crate::bars::Bars;
use crate::error::{EngineError, Result};
use crate::evaluate::{FALSE, Number, Simd, TRUE, View};
use crate::graph::Graph;
use crate::signals::Evaluation;

/// The values over all bars of the nodes that a graph was asked for ([`Graph::parse_nodes`]), in
/// that order; conditions as 1, 0 and NaN.
///
/// # Errors
/// Those of [`Evaluation::new`]; parameter values that are not as many as the graph's parameters.
pub fn evaluate(
    graph: &Graph,
    bars: &Bars<'_>,
    params: &[f64],
    simd: Simd,
) -> Result<Vec<Vec<f64>>> {
    if params.len() != graph.parameters.len() {
        return Err(EngineError::Config(format!(
            "{} parameter values for a graph of {} parameters",
            params.len(),
            graph.parameters.len()
        )));
    }
    let evaluation = Evaluation::new(graph, bars, params, simd, None)?;
    let numbers = |&node: &usize| match evaluation.view(node) {
        View::Number(Number::Scalar(value)) => vec![value; bars.len()],
        View::Number(Number::Series(values)) => values.to_vec(),
        View::Boolean(values) => values.iter().copied().map(number).collect(),
    };
    Ok(graph.asked.iter().map(numbers).collect())
}

fn number(condition: u8) -> f64 {
    match condition {
        FALSE => 0.0,
        TRUE => 1.0,
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::evaluate;
    use crate::bars::Bars;
    use crate::error::EngineError;
    use crate::evaluate::Simd;
    use crate::graph::Graph;

    const JSON: &str = r#"{"version": 1, "nodes": [
        {"op": "column", "name": "close"},
        {"op": "parameter", "name": "n"},
        {"op": "sma", "args": [0, 1]},
        {"op": "less", "args": [2, 0]},
        {"op": "add", "args": [1, 1]},
        {"op": "column", "name": "nowhere"},
        {"op": "parameter", "name": "unread"}],
        "outputs": {"long_entry": null, "long_exit": null, "short_entry": null, "short_exit": null}}"#;

    fn values(asked: &[usize], params: &[f64]) -> Result<Vec<Vec<String>>, EngineError> {
        let close = [3.0, 1.0, 2.0, 6.0];
        let names = ["open", "high", "low", "close"];
        let bars = Bars::new(names.map(|name| (name.to_owned(), &close[..])).to_vec())?;
        let graph = Graph::parse_nodes(JSON, asked)?;
        let series = evaluate(&graph, &bars, params, Simd::Auto)?;
        let text = |series: &Vec<f64>| series.iter().map(f64::to_string).collect();
        Ok(series.iter().map(text).collect())
    }

    #[test]
    fn every_kind_of_node_in_the_order_asked() {
        assert_eq!(
            values(&[3, 0, 4, 2, 3], &[2.0, 0.0]).unwrap(),
            [
                ["NaN", "0", "1", "1"],
                ["3", "1", "2", "6"],
                ["4", "4", "4", "4"],
                ["NaN", "2", "1.5", "4"],
                ["NaN", "0", "1", "1"],
            ]
        );
        assert!(values(&[], &[2.0, 0.0]).unwrap().is_empty());
    }

    #[test]
    fn refusals() {
        let refused =
            |asked: &[usize], params: &[f64]| values(asked, params).unwrap_err().to_string();
        assert_eq!(
            refused(&[9], &[2.0, 0.0]),
            "strategy graph: node 9 was asked for, the graph has 7"
        );
        assert_eq!(
            refused(&[2], &[9.0, 0.0]),
            "node 2 (sma): its window is 9, expected a whole number from 1 to the 4 bars"
        );
        assert_eq!(
            refused(&[5], &[2.0, 0.0]),
            "node 5 (column): no column \"nowhere\"; the bars have open, high, low, close"
        );
        assert_eq!(
            refused(&[2], &[2.0]),
            "1 parameter values for a graph of 2 parameters"
        );
        assert_eq!(
            Graph::parse(JSON).unwrap_err().to_string(),
            "strategy graph: neither long_entry nor short_entry is set, at least one is needed"
        );
    }
}
