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
        /// Above 0.
        fraction: f64,
    },
    /// A number of units.
    FixedUnits {
        /// Above 0.
        units: f64,
    },
    /// Equity at risk between the fill and the stop.
    RiskPct {
        /// Between 0 and 1.
        risk_pct: f64,
    },
    /// A fraction of equity that has a wanted volatility.
    VolatilityTarget {
        /// Annual volatility wanted.
        annual: f64,
        /// Bar returns that the volatility is measured on.
        window: usize,
    },
    /// A share of the log-optimal fraction of past trades.
    KellyFraction {
        /// The share.
        fraction: f64,
        /// Closed trades that it is found on.
        window: usize,
        /// The fraction of equity before there are as many.
        fallback: f64,
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

/// Which of a stop and a target that lie in one bar comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intrabar {
    /// The stop: the pessimistic reading.
    StopFirst,
    /// The target: the optimistic one.
    TargetFirst,
    /// The one nearer to the open; the stop where they are as near.
    NearestFirst,
}

/// What becomes of the part of an order that the bar's volume does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unfilled {
    /// It is tried again at the next opens.
    Carry,
    /// It is dropped.
    Cancel,
}

/// A gain or a loss in one session.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// In money.
    Money(f64),
    /// As a fraction of the session's base equity.
    Percent(f64),
}

impl Limit {
    /// The limit in money, for a session that began with `base`.
    #[must_use]
    pub fn amount(self, base: f64) -> f64 {
        match self {
            Self::Money(amount) => amount,
            Self::Percent(fraction) => fraction * base,
        }
    }
}

/// Costs and fill rules.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "the settings' JSON form, one field a setting"
)]
pub struct Execution {
    /// Fee of each fill in basis points of its notional.
    pub fee_bps: f64,
    /// Fee of each fill in money.
    pub fee_per_trade: f64,
    /// Slippage of market and stop fills in basis points of the price.
    pub slippage_bps: f64,
    /// The whole spread as a fraction of the price; half of it is paid on market and stop fills.
    pub spread_pct: f64,
    /// The share of a bar's volume that fills may take.
    pub participation_rate: Option<f64>,
    /// What becomes of the rest.
    pub unfilled: Unfilled,
    /// Annual cost of borrowing what is sold short, in basis points.
    pub borrow_cost_bps: f64,
    /// When orders fill.
    pub fill: Fill,
    /// Whether stop or target comes first inside a bar.
    pub intrabar: Intrabar,
    /// By more than how much a limit has to be traded through.
    pub tick_size: f64,
    /// Whether a position may be entered on the bar of an intrabar exit.
    pub reenter_same_bar: bool,
    /// Whether quantities are whole numbers.
    pub whole_units: bool,
    /// The step of quantities.
    pub lot_size: Option<f64>,
    /// A fixed number of lots for each entry.
    pub lots: Option<f64>,
    /// Money per point and unit.
    pub multiplier: f64,
    /// Units of the underlying that stand for one option.
    pub option_delta: f64,
    /// Notional over equity that fills may reach.
    pub leverage: f64,
    /// Whether positions are closed before the session ends.
    pub intraday: bool,
    /// When, in local time; it has been made into [`crate::bars::Bars::square_off`] already.
    pub session_cutoff: Option<String>,
    /// The session's gain at which trading stops.
    pub daily_target: Option<Limit>,
    /// The session's loss at which trading stops.
    pub daily_loss_limit: Option<Limit>,
    /// What happens to the last position.
    pub at_end: AtEnd,
}

/// An account's settings for one simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Sizing.
    pub risk: Risk,
    /// Costs and fill rules.
    pub execution: Execution,
    /// Cash before the first bar.
    pub cash: f64,
    /// The first bar that is simulated; earlier ones warm indicators up.
    pub start: usize,
    /// Bars in a year, for volatility targets.
    pub bars_per_year: f64,
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

    /// Slippage and half the spread as a fraction of the price.
    #[must_use]
    pub fn slippage(&self) -> f64 {
        self.slippage_bps / 10_000.0 + self.spread_pct / 2.0
    }

    /// Proportional fee as a fraction of the notional.
    #[must_use]
    pub fn fee(&self) -> f64 {
        self.fee_bps / 10_000.0
    }

    /// Money per point and unit, options counted by their delta.
    #[must_use]
    pub fn money_per_point(&self) -> f64 {
        self.multiplier * self.option_delta
    }

    /// The step of quantities, where they have one.
    #[must_use]
    pub fn lot(&self) -> Option<f64> {
        let whole = self.whole_units || self.lots.is_some();
        self.lot_size.or(whole.then_some(1.0))
    }
}
