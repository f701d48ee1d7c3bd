//! Four accounts side by side: what they pay, and what trades leave in their sums.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use super::LANES;
use crate::config::{Risk, Settings};
use crate::evaluate::four::Four;
use crate::market::Market;
use crate::simulate::Outcome;
use crate::tally::Tally;
use crate::trade::{Reason, fold_numbers};

/// What a lane's account costs and how it is sized.
pub(super) struct Terms<F: Four> {
    pub fee: F::Numbers,
    pub one_and_fee: F::Numbers,
    pub fee_per_trade: F::Numbers,
    pub up: F::Numbers,
    pub down: F::Numbers,
    pub money_per_point: F::Numbers,
    pub leverage: F::Numbers,
    pub fraction: F::Numbers,
    pub units: F::Numbers,
    pub fixed: F::Mask,
}

/// The sums of four accounts.
pub(super) struct State<F: Four> {
    pub cash: F::Numbers,
    pub peak: F::Numbers,
    pub trough: F::Numbers,
    pub trough_intrabar: F::Numbers,
    pub below: F::Numbers,
    pub longest: F::Numbers,
    pub equity_sum: F::Numbers,
    pub previous: F::Numbers,
    pub notional: F::Numbers,
    pub fees: F::Numbers,
    pub trades: F::Numbers,
    pub wins: F::Numbers,
    pub gross_profit: F::Numbers,
    pub gross_loss: F::Numbers,
    pub pnl: F::Numbers,
    pub pnl_mean: F::Numbers,
    pub pnl_deviation: F::Numbers,
    pub trade_returns: F::Numbers,
}

/// A trade of each lane that ends.
pub(super) struct Sale<F: Four> {
    pub quantity: F::Numbers,
    pub entry: F::Numbers,
    pub exit: F::Numbers,
    /// The fee of the entry.
    pub paid: F::Numbers,
    pub entered: [usize; LANES],
    pub left: [usize; LANES],
    pub reasons: [Reason; LANES],
    /// Whether it ends by a fill.
    pub leaves: [bool; LANES],
    /// Whether it stays open.
    pub stays: [bool; LANES],
}

impl<F: Four> Terms<F> {
    #[inline(always)]
    pub fn new(four: F, settings: &[&Settings; LANES]) -> Self {
        let each = |value: fn(&Settings) -> f64| four.load(settings.map(value));
        Self {
            fee: each(|one| one.execution.fee()),
            one_and_fee: each(|one| 1.0 + one.execution.fee()),
            fee_per_trade: each(|one| one.execution.fee_per_trade),
            up: each(|one| 1.0 + one.execution.slippage()),
            down: each(|one| 1.0 - one.execution.slippage()),
            money_per_point: each(|one| one.execution.money_per_point()),
            leverage: each(|one| one.execution.leverage),
            fraction: each(|one| match one.risk {
                Risk::FixedFraction { fraction } => fraction,
                _ => 1.0,
            }),
            units: each(|one| match one.risk {
                Risk::FixedUnits { units } => units,
                _ => 0.0,
            }),
            fixed: four.mask(settings.map(|one| matches!(one.risk, Risk::FixedUnits { .. }))),
        }
    }
}

/// Four accounts.
pub(super) struct Lanes<'a, F: Four> {
    pub four: F,
    pub market: &'a Market<'a>,
    pub tallies: [Tally<'a>; LANES],
    /// Trials in which something else happened.
    pub odd: [bool; LANES],
    pub state: State<F>,
}

impl<'a, F: Four> Lanes<'a, F> {
    /// Four accounts with their cash.
    #[inline(always)]
    pub fn new(four: F, market: &'a Market<'a>, settings: &[&Settings; LANES]) -> Self {
        let zero = four.splat(0.0);
        let cash = four.load(settings.map(|one| one.cash));
        let one = four.splat(1.0);
        Self {
            four,
            market,
            tallies: settings.map(|one| Tally::new(market, one.cash)),
            odd: [false; LANES],
            state: State {
                cash,
                peak: cash,
                trough: one,
                trough_intrabar: one,
                below: zero,
                longest: zero,
                equity_sum: zero,
                previous: zero,
                notional: zero,
                fees: zero,
                trades: zero,
                wins: zero,
                gross_profit: zero,
                gross_loss: zero,
                pnl: zero,
                pnl_mean: zero,
                pnl_deviation: zero,
                trade_returns: zero,
            },
        }
    }

    #[inline(always)]
    pub fn equity(&self, money: F::Numbers, price: F::Numbers) -> F::Numbers {
        self.four.add(self.state.cash, self.four.mul(money, price))
    }

    /// Buys; gives the quantity and the fee.
    #[inline(always)]
    pub fn enter(
        &mut self,
        terms: &Terms<F>,
        fill: F::Numbers,
        (active, actives): (F::Mask, [bool; LANES]),
    ) -> (F::Numbers, F::Numbers) {
        let four = self.four;
        let state = &mut self.state;
        let unit = four.mul(four.mul(fill, terms.money_per_point), terms.one_and_fee);
        let share = |factor| {
            four.div(
                four.sub(four.mul(state.cash, factor), terms.fee_per_trade),
                unit,
            )
        };
        let most = share(terms.leverage);
        let wanted = four.select(terms.fixed, terms.units, share(terms.fraction));
        let quantity = four.select(four.less(most, wanted), most, wanted);
        for (l, quantity) in four.store(quantity).into_iter().enumerate() {
            self.odd[l] |= actives[l] && !(quantity > 0.0 && quantity.is_finite());
        }
        let notional = four.mul(four.mul(quantity, terms.money_per_point), fill);
        let fee = four.add(four.mul(notional, terms.fee), terms.fee_per_trade);
        let left = four.sub(four.sub(state.cash, notional), fee);
        state.cash = four.select(active, left, state.cash);
        self.filled(notional, fee, (active, actives));
        (quantity, fee)
    }

    /// Counts fills.
    #[inline(always)]
    fn filled(
        &mut self,
        notional: F::Numbers,
        fee: F::Numbers,
        (active, actives): (F::Mask, [bool; LANES]),
    ) {
        let four = self.four;
        let state = &mut self.state;
        state.notional = four.select(active, four.add(state.notional, notional), state.notional);
        state.fees = four.select(active, four.add(state.fees, fee), state.fees);
        for (l, notional) in four.store(notional).into_iter().enumerate() {
            if actives[l] {
                self.tallies[l].add_turnover(notional);
            }
        }
    }

    /// Sells what is left, and counts the trades that end or stay open.
    #[inline(always)]
    pub fn leave(&mut self, terms: &Terms<F>, sale: &Sale<F>, leaving: F::Mask) {
        let four = self.four;
        let zero = four.splat(0.0);
        let size = four.mul(sale.quantity, terms.money_per_point);
        let notional = four.mul(size, sale.exit);
        let fee = four.add(four.mul(notional, terms.fee), terms.fee_per_trade);
        let fee = four.select(leaving, fee, zero);
        let received = four.sub(four.add(self.state.cash, notional), fee);
        self.state.cash = four.select(leaving, received, self.state.cash);
        for (l, cash) in four.store(self.state.cash).into_iter().enumerate() {
            self.odd[l] |=
                sale.leaves[l] && cash.partial_cmp(&0.0) != Some(std::cmp::Ordering::Greater);
        }
        self.filled(notional, fee, (leaving, sale.leaves));
        let gain = four.mul(four.sub(sale.exit, sale.entry), size);
        let pnl = four.sub(four.sub(gain, four.add(sale.paid, fee)), zero);
        let returned = four.div(pnl, four.mul(size, sale.entry));
        let state = &mut self.state;
        let any = four.mask(std::array::from_fn(|l| sale.leaves[l] || sale.stays[l]));
        state.pnl = four.select(any, four.add(state.pnl, pnl), state.pnl);
        let keep = |new, old| four.select(leaving, new, old);
        state.trades = keep(four.add(state.trades, four.splat(1.0)), state.trades);
        let won = four.and(leaving, four.less(zero, pnl));
        let lost = four.and(leaving, four.less(pnl, zero));
        state.wins = four.select(won, four.add(state.wins, four.splat(1.0)), state.wins);
        state.gross_profit =
            four.select(won, four.add(state.gross_profit, pnl), state.gross_profit);
        state.gross_loss = four.select(lost, four.sub(state.gross_loss, pnl), state.gross_loss);
        let deviation = four.sub(pnl, state.pnl_mean);
        let mean = four.add(state.pnl_mean, four.div(deviation, state.trades));
        state.pnl_mean = keep(mean, state.pnl_mean);
        let squared = four.mul(deviation, four.sub(pnl, mean));
        state.pnl_deviation = keep(four.add(state.pnl_deviation, squared), state.pnl_deviation);
        state.trade_returns = keep(four.add(state.trade_returns, returned), state.trade_returns);
        for l in 0..LANES {
            if sale.leaves[l] || sale.stays[l] {
                let tally = &mut self.tallies[l];
                let bars = [sale.entered[l], sale.left[l]];
                tally.behaviour = fold_numbers(tally.behaviour, bars, false, sale.reasons[l]);
                if sale.stays[l] {
                    tally.open_trades += 1;
                    // it has its sums, but no close
                } else {
                    tally.add_trade();
                }
            }
        }
        for (l, pnl) in four.store(pnl).into_iter().enumerate() {
            if sale.leaves[l] {
                self.tallies[l].closed_pnl += pnl;
            }
        }
    }

    /// What each lane's trial left; nothing of one in which something else happened.
    #[inline(always)]
    pub fn finish(self, final_equity: [f64; LANES]) -> [Option<Outcome<'a>>; LANES] {
        let four = self.four;
        let state = &self.state;
        let course = [
            four.store(state.peak),
            four.store(state.trough),
            four.store(state.trough_intrabar),
            four.store(state.below),
            four.store(state.longest),
        ];
        let sums = [
            four.store(state.equity_sum),
            four.store(state.notional),
            four.store(state.fees),
            four.store(state.trades),
            four.store(state.wins),
            four.store(state.gross_profit),
            four.store(state.gross_loss),
            four.store(state.pnl),
            four.store(state.pnl_deviation),
            four.store(state.trade_returns),
        ];
        let mut lane = 0;
        self.tallies.map(|mut tally| {
            let l = lane;
            lane += 1;
            let [
                equity_sum,
                notional,
                fees,
                trades,
                wins,
                won,
                lost,
                pnl,
                deviation,
                returns,
            ] = sums.map(|sum| sum[l]);
            tally.course.set(course.map(|sum| sum[l]));
            tally.course.equity_sum = equity_sum;
            tally.notional = notional;
            tally.fees = fees;
            tally.trades = trades as usize;
            tally.wins = wins as usize;
            tally.gross_profit = won;
            tally.gross_loss = lost;
            tally.pnl = pnl;
            tally.pnl_deviation = deviation;
            tally.trade_returns = returns;
            (!self.odd[l] && equity_sum.is_finite()).then_some(Outcome {
                tally,
                final_equity: final_equity[l],
                ruin: None,
            })
        })
    }
}
