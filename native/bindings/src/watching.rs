//! Asks a Python callable now and then whether to go on.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use hyprl_engine::error::{EngineError, Result};
use pyo3::prelude::*;

/// Time between two questions.
const INTERVAL: Duration = Duration::from_millis(20);

/// A callable `(done, total) -> bool`, true to stop, and when it was last asked.
pub struct Watching {
    callable: Py<PyAny>,
    total: usize,
    asked: Mutex<Option<Instant>>,
    error: Mutex<Option<PyErr>>,
}

impl Watching {
    /// Watches work of `total` bars.
    pub fn new(callable: Py<PyAny>, total: usize) -> Self {
        Self {
            callable,
            total,
            asked: Mutex::new(None),
            error: Mutex::new(None),
        }
    }

    /// Asks, unless that was done a moment ago.
    pub fn ask(&self, done: usize) -> Result<()> {
        {
            // only whoever asks looks at the time: a lock that is taken, or whose holder panicked,
            // means that somebody else does
            let Ok(mut asked) = self.asked.try_lock() else {
                return Ok(());
            };
            if asked.is_some_and(|at| at.elapsed() < INTERVAL) {
                return Ok(());
            }
            *asked = Some(Instant::now());
        }
        let stop = Python::attach(|py| {
            py.check_signals()?;
            self.callable
                .bind(py)
                .call1((done, self.total))?
                .is_truthy()
        });
        match stop {
            Ok(false) => Ok(()),
            Ok(true) => Err(EngineError::Stopped(done)),
            Err(raised) => {
                if let Ok(mut error) = self.error.lock() {
                    error.get_or_insert(raised);
                }
                Err(EngineError::Stopped(done))
            }
        }
    }

    /// What the callable raised, if it did.
    pub fn into_error(self) -> Option<PyErr> {
        self.error.into_inner().ok().flatten()
    }
}
