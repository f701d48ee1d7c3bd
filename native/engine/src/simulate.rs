//! The plain simulator: one account, one instrument, one pass over the bars.
//!
//! The order of events inside a bar is that of `docs/execution.md`.

use crate::bars::Bars;
use crate::config::{AtEnd, Execution, Fill, Risk};
use crate::graph::LevelKind;
use crate::signals::{LONG_ENTRY, LONG_EXIT, LevelView, SHORT_ENTRY, SHORT_EXIT, Signals};
use crate::tally::{HeadlinePlan, Tally};
use crate::trade::{Reason, Trade};

/// What a caller wants to see of a simulation besides its tally.
pub trait Observer {
    /// A trade ended.
    fn trade(&mut self, trade: &Trade);
    /// A bar closed with this equity.
    fn equity(&mut self, equity: f64);
}

/// Sees nothing.
pub struct Blind;

impl Observer for Blind {
    #[inline]
    fn trade(&mut self, _: &Trade) {}
    #[inline]
    fn equity(&mut self, _: f64) {}
}

/// Keeps all trades and the equity of each bar.
#[derive(Debug, Default)]
pub struct Record {
    /// Trades in the order of their exits.
    pub trades: Vec<Trade>,
    /// Equity at each simulated bar's close.
    pub equity: Vec<f64>,
}

impl Observer for Record {
    fn trade(&mut self, trade: &Trade) {
        self.trades.push(*trade);
    }
    fn equity(&mut self, equity: f64) {
        self.equity.push(equity);
    }
}

/// An account that went to zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ruin {
    /// The bar on which it was closed.
    pub bar: usize,
    /// Equity below zero, as a positive amount.
    pub deficit: f64,
}

/// What one simulation leaves.
#[derive(Debug, Clone)]
pub struct Outcome<'a> {
    /// The sums.
    pub tally: Tally<'a>,
    /// Equity at the last close.
    pub final_equity: f64,
    /// Where the account was ruined.
    pub ruin: Option<Ruin>,
}

/// The account's settings for one simulation.
#[derive(Debug, Clone, Copy)]
pub struct Account {
    /// Sizing.
    pub risk: Risk,
    /// Costs and fill rules.
    pub execution: Execution,
    /// Cash before the first bar.
    pub cash: f64,
    /// The first bar that is simulated; earlier ones warm indicators up.
    pub start: usize,
}

#[derive(Clone, Copy)]
struct Position {
    /// Signed; zero is flat.
    quantity: f64,
    entry_bar: usize,
    entry_price: f64,
    entry_fee: f64,
    stop: f64,
    target: f64,
}

const FLAT: Position = Position {
    quantity: 0.0,
    entry_bar: 0,
    entry_price: 0.0,
    entry_fee: 0.0,
    stop: f64::NAN,
    target: f64::NAN,
};

struct Simulator<'a, 'o, O: Observer> {
    tally: Tally<'a>,
    observer: &'o mut O,
    risk: Risk,
    slippage: f64,
    fee: f64,
    fee_per_trade: f64,
    whole_units: bool,
    cash: f64,
    position: Position,
    /// Least equity seen inside the current bar.
    worst: f64,
    /// Whether a position was closed on the current bar.
    closed: bool,
}

/// Runs the account over the bars from `account.start`.
pub fn simulate<'a, O: Observer>(
    bars: &Bars<'_>,
    signals: &Signals<'_>,
    account: &Account,
    plan: &'a HeadlinePlan<'a>,
    observer: &mut O,
) -> Outcome<'a> {
    let execution = &account.execution;
    let mut sim = Simulator {
        tally: Tally::new(plan, account.cash),
        observer,
        risk: account.risk,
        slippage: execution.slippage(),
        fee: execution.fee(),
        fee_per_trade: execution.fee_per_trade,
        whole_units: execution.whole_units,
        cash: account.cash,
        position: FLAT,
        worst: f64::INFINITY,
        closed: false,
    };
    let last = bars.len() - 1;
    let next_open = execution.fill == Fill::NextOpen;
    let mut ruin: Option<Ruin> = None;
    let mut equity = account.cash;
    for t in account.start..=last {
        sim.worst = f64::INFINITY;
        sim.closed = false;
        if ruin.is_none() {
            let open = bars.open[t];
            if sim.held() {
                let at_open = sim.equity(open);
                if at_open <= 0.0 {
                    sim.ruin(t, open);
                    ruin = Some(Ruin {
                        bar: t,
                        deficit: -at_open,
                    });
                }
            }
        }
        if ruin.is_none() {
            if next_open && t > account.start {
                let flags = signals.flags[t - 1];
                if flags != 0 {
                    sim.orders(t, bars.open[t], flags, t - 1, signals);
                }
            }
            let stopped = sim.held() && sim.intrabar(t, bars);
            if !next_open {
                let mut flags = signals.flags[t];
                if stopped {
                    flags &= !(LONG_ENTRY | SHORT_ENTRY);
                }
                if flags != 0 {
                    sim.orders(t, bars.close[t], flags, t, signals);
                }
            }
            let close = bars.close[t];
            if t == last && sim.held() && execution.at_end == AtEnd::Close {
                sim.market_exit(t, close, Reason::Forced);
            }
            equity = sim.equity(close);
            if equity <= 0.0 {
                if sim.held() {
                    sim.ruin(t, close);
                }
                ruin = Some(Ruin {
                    bar: t,
                    deficit: -equity,
                });
            } else if t == last && sim.held() {
                sim.leave_open(t, close);
            }
        }
        if ruin.is_some() {
            equity = 0.0;
            sim.cash = 0.0;
            sim.position = FLAT;
        }
        let exposed = sim.closed || sim.held();
        let worst = sim.worst;
        sim.tally.mark(t, equity, worst, exposed);
        sim.observer.equity(equity);
    }
    Outcome {
        tally: sim.tally,
        final_equity: equity,
        ruin,
    }
}

impl<O: Observer> Simulator<'_, '_, O> {
    #[inline]
    fn held(&self) -> bool {
        self.position.quantity != 0.0
    }

    #[inline]
    fn equity(&self, price: f64) -> f64 {
        self.cash + self.position.quantity * price
    }

    /// Fills the orders that the flags of bar `signal_bar` ask for, at `price` before slippage.
    fn orders(
        &mut self,
        t: usize,
        price: f64,
        flags: u8,
        signal_bar: usize,
        signals: &Signals<'_>,
    ) {
        let has = |flag: u8| flags & flag != 0;
        let both = has(LONG_ENTRY) && has(SHORT_ENTRY);
        let enter_long = has(LONG_ENTRY) && !both && !has(LONG_EXIT);
        let enter_short = has(SHORT_ENTRY) && !both && !has(SHORT_EXIT);
        let quantity = self.position.quantity;
        if (quantity > 0.0 && (has(LONG_EXIT) || enter_short))
            || (quantity < 0.0 && (has(SHORT_EXIT) || enter_long))
        {
            self.market_exit(t, price, Reason::Signal);
        }
        if !self.held() && (enter_long || enter_short) {
            let side = if enter_long { 1.0 } else { -1.0 };
            self.enter(t, price, side, signal_bar, signals);
        }
    }

    fn enter(&mut self, t: usize, price: f64, side: f64, signal_bar: usize, signals: &Signals<'_>) {
        let fill = self.slipped(price, side);
        let Some(stop) = level(signals.stop, signal_bar, fill, -side) else {
            return;
        };
        let Some(target) = level(signals.target, signal_bar, fill, side) else {
            return;
        };
        // a level already reached at the fill cancels the entry; NaN (no level) never is
        if side * (price - stop) <= 0.0 || side * (price - target) >= 0.0 {
            return;
        }
        let quantity = self.size(fill, stop);
        if quantity.is_nan() || quantity <= 0.0 {
            return;
        }
        let notional = quantity * fill;
        let fee = notional * self.fee + self.fee_per_trade;
        self.pay(side, notional, fee);
        self.position = Position {
            quantity: side * quantity,
            entry_bar: t,
            entry_price: fill,
            entry_fee: fee,
            stop,
            target,
        };
    }

    fn size(&self, fill: f64, stop: f64) -> f64 {
        let unit = fill * (1.0 + self.fee);
        let equity = self.cash;
        let most = (equity - self.fee_per_trade) / unit;
        let wanted = match self.risk {
            Risk::AllIn {} => most,
            Risk::FixedFraction { fraction } => (equity * fraction - self.fee_per_trade) / unit,
            Risk::RiskPct { risk_pct } => equity * risk_pct / (fill - stop).abs(),
        };
        let quantity = if wanted > most { most } else { wanted };
        if self.whole_units {
            (quantity * (1.0 + 1e-12)).floor()
        } else {
            quantity
        }
    }

    #[inline]
    fn slipped(&self, price: f64, side: f64) -> f64 {
        if side > 0.0 {
            price * (1.0 + self.slippage)
        } else {
            price * (1.0 - self.slippage)
        }
    }

    fn pay(&mut self, side: f64, notional: f64, fee: f64) {
        self.cash = if side > 0.0 {
            self.cash - notional - fee
        } else {
            self.cash + notional - fee
        };
        self.tally.fill(notional, fee);
    }

    /// Closes at `price` with slippage.
    fn market_exit(&mut self, t: usize, price: f64, reason: Reason) {
        let side = -self.position.quantity.signum();
        self.exit(t, self.slipped(price, side), reason);
    }

    /// Closes at exactly `fill`.
    fn exit(&mut self, t: usize, fill: f64, reason: Reason) {
        let quantity = self.position.quantity;
        let notional = quantity.abs() * fill;
        let fee = notional * self.fee + self.fee_per_trade;
        self.pay(-quantity.signum(), notional, fee);
        self.end_trade(t, fill, fee, reason);
        self.position = FLAT;
        self.closed = true;
        self.see(self.cash);
    }

    fn end_trade(&mut self, t: usize, exit_price: f64, exit_fee: f64, reason: Reason) {
        let position = self.position;
        let trade = Trade {
            entry_bar: position.entry_bar,
            exit_bar: t,
            quantity: position.quantity,
            entry_price: position.entry_price,
            exit_price,
            stop: position.stop,
            pnl: (exit_price - position.entry_price) * position.quantity
                - (position.entry_fee + exit_fee),
            reason,
        };
        self.tally.trade(&trade);
        self.observer.trade(&trade);
    }

    /// Reports the position that stays open, without touching it.
    fn leave_open(&mut self, t: usize, close: f64) {
        self.end_trade(t, close, 0.0, Reason::Open);
    }

    /// Closes without cost at the price that brought equity to zero.
    fn ruin(&mut self, t: usize, price: f64) {
        self.end_trade(t, price, 0.0, Reason::Ruined);
        self.position = FLAT;
        self.closed = true;
    }

    /// Remembers the least equity inside the bar.
    #[inline]
    fn see(&mut self, equity: f64) {
        if equity < self.worst {
            self.worst = equity;
        }
    }

    /// Tests the held position's stop and target against bar `t`; true if it was closed.
    #[inline]
    fn intrabar(&mut self, t: usize, bars: &Bars<'_>) -> bool {
        let (open, high, low) = (bars.open[t], bars.high[t], bars.low[t]);
        let Position {
            quantity,
            stop,
            target,
            ..
        } = self.position;
        let long = quantity > 0.0;
        // comparisons with NaN, a level that is not set, are false
        let (gap_stop, gap_target, at_stop, at_target, adverse) = if long {
            (
                open <= stop,
                open >= target,
                low <= stop,
                high > target,
                low,
            )
        } else {
            (
                open >= stop,
                open <= target,
                high >= stop,
                low < target,
                high,
            )
        };
        if gap_stop {
            self.market_exit(t, open, Reason::StopLoss);
        } else if gap_target {
            self.exit(t, open, Reason::TakeProfit);
        } else if at_stop {
            self.market_exit(t, stop, Reason::StopLoss);
        } else {
            self.see(self.equity(adverse));
            if at_target {
                self.exit(t, target, Reason::TakeProfit);
            } else {
                return false;
            }
        }
        true
    }
}

/// A level's price: `Some(NaN)` without a level, `None` where its stated value is missing or not
/// positive.
fn level(
    level: Option<LevelView<'_>>,
    signal_bar: usize,
    fill: f64,
    direction: f64,
) -> Option<f64> {
    let Some(stated) = level else {
        return Some(f64::NAN);
    };
    let value = stated.at(signal_bar);
    if value.is_nan() || value <= 0.0 {
        return None;
    }
    Some(match stated.kind {
        LevelKind::Percent => fill * (1.0 + direction * value),
        LevelKind::Distance => fill + direction * value,
    })
}
