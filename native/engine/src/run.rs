//! One backtest with everything recorded.

use crate::bars::Bars;
use crate::error::{EngineError, Result};
use crate::graph::Graph;
use crate::metrics::{Calendar, METRICS, metrics};
use crate::signals::{Evaluation, Signals, level, write_flags};
use crate::simulate::{Account, Record, Ruin, simulate};
use crate::tally::{BLOCKS, Block, HeadlinePlan};

/// A backtest's results.
#[derive(Debug)]
pub struct Run {
    /// Trades and equity.
    pub record: Record,
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
pub fn check_period(bars: &Bars<'_>, start: usize, headline: &[usize]) -> Result<()> {
    if start >= bars.len() {
        return Err(EngineError::Bars(format!(
            "the simulation starts at bar {start}, there are {}",
            bars.len()
        )));
    }
    let ascending = headline.windows(2).all(|pair| pair[0] < pair[1]);
    let inside = headline.first().is_none_or(|&first| first >= start)
        && headline.last().is_none_or(|&last| last < bars.len());
    if ascending && inside {
        Ok(())
    } else {
        Err(EngineError::Bars(format!(
            "headline points have to ascend from bar {start} to bar {}",
            bars.len() - 1
        )))
    }
}

/// Evaluates and simulates one set of parameters, given in the order of `graph.parameters`.
///
/// # Errors
/// Those of [`Evaluation::new`] and [`check_period`].
pub fn run(
    bars: &Bars<'_>,
    graph: &Graph,
    params: &[f64],
    account: &Account,
    headline: &[usize],
    calendar: Calendar,
) -> Result<Run> {
    check_period(bars, account.start, headline)?;
    if params.len() != graph.parameters.len() {
        return Err(EngineError::Config(format!(
            "{} parameter values for a graph of {} parameters",
            params.len(),
            graph.parameters.len()
        )));
    }
    let evaluation = Evaluation::new(graph, bars, params)?;
    let mut flags = vec![0; bars.len()];
    write_flags(graph, |node| evaluation.view(node), &mut flags);
    let signals = Signals {
        flags: &flags,
        stop: level(graph.stop_loss, |node| evaluation.view(node)),
        target: level(graph.take_profit, |node| evaluation.view(node)),
    };
    let plan = HeadlinePlan::new(headline);
    let mut record = Record::default();
    record.equity.reserve_exact(bars.len() - account.start);
    let outcome = simulate(bars, &signals, account, &plan, &mut record);
    Ok(Run {
        values: metrics(&outcome, account.cash, plan.returns(), calendar),
        blocks: outcome.tally.blocks,
        behaviour: outcome.tally.behaviour,
        ruin: outcome.ruin,
        record,
    })
}
