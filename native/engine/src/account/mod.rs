//! Cash and at most one position: fills, their costs, and what the tally is told of them.

use crate::bars::Bars;
use crate::config::{Settings, Unfilled};
use crate::observe::Observer;
use crate::position::{FLAT, Position};
use crate::signals::Signals;
use crate::sizing::Sizing;
use crate::tally::{HeadlinePlan, Tally};
use crate::trade::Reason;

mod fills;
mod marks;

pub use fills::Exit;

/// One account over one instrument.
pub struct Account<'a, 's, 'o, O: Observer> {
    tally: Tally<'a>,
    observer: &'o mut O,
    /// Quantities of entries.
    pub sizing: Sizing<'s>,
    signals: &'s Signals<'s>,
    slippage: f64,
    fee: f64,
    fee_per_trade: f64,
    money_per_point: f64,
    carry: bool,
    cash: f64,
    position: Position<'s>,
    /// Units that fills of this bar may still take.
    pub budget: f64,
    /// Units of the entry that are still wanted.
    rest: f64,
    /// The reason of an exit whose rest is still to be filled.
    pub carried: Option<Reason>,
    /// What happened on this bar.
    pub today: Today,
    last_mark: f64,
}

/// What happened on the current bar.
#[derive(Debug, Clone, Copy)]
pub struct Today {
    /// Whether levels do nothing, because an exit at the open was not filled whole.
    pub levels_wait: bool,
    /// Whether an intrabar exit was filled.
    pub exited_inside: bool,
    /// Whether a position was closed.
    closed: bool,
    /// Least equity seen.
    worst: f64,
}

const NOTHING: Today = Today {
    levels_wait: false,
    exited_inside: false,
    closed: false,
    worst: f64::INFINITY,
};

impl<'a, 's, 'o, O: Observer> Account<'a, 's, 'o, O> {
    /// Starts with cash alone.
    pub fn new(
        bars: &Bars<'s>,
        signals: &'s Signals<'s>,
        settings: &Settings,
        plan: &'a HeadlinePlan<'a>,
        observer: &'o mut O,
    ) -> Self {
        let execution = &settings.execution;
        Self {
            tally: Tally::new(plan, settings.cash),
            observer,
            sizing: Sizing::new(settings.risk, execution, bars.close, settings.bars_per_year),
            signals,
            slippage: execution.slippage(),
            fee: execution.fee(),
            fee_per_trade: execution.fee_per_trade,
            money_per_point: execution.money_per_point(),
            carry: execution.unfilled == Unfilled::Carry,
            cash: settings.cash,
            position: FLAT,
            budget: f64::INFINITY,
            rest: 0.0,
            carried: None,
            today: NOTHING,
            last_mark: settings.cash,
        }
    }

    /// Gives up the account for its sums.
    pub fn into_tally(self) -> Tally<'a> {
        self.tally
    }

    /// What is held.
    #[inline]
    pub fn position(&self) -> &Position<'s> {
        &self.position
    }

    /// Whether anything is held.
    #[inline]
    pub fn held(&self) -> bool {
        self.position.units != 0.0
    }

    /// Money a point of price is worth to the position, signed.
    #[inline]
    pub fn units_of_money(&self) -> f64 {
        self.position.units * self.money_per_point
    }

    /// Equity at a price.
    #[inline]
    pub fn equity(&self, price: f64) -> f64 {
        self.cash + self.units_of_money() * price
    }

    /// Equity at the last mark, the starting cash before the first.
    pub fn last_mark(&self) -> f64 {
        self.last_mark
    }

    /// Forgets what was seen on the bar before.
    #[inline]
    pub fn begin_bar(&mut self) {
        self.today = NOTHING;
    }

    /// Takes borrow or funding from cash; what is negative was received.
    pub fn finance(&mut self, amount: f64) {
        self.cash -= amount;
        self.position.financing += amount;
    }

    /// Leaves nothing: the account is closed.
    pub fn empty(&mut self) {
        self.cash = 0.0;
        self.position = FLAT;
        self.carried = None;
    }
}
