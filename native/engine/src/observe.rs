//! Who watches a simulation: nobody in a search, a record in a backtest.

use crate::course::Holding;
use crate::trade::{Order, Trade};

/// What a caller wants to see of a simulation besides its tally.
pub trait Observer {
    /// Whether orders and the prices seen by a trade are of interest.
    const DETAILS: bool;
    /// A trade ended.
    fn trade(&mut self, trade: &Trade);
    /// An order was filled or cancelled.
    fn order(&mut self, order: &Order);
    /// Some bars closed at these prices while this was held.
    fn stretch(&mut self, holding: Holding, closes: &[f64]);
}

/// Sees nothing.
pub struct Blind;

impl Observer for Blind {
    const DETAILS: bool = false;
    #[inline]
    fn trade(&mut self, _: &Trade) {}
    #[inline]
    fn order(&mut self, _: &Order) {}
    #[inline]
    fn stretch(&mut self, _: Holding, _: &[f64]) {}
}

/// Keeps all trades, all orders and the equity of each bar.
#[derive(Debug)]
pub struct Record<'e> {
    /// Trades in the order of their exits.
    pub trades: Vec<Trade>,
    /// Orders in the order they were filled or cancelled.
    pub orders: Vec<Order>,
    equity: &'e mut [f64],
    marked: usize,
}

impl<'e> Record<'e> {
    /// Writes the equity of each simulated bar into `equity`, which has room for all of them.
    pub fn new(equity: &'e mut [f64]) -> Self {
        Self {
            trades: Vec::new(),
            orders: Vec::new(),
            equity,
            marked: 0,
        }
    }
}

impl Observer for Record<'_> {
    const DETAILS: bool = true;
    fn trade(&mut self, trade: &Trade) {
        self.trades.push(*trade);
    }
    fn order(&mut self, order: &Order) {
        self.orders.push(*order);
    }
    fn stretch(&mut self, holding: Holding, closes: &[f64]) {
        let slots = &mut self.equity[self.marked..self.marked + closes.len()];
        if holding.money == 0.0 {
            slots.fill(holding.cash);
        } else {
            for (slot, &close) in slots.iter_mut().zip(closes) {
                *slot = holding.equity(close);
            }
        }
        self.marked += closes.len();
    }
}
