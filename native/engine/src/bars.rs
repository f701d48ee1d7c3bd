//! One instrument's series, borrowed from the caller.

use crate::error::{EngineError, Result};

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
            columns,
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
