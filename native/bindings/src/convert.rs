//! Between Python's arrays and the engine's slices.

use hyprl_engine::error::EngineError;
use hyprl_engine::metrics::NAMES;
use hyprl_engine::run::Run;
use hyprl_engine::search::Trial;
use hyprl_engine::tally::{BLOCKS, Block};
use hyprl_engine::trade::Trade;
use numpy::ndarray::{Array1, Array2, Array3, ArrayViewMut2, aview1};
use numpy::{IntoPyArray, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Σr, Σr², Σr³, Σr⁴, trades, turnover.
const BLOCK_COLUMNS: usize = 6;

/// Columns of bars by name, borrowed from `NumPy`.
#[derive(FromPyObject)]
#[pyo3(transparent)]
pub struct Columns<'py>(Vec<(String, PyReadonlyArray1<'py, f64>)>);

impl Columns<'_> {
    /// The columns as slices; they have to be contiguous.
    pub fn slices(&self) -> PyResult<Vec<(String, &[f64])>> {
        self.0
            .iter()
            .map(|(name, values)| Ok((name.clone(), values.as_slice()?)))
            .collect()
    }
}

/// A backtest as a dict of arrays and numbers.
pub fn run(py: Python<'_>, run: Run) -> PyResult<Bound<'_, PyDict>> {
    let trades = &run.record.trades;
    let floats = |field: fn(&Trade) -> f64| Array1::from_iter(trades.iter().map(field));
    let dict = into_dict(
        py,
        vec![
            ("entry_price", floats(|trade| trade.entry_price)),
            ("exit_price", floats(|trade| trade.exit_price)),
            ("quantity", floats(|trade| trade.quantity.abs())),
            ("pnl", floats(|trade| trade.pnl)),
            ("trade_return", floats(Trade::trade_return)),
            ("stop_price", floats(|trade| trade.stop)),
            ("values", Array1::from(run.values.to_vec())),
            ("equity", Array1::from(run.record.equity)),
        ],
    )?;
    let integers = |field: fn(&Trade) -> i64| Array1::from_iter(trades.iter().map(field));
    let bar = |bar: usize| i64::try_from(bar).unwrap_or(i64::MAX);
    dict.set_item(
        "entry_bar",
        Array1::from_iter(trades.iter().map(|trade| bar(trade.entry_bar))).into_pyarray(py),
    )?;
    dict.set_item(
        "exit_bar",
        Array1::from_iter(trades.iter().map(|trade| bar(trade.exit_bar))).into_pyarray(py),
    )?;
    dict.set_item(
        "side",
        integers(|trade| if trade.quantity > 0.0 { 1 } else { -1 }).into_pyarray(py),
    )?;
    dict.set_item(
        "reason",
        integers(|trade| i64::from(trade.reason as u8)).into_pyarray(py),
    )?;
    let mut blocks = Array2::zeros((BLOCKS + 1, BLOCK_COLUMNS));
    fill(blocks.view_mut(), &run.blocks);
    dict.set_item("blocks", blocks.into_pyarray(py))?;
    dict.set_item("behaviour_hash", run.behaviour)?;
    dict.set_item("ruined_bar", run.ruin.map(|ruin| ruin.bar))?;
    dict.set_item("deficit", run.ruin.map_or(0.0, |ruin| ruin.deficit))?;
    Ok(dict)
}

/// The results of a search, a column a trial.
pub struct Trials {
    /// A row a metric.
    pub values: Array2<f64>,
    /// Behaviour hashes.
    pub behaviour: Array1<u64>,
    /// Trials that could not be evaluated.
    pub failed: Array1<bool>,
    /// The first such trial's error.
    pub first_error: Option<String>,
    /// Block moments.
    pub blocks: Array3<f64>,
}

/// Gathers metrics; a failed trial has NaN.
pub fn trials(trials: &[Result<Trial, EngineError>]) -> Trials {
    let mut values = Array2::from_elem((NAMES.len(), trials.len()), f64::NAN);
    let mut behaviour = Array1::zeros(trials.len());
    let mut failed = Array1::from_elem(trials.len(), false);
    let mut first_error = None;
    for (index, trial) in trials.iter().enumerate() {
        match trial {
            Ok(trial) => {
                for (row, value) in trial.values.iter().enumerate() {
                    values[(row, index)] = *value;
                }
                behaviour[index] = trial.behaviour;
            }
            Err(error) => {
                failed[index] = true;
                first_error.get_or_insert_with(|| error.to_string());
            }
        }
    }
    Trials {
        values,
        behaviour,
        failed,
        first_error,
        blocks: blocks(trials),
    }
}

/// Block moments, (trials, blocks, columns); a failed trial has zeros.
fn blocks(trials: &[Result<Trial, EngineError>]) -> Array3<f64> {
    let mut array = Array3::zeros((trials.len(), BLOCKS + 1, BLOCK_COLUMNS));
    for (mut rows, trial) in array.outer_iter_mut().zip(trials) {
        if let Ok(trial) = trial {
            fill(rows.view_mut(), &trial.blocks);
        }
    }
    array
}

fn fill(mut rows: ArrayViewMut2<'_, f64>, blocks: &[Block]) {
    for (mut row, block) in rows.rows_mut().into_iter().zip(blocks) {
        let [s1, s2, s3, s4] = block.sums;
        row.assign(&aview1(&[s1, s2, s3, s4, block.trades, block.turnover]));
    }
}

/// Arrays by name.
fn into_dict<'py, A: IntoPyArray>(
    py: Python<'py>,
    arrays: Vec<(&'static str, A)>,
) -> PyResult<Bound<'py, PyDict>>
where
    Bound<'py, numpy::PyArray<A::Item, A::Dim>>: IntoPyObject<'py>,
{
    let dict = PyDict::new(py);
    for (name, array) in arrays {
        dict.set_item(name, array.into_pyarray(py))?;
    }
    Ok(dict)
}
