//! Entries and exits: their prices, their costs, and the orders and trades they make.

use super::Account;
use crate::observe::Observer;
use crate::position::{FLAT, Levels, Place, Position};
use crate::sizing::EntryFill;
use crate::trade::{Intent, Kind, Order, Reason, Status, Why};

/// Share of what is held below which a carried rest is rounding noise.
const DUST: f64 = 1e-12;

/// How a position is closed.
#[derive(Debug, Clone, Copy)]
pub struct Exit {
    /// What the trade is said to have ended by.
    pub reason: Reason,
    /// Market and stop exits slip, limits do not.
    pub kind: Kind,
    /// The bar whose signal asked for it.
    pub signal_bar: Option<usize>,
    /// Whether the bar's volume limits it.
    pub limited: bool,
}

impl Exit {
    /// At the market.
    #[must_use]
    pub fn market(reason: Reason) -> Self {
        Self {
            reason,
            kind: Kind::Market,
            signal_bar: None,
            limited: true,
        }
    }

    /// By a stop-loss or a trailing stop.
    #[must_use]
    pub fn stop(reason: Reason) -> Self {
        Self {
            kind: Kind::Stop,
            ..Self::market(reason)
        }
    }

    /// By the target.
    #[must_use]
    pub fn target() -> Self {
        Self {
            kind: Kind::Limit,
            ..Self::market(Reason::TakeProfit)
        }
    }
}

/// What an entry asked for.
struct Asked {
    quantity: f64,
    kind: Kind,
    signal_bar: Option<usize>,
}

impl<O: Observer> Account<'_, '_, '_, O> {
    /// Opens a position at the market price `price`, unless something forbids it; true if it did.
    pub fn enter(
        &mut self,
        t: usize,
        price: f64,
        side: f64,
        signal_bar: usize,
        kind: Kind,
        place: Place,
    ) -> bool {
        let fill = self.fill_price(price, side, kind);
        let views = [self.signals.stop, self.signals.trail, self.signals.target];
        let Some(levels) = Levels::read(views, signal_bar, fill, side) else {
            self.cancel(t, signal_bar, side, kind, Why::LevelMissing, 0.0);
            return false;
        };
        let (guard, _) = levels.guard(side);
        // comparisons with NaN, a level that is not set, are false
        if side * (price - guard) <= 0.0 || side * (price - levels.target) >= 0.0 {
            self.cancel(t, signal_bar, side, kind, Why::LevelBreached, 0.0);
            return false;
        }
        let wanted = self.sizing.quantity(&EntryFill {
            equity: self.cash,
            price: fill,
            stop: guard,
            signal_bar,
        });
        if !wanted.is_finite() || wanted <= 0.0 {
            self.cancel(t, signal_bar, side, kind, Why::NoQuantity, 0.0);
            return false;
        }
        let quantity = wanted.min(self.budget);
        if quantity <= 0.0 {
            self.cancel(t, signal_bar, side, kind, Why::NoVolume, wanted);
            return false;
        }
        self.position = Position::new(t, place, levels, side);
        let asked = Asked {
            quantity: wanted,
            kind,
            signal_bar: Some(signal_bar),
        };
        self.add(t, side, quantity, fill, &asked);
        self.position.see(price);
        self.rest = if self.carry && kind == Kind::Market {
            wanted - quantity
        } else {
            0.0
        };
        true
    }

    /// Fills what an earlier bar's volume left of the entry, at the open.
    pub fn fill_carried_entry(&mut self, t: usize, open: f64) {
        if self.rest <= 0.0 || !self.held() || self.position.entry_bar == t {
            return;
        }
        let side = self.position.units.signum();
        let fill = self.fill_price(open, side, Kind::Market);
        let held = self.position.units.abs();
        let room = self
            .sizing
            .whole(self.sizing.room(self.equity(open), fill, held));
        let wanted = self.rest.min(room);
        let quantity = wanted.min(self.budget);
        if quantity > DUST * held {
            let asked = Asked {
                quantity: wanted,
                kind: Kind::Market,
                signal_bar: None,
            };
            self.add(t, side, quantity, fill, &asked);
            self.position.see(open);
            self.rest -= quantity;
        }
    }

    /// Closes the position at the market price `price`, as far as the volume allows; true if
    /// anything was filled.
    pub fn exit(&mut self, t: usize, price: f64, exit: &Exit) -> bool {
        self.rest = 0.0;
        let held = self.position.units.abs();
        let quantity = if exit.limited {
            held.min(self.budget)
        } else {
            held
        };
        if quantity < held {
            self.carried = self.carry.then_some(exit.reason);
            self.today.levels_wait = true;
        }
        if quantity <= 0.0 {
            return false;
        }
        let side = -self.position.units.signum();
        let fill = self.fill_price(price, side, exit.kind);
        let fee = self.pay(t, side, quantity, fill);
        if O::DETAILS {
            self.position.see(price);
            let status = if quantity < held {
                Status::Partial
            } else {
                Status::Filled
            };
            self.observer.order(&Order {
                bar: t,
                signal_bar: exit.signal_bar,
                side,
                intent: Intent::Exit,
                kind: exit.kind,
                reason: exit.reason,
                status,
                why: Why::None,
                asked: held,
                quantity,
                price: fill,
                fee,
            });
        }
        if quantity < held {
            self.position.sold(quantity, fill, fee);
        } else {
            self.end_trade(t, fill, fee, exit.reason);
            self.position = FLAT;
            self.today.closed = true;
            self.carried = None;
        }
        self.see(self.equity(price));
        true
    }

    /// Lists an entry that was not made.
    pub fn cancel(
        &mut self,
        t: usize,
        signal_bar: usize,
        side: f64,
        kind: Kind,
        why: Why,
        asked: f64,
    ) {
        if O::DETAILS {
            self.observer.order(&Order {
                bar: t,
                signal_bar: Some(signal_bar),
                side,
                intent: Intent::Entry,
                kind,
                reason: Reason::Signal,
                status: Status::Cancelled,
                why,
                asked,
                quantity: 0.0,
                price: f64::NAN,
                fee: 0.0,
            });
        }
    }

    /// Closes without cost at the price that brought equity to zero.
    pub fn close_ruined(&mut self, t: usize, price: f64) {
        if self.held() {
            self.settle(t);
            self.position.see(price);
            self.end_trade(t, price, 0.0, Reason::Ruined);
            self.today.closed = true;
        }
    }

    /// Reports the position that stays open, without touching it.
    pub fn leave_open(&mut self, t: usize, close: f64) {
        if self.held() {
            self.look_back(t);
            self.position.see(close);
            self.end_trade(t, close, 0.0, Reason::Open);
        }
    }

    /// Adds a fill of an entry to the position.
    fn add(&mut self, t: usize, side: f64, quantity: f64, fill: f64, asked: &Asked) {
        let fee = self.pay(t, side, quantity, fill);
        self.position.bought(side, quantity, fill, fee);
        if O::DETAILS {
            let status = if quantity < asked.quantity {
                Status::Partial
            } else {
                Status::Filled
            };
            self.observer.order(&Order {
                bar: t,
                signal_bar: asked.signal_bar,
                side,
                intent: Intent::Entry,
                kind: asked.kind,
                reason: Reason::Signal,
                status,
                why: Why::None,
                asked: asked.quantity,
                quantity,
                price: fill,
                fee,
            });
        }
    }

    #[inline]
    fn fill_price(&self, price: f64, side: f64, kind: Kind) -> f64 {
        match kind {
            Kind::Limit => price,
            _ if side > 0.0 => price * (1.0 + self.slippage),
            _ => price * (1.0 - self.slippage),
        }
    }

    /// Moves the cash of a fill; returns its fee.
    fn pay(&mut self, t: usize, side: f64, quantity: f64, fill: f64) -> f64 {
        self.settle(t);
        let notional = quantity * self.money_per_point * fill;
        let fee = notional * self.fee + self.fee_per_trade;
        self.cash = if side > 0.0 {
            self.cash - notional - fee
        } else {
            self.cash + notional - fee
        };
        self.budget -= quantity;
        self.tally.fill(notional, fee);
        fee
    }

    fn end_trade(&mut self, t: usize, price: f64, fee: f64, reason: Reason) {
        let mut trade = self
            .position
            .ended(t, self.money_per_point, price, fee, reason);
        if !O::DETAILS {
            (trade.mae, trade.mfe) = (f64::NAN, f64::NAN);
        }
        self.tally.trade(&trade);
        self.observer.trade(&trade);
        self.sizing.learn(&trade);
    }
}
