//! How a thread evaluates trials: from fill to fill where it can, else from event to event.

use std::sync::Mutex;

use super::Request;
use super::found::Slot;
use crate::config::Settings;
use crate::error::{EngineError, Result};
use crate::market::Market;
use crate::metrics::metrics;
use crate::observe::Blind;
use crate::run::Task;
use crate::signals::Signals;
use crate::simulate::{Outcome, simulate, trades};
use crate::trials::{Scratch, Trials};

/// What all threads read.
pub(super) struct Search<'s> {
    task: &'s Task<'s>,
    request: &'s Request<'s>,
    market: &'s Market<'s>,
    trials: &'s Trials<'s, 's>,
    /// Whether trials with a setting are reckoned from fill to fill: it follows from the graph, the
    /// bars and the account alone.
    by_fills: Vec<bool>,
    first_error: Mutex<Option<(usize, String)>>,
}

impl<'s> Search<'s> {
    pub fn new(
        task: &'s Task<'s>,
        request: &'s Request<'s>,
        market: &'s Market<'s>,
        trials: &'s Trials<'s, 's>,
    ) -> Self {
        let fits =
            |one: &Settings| trades::fits_graph(task.graph, market) && trades::fits_settings(one);
        Self {
            task,
            request,
            market,
            trials,
            by_fills: request.settings.iter().map(fits).collect(),
            first_error: Mutex::new(None),
        }
    }

    /// The first trial that failed, and why.
    pub fn into_first_error(self) -> Option<(usize, String)> {
        self.first_error.into_inner().ok().flatten()
    }

    /// Evaluates the trials of some slots.
    pub fn group(&self, scratch: &mut Scratch, slots: &mut [Slot<'_>]) {
        let trials: Vec<usize> = slots.iter().map(|slot| slot.trial).collect();
        self.trials.each(scratch, &trials, |place, signals| {
            let slot = &mut slots[place];
            let known = signals.and_then(|signals| self.one(&signals, slot));
            if let Err(error) = known {
                self.fail(&error, slot);
            }
        });
    }

    /// Evaluates a trial of which these are the signals.
    fn one(&self, signals: &Signals<'_>, slot: &mut Slot<'_>) -> Result<()> {
        let (setting, market) = (self.setting(slot.trial), self.market);
        let account = &self.request.settings[setting];
        let mut outcome = Outcome::new(market, account.cash);
        if !self.by_fills[setting] || !trades::reckon(market, signals, account, &mut outcome) {
            outcome = simulate(market, signals, account, &mut Blind, None)?;
        }
        self.put(&outcome, slot);
        Ok(())
    }

    fn put(&self, outcome: &Outcome<'_>, slot: &mut Slot<'_>) {
        let returns = self.market.plan.returns();
        let cash = self.request.settings[self.setting(slot.trial)].cash;
        let values = metrics(outcome, cash, returns, self.task.calendar);
        slot.put(&values, &outcome.tally);
    }

    fn fail(&self, error: &EngineError, slot: &mut Slot<'_>) {
        slot.fail();
        let trial = slot.trial;
        if let Ok(mut first) = self.first_error.lock()
            && first.as_ref().is_none_or(|(known, _)| trial < *known)
        {
            *first = Some((trial, error.to_string()));
        }
    }

    fn setting(&self, trial: usize) -> usize {
        let named = self.request.setting.get(trial);
        named.map_or(0, |&index| index as usize)
    }
}
