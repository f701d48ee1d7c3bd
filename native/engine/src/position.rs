//! The one position an account may hold: its fills, its levels, what it has seen.

use std::ops::Range;

use crate::bars::Bars;
use crate::evaluate::Number;
use crate::graph::LevelKind;
use crate::signals::LevelView;
use crate::trade::{Reason, Trade};

/// Where inside its bar an entry was filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At the open.
    Open,
    /// Between the open and the close.
    Inside,
    /// At the close.
    Close,
}

/// Fills of one direction: their quantity and their mean price.
#[derive(Debug, Clone, Copy)]
struct Fills {
    quantity: f64,
    price: f64,
    /// Σ quantity·price.
    value: f64,
    fees: f64,
}

const NO_FILLS: Fills = Fills {
    quantity: 0.0,
    price: f64::NAN,
    value: 0.0,
    fees: 0.0,
};

impl Fills {
    fn add(&mut self, quantity: f64, price: f64, fee: f64) {
        self.value += quantity * price;
        if self.quantity == 0.0 {
            self.quantity = quantity;
            self.price = price;
        } else {
            self.quantity += quantity;
            self.price = self.value / self.quantity;
        }
        self.fees += fee;
    }
}

/// How a trailing stop follows the price. Kind and values stand apart: a [`LevelView`] is copied with
/// its padding, in pieces that overlap, and each entry waits for them.
#[derive(Debug, Clone, Copy)]
struct Trail<'a> {
    kind: LevelKind,
    values: Number<'a>,
    /// The value at the signal bar.
    amount: f64,
    /// The best price so far.
    best: f64,
}

/// Prices at which an entry's position is to be left.
#[derive(Debug, Clone, Copy)]
pub struct Levels<'a> {
    /// The stop-loss, NaN without one.
    stop: f64,
    /// The trailing stop's level, NaN without one.
    trail_level: f64,
    trail: Option<Trail<'a>>,
    /// The take-profit, NaN without one.
    pub target: f64,
}

impl<'a> Levels<'a> {
    /// No levels.
    pub const NONE: Self = Self {
        stop: f64::NAN,
        trail_level: f64::NAN,
        trail: None,
        target: f64::NAN,
    };

    /// Reads the levels at the signal bar and anchors them to the fill; `None` where one is missing.
    #[allow(
        clippy::inline_always,
        reason = "returned in memory they are written in pieces and read whole, which stalls"
    )]
    #[inline(always)]
    #[must_use]
    pub fn read(
        [stop, trail, target]: [Option<LevelView<'a>>; 3],
        signal_bar: usize,
        fill: f64,
        side: f64,
    ) -> Option<Self> {
        let anchored = |view: Option<LevelView<'a>>, direction: f64| match view {
            None => Some((f64::NAN, f64::NAN)),
            Some(view) => {
                let value = view.at(signal_bar);
                (value > 0.0).then(|| (price(view.kind, value, fill, direction), value))
            }
        };
        let (stop, _) = anchored(stop, -side)?;
        let (trail_level, amount) = anchored(trail, -side)?;
        let (target, _) = anchored(target, side)?;
        Some(Self {
            stop,
            trail_level,
            trail: trail.map(|view| Trail {
                kind: view.kind,
                values: view.values,
                amount,
                best: fill,
            }),
            target,
        })
    }

    /// The tighter of stop-loss and trailing level, and which of them it is.
    #[inline]
    #[must_use]
    pub fn guard(&self, side: f64) -> (f64, Reason) {
        let trail_is_tighter = side * (self.trail_level - self.stop) > 0.0;
        if trail_is_tighter || self.stop.is_nan() {
            (self.trail_level, Reason::TrailingStop)
        } else {
            (self.stop, Reason::StopLoss)
        }
    }

    /// Whether one of them moves with the price.
    #[must_use]
    pub fn trails(&self) -> bool {
        self.trail.is_some()
    }

    /// Moves the trailing level after bar `t`, whose best price is `best`; it never falls back.
    pub fn ratchet(&mut self, t: usize, best: f64, side: f64) {
        let Some(trail) = &mut self.trail else {
            return;
        };
        if side * (best - trail.best) > 0.0 {
            trail.best = best;
        }
        let next = match trail.kind {
            LevelKind::Price => positive(trail.values.at(t)),
            kind => price(kind, trail.amount, trail.best, -side),
        };
        if side * (next - self.trail_level) > 0.0 {
            self.trail_level = next;
        }
    }

    /// Ratchets the trailing stop bar by bar, after the bar of the entry; gives the first bar on
    /// which a level is reached, or that `ruined` says of its adverse price, before its ratchet.
    pub fn follow(
        &mut self,
        bars: &Bars<'_>,
        range: Range<usize>,
        side: f64,
        ruined: impl Fn(f64) -> bool,
    ) -> usize {
        let end = range.end;
        if side > 0.0 {
            self.follow_by(bars, range, ruined, |price, level| price - level, 1.0)
        } else {
            self.follow_by(bars, range, ruined, |price, level| level - price, -1.0)
        }
        .unwrap_or(end)
    }

    #[inline]
    fn follow_by(
        &mut self,
        bars: &Bars<'_>,
        range: Range<usize>,
        ruined: impl Fn(f64) -> bool,
        beyond: impl Fn(f64, f64) -> f64,
        side: f64,
    ) -> Option<usize> {
        let Levels {
            stop,
            mut trail_level,
            trail: Some(mut trail),
            target,
        } = *self
        else {
            return None;
        };
        let (favourable, adverse) = if side > 0.0 {
            (bars.high, bars.low)
        } else {
            (bars.low, bars.high)
        };
        let (favourable, adverse) = (&favourable[range.clone()], &adverse[range.clone()]);
        let (mut guard, _) = self.guard(side);
        let mut reached = None;
        for (index, (&best, &worst)) in favourable.iter().zip(adverse).enumerate() {
            // comparisons with NaN, a level that is not set, are false
            if beyond(worst, guard) <= 0.0 || beyond(best, target) >= 0.0 || ruined(worst) {
                reached = Some(range.start + index);
                break;
            }
            if beyond(best, trail.best) > 0.0 {
                trail.best = best;
            }
            let next = match trail.kind {
                LevelKind::Price => positive(trail.values.at(range.start + index)),
                kind => price(kind, trail.amount, trail.best, -side),
            };
            if beyond(next, trail_level) > 0.0 {
                trail_level = next;
                guard = if beyond(trail_level, stop) > 0.0 || stop.is_nan() {
                    trail_level
                } else {
                    stop
                };
            }
        }
        self.trail_level = trail_level;
        self.trail = Some(trail);
        reached
    }
}

fn positive(value: f64) -> f64 {
    if value > 0.0 { value } else { f64::NAN }
}

#[inline]
fn price(kind: LevelKind, value: f64, anchor: f64, direction: f64) -> f64 {
    match kind {
        LevelKind::Percent => anchor * (1.0 + direction * value),
        LevelKind::Distance => anchor + direction * value,
        LevelKind::Price => value,
    }
}

/// What is held, from the first fill to the one that makes it flat.
#[derive(Debug, Clone, Copy)]
pub struct Position<'a> {
    /// Signed units held now; zero is flat.
    pub units: f64,
    /// Bar of the first fill.
    pub entry_bar: usize,
    /// Where in it.
    pub place: Place,
    /// The effective stop, NaN without one.
    pub guard: f64,
    /// What a trade that it ends is said to have ended by.
    pub guard_reason: Reason,
    /// Its levels.
    pub levels: Levels<'a>,
    first_guard: f64,
    entries: Fills,
    exits: Fills,
    /// Borrow and funding paid.
    pub financing: f64,
    low: f64,
    high: f64,
}

/// No position.
pub const FLAT: Position<'static> = Position {
    units: 0.0,
    entry_bar: 0,
    place: Place::Open,
    guard: f64::NAN,
    guard_reason: Reason::StopLoss,
    levels: Levels::NONE,
    first_guard: f64::NAN,
    entries: NO_FILLS,
    exits: NO_FILLS,
    financing: 0.0,
    low: f64::INFINITY,
    high: f64::NEG_INFINITY,
};

impl<'a> Position<'a> {
    /// A position of no units yet, with its levels.
    #[must_use]
    pub fn new(entry_bar: usize, place: Place, levels: Levels<'a>, side: f64) -> Self {
        let (guard, guard_reason) = levels.guard(side);
        Self {
            entry_bar,
            place,
            guard,
            guard_reason,
            levels,
            first_guard: guard,
            ..FLAT
        }
    }

    /// Adds a fill of an entry.
    pub fn bought(&mut self, side: f64, quantity: f64, price: f64, fee: f64) {
        self.units += side * quantity;
        self.entries.add(quantity, price, fee);
    }

    /// Adds a fill of an exit that is not the last.
    pub fn sold(&mut self, quantity: f64, price: f64, fee: f64) {
        self.units -= self.units.signum() * quantity;
        self.exits.add(quantity, price, fee);
    }

    /// The trade, once the rest is closed at `price` with `fee` (or counts at it without a fill).
    #[must_use]
    pub fn ended(
        &self,
        t: usize,
        money_per_point: f64,
        price: f64,
        fee: f64,
        reason: Reason,
    ) -> Trade {
        let mut exits = self.exits;
        exits.add(self.units.abs(), price, fee);
        let long = self.units > 0.0;
        let entered = self.entries.quantity;
        let quantity = if long { entered } else { -entered };
        let entry = self.entries.price;
        let pnl = (exits.price - entry) * (quantity * money_per_point)
            - (self.entries.fees + exits.fees)
            - self.financing;
        let (worst, best) = if long {
            ((self.low - entry) / entry, (self.high - entry) / entry)
        } else {
            ((entry - self.high) / entry, (entry - self.low) / entry)
        };
        Trade {
            entry_bar: self.entry_bar,
            exit_bar: t,
            quantity,
            entry_price: entry,
            exit_price: exits.price,
            stop: self.first_guard,
            pnl,
            trade_return: pnl / (entered * money_per_point * entry),
            fees: self.entries.fees + exits.fees,
            financing: self.financing,
            mae: worst,
            mfe: best,
            reason,
        }
    }

    /// Counts a price among those seen while the position was held.
    #[inline]
    pub fn see(&mut self, price: f64) {
        if price < self.low {
            self.low = price;
        }
        if price > self.high {
            self.high = price;
        }
    }

    /// As [`Levels::follow`].
    pub fn follow(
        &mut self,
        bars: &Bars<'_>,
        range: Range<usize>,
        ruined: impl Fn(f64) -> bool,
    ) -> usize {
        let side = self.units.signum();
        let reached = self.levels.follow(bars, range, side, ruined);
        (self.guard, self.guard_reason) = self.levels.guard(side);
        reached
    }

    /// Ratchets the trailing stop after bar `t`.
    pub fn ratchet(&mut self, t: usize, high: f64, low: f64, close: f64) {
        let side = self.units.signum();
        let best = match self.place {
            Place::Close if t == self.entry_bar => self.entries.price,
            Place::Inside if t == self.entry_bar => close,
            _ if side > 0.0 => high,
            _ => low,
        };
        self.levels.ratchet(t, best, side);
        (self.guard, self.guard_reason) = self.levels.guard(side);
    }
}
