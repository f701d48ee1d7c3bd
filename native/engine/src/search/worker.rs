//! How a thread evaluates neighbouring trials: four abreast where it can, else one by one.

use std::sync::Mutex;

use super::Request;
use super::found::Slots;
use crate::config::Settings;
use crate::error::EngineError;
use crate::market::Market;
use crate::metrics::metrics;
use crate::observe::Blind;
use crate::run::Task;
use crate::simulate::lanes::{self, Fills, LANES};
use crate::simulate::{Outcome, simulate};
use crate::trials::{Scratch, Trials};

/// What all threads read.
pub(super) struct Search<'s> {
    task: &'s Task<'s>,
    request: &'s Request<'s>,
    market: &'s Market<'s>,
    trials: &'s Trials<'s, 's>,
    /// Whether trials with a setting are reckoned abreast: it follows from the graph, the bars and
    /// the account alone, never from the trials around one.
    abreast: Vec<bool>,
    first_error: Mutex<Option<(usize, String)>>,
}

/// A thread's buffers, and the trials whose fills are known and whose money is not yet reckoned.
pub(super) struct Worker {
    scratch: Scratch,
    fills: [Fills; LANES],
    waiting: [usize; LANES],
    count: usize,
}

impl Worker {
    /// With room for a trial of this search.
    pub fn new(trials: &Trials<'_, '_>) -> Self {
        Self {
            scratch: trials.scratch(),
            fills: [const { Fills::new() }; LANES],
            waiting: [0; LANES],
            count: 0,
        }
    }
}

impl<'s> Search<'s> {
    pub fn new(
        task: &'s Task<'s>,
        request: &'s Request<'s>,
        market: &'s Market<'s>,
        trials: &'s Trials<'s, 's>,
    ) -> Self {
        let fits =
            |one: &Settings| lanes::fits_graph(task.graph, market) && lanes::fits_settings(one);
        Self {
            task,
            request,
            market,
            trials,
            abreast: request.settings.iter().map(fits).collect(),
            first_error: Mutex::new(None),
        }
    }

    /// The first trial that failed, and why.
    pub fn into_first_error(self) -> Option<(usize, String)> {
        self.first_error.into_inner().ok().flatten()
    }

    /// Evaluates the trials from `first` on, one for each slot.
    pub fn group(&self, worker: &mut Worker, first: usize, slots: &mut Slots<'_>) {
        for index in 0..slots.failed.len() {
            let trial = first + index;
            if !self.abreast[self.setting(trial)] {
                self.alone(worker, trial, slots, index);
                continue;
            }
            if worker.count == LANES
                || worker.count > 0 && !self.alike(first + worker.waiting[0], trial)
            {
                self.reckon(worker, first, slots);
            }
            match self.trials.signals(&mut worker.scratch, trial) {
                Ok(signals) => {
                    let list = &mut worker.fills[worker.count];
                    lanes::find_fills(
                        signals.flags,
                        self.account(trial),
                        self.task.bars.len(),
                        list,
                    );
                    worker.waiting[worker.count] = index;
                    worker.count += 1;
                }
                Err(error) => self.fail(trial, &error, slots, index),
            }
        }
        self.reckon(worker, first, slots);
    }

    /// Reckons the trials that wait.
    fn reckon(&self, worker: &mut Worker, first: usize, slots: &mut Slots<'_>) {
        let count = std::mem::take(&mut worker.count);
        if count == 0 {
            return;
        }
        let waiting = worker.waiting;
        // lanes that are left over repeat the first, and are not handed over
        let lane = |l: usize| if l < count { l } else { 0 };
        let outcomes = lanes::reckon(
            self.market,
            std::array::from_fn(|l| self.account(first + waiting[lane(l)])),
            std::array::from_fn(|l| worker.fills[lane(l)].as_slice()),
        );
        for (outcome, &index) in outcomes.iter().zip(&waiting[..count]) {
            match outcome {
                Some(outcome) => self.put(outcome, first + index, slots, index),
                None => self.alone(worker, first + index, slots, index),
            }
        }
    }

    /// Evaluates one trial bar by bar.
    fn alone(&self, worker: &mut Worker, trial: usize, slots: &mut Slots<'_>, index: usize) {
        let account = self.account(trial);
        let simulated = self
            .trials
            .signals(&mut worker.scratch, trial)
            .and_then(|signals| simulate(self.market, &signals, account, &mut Blind, None));
        match simulated {
            Ok(outcome) => self.put(&outcome, trial, slots, index),
            Err(error) => self.fail(trial, &error, slots, index),
        }
    }

    fn put(&self, outcome: &Outcome<'_>, trial: usize, slots: &mut Slots<'_>, index: usize) {
        let returns = self.market.plan.returns();
        let cash = self.account(trial).cash;
        let values = metrics(outcome, cash, returns, self.task.calendar);
        slots.put(index, &values, &outcome.tally);
    }

    fn fail(&self, trial: usize, error: &EngineError, slots: &mut Slots<'_>, index: usize) {
        slots.failed[index] = true;
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

    fn account(&self, trial: usize) -> &'s Settings {
        &self.request.settings[self.setting(trial)]
    }

    /// Whether two trials' accounts can be reckoned beside each other.
    fn alike(&self, one: usize, other: usize) -> bool {
        let (one, other) = (self.account(one), self.account(other));
        let (first, second) = (&one.execution, &other.execution);
        (one.start, first.fill, first.at_end) == (other.start, second.fill, second.at_end)
    }
}
