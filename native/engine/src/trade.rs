//! A trade, and the hash of what a strategy did.

/// Why a position was closed; the discriminants are part of the behaviour hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Reason {
    /// An exit or opposite entry signal.
    Signal = 0,
    /// The stop-loss.
    StopLoss = 1,
    /// The take-profit.
    TakeProfit = 2,
    /// Equity at or below zero.
    Ruined = 3,
    /// The end of the data, by `at_end = close`.
    Forced = 4,
    /// Still open at the end of the data.
    Open = 5,
}

/// One position from its entry to its exit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trade {
    /// Bar of the entry fill.
    pub entry_bar: usize,
    /// Bar of the exit fill; the last bar for open trades.
    pub exit_bar: usize,
    /// Signed quantity: positive long, negative short.
    pub quantity: f64,
    /// Price of the entry fill.
    pub entry_price: f64,
    /// Price of the exit fill; the last close for open trades.
    pub exit_price: f64,
    /// Level of the stop, NaN without one.
    pub stop: f64,
    /// Profit net of fees.
    pub pnl: f64,
    /// Why it ended.
    pub reason: Reason,
}

impl Trade {
    /// Profit over entry notional.
    #[must_use]
    pub fn trade_return(&self) -> f64 {
        self.pnl / (self.quantity.abs() * self.entry_price)
    }
}

/// Folds a trade's integers into a behaviour hash.
#[must_use]
pub fn fold(hash: u64, trade: &Trade) -> u64 {
    [
        trade.entry_bar as u64,
        trade.exit_bar as u64,
        u64::from(trade.quantity < 0.0),
        trade.reason as u64,
    ]
    .into_iter()
    .fold(hash, |hash, value| mix(hash ^ value))
}

/// The behaviour hash of no trades.
pub const NO_TRADES: u64 = 0xcbf2_9ce4_8422_2325;

/// `SplitMix64`'s finaliser.
fn mix(mut x: u64) -> u64 {
    x ^= x >> 30;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 27;
    x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
