//! Trades and orders, and the hash of what a strategy did.

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
    /// The trailing stop.
    TrailingStop = 6,
    /// The time stop.
    TimeStop = 7,
    /// The session's cutoff.
    Session = 8,
    /// The session's target.
    DailyTarget = 9,
    /// The session's loss limit.
    DailyLoss = 10,
}

/// One position from its entry to its exit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trade {
    /// Bar of the first entry fill.
    pub entry_bar: usize,
    /// Bar of the last exit fill; the last bar for open trades.
    pub exit_bar: usize,
    /// Signed quantity that was entered: positive long, negative short.
    pub quantity: f64,
    /// Mean price of the entry fills.
    pub entry_price: f64,
    /// Mean price of the exit fills; what was closed without a fill counts at its price.
    pub exit_price: f64,
    /// The first effective stop, NaN without one.
    pub stop: f64,
    /// Profit net of fees and financing.
    pub pnl: f64,
    /// Profit over entry notional.
    pub trade_return: f64,
    /// Fees of all fills.
    pub fees: f64,
    /// Borrow and funding paid.
    pub financing: f64,
    /// Worst price while held, as a signed fraction of the entry price; NaN where it isn't watched.
    pub mae: f64,
    /// Best price while held, likewise.
    pub mfe: f64,
    /// Why it ended.
    pub reason: Reason,
}

/// What an order is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Intent {
    /// To open a position.
    Entry = 0,
    /// To close one.
    Exit = 1,
}

/// What sort of order it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// At the market, with slippage.
    Market = 0,
    /// At a price or better, without slippage.
    Limit = 1,
    /// At a price or worse, with slippage.
    Stop = 2,
}

/// What became of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// Filled whole.
    Filled = 0,
    /// Filled in part.
    Partial = 1,
    /// Not filled.
    Cancelled = 2,
}

/// Why an order was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Why {
    /// It wasn't.
    None = 0,
    /// A price that it needs is missing.
    LevelMissing = 1,
    /// Its stop or target had been reached.
    LevelBreached = 2,
    /// Nothing could be bought.
    NoQuantity = 3,
    /// Its price was not reached.
    NotReached = 4,
    /// The session, a daily limit or an intrabar exit forbids it.
    Blocked = 5,
    /// The bar's volume allowed nothing.
    NoVolume = 6,
}

/// A fill, or an entry that could not be made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Order {
    /// The bar on which it was filled or cancelled.
    pub bar: usize,
    /// The bar at whose close a signal asked for it.
    pub signal_bar: Option<usize>,
    /// +1 buys, −1 sells.
    pub side: f64,
    /// Entry or exit.
    pub intent: Intent,
    /// Market, limit or stop.
    pub kind: Kind,
    /// An exit's reason; `Signal` for entries.
    pub reason: Reason,
    /// What became of it.
    pub status: Status,
    /// Why it was cancelled.
    pub why: Why,
    /// Units wanted.
    pub asked: f64,
    /// Units filled.
    pub quantity: f64,
    /// Fill price, NaN without a fill.
    pub price: f64,
    /// Fee in money.
    pub fee: f64,
}

/// Folds a trade's integers into a behaviour hash.
#[inline]
#[must_use]
pub fn fold(hash: u64, trade: &Trade) -> u64 {
    let bars = [trade.entry_bar, trade.exit_bar];
    fold_numbers(hash, bars, trade.quantity < 0.0, trade.reason)
}

/// Folds the bars of a trade's entry and exit, whether it was short and why it ended: one number,
/// another for each trade up to 2²⁹ bars.
#[inline]
#[must_use]
pub fn fold_numbers(hash: u64, [entry, exit]: [usize; 2], short: bool, reason: Reason) -> u64 {
    let how = 2 * reason as u64 + u64::from(short);
    let bars = (entry as u64).wrapping_add((exit as u64) << 29);
    mix(hash ^ bars.wrapping_add(how << 58))
}

/// The behaviour hash of no trades.
pub const NO_TRADES: u64 = 0xcbf2_9ce4_8422_2325;

/// `SplitMix64`'s finaliser.
#[inline]
fn mix(mut x: u64) -> u64 {
    x ^= x >> 30;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 27;
    x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
