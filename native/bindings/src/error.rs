//! The one conversion of the engine's errors to Python's.

use hyprl_engine::error::EngineError;
use pyo3::prelude::*;

/// The exception of `hyprl_lab.errors` that stands for an engine error.
pub fn raise(py: Python<'_>, error: &EngineError) -> PyErr {
    let name = match error {
        EngineError::Node { .. } | EngineError::Graph(_) => "StrategyError",
        EngineError::Config(_) => "ConfigError",
        EngineError::Bars(_) => "BarsError",
        EngineError::Stopped(_) => "CancelledError",
    };
    let class = py
        .import("hyprl_lab.errors")
        .and_then(|errors| errors.getattr(name));
    match class.and_then(|class| class.call1((error.to_string(),))) {
        Ok(exception) => PyErr::from_value(exception),
        Err(import_error) => import_error,
    }
}
