//! The extension module `hyprl_lab._native`: extract, release the GIL, call, convert.

#![allow(
    clippy::needless_pass_by_value,
    reason = "PyO3 hands extracted arguments over by value"
)]

use hyprl_engine::bars::{Bars, Longer};
use hyprl_engine::config::{Execution, Intrabar, Risk, Settings};
use hyprl_engine::error::EngineError;
use hyprl_engine::evaluate::Simd;
use hyprl_engine::features;
use hyprl_engine::graph::Graph;
use hyprl_engine::metrics::{Calendar, NAMES};
use hyprl_engine::overfitting::{self, Blocks};
use hyprl_engine::run::{self, Task};
use hyprl_engine::search::{Request, search as search_all};
use hyprl_engine::trial_key;
use hyprl_engine::watch::Watch;
use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

mod convert;
mod error;
mod watching;

use convert::Columns;
use error::raise;
use watching::Watching;

/// Everything but the columns and the parameters that one simulation needs, as Python hands it over.
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
    ts: PyReadonlyArray1<'py, i64>,
    bars_per_year: f64,
    clock: Columns<'py>,
    longer: Vec<LongerBars<'py>>,
    session: Option<PyReadonlyArray1<'py, i64>>,
    square_off: Option<PyReadonlyArray1<'py, bool>>,
}

/// A timeframe's name, the longer bar of each bar, and whether the bar completes it.
type LongerBars<'py> = (
    String,
    PyReadonlyArray1<'py, i64>,
    PyReadonlyArray1<'py, bool>,
);

/// A [`Setup`] read, its arrays borrowed.
struct Work<'a> {
    graph: Graph,
    settings: Settings,
    calendar: Calendar,
    headline: &'a [i64],
    bars: Bars<'a>,
}

impl Work<'_> {
    /// Room for the equity of each simulated bar, in memory of `NumPy`, which asks for huge pages.
    fn equity<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::zeros(
            py,
            self.bars.len().saturating_sub(self.settings.start),
            false,
        )
    }

    fn task(&self, portable: bool) -> Task<'_> {
        Task {
            bars: &self.bars,
            graph: &self.graph,
            headline: self.headline,
            calendar: self.calendar,
            simd: simd_of(portable),
        }
    }
}

impl Setup<'_> {
    fn work<'a>(&'a self, py: Python<'_>, columns: &'a Columns<'_>) -> PyResult<Work<'a>> {
        let headline = self.headline.as_slice()?;
        let bars = self.bars(py, columns)?;
        let read = || -> Result<Work<'a>, EngineError> {
            Ok(Work {
                graph: Graph::parse(&self.graph)?,
                settings: Settings {
                    risk: Risk::parse(&self.risk)?,
                    execution: Execution::parse(&self.execution)?,
                    cash: self.cash,
                    start: self.start,
                    bars_per_year: self.bars_per_year,
                },
                calendar: Calendar {
                    periods_per_year: self.periods_per_year,
                    years: self.years,
                },
                headline,
                bars,
            })
        };
        read().map_err(|error| raise(py, &error))
    }

    fn bars<'a>(&'a self, py: Python<'_>, columns: &'a Columns<'_>) -> PyResult<Bars<'a>> {
        let mut longer = Vec::with_capacity(self.longer.len());
        for (timeframe, bucket, closed) in &self.longer {
            longer.push(Longer {
                timeframe: timeframe.clone(),
                bucket: bucket.as_slice()?,
                closed: closed.as_slice()?,
            });
        }
        let session = match &self.session {
            Some(session) => session.as_slice()?,
            None => &[],
        };
        let square_off = match &self.square_off {
            Some(square_off) => square_off.as_slice()?,
            None => &[],
        };
        let (ts, clock, columns) = (self.ts.as_slice()?, self.clock.slices()?, columns.slices()?);
        Bars::new(columns)
            .and_then(|bars| bars.with_time(ts, clock, longer))
            .and_then(|bars| bars.with_sessions(session, square_off))
            .map_err(|error| raise(py, &error))
    }
}

/// One backtest; `params` are in the sorted order of the graph's parameter names. `watch` is asked
/// now and then, with the bars done and all bars, whether to stop.
#[pyfunction]
fn backtest<'py>(
    py: Python<'py>,
    columns: Columns<'py>,
    setup: Setup<'py>,
    params: PyReadonlyArray1<'py, f64>,
    watch: Option<Py<PyAny>>,
    portable: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let work = setup.work(py, &columns)?;
    let params = params.as_slice()?;
    let watching = watch.map(|callable| Watching::new(callable, work.bars.len()));
    let equity = work.equity(py);
    let mut slot = equity.try_readwrite()?;
    let room = slot.as_slice_mut()?;
    let outcome = py.detach(|| {
        let ask = watching.as_ref().map(|watching| |bar| watching.ask(bar));
        run::run(
            &work.task(portable),
            params,
            (&work.settings, room),
            ask.as_ref().map(|ask| ask as Watch<'_>),
        )
    });
    match outcome {
        Ok(outcome) => {
            drop(slot);
            convert::run(&outcome, equity)
        }
        Err(error) => Err(watching
            .and_then(Watching::into_error)
            .unwrap_or_else(|| raise(py, &error))),
    }
}

/// One backtest under each reading of a bar that holds stop and target: `stop_first`,
/// `nearest_first`, `target_first`.
#[pyfunction]
fn intrabar<'py>(
    py: Python<'py>,
    columns: Columns<'py>,
    setup: Setup<'py>,
    params: PyReadonlyArray1<'py, f64>,
) -> PyResult<Vec<Bound<'py, PyDict>>> {
    let work = setup.work(py, &columns)?;
    let params = params.as_slice()?;
    let settings = [
        Intrabar::StopFirst,
        Intrabar::NearestFirst,
        Intrabar::TargetFirst,
    ]
    .map(|intrabar| {
        let mut settings = work.settings.clone();
        settings.execution.intrabar = intrabar;
        settings
    });
    let equities: Vec<_> = settings.iter().map(|_| work.equity(py)).collect();
    let runs = {
        let mut slots = equities
            .iter()
            .map(|equity| Ok(equity.try_readwrite()?))
            .collect::<PyResult<Vec<_>>>()?;
        let rooms = slots
            .iter_mut()
            .map(|slot| Ok(slot.as_slice_mut()?))
            .collect::<PyResult<Vec<_>>>()?;
        let accounts = settings.iter().zip(rooms).collect();
        py.detach(|| run::run_each(&work.task(false), params, accounts, None))
            .map_err(|error| raise(py, &error))?
    };
    runs.iter()
        .zip(equities)
        .map(|(run, equity)| convert::run(run, equity))
        .collect()
}

/// Risk and execution of some accounts as JSON, and which of them each trial has.
type TrialSettings<'py> = (Vec<(String, String)>, PyReadonlyArray1<'py, u32>);

/// A trial for each row of `values`, whose columns are in the sorted order of the graph's parameter
/// names. `watch` is asked now and then, with the trials done and all trials, whether to stop.
#[pyfunction]
#[allow(
    clippy::too_many_arguments,
    reason = "called by one function, by position"
)]
fn search<'py>(
    py: Python<'py>,
    columns: Columns<'py>,
    setup: Setup<'py>,
    values: PyReadonlyArray2<'py, f64>,
    threads: usize,
    portable: bool,
    blocks: bool,
    settings: Option<TrialSettings<'py>>,
    watch: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let work = setup.work(py, &columns)?;
    let accounts = match &settings {
        None => vec![work.settings.clone()],
        Some((pairs, _)) => pairs
            .iter()
            .map(|(risk, execution)| {
                Ok(Settings {
                    risk: Risk::parse(risk)?,
                    execution: Execution::parse(execution)?,
                    ..work.settings
                })
            })
            .collect::<Result<_, EngineError>>()
            .map_err(|error| raise(py, &error))?,
    };
    let setting = match &settings {
        Some((_, index)) => index.as_slice()?,
        None => &[],
    };
    let trials = values.as_array().nrows();
    let request = Request {
        values: values.as_slice()?,
        trials,
        settings: &accounts,
        setting,
        blocks,
        threads,
    };
    let watching = watch.map(|callable| Watching::new(callable, trials));
    let found = py.detach(|| {
        let ask = watching.as_ref().map(|watching| |done| watching.ask(done));
        let watch = ask.as_ref().map(|ask| ask as Watch<'_>);
        search_all(&work.task(portable), &request, watch)
    });
    match found {
        Ok(found) => convert::found(py, found),
        Err(error) => Err(watching
            .and_then(Watching::into_error)
            .unwrap_or_else(|| raise(py, &error))),
    }
}

/// The values over all bars of the graph's nodes that `nodes` names, conditions as 1, 0 and NaN;
/// only what the bars need is read of the setup, and the graph may have no entry.
#[pyfunction]
fn evaluate<'py>(
    py: Python<'py>,
    columns: Columns<'py>,
    setup: Setup<'py>,
    params: PyReadonlyArray1<'py, f64>,
    nodes: Vec<usize>,
) -> PyResult<Vec<Bound<'py, PyArray1<f64>>>> {
    let bars = setup.bars(py, &columns)?;
    let params = params.as_slice()?;
    let series = py
        .detach(|| {
            let graph = Graph::parse_nodes(&setup.graph, &nodes)?;
            features::evaluate(&graph, &bars, params, Simd::Auto)
        })
        .map_err(|error| raise(py, &error))?;
    Ok(series
        .into_iter()
        .map(|values| values.into_pyarray(py))
        .collect())
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

/// Sums of returns over blocks of time, a row a trial, as the engine takes them.
fn blocks_of<'a>(
    sums: &'a PyReadonlyArray2<'_, f64>,
    squares: &'a PyReadonlyArray2<'_, f64>,
    length: usize,
) -> PyResult<Blocks<'a>> {
    Ok(Blocks {
        sums: sums.as_slice()?,
        squares: squares.as_slice()?,
        blocks: sums.as_array().ncols(),
        length,
    })
}

fn simd_of(portable: bool) -> Simd {
    if portable { Simd::Portable } else { Simd::Auto }
}

/// Arrays of unsigned and of float numbers, an element a half.
type HalfArrays<'py> = (
    Bound<'py, PyArray1<u32>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
);

/// The best trial of each half of the blocks: its number, its score, its score in the other half.
#[pyfunction]
fn best_of_halves<'py>(
    py: Python<'py>,
    sums: PyReadonlyArray2<'py, f64>,
    squares: PyReadonlyArray2<'py, f64>,
    length: usize,
    threads: usize,
    portable: bool,
) -> PyResult<HalfArrays<'py>> {
    let blocks = blocks_of(&sums, &squares, length)?;
    let found = py
        .detach(|| overfitting::best(&blocks, threads, simd_of(portable)))
        .map_err(|error| raise(py, &error))?;
    Ok((
        found.trial.into_pyarray(py),
        found.score.into_pyarray(py),
        found.other.into_pyarray(py),
    ))
}

/// Trials by how their scores in the other half compare with `against`: scored, below, equal.
#[pyfunction]
fn standing_in_halves<'py>(
    py: Python<'py>,
    sums: PyReadonlyArray2<'py, f64>,
    squares: PyReadonlyArray2<'py, f64>,
    length: usize,
    against: PyReadonlyArray1<'py, f64>,
    threads: usize,
    portable: bool,
) -> PyResult<Vec<Bound<'py, PyArray1<u32>>>> {
    let blocks = blocks_of(&sums, &squares, length)?;
    let against = against.as_slice()?;
    let found = py
        .detach(|| overfitting::standing(&blocks, against, threads, simd_of(portable)))
        .map_err(|error| raise(py, &error))?;
    Ok([found.scored, found.below, found.equal]
        .into_iter()
        .map(|counts| counts.into_pyarray(py))
        .collect())
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
    module.add_function(wrap_pyfunction!(intrabar, module)?)?;
    module.add_function(wrap_pyfunction!(search, module)?)?;
    module.add_function(wrap_pyfunction!(evaluate, module)?)?;
    module.add_function(wrap_pyfunction!(trial_keys, module)?)?;
    module.add_function(wrap_pyfunction!(graph_parameters, module)?)?;
    module.add_function(wrap_pyfunction!(best_of_halves, module)?)?;
    module.add_function(wrap_pyfunction!(standing_in_halves, module)?)?;
    Ok(())
}
