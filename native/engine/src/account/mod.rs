//! Cash and at most one position: fills, their costs, and what the tally is told of them.

use crate::config::{Settings, Unfilled};
use crate::course::Holding;
use crate::market::Market;
use crate::observe::Observer;
use crate::position::{FLAT, Position};
use crate::signals::Signals;
use crate::sizing::Sizing;
use crate::tally::{Stretch, Tally};
use crate::trade::Reason;

mod fills;
mod marks;
mod reach;

pub use fills::Exit;

/// One account over one instrument.
pub struct Account<'a, 's, 'o, O: Observer> {
    market: &'a Market<'a>,
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
    /// The first bar that the tally was not told of: what is held is held at its close and since.
    since: usize,
    /// Least equity seen inside that bar.
    since_worst: f64,
    /// Whether a position was closed on it.
    since_closed: bool,
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
        market: &'a Market<'a>,
        signals: &'s Signals<'s>,
        settings: &Settings,
        observer: &'o mut O,
    ) -> Self
    where
        'a: 's,
    {
        let execution = &settings.execution;
        Self {
            market,
            tally: Tally::new(market, settings.cash),
            observer,
            sizing: Sizing::new(
                settings.risk,
                execution,
                market.bars.close,
                settings.bars_per_year,
            ),
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
            since: settings.start,
            since_worst: f64::INFINITY,
            since_closed: false,
        }
    }

    /// Gives up the account for its sums over the bars before `end`.
    pub fn into_tally(mut self, end: usize) -> Tally<'a> {
        self.settle(end);
        self.tally
    }

    /// Tells the tally of the bars before `t`, at whose closes is held what is held now.
    #[inline]
    fn settle(&mut self, t: usize) {
        if t <= self.since {
            return;
        }
        let stretch = Stretch {
            holding: self.holding(),
            from: self.since,
            to: t,
            worst: self.since_worst,
            closed: self.since_closed,
        };
        self.tally.stretch(&stretch);
        self.look_back(t);
        self.observer
            .stretch(stretch.holding, &self.market.bars.close[self.since..t]);
        self.since = t;
        self.since_worst = f64::INFINITY;
        self.since_closed = false;
    }

    /// Notes the prices that a position has seen since the bar that the tally was not told of.
    #[inline]
    fn look_back(&mut self, t: usize) {
        if O::DETAILS && self.held() && t > self.since + 1 {
            let seen = self.market.extremes(self.since + 1, t);
            self.position.see(seen.low());
            self.position.see(seen.high());
        }
    }

    /// What is held.
    #[inline]
    fn holding(&self) -> Holding {
        Holding {
            cash: self.cash,
            money: self.units_of_money(),
        }
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
        self.holding().equity(price)
    }

    /// Forgets what was seen on the bar before.
    #[inline]
    pub fn begin_bar(&mut self) {
        self.today = NOTHING;
    }

    /// Takes borrow or funding from cash; what is negative was received.
    pub fn finance(&mut self, t: usize, amount: f64) {
        self.settle(t);
        self.cash -= amount;
        self.position.financing += amount;
    }

    /// Leaves nothing from bar `t` on: the account is closed.
    pub fn empty(&mut self, t: usize) {
        self.settle(t);
        self.cash = 0.0;
        self.position = FLAT;
        self.carried = None;
    }
}
