//! Accounts whose fills follow from signals and levels, trade by trade.
//!
//! Without resting orders, financing, sessions and partial fills, nothing happens to an account
//! between an entry and its exit, and where that lies follows from flags, prices and levels alone.
//! So a trial is reckoned from fill to fill: the operations of [`super::simulate`] in their order.
//! A trial whose equity might reach zero is left to it. A test proves both equal to the bit.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use super::Outcome;
use crate::config::{Risk, Settings};
use crate::course::Holding;
use crate::graph::Graph;
use crate::market::Market;
use crate::position::Levels;
use crate::signals::Signals;
use crate::sizing::{EntryFill, Sizing};
use crate::tally::{Stretch, Tally};
use crate::trade::{Kind, Reason, Trade};

mod exits;

use exits::{Exit, Exits};

/// Whether a graph's trials may be reckoned from fill to fill on these bars.
#[must_use]
pub fn fits_graph(graph: &Graph, market: &Market<'_>) -> bool {
    graph.entry_limit.is_none()
        && graph.entry_stop.is_none()
        && market.bars.column("funding_rate").is_none()
}

/// Whether nothing happens to an account between its fills.
#[must_use]
pub fn fits_settings(settings: &Settings) -> bool {
    let execution = &settings.execution;
    execution.participation_rate.is_none()
        && execution.borrow_cost_bps == 0.0
        && !execution.reenter_same_bar
        && !execution.intraday
        && execution.daily_target.is_none()
        && execution.daily_loss_limit.is_none()
}

/// Reckons a trial from fill to fill, from an outcome of nothing yet; false where it is left to
/// [`super::simulate`], and what `outcome` holds then is of no use.
#[must_use]
pub fn reckon<'a>(
    market: &'a Market<'a>,
    signals: &Signals<'_>,
    settings: &Settings,
    outcome: &mut Outcome<'a>,
) -> bool {
    let levels = signals.stop.is_some()
        || signals.target.is_some()
        || signals.trail.is_some()
        || signals.time_stop.is_some();
    let walk = Walk::new(market, signals, settings, outcome);
    // what a graph does not have is compiled away
    match (levels, signals.flags.has_short()) {
        (false, false) => market.simd.run(
            #[inline(always)]
            || walk.run::<false, false>(),
        ),
        (false, true) => market.simd.run(
            #[inline(always)]
            || walk.run::<false, true>(),
        ),
        (true, false) => market.simd.run(
            #[inline(always)]
            || walk.run::<true, false>(),
        ),
        (true, true) => market.simd.run(
            #[inline(always)]
            || walk.run::<true, true>(),
        ),
    }
}

/// An account on its way from fill to fill.
struct Walk<'a, 's, 'o> {
    market: &'a Market<'a>,
    exits: Exits<'s>,
    sizing: Sizing<'s>,
    /// Those of the position.
    levels: Levels<'s>,
    tally: &'o mut Tally<'a>,
    final_equity: &'o mut f64,
    fee: f64,
    fee_per_trade: f64,
    slippage: f64,
    money_per_point: f64,
    /// Whether every entry takes all of the equity, whatever it might borrow.
    all_in: bool,
    cash: f64,
    /// The first bar that was not counted yet.
    since: usize,
    /// Least equity seen inside that bar.
    worst: f64,
    /// Whether a position was closed on it.
    closed: bool,
    /// The last equity of a position that stays open.
    open_equity: Option<f64>,
}

/// A position that was entered.
#[derive(Clone, Copy)]
struct Entered {
    bar: usize,
    side: f64,
    quantity: f64,
    fill: f64,
    /// The fee of the entry.
    paid: f64,
    holding: Holding,
}

impl<'a, 's, 'o> Walk<'a, 's, 'o>
where
    'a: 's,
{
    fn new(
        market: &'a Market<'a>,
        signals: &'s Signals<'s>,
        settings: &'s Settings,
        outcome: &'o mut Outcome<'a>,
    ) -> Self {
        let execution = &settings.execution;
        let close = market.bars.close;
        let plain = execution.lot().is_none() && execution.lots.is_none();
        Self {
            market,
            exits: Exits::new(market, signals, settings),
            sizing: Sizing::new(settings.risk, execution, close, settings.bars_per_year),
            levels: Levels::NONE,
            tally: &mut outcome.tally,
            final_equity: &mut outcome.final_equity,
            fee: execution.fee(),
            fee_per_trade: execution.fee_per_trade,
            slippage: execution.slippage(),
            money_per_point: execution.money_per_point(),
            all_in: plain && matches!(settings.risk, Risk::AllIn {}) && execution.leverage >= 1.0,
            cash: settings.cash,
            since: settings.start,
            worst: f64::INFINITY,
            closed: false,
            open_equity: None,
        }
    }

    #[inline(always)]
    fn run<const LEVELS: bool, const SHORT: bool>(mut self) -> bool {
        let mut from = self.since;
        while let Some((signal, side)) = self.exits.next_entry::<SHORT>(from) {
            match self.enter::<LEVELS>(signal, if SHORT { side } else { 1.0 }) {
                Some(entered) => {
                    let levels = &mut self.levels;
                    let exit = self.exits.next::<LEVELS, SHORT>(signal, &entered, levels);
                    if !self.solvent(&entered, exit.as_ref()) {
                        return false;
                    }
                    let Some(exit) = exit else {
                        self.stay::<SHORT>(entered);
                        break;
                    };
                    self.leave::<SHORT>(&entered, &exit);
                    if self.cash.partial_cmp(&0.0) != Some(std::cmp::Ordering::Greater) {
                        return false;
                    }
                    from = exit.next;
                }
                None => from = signal + 1,
            }
        }
        self.idle(self.market.bars.len());
        *self.final_equity = self.open_equity.unwrap_or(self.cash);
        self.tally.course.equity_sum.is_finite()
    }

    /// Counts bars on which nothing is held, before bar `to`.
    #[inline(always)]
    fn idle(&mut self, to: usize) {
        if to > self.since {
            self.tally.flat(&Stretch {
                holding: Holding {
                    cash: self.cash,
                    money: 0.0,
                },
                from: self.since,
                to,
                worst: self.worst,
                closed: self.closed,
            });
            self.since = to;
            self.worst = f64::INFINITY;
        }
    }

    /// Enters at a signal, unless a level or the size forbids it.
    #[inline(always)]
    fn enter<const LEVELS: bool>(&mut self, signal: usize, side: f64) -> Option<Entered> {
        let (bar, price) = self.exits.fill_of(signal);
        let fill = if side > 0.0 {
            price * (1.0 + self.slippage)
        } else {
            price * (1.0 - self.slippage)
        };
        let mut guard = f64::NAN;
        if LEVELS {
            self.levels = Levels::read(self.exits.levels(), signal, fill, side)?;
            (guard, _) = self.levels.guard(side);
            // comparisons with NaN, a level that is not set, are false
            if side * (price - guard) <= 0.0 || side * (price - self.levels.target) >= 0.0 {
                return None;
            }
        }
        let quantity = if self.all_in {
            let unit = fill * self.money_per_point * (1.0 + self.fee);
            (self.cash - self.fee_per_trade) / unit
        } else {
            self.sizing.quantity(&EntryFill {
                equity: self.cash,
                price: fill,
                stop: guard,
                signal_bar: signal,
            })
        };
        if !(quantity > 0.0 && quantity < f64::INFINITY) {
            return None;
        }
        self.idle(bar);
        let notional = quantity * self.money_per_point * fill;
        let paid = notional * self.fee + self.fee_per_trade;
        self.cash = if side > 0.0 {
            self.cash - notional - paid
        } else {
            self.cash + notional - paid
        };
        self.tally.fill(notional, paid);
        Some(Entered {
            bar,
            side,
            quantity,
            fill,
            paid,
            holding: Holding {
                cash: self.cash,
                money: side * quantity * self.money_per_point,
            },
        })
    }

    /// Whether equity stays above zero until the exit, or to the end.
    #[inline(always)]
    fn solvent(&self, entered: &Entered, exit: Option<&Exit>) -> bool {
        let (market, holding) = (self.market, entered.holding);
        let last = market.bars.len() - 1;
        if entered.side > 0.0 && holding.equity(market.bottom) > 0.0 {
            return true;
        }
        let seen = market.around(entered.bar, exit.map_or(last, |exit| exit.bar) + 1);
        let adverse = if entered.side > 0.0 {
            seen.low()
        } else {
            seen.high()
        };
        holding.equity(adverse) > 0.0
    }

    /// Counts bars through which the position is held, before bar `to`.
    #[inline(always)]
    fn hold<const SHORT: bool>(&mut self, entered: &Entered, to: usize) {
        if to > entered.bar {
            let inside = if self.exits.same_close {
                f64::INFINITY
            } else {
                entered
                    .holding
                    .equity(self.exits.adverse(entered.bar, entered.side))
            };
            self.tally.held::<SHORT>(&Stretch {
                holding: entered.holding,
                from: entered.bar,
                to,
                worst: if inside < self.worst {
                    inside
                } else {
                    self.worst
                },
                closed: false,
            });
            self.worst = f64::INFINITY;
        }
        self.since = to;
    }

    /// Sells, or buys back, at the exit.
    #[inline(always)]
    fn leave<const SHORT: bool>(&mut self, entered: &Entered, exit: &Exit) {
        self.hold::<SHORT>(entered, exit.bar);
        if exit.sees_adverse {
            self.see(
                entered
                    .holding
                    .equity(self.exits.adverse(exit.bar, entered.side)),
            );
        }
        let price = match exit.kind {
            Kind::Limit => exit.price,
            _ if entered.side < 0.0 => exit.price * (1.0 + self.slippage),
            _ => exit.price * (1.0 - self.slippage),
        };
        let notional = entered.quantity * self.money_per_point * price;
        let fee = notional * self.fee + self.fee_per_trade;
        self.cash = if entered.side < 0.0 {
            self.cash - notional - fee
        } else {
            self.cash + notional - fee
        };
        self.tally.fill(notional, fee);
        self.end(entered, exit.bar, price, fee, exit.reason);
        self.see(self.cash);
        self.closed = true;
    }

    /// Holds to the end of the data.
    fn stay<const SHORT: bool>(&mut self, entered: Entered) {
        let bars = self.market.bars.len();
        let close = self.market.bars.close[bars - 1];
        self.hold::<SHORT>(&entered, bars);
        self.end(&entered, bars - 1, close, 0.0, Reason::Open);
        self.open_equity = Some(entered.holding.equity(close));
    }

    /// Remembers the least equity inside the bar that is counted next.
    #[inline(always)]
    fn see(&mut self, equity: f64) {
        self.worst = if equity < self.worst {
            equity
        } else {
            self.worst
        };
    }

    /// Counts a trade.
    #[inline(always)]
    fn end(&mut self, entered: &Entered, bar: usize, exit: f64, fee: f64, reason: Reason) {
        let fees = entered.paid + fee;
        let size = entered.quantity * self.money_per_point;
        let pnl = (exit - entered.fill) * entered.holding.money - fees - 0.0;
        let trade = Trade {
            entry_bar: entered.bar,
            exit_bar: bar,
            quantity: entered.side * entered.quantity,
            entry_price: entered.fill,
            exit_price: exit,
            stop: f64::NAN,
            pnl,
            trade_return: pnl / (size * entered.fill),
            fees,
            financing: 0.0,
            mae: f64::NAN,
            mfe: f64::NAN,
            reason,
        };
        self.tally.trade(&trade);
        self.sizing.learn(&trade);
    }
}
