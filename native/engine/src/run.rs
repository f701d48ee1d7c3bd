//! One backtest with everything recorded.

use crate::bars::Bars;
use crate::config::Settings;
use crate::error::{EngineError, Result};
use crate::evaluate::Simd;
use crate::graph::Graph;
use crate::market::Market;
use crate::metrics::{Calendar, METRICS, metrics};
use crate::observe::Record;
use crate::signals::Evaluation;
use crate::simulate::{Ruin, simulate};
use crate::tally::{BLOCKS, Block};
use crate::trade::{Order, Trade};
use crate::watch::Watch;

/// A backtest's results.
#[derive(Debug)]
pub struct Run {
    /// Trades in the order of their exits.
    pub trades: Vec<Trade>,
    /// Orders in the order they were filled or cancelled.
    pub orders: Vec<Order>,
    /// Metrics, in the order of [`crate::metrics::NAMES`].
    pub values: [f64; METRICS],
    /// Block moments.
    pub blocks: [Block; BLOCKS + 1],
    /// Hash of what was done.
    pub behaviour: u64,
    /// Where the account was ruined.
    pub ruin: Option<Ruin>,
}

/// Checks where the simulation starts and where equity is sampled.
///
/// # Errors
/// `start` beyond the bars; headline points that are not ascending or not in the simulated bars.
pub fn check_period(bars: &Bars<'_>, start: usize, headline: &[i64]) -> Result<()> {
    if start >= bars.len() {
        return Err(EngineError::Bars(format!(
            "the simulation starts at bar {start}, there are {}",
            bars.len()
        )));
    }
    let ascending = headline.windows(2).all(|pair| pair[0] < pair[1]);
    let bar = |&point: &i64| usize::try_from(point).ok();
    let inside = headline
        .first()
        .is_none_or(|first| bar(first) >= Some(start))
        && headline
            .last()
            .is_none_or(|last| bar(last) < Some(bars.len()));
    if ascending && inside {
        Ok(())
    } else {
        Err(EngineError::Bars(format!(
            "headline points have to ascend from bar {start} to bar {}",
            bars.len() - 1
        )))
    }
}

/// What one run, or each trial of a search, is evaluated on.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// The series.
    pub bars: &'a Bars<'a>,
    /// The strategy.
    pub graph: &'a Graph,
    /// Bars at which equity is sampled, ascending.
    pub headline: &'a [i64],
    /// For annual figures.
    pub calendar: Calendar,
    /// Which instructions evaluation may use; results do not depend on it.
    pub simd: Simd,
}

/// An account, and where the equity of each simulated bar goes: the caller's memory.
pub type Slot<'s, 'e> = (&'s Settings, &'e mut [f64]);

/// Evaluates and simulates one set of parameters, given in the order of `graph.parameters`.
///
/// # Errors
/// Those of [`Evaluation::new`], [`check_period`] and [`simulate`].
pub fn run(
    task: &Task<'_>,
    params: &[f64],
    slot: Slot<'_, '_>,
    watch: Option<Watch<'_>>,
) -> Result<Run> {
    let mut runs = run_each(task, params, vec![slot], watch)?;
    runs.pop()
        .ok_or_else(|| EngineError::Config("no settings to run with".to_owned()))
}

/// The same signals simulated for several accounts, which differ in nothing but their settings.
///
/// # Errors
/// Those of [`run`].
pub fn run_each(
    task: &Task<'_>,
    params: &[f64],
    slots: Vec<Slot<'_, '_>>,
    watch: Option<Watch<'_>>,
) -> Result<Vec<Run>> {
    let Task {
        bars,
        graph,
        headline,
        ..
    } = *task;
    for (account, equity) in &slots {
        check_period(bars, account.start, headline)?;
        if equity.len() != bars.len() - account.start {
            return Err(EngineError::Bars(format!(
                "room for the equity of {} bars, {} are simulated",
                equity.len(),
                bars.len() - account.start
            )));
        }
    }
    if params.len() != graph.parameters.len() {
        return Err(EngineError::Config(format!(
            "{} parameter values for a graph of {} parameters",
            params.len(),
            graph.parameters.len()
        )));
    }
    let evaluation = Evaluation::new(graph, bars, params, task.simd, watch)?;
    let signals = evaluation.signals()?;
    let market = Market::single(bars, headline, task.simd);
    let one = |(account, equity): Slot<'_, '_>| {
        let mut record = Record::new(equity);
        let outcome = simulate(&market, &signals, account, &mut record, watch)?;
        Ok(Run {
            values: metrics(&outcome, account.cash, market.plan.returns(), task.calendar),
            blocks: outcome.tally.blocks(),
            behaviour: outcome.tally.behaviour,
            ruin: outcome.ruin,
            trades: record.trades,
            orders: record.orders,
        })
    };
    slots.into_iter().map(one).collect()
}
