//! Steps 1 to 4 of a bar: the session begins, financing, ruin, fills at the open.

use super::{Resting, Simulator};
use crate::account::Exit;
use crate::flags::{LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT};
use crate::observe::Observer;
use crate::position::Place;
use crate::trade::{Kind, Reason, Why};

impl<O: Observer> Simulator<'_, '_, '_, '_, O> {
    /// Steps 1 to 4: session, financing, ruin, fills at the open. Gives the deficit of a ruin.
    pub(super) fn open<const FULL: bool>(&mut self, t: usize, next_open: bool) -> Option<f64> {
        let start = self.settings.start;
        if FULL {
            self.begin_session(t);
            self.account.budget = match (self.settings.execution.participation_rate, self.volume) {
                (Some(rate), Some(volume)) => {
                    let allowed = self.account.sizing.whole(rate * volume[t]);
                    if allowed > 0.0 { allowed } else { 0.0 }
                }
                _ => f64::INFINITY,
            };
            self.resting = None;
            if self.account.held() {
                self.finance(t);
            }
        }
        let open = self.bars.open[t];
        if self.account.held() {
            let at_open = self.account.equity(open);
            if at_open <= 0.0 {
                self.account.close_ruined(t, open);
                return Some(-at_open);
            }
        }
        if (FULL || self.signals.time_stop.is_some()) && self.account.held() {
            self.exit_at_open(t, open, next_open);
        }
        if t == start {
            return None;
        }
        if next_open {
            self.fill_signals::<FULL>(t, open, t - 1, Place::Open);
        }
        if FULL {
            self.account.fill_carried_entry(t, open);
        }
        None
    }

    /// Step 1.
    fn begin_session(&mut self, t: usize) {
        self.late_halt = None;
        let Some(&session) = self.bars.session.get(t) else {
            return;
        };
        if t == self.settings.start || self.bars.session[t - 1] != session {
            self.session_base = if t == self.settings.start {
                self.settings.cash
            } else {
                self.account.equity(self.bars.close[t - 1])
            };
            let halt = self.halt.take();
            self.late_halt = halt.filter(|_| self.halted_at + 1 == t);
        }
    }

    /// Step 2.
    fn finance(&mut self, t: usize) {
        let account = &mut self.account;
        let notional = account.units_of_money() * self.bars.close[t - 1];
        let borrow = self.settings.execution.borrow_cost_bps;
        if notional < 0.0 && borrow > 0.0 {
            let seconds = (self.bars.ts[t] - self.bars.ts[t - 1]) as f64 / 1e6;
            account.finance(t, -notional * (borrow / 10_000.0) * seconds / 31_104_000.0);
        }
        if let Some(rates) = self.funding
            && !rates[t].is_nan()
        {
            account.finance(t, notional * rates[t]);
        }
    }

    /// Exits at the open that come before those of signals, and time stops where no signal exits.
    fn exit_at_open(&mut self, t: usize, open: f64, next_open: bool) {
        let account = &mut self.account;
        let execution = &self.settings.execution;
        let over_night = || t > 0 && self.bars.session[t] != self.bars.session[t - 1];
        let cause = if let Some(carried) = account.carried {
            Some(carried)
        } else if execution.intraday && (self.bars.square_off[t] || over_night()) {
            Some(Reason::Session)
        } else if let Some(halt) = self.halt.or(self.late_halt) {
            Some(halt)
        } else {
            let due = self.signals.time_stop.is_some_and(|limit| {
                let held = t - account.position().entry_bar;
                held > limit || held == limit && account.position().place != Place::Close
            });
            let signalled = next_open
                && t > self.settings.start
                && exit_wanted(self.signals.flags.at(t - 1), account.position().units);
            (due && !signalled).then_some(Reason::TimeStop)
        };
        if let Some(reason) = cause {
            account.exit(t, open, &Exit::market(reason));
        }
    }

    /// Whether no entry may be filled on bar `t`.
    fn blocked(&self, t: usize) -> bool {
        self.halt.is_some() || self.settings.execution.intraday && self.bars.square_off[t]
    }

    /// Exits and entries that the flags of `signal_bar` ask for, at the market price `price`.
    pub(super) fn fill_signals<const FULL: bool>(
        &mut self,
        t: usize,
        price: f64,
        signal_bar: usize,
        place: Place,
    ) {
        let flags = self.signals.flags.at(signal_bar);
        if flags == 0 {
            return;
        }
        let units = self.account.position().units;
        if self.account.held()
            && !(FULL && self.account.carried.is_some())
            && exit_wanted(flags, units)
        {
            let exit = Exit {
                signal_bar: Some(signal_bar),
                ..Exit::market(Reason::Signal)
            };
            self.account.exit(t, price, &exit);
        }
        let Some(side) = entry_wanted(flags) else {
            return;
        };
        if FULL {
            let rests = self.signals.entry_limit.is_some() || self.signals.entry_stop.is_some();
            if rests {
                self.send(t, price, side, signal_bar);
                return;
            }
        }
        if self.account.held() {
            return;
        }
        let suppressed = place == Place::Close
            && self.account.today.exited_inside
            && !self.settings.execution.reenter_same_bar;
        if suppressed || FULL && self.blocked(t) {
            self.account
                .cancel(t, signal_bar, side, Kind::Market, Why::Blocked, 0.0);
            return;
        }
        self.account
            .enter(t, price, side, signal_bar, Kind::Market, place);
    }

    /// Sends the entry limit or entry stop order of `signal_bar`: filled at the open, or resting.
    fn send(&mut self, t: usize, open: f64, side: f64, signal_bar: usize) {
        let held = self.account.held();
        if held
            && !(self.settings.execution.reenter_same_bar
                && self.account.position().units * side > 0.0)
        {
            return;
        }
        let (kind, stated) = match (self.signals.entry_limit, self.signals.entry_stop) {
            (Some(limit), _) => (Kind::Limit, limit),
            (_, Some(stop)) => (Kind::Stop, stop),
            (None, None) => return,
        };
        let price = stated.at(signal_bar);
        if !held {
            let why = if self.blocked(t) {
                Some(Why::Blocked)
            } else if price > 0.0 {
                None
            } else {
                Some(Why::LevelMissing)
            };
            if let Some(why) = why {
                self.account.cancel(t, signal_bar, side, kind, why, 0.0);
                return;
            }
        }
        let ahead = if kind == Kind::Limit { -side } else { side };
        if price > 0.0 && ahead * (open - price) >= 0.0 {
            if !held {
                self.account
                    .enter(t, open, side, signal_bar, kind, Place::Open);
            }
            return;
        }
        self.resting = Some(Resting {
            side,
            price,
            kind,
            signal_bar,
            after_exit: held,
        });
    }
}

/// The side that the flags want to enter, after rule 2.
#[inline]
fn entry_wanted(flags: u8) -> Option<f64> {
    let has = |flag: u8| flags & flag != 0;
    match (has(LONG_ENTRY), has(SHORT_ENTRY)) {
        (true, false) if !has(LONG_EXIT) => Some(1.0),
        (false, true) if !has(SHORT_EXIT) => Some(-1.0),
        _ => None,
    }
}

/// Whether the flags close a position of these units.
#[inline]
fn exit_wanted(flags: u8, units: f64) -> bool {
    let own = if units > 0.0 { LONG_EXIT } else { SHORT_EXIT };
    flags & own != 0 || entry_wanted(flags).is_some_and(|side| side * units < 0.0)
}
