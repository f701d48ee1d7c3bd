//! One instrument's series, borrowed from the caller.

use crate::error::{EngineError, Result};

/// Which bar of a longer timeframe each bar belongs to.
#[derive(Debug, Clone)]
pub struct Longer<'a> {
    /// The timeframe's name, as `on` nodes have it.
    pub timeframe: String,
    /// Number of the longer bar, never falling.
    pub bucket: &'a [i64],
    /// Whether the bar completes its longer bar.
    pub closed: &'a [bool],
}

/// Price bars and feature columns of one length.
#[derive(Debug, Clone)]
pub struct Bars<'a> {
    /// Open prices.
    pub open: &'a [f64],
    /// High prices.
    pub high: &'a [f64],
    /// Low prices.
    pub low: &'a [f64],
    /// Close prices.
    pub close: &'a [f64],
    /// Open of each bar in microseconds since the epoch; empty where nothing asks for it.
    pub ts: &'a [i64],
    /// What the session nodes read, by node name.
    pub clock: Vec<(String, &'a [f64])>,
    /// Longer timeframes that `on` nodes name.
    pub longer: Vec<Longer<'a>>,
    /// Number of each bar's session, never falling; empty where no rule asks for it.
    pub session: &'a [i64],
    /// Whether the bar stands at or after its session's cutoff; empty likewise.
    pub square_off: &'a [bool],
    columns: Vec<(String, &'a [f64])>,
}

impl<'a> Bars<'a> {
    /// Collects columns by name; `open`, `high`, `low` and `close` have to be there.
    ///
    /// # Errors
    /// A missing price column, or columns of unequal or zero length.
    pub fn new(columns: Vec<(String, &'a [f64])>) -> Result<Self> {
        let find = |name: &str| -> Result<&'a [f64]> {
            columns
                .iter()
                .find(|(column, _)| column == name)
                .map(|(_, values)| *values)
                .ok_or_else(|| EngineError::Bars(format!("no column {name}")))
        };
        let (open, high, low, close) = (find("open")?, find("high")?, find("low")?, find("close")?);
        if open.is_empty() {
            return Err(EngineError::Bars(
                "no rows, at least one is needed".to_owned(),
            ));
        }
        for (name, values) in &columns {
            if values.len() != open.len() {
                return Err(EngineError::Bars(format!(
                    "column {name} has {} rows, open has {}",
                    values.len(),
                    open.len()
                )));
            }
        }
        Ok(Self {
            open,
            high,
            low,
            close,
            ts: &[],
            clock: Vec::new(),
            longer: Vec::new(),
            session: &[],
            square_off: &[],
            columns,
        })
    }

    /// Adds times, what session nodes read, and longer timeframes.
    ///
    /// # Errors
    /// A series of another length.
    pub fn with_time(
        self,
        ts: &'a [i64],
        clock: Vec<(String, &'a [f64])>,
        longer: Vec<Longer<'a>>,
    ) -> Result<Self> {
        let length = self.len();
        let equal = |name: &str, found: usize| {
            if found == length {
                Ok(())
            } else {
                Err(EngineError::Bars(format!(
                    "{name} has {found} rows, open has {length}"
                )))
            }
        };
        equal("ts", ts.len())?;
        for (name, values) in &clock {
            equal(name, values.len())?;
        }
        for Longer {
            timeframe,
            bucket,
            closed,
        } in &longer
        {
            equal(timeframe, bucket.len())?;
            equal(timeframe, closed.len())?;
        }
        Ok(Self {
            ts,
            clock,
            longer,
            ..self
        })
    }

    /// Adds sessions, for the intraday rules; both may be empty.
    ///
    /// # Errors
    /// A series of another length.
    pub fn with_sessions(self, session: &'a [i64], square_off: &'a [bool]) -> Result<Self> {
        for (name, found) in [("session", session.len()), ("square_off", square_off.len())] {
            if found != 0 && found != self.len() {
                return Err(EngineError::Bars(format!(
                    "{name} has {found} rows, open has {}",
                    self.len()
                )));
            }
        }
        Ok(Self {
            session,
            square_off,
            ..self
        })
    }

    /// The number of bars.
    #[must_use]
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Never true: bars have at least one row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// A column by name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'a [f64]> {
        self.columns
            .iter()
            .find(|(column, _)| column == name)
            .map(|(_, values)| *values)
    }

    /// The names of all columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }
}
