//! Between Python's arrays and the engine's slices.

use hyprl_engine::metrics::NAMES;
use hyprl_engine::run::Run;
use hyprl_engine::search::{BLOCK_NUMBERS, Found};
use hyprl_engine::tally::{BLOCK_COLUMNS, BLOCKS, Block};
use hyprl_engine::trade::{Order, Trade};
use numpy::ndarray::{Array1, Array2, ArrayViewMut2, aview1};
use numpy::{Element, IntoPyArray, PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

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

/// Trials whose metrics are turned at a time, so that they stay in the first cache.
const TURNED: usize = 64;

/// A search as a dict of arrays; metrics are a row each, as they are read.
pub fn found(py: Python<'_>, found: Found) -> PyResult<Bound<'_, PyDict>> {
    let trials = found.failed.len();
    let mut values = Array2::zeros((NAMES.len(), trials));
    for (part, rows) in found.values.chunks(TURNED * NAMES.len()).enumerate() {
        for (metric, mut row) in values.rows_mut().into_iter().enumerate() {
            let slots = row.iter_mut().skip(part * TURNED);
            let own = rows.iter().skip(metric).step_by(NAMES.len());
            for (slot, &value) in slots.zip(own) {
                *slot = value;
            }
        }
    }
    let dict = PyDict::new(py);
    let kept = found.blocks.len() / BLOCK_NUMBERS;
    let blocks = PyArray1::from_vec(py, found.blocks);
    dict.set_item("blocks", blocks.reshape([kept, BLOCKS + 1, BLOCK_COLUMNS])?)?;
    dict.set_item("values", values.into_pyarray(py))?;
    dict.set_item("behaviour_hash", PyArray1::from_vec(py, found.behaviour))?;
    dict.set_item("failed", PyArray1::from_vec(py, found.failed))?;
    dict.set_item("first_error", found.first_error.map(|(_, message)| message))?;
    Ok(dict)
}

fn fill(mut rows: ArrayViewMut2<'_, f64>, blocks: &[Block]) {
    for (mut row, block) in rows.rows_mut().into_iter().zip(blocks) {
        row.assign(&aview1(&block.columns()));
    }
}
