//! Risk and execution settings, as the Python side writes them.

use serde::Deserialize;

use crate::error::{EngineError, Result};

/// How a position is sized at its fill.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(tag = "model", rename_all = "snake_case", deny_unknown_fields)]
pub enum Risk {
    /// All equity.
    AllIn {},
    /// A fraction of equity.
    FixedFraction {
        /// Between 0 and 1.
        fraction: f64,
    },
    /// Equity at risk between the fill and the stop.
    RiskPct {
        /// Between 0 and 1.
        risk_pct: f64,
    },
}

/// When a signal's order fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// At the next bar's open.
    NextOpen,
    /// At the close that gave the signal.
    SameClose,
}

/// What becomes of a position that is open on the last bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AtEnd {
    /// Closed at the last close, with its cost.
    Close,
    /// Left open, marked and uncharged.
    Mark,
}

/// Costs and fill rules.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Execution {
    /// Fee of each fill in basis points of its notional.
    pub fee_bps: f64,
    /// Fee of each fill in money.
    pub fee_per_trade: f64,
    /// Slippage of market and stop fills in basis points of the price.
    pub slippage_bps: f64,
    /// When orders fill.
    pub fill: Fill,
    /// Whether quantities are whole numbers.
    pub whole_units: bool,
    /// What happens to the last position.
    pub at_end: AtEnd,
}

impl Risk {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// An unknown model, a missing or unknown setting.
    pub fn parse(json: &str) -> Result<Self> {
        serde_json::from_str(json).map_err(|error| EngineError::Config(format!("risk: {error}")))
    }
}

impl Execution {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// A missing or unknown setting, or one of the wrong type.
    pub fn parse(json: &str) -> Result<Self> {
        serde_json::from_str(json)
            .map_err(|error| EngineError::Config(format!("execution: {error}")))
    }

    /// Slippage as a fraction of the price.
    #[must_use]
    pub fn slippage(&self) -> f64 {
        self.slippage_bps / 10_000.0
    }

    /// Proportional fee as a fraction of the notional.
    #[must_use]
    pub fn fee(&self) -> f64 {
        self.fee_bps / 10_000.0
    }
}
