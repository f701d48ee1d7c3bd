//! Between Python's arrays and the engine's slices.

use hyprl_engine::error::EngineError;
use hyprl_engine::metrics::NAMES;
use hyprl_engine::run::Run;
use hyprl_engine::search::Trial;
use hyprl_engine::tally::{BLOCKS, Block};
use hyprl_engine::trade::{Order, Trade};
use numpy::ndarray::{Array1, Array2, Array3, ArrayViewMut2, aview1};
use numpy::{Element, IntoPyArray, PyArray1, PyReadonlyArray1};
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
pub fn run<'py>(run: &Run, equity: Bound<'py, PyArray1<f64>>) -> PyResult<Bound<'py, PyDict>> {
    let py = equity.py();
    let dict = PyDict::new(py);
    trades(&dict, &run.trades)?;
    orders(&dict, &run.orders)?;
    dict.set_item("values", Array1::from(run.values.to_vec()).into_pyarray(py))?;
    dict.set_item("equity", equity)?;
    let mut blocks = Array2::zeros((BLOCKS + 1, BLOCK_COLUMNS));
    fill(blocks.view_mut(), &run.blocks);
    dict.set_item("blocks", blocks.into_pyarray(py))?;
    dict.set_item("behaviour_hash", run.behaviour)?;
    dict.set_item("ruined_bar", run.ruin.map(|ruin| ruin.bar))?;
    dict.set_item("deficit", run.ruin.map_or(0.0, |ruin| ruin.deficit))?;
    Ok(dict)
}

/// A bar's row; none is −1.
fn row(bar: Option<usize>) -> i64 {
    bar.map_or(-1, |bar| i64::try_from(bar).unwrap_or(i64::MAX))
}

fn trades(dict: &Bound<'_, PyDict>, trades: &[Trade]) -> PyResult<()> {
    let floats: [Column<Trade, f64>; 10] = [
        ("entry_price", |trade| trade.entry_price),
        ("exit_price", |trade| trade.exit_price),
        ("quantity", |trade| trade.quantity.abs()),
        ("pnl", |trade| trade.pnl),
        ("trade_return", |trade| trade.trade_return),
        ("stop_price", |trade| trade.stop),
        ("fees", |trade| trade.fees),
        ("financing", |trade| trade.financing),
        ("mae", |trade| trade.mae),
        ("mfe", |trade| trade.mfe),
    ];
    let rows: [Column<Trade, i64>; 2] = [
        ("entry_bar", |trade| row(Some(trade.entry_bar))),
        ("exit_bar", |trade| row(Some(trade.exit_bar))),
    ];
    let codes: [Column<Trade, i8>; 2] = [
        ("side", |trade| sign(trade.quantity)),
        ("reason", |trade| code(trade.reason as u8)),
    ];
    put(dict, trades, &floats)?;
    put(dict, trades, &rows)?;
    put(dict, trades, &codes)
}

fn orders(dict: &Bound<'_, PyDict>, orders: &[Order]) -> PyResult<()> {
    let floats: [Column<Order, f64>; 4] = [
        ("order_asked", |order| order.asked),
        ("order_quantity", |order| order.quantity),
        ("order_price", |order| order.price),
        ("order_fee", |order| order.fee),
    ];
    let rows: [Column<Order, i64>; 2] = [
        ("order_bar", |order| row(Some(order.bar))),
        ("order_signal_bar", |order| row(order.signal_bar)),
    ];
    let codes: [Column<Order, i8>; 6] = [
        ("order_side", |order| sign(order.side)),
        ("order_intent", |order| code(order.intent as u8)),
        ("order_kind", |order| code(order.kind as u8)),
        ("order_reason", |order| code(order.reason as u8)),
        ("order_status", |order| code(order.status as u8)),
        ("order_why", |order| code(order.why as u8)),
    ];
    put(dict, orders, &floats)?;
    put(dict, orders, &rows)?;
    put(dict, orders, &codes)
}

fn sign(quantity: f64) -> i8 {
    if quantity > 0.0 { 1 } else { -1 }
}

/// A small enumeration's number.
fn code(discriminant: u8) -> i8 {
    discriminant.cast_signed()
}

/// A column's name and how its value is read off a row.
type Column<T, V> = (&'static str, fn(&T) -> V);

/// One array a column, in the order of the rows.
fn put<T, V: Element>(
    dict: &Bound<'_, PyDict>,
    rows: &[T],
    columns: &[Column<T, V>],
) -> PyResult<()> {
    for (name, value) in columns {
        let array = Array1::from_iter(rows.iter().map(value));
        dict.set_item(name, array.into_pyarray(dict.py()))?;
    }
    Ok(())
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
