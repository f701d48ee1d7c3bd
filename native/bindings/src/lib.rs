//! The extension module `hyprl_lab._native`: extract, release the GIL, call, convert.

#![allow(
    clippy::needless_pass_by_value,
    reason = "PyO3 hands extracted arguments over by value"
)]

use hyprl_engine::bars::Bars;
use hyprl_engine::config::{Execution, Risk};
use hyprl_engine::graph::Graph;
use hyprl_engine::metrics::{Calendar, NAMES};
use hyprl_engine::simulate::Account;
use hyprl_engine::{run, trial_key};
use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

mod convert;
mod error;

use convert::Columns;
use error::raise;

/// Everything but the bars and the parameters that one simulation needs, as Python hands it over.
#[derive(FromPyObject)]
struct Setup<'py> {
    graph: String,
    risk: String,
    execution: String,
    cash: f64,
    start: usize,
    headline: PyReadonlyArray1<'py, i64>,
    periods_per_year: f64,
    years: f64,
}

impl Setup<'_> {
    fn account(&self, py: Python<'_>) -> PyResult<Account> {
        Ok(Account {
            risk: Risk::parse(&self.risk).map_err(|error| raise(py, &error))?,
            execution: Execution::parse(&self.execution).map_err(|error| raise(py, &error))?,
            cash: self.cash,
            start: self.start,
        })
    }

    fn calendar(&self) -> Calendar {
        Calendar {
            periods_per_year: self.periods_per_year,
            years: self.years,
        }
    }

    fn headline(&self) -> PyResult<Vec<usize>> {
        let points = self.headline.as_slice()?;
        points
            .iter()
            .map(|&point| usize::try_from(point).map_err(Into::into))
            .collect()
    }
}

/// One backtest; `params` are in the sorted order of the graph's parameter names.
#[pyfunction]
fn backtest<'py>(
    py: Python<'py>,
    columns: Columns<'py>,
    setup: Setup<'py>,
    params: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyDict>> {
    let account = setup.account(py)?;
    let headline = setup.headline()?;
    let calendar = setup.calendar();
    let slices = columns.slices()?;
    let params = params.as_slice()?;
    let outcome = py.detach(|| {
        let graph = Graph::parse(&setup.graph)?;
        let bars = Bars::new(slices)?;
        run::run(&bars, &graph, params, &account, &headline, calendar)
    });
    let outcome = outcome.map_err(|error| raise(py, &error))?;
    convert::run(py, outcome)
}

/// A trial for each row of `values`, whose columns are in the sorted order of the graph's parameter
/// names.
#[pyfunction]
fn search<'py>(
    py: Python<'py>,
    columns: Columns<'py>,
    setup: Setup<'py>,
    values: PyReadonlyArray2<'py, f64>,
    threads: usize,
) -> PyResult<Bound<'py, PyDict>> {
    let account = setup.account(py)?;
    let headline = setup.headline()?;
    let calendar = setup.calendar();
    let slices = columns.slices()?;
    let values = values.as_slice()?;
    let results = py
        .detach(|| {
            let graph = Graph::parse(&setup.graph)?;
            let bars = Bars::new(slices)?;
            let trials = hyprl_engine::search::search(
                &bars, &graph, values, &account, &headline, calendar, threads,
            )?;
            Ok(convert::trials(&trials))
        })
        .map_err(|error| raise(py, &error))?;
    let dict = PyDict::new(py);
    dict.set_item("blocks", results.blocks.into_pyarray(py))?;
    dict.set_item("values", results.values.into_pyarray(py))?;
    dict.set_item("behaviour_hash", results.behaviour.into_pyarray(py))?;
    dict.set_item("failed", results.failed.into_pyarray(py))?;
    dict.set_item("first_error", results.first_error)?;
    Ok(dict)
}

/// The keys of trials: 16 bytes for each row of `values`.
#[pyfunction]
fn trial_keys<'py>(
    py: Python<'py>,
    prefix: &[u8],
    names: Vec<String>,
    values: PyReadonlyArray2<'py, f64>,
) -> PyResult<Bound<'py, numpy::PyArray2<u8>>> {
    let view = values.as_array();
    if view.ncols() != names.len() {
        return Err(pyo3::exceptions::PyValueError::new_err(format!(
            "{} names for {} columns",
            names.len(),
            view.ncols()
        )));
    }
    let mut keys = Array2::zeros((view.nrows(), trial_key::KEY_BYTES));
    for (mut key, row) in keys.rows_mut().into_iter().zip(view.rows()) {
        let bytes = trial_key::trial_key(prefix, &names, &row.to_vec());
        key.assign(&numpy::ndarray::aview1(&bytes));
    }
    Ok(keys.into_pyarray(py))
}

/// The names of a graph's parameters, sorted; the graph is checked on the way.
#[pyfunction]
fn graph_parameters(py: Python<'_>, graph: &str) -> PyResult<Vec<String>> {
    Graph::parse(graph)
        .map(|graph| graph.parameters)
        .map_err(|error| raise(py, &error))
}

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("METRIC_NAMES", NAMES.to_vec())?;
    module.add_function(wrap_pyfunction!(backtest, module)?)?;
    module.add_function(wrap_pyfunction!(search, module)?)?;
    module.add_function(wrap_pyfunction!(trial_keys, module)?)?;
    module.add_function(wrap_pyfunction!(graph_parameters, module)?)?;
    Ok(())
}
