//! A trial's metrics from its tally, by the table of `docs/execution.md`.

use crate::simulate::Outcome;

/// How many metrics a trial has.
pub const METRICS: usize = 24;

/// Names, in the order of [`metrics`]' values.
pub const NAMES: [&str; METRICS] = [
    "total_return",
    "cagr",
    "annualised_volatility",
    "sharpe_per_period",
    "sharpe",
    "sortino",
    "calmar",
    "max_drawdown",
    "max_drawdown_bars",
    "max_drawdown_intrabar",
    "trades",
    "open_trades",
    "win_rate",
    "profit_factor",
    "average_trade_return",
    "exposure",
    "turnover",
    "edge_bps",
    "pnl_per_10k",
    "sqn",
    "skewness",
    "kurtosis",
    "final_equity",
    "fees_paid",
];

/// The calendar's part in annual figures.
#[derive(Debug, Clone, Copy)]
pub struct Calendar {
    /// Headline periods in a year.
    pub periods_per_year: f64,
    /// Years from the first simulated bar to the last.
    pub years: f64,
}

/// A fall of equity by no more than this fraction is rounding.
const NOISE: f64 = 1e-12;

/// Relative size below which a variance counts as zero.
const ZERO_VARIANCE: f64 = 1e-12;

/// Values in the order of [`NAMES`]; NaN where undefined.
#[must_use]
pub fn metrics(
    outcome: &Outcome<'_>,
    cash: f64,
    returns: usize,
    calendar: Calendar,
) -> [f64; METRICS] {
    let tally = &outcome.tally;
    let end = outcome.final_equity;
    let mut sums = [0.0; 4];
    for block in tally.blocks() {
        for (total, part) in sums.iter_mut().zip(block.sums) {
            *total += part;
        }
    }
    let moments = Moments::new(returns as f64, sums);
    let annual = calendar.periods_per_year.sqrt();
    let sharpe = moments.mean / moments.deviation;
    let cagr = if calendar.years <= 0.0 {
        f64::NAN
    } else if end <= 0.0 {
        -1.0
    } else {
        let growth = libm::pow(end / cash, 1.0 / calendar.years) - 1.0;
        if growth.is_finite() { growth } else { f64::NAN }
    };
    let trades = tally.trades as f64;
    let mean_equity = tally.course.equity_sum / tally.course.bars as f64;
    [
        end / cash - 1.0,
        cagr,
        moments.variance.sqrt() * annual,
        sharpe,
        sharpe * annual,
        sortino(returns, moments.mean, tally.downside) * annual,
        calmar(cagr, tally.course.max_drawdown()),
        tally.course.max_drawdown(),
        tally.course.max_drawdown_bars() as f64,
        tally.course.max_drawdown_intrabar(),
        trades,
        tally.open_trades as f64,
        over(tally.wins as f64, trades),
        over(tally.gross_profit, tally.gross_loss),
        over(tally.trade_returns, trades),
        tally.course.exposed as f64 / tally.course.bars as f64,
        if calendar.years > 0.0 && mean_equity > 0.0 {
            tally.notional / mean_equity / calendar.years
        } else {
            f64::NAN
        },
        over(
            10_000.0 * (tally.closed_pnl + tally.open_pnl),
            tally.notional,
        ),
        10_000.0 * (end / cash - 1.0),
        quality(trades, tally.closed_pnl, tally.pnl_deviation),
        moments.skewness,
        moments.kurtosis,
        end,
        tally.fees,
    ]
}

/// a ÷ b, undefined where b is not positive or the ratio is beyond a float.
fn over(a: f64, b: f64) -> f64 {
    let ratio = a / b;
    if b > 0.0 && ratio.is_finite() {
        ratio
    } else {
        f64::NAN
    }
}

fn sortino(returns: usize, mean: f64, downside: f64) -> f64 {
    let deviation = (downside / returns as f64).sqrt();
    if deviation > NOISE {
        mean / deviation
    } else {
        f64::NAN
    }
}

fn calmar(growth: f64, drawdown: f64) -> f64 {
    if drawdown > NOISE {
        over(growth, drawdown)
    } else {
        f64::NAN
    }
}

/// System quality number (Tharp): √N·mean/deviation of profits.
fn quality(trades: f64, pnl: f64, squared_deviation: f64) -> f64 {
    if trades < 2.0 || squared_deviation <= 0.0 {
        return f64::NAN;
    }
    trades.sqrt() * (pnl / trades) / (squared_deviation / (trades - 1.0)).sqrt()
}

struct Moments {
    mean: f64,
    variance: f64,
    /// NaN where the variance counts as zero.
    deviation: f64,
    skewness: f64,
    kurtosis: f64,
}

impl Moments {
    fn new(n: f64, [s1, s2, s3, s4]: [f64; 4]) -> Self {
        let mean = s1 / n;
        if n < 2.0 {
            return Self {
                mean,
                variance: f64::NAN,
                deviation: f64::NAN,
                skewness: f64::NAN,
                kurtosis: f64::NAN,
            };
        }
        let variance = (s2 - s1 * s1 / n) / (n - 1.0);
        if variance <= ZERO_VARIANCE * s2 / (n - 1.0) {
            return Self {
                mean,
                variance: 0.0,
                deviation: f64::NAN,
                skewness: f64::NAN,
                kurtosis: f64::NAN,
            };
        }
        // the differences cancel, so the order of operations is part of the meaning
        let (square, cube, fourth) = (s2 / n, s3 / n, s4 / n);
        let m2 = square - mean * mean;
        let m3 = cube - 3.0 * mean * square + 2.0 * mean * mean * mean;
        let m4 = fourth - 4.0 * mean * cube + 6.0 * mean * mean * square
            - 3.0 * mean * mean * mean * mean;
        Self {
            mean,
            variance,
            deviation: variance.sqrt(),
            skewness: over(m3, m2 * m2.max(0.0).sqrt()),
            kurtosis: over(m4, m2 * m2),
        }
    }
}
