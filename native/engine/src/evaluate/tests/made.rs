//! A graph of every operation, and bars for it.

use crate::bars::{Bars, Longer};
use crate::graph::Graph;

/// Every operation at least once; parameters a and b are windows.
pub const NODES: [&str; 89] = [
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
    r#"{"op": "constant", "value": 0.3}"#,
    r#"{"op": "wma", "args": [0, 3]}"#,
    r#"{"op": "trima", "args": [1, 4]}"#,
    r#"{"op": "kama", "args": [0, 4]}"#,
    r#"{"op": "ewm", "args": [5, 3]}"#,
    r#"{"op": "macd", "args": [0, 3, 4]}"#,
    r#"{"op": "lag", "args": [1, 3]}"#,
    r#"{"op": "cmo", "args": [0, 4]}"#,
    r#"{"op": "cci", "args": [0, 4]}"#,
    r#"{"op": "plus_di", "args": [3]}"#,
    r#"{"op": "minus_di", "args": [4]}"#,
    r#"{"op": "dx", "args": [3]}"#,
    r#"{"op": "adx", "args": [3]}"#,
    r#"{"op": "sar", "args": [49, 4]}"#,
    r#"{"op": "supertrend_line", "args": [0, 16, 8]}"#,
    r#"{"op": "supertrend_direction", "args": [5, 4, 0]}"#,
    r#"{"op": "since_highest", "args": [1, 3]}"#,
    r#"{"op": "since_lowest", "args": [0, 4]}"#,
    r#"{"op": "cumulative_sum", "args": [47]}"#,
    r#"{"op": "obv", "args": [0, 47]}"#,
    r#"{"op": "sum_since", "args": [30, 47]}"#,
    r#"{"op": "variance", "args": [0, 4]}"#,
    r#"{"op": "linearreg_slope", "args": [0, 3]}"#,
    r#"{"op": "linearreg", "args": [5, 4]}"#,
    r#"{"op": "correl", "args": [0, 1, 4]}"#,
    r#"{"op": "beta", "args": [1, 0, 3]}"#,
    r#"{"op": "quantile", "args": [0, 4, 49]}"#,
    r#"{"op": "rank", "args": [1, 3]}"#,
    r#"{"op": "on", "args": [62], "timeframe": "3m"}"#,
    r#"{"op": "on", "args": [61], "timeframe": "3m"}"#,
    r#"{"op": "on", "args": [73], "timeframe": "3m"}"#,
    r#"{"op": "on", "args": [69], "timeframe": "5m"}"#,
    r#"{"op": "correl", "args": [0, 4, 3]}"#,
    r#"{"op": "beta", "args": [3, 0, 4]}"#,
    r#"{"op": "wma", "args": [4, 3]}"#,
    r#"{"op": "linearreg", "args": [3, 4]}"#,
    r#"{"op": "obv", "args": [0, 2]}"#,
    r#"{"op": "sum_since", "args": [30, 2]}"#,
    r#"{"op": "lag", "args": [2, 4]}"#,
    r#"{"op": "on", "args": [75], "timeframe": "5m"}"#,
];

/// The graph of all nodes in which entries, or the price of their orders, are node `index`.
pub fn graph(index: usize) -> Graph {
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

/// Made-up bars and everything that comes with them.
#[derive(Debug, Clone)]
pub struct Made {
    pub columns: Vec<Vec<f64>>,
    pub ts: Vec<i64>,
    pub buckets: Vec<(Vec<i64>, Vec<bool>)>,
}

pub const COLUMNS: [&str; 6] = ["open", "high", "low", "close", "volume", "feature"];

impl Made {
    pub fn new(cells: &[(f64, f64, bool)]) -> Self {
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

    pub fn bars(&self, len: usize) -> Bars<'_> {
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

pub fn fixed() -> Made {
    Made::new(
        &(1..=12)
            .map(|t| (f64::from(t), 1.0, true))
            .collect::<Vec<_>>(),
    )
}
