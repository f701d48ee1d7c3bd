//! Steps 5 and 6 of a bar: intrabar exits, then intrabar entries and their stop.

use super::{Resting, Simulator};
use crate::account::Exit;
use crate::config::Intrabar;
use crate::observe::Observer;
use crate::position::Place;
use crate::trade::{Kind, Why};

impl<O: Observer> Simulator<'_, '_, '_, '_, O> {
    /// Steps 5 and 6: intrabar exits, then intrabar entries and their stop.
    #[inline]
    pub(super) fn inside<const FULL: bool>(&mut self, t: usize) {
        if self.account.held() {
            self.exits_inside::<FULL>(t);
        }
        if FULL
            && !self.account.held()
            && let Some(resting) = self.resting.take()
            && (!resting.after_exit || self.account.today.exited_inside)
        {
            self.entry_inside(t, resting);
        }
    }

    #[inline]
    fn exits_inside<const FULL: bool>(&mut self, t: usize) {
        let (open, high, low) = (self.bars.open[t], self.bars.high[t], self.bars.low[t]);
        let account = &mut self.account;
        let position = account.position();
        let long = position.units > 0.0;
        let (guard, reason, target) = (
            position.guard,
            position.guard_reason,
            position.levels.target,
        );
        if FULL && account.today.levels_wait {
            account.pass(high, low);
            return;
        }
        let tick = self.settings.execution.tick_size;
        // comparisons with NaN, a level that is not set, are false
        let (gap_stop, gap_target, hit_stop, hit_target) = if long {
            (
                open <= guard,
                open >= target,
                low <= guard,
                high > target + tick,
            )
        } else {
            (
                open >= guard,
                open <= target,
                high >= guard,
                low < target - tick,
            )
        };
        let stop_first = || match self.settings.execution.intrabar {
            Intrabar::StopFirst => true,
            Intrabar::TargetFirst => false,
            Intrabar::NearestFirst => (open - guard).abs() <= (target - open).abs(),
        };
        let mut adverse_first = true;
        account.today.exited_inside = if gap_stop {
            account.exit(t, open, &Exit::stop(reason))
        } else if gap_target {
            account.exit(t, open, &Exit::target())
        } else if hit_stop && (!hit_target || stop_first()) {
            account.exit(t, guard, &Exit::stop(reason))
        } else if hit_target {
            if hit_stop {
                adverse_first = false;
            } else {
                account.see_adverse(high, low);
            }
            account.exit(t, target, &Exit::target())
        } else {
            account.pass(high, low);
            return;
        };
        if account.held() {
            if adverse_first {
                account.pass(high, low);
            } else {
                account.pass_unmarked(t, high, low);
            }
        }
    }

    fn entry_inside(&mut self, t: usize, order: Resting) {
        let (high, low, close) = (self.bars.high[t], self.bars.low[t], self.bars.close[t]);
        let Resting {
            side,
            price,
            kind,
            signal_bar,
            ..
        } = order;
        let tick = self.settings.execution.tick_size;
        let reached = match (kind, side > 0.0) {
            (Kind::Limit, true) => low < price - tick,
            (Kind::Limit, false) => high > price + tick,
            (_, true) => high >= price,
            (_, false) => low <= price,
        };
        let account = &mut self.account;
        let why = if price.is_nan() || price <= 0.0 {
            Some(Why::LevelMissing)
        } else {
            (!reached).then_some(Why::NotReached)
        };
        if let Some(why) = why {
            account.cancel(t, signal_bar, side, kind, why, 0.0);
            return;
        }
        if !account.enter(t, price, side, signal_bar, kind, Place::Inside) {
            return;
        }
        let (guard, reason) = (account.position().guard, account.position().guard_reason);
        if side > 0.0 && low <= guard || side < 0.0 && high >= guard {
            account.exit(t, guard, &Exit::stop(reason));
        }
        if account.held() {
            account.pass_entered(high, low, close);
        }
    }
}
