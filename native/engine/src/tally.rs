//! Running sums over one simulation: drawdown, headline returns in blocks, trades, costs.

use crate::course::Course;
use crate::trade::{NO_TRADES, Reason, Trade, fold};

/// Blocks that the headline returns are cut into, besides the leading remainder.
pub const BLOCKS: usize = 16;

/// Sums over one block of headline returns.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Block {
    /// Σr, Σr², Σr³, Σr⁴.
    pub sums: [f64; 4],
    /// Trades closed.
    pub trades: f64,
    /// Σ|notional| of the fills.
    pub turnover: f64,
}

/// Where equity is sampled and how its returns fall into blocks.
#[derive(Debug, Clone)]
pub struct HeadlinePlan<'a> {
    /// Ascending bar indices.
    points: &'a [usize],
    /// Returns in block 0.
    leading: usize,
    /// Returns in each other block.
    length: usize,
}

impl<'a> HeadlinePlan<'a> {
    /// Plans `points.len() − 1` returns; with fewer than 16 all stand in block 0.
    #[must_use]
    pub fn new(points: &'a [usize]) -> Self {
        let returns = points.len().saturating_sub(1);
        let length = returns / BLOCKS;
        let leading = if length == 0 {
            returns
        } else {
            returns % BLOCKS
        };
        Self {
            points,
            leading,
            length,
        }
    }

    /// The number of headline returns.
    #[must_use]
    pub fn returns(&self) -> usize {
        self.points.len().saturating_sub(1)
    }
}

/// Everything that is summed while bars go by.
#[derive(Debug, Clone)]
pub struct Tally<'a> {
    plan: &'a HeadlinePlan<'a>,
    next_point: usize,
    previous: f64,
    block: usize,
    left_in_block: usize,
    /// Leading block, then 16 equal ones.
    pub blocks: [Block; BLOCKS + 1],
    /// Σ min(r, 0)².
    pub downside: f64,
    /// Peak, drawdowns and sums over marks.
    pub course: Course,
    /// Number of closed trades.
    pub trades: usize,
    /// Trades still open at the end: none or one.
    pub open_trades: usize,
    /// Trades with a profit.
    pub wins: usize,
    /// Σ of profits.
    pub gross_profit: f64,
    /// −Σ of losses.
    pub gross_loss: f64,
    /// Σ of profits and losses, the open trade's too.
    pub pnl: f64,
    /// Σ of profits and losses of closed trades.
    pub closed_pnl: f64,
    pnl_mean: f64,
    /// Σ of squared deviations of profits from their mean, by Welford's recurrence.
    pub pnl_deviation: f64,
    /// Σ of trade returns.
    pub trade_returns: f64,
    /// Σ|notional| of fills.
    pub notional: f64,
    /// Σ of fees.
    pub fees: f64,
    /// Hash of what was done.
    pub behaviour: u64,
}

impl<'a> Tally<'a> {
    /// Starts with the account's cash as the peak.
    #[must_use]
    pub fn new(plan: &'a HeadlinePlan<'a>, cash: f64) -> Self {
        let (block, left_in_block) = if plan.leading > 0 || plan.length == 0 {
            (0, plan.leading)
        } else {
            (1, plan.length)
        };
        Self {
            plan,
            next_point: 0,
            previous: f64::NAN,
            block,
            left_in_block,
            blocks: [Block::default(); BLOCKS + 1],
            downside: 0.0,
            course: Course::new(cash),
            trades: 0,
            open_trades: 0,
            wins: 0,
            gross_profit: 0.0,
            gross_loss: 0.0,
            pnl: 0.0,
            closed_pnl: 0.0,
            pnl_mean: 0.0,
            pnl_deviation: 0.0,
            trade_returns: 0.0,
            notional: 0.0,
            fees: 0.0,
            behaviour: NO_TRADES,
        }
    }

    /// Counts a fill.
    #[inline]
    pub fn fill(&mut self, notional: f64, fee: f64) {
        self.notional += notional;
        self.fees += fee;
        self.blocks[self.block].turnover += notional;
    }

    /// Counts a trade that ended, or is open at the end of the data.
    #[inline]
    pub fn trade(&mut self, trade: &Trade) {
        self.pnl += trade.pnl;
        self.behaviour = fold(self.behaviour, trade);
        if trade.reason == Reason::Open {
            self.open_trades += 1;
            return;
        }
        self.trades += 1;
        self.blocks[self.block].trades += 1.0;
        if trade.pnl > 0.0 {
            self.wins += 1;
            self.gross_profit += trade.pnl;
        } else if trade.pnl < 0.0 {
            self.gross_loss -= trade.pnl;
        }
        self.closed_pnl += trade.pnl;
        let deviation = trade.pnl - self.pnl_mean;
        self.pnl_mean += deviation / self.trades as f64;
        self.pnl_deviation += deviation * (trade.pnl - self.pnl_mean);
        self.trade_returns += trade.trade_return;
    }

    /// Counts the close of bar `t`: its equity, the worst equity inside it, and whether a position
    /// was held at its close or closed on it.
    #[inline]
    pub fn mark(&mut self, t: usize, equity: f64, worst: f64, exposed: bool) {
        self.course.mark(equity, worst, exposed);
        if self.next_headline() == t {
            self.headline(equity);
        }
    }

    /// The bar at which equity is sampled next; beyond all bars where there is none.
    #[inline]
    #[must_use]
    pub fn next_headline(&self) -> usize {
        let next = self.plan.points.get(self.next_point);
        next.copied().unwrap_or(usize::MAX)
    }

    /// Counts the headline return that ends with this equity.
    #[inline]
    pub fn headline(&mut self, equity: f64) {
        if self.next_point > 0 {
            let r = if self.previous > 0.0 {
                equity / self.previous - 1.0
            } else {
                0.0
            };
            let square = r * r;
            let sums = &mut self.blocks[self.block].sums;
            sums[0] += r;
            sums[1] += square;
            sums[2] += square * r;
            sums[3] += square * square;
            if r < 0.0 {
                self.downside += square;
            }
            self.left_in_block -= 1;
            if self.left_in_block == 0 && self.block < BLOCKS && self.plan.length > 0 {
                self.block += 1;
                self.left_in_block = self.plan.length;
            }
        }
        self.previous = equity;
        self.next_point += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{HeadlinePlan, Tally};

    #[test]
    fn the_remainder_leads() {
        let points: Vec<usize> = (0..36).collect();
        let plan = HeadlinePlan::new(&points);
        let mut tally = Tally::new(&plan, 1.0);
        for t in 0..36 {
            let equity = f64::from(t) + 1.0;
            tally.mark(t as usize, equity, equity, false);
        }
        // 35 returns: 3 lead, then 16 blocks of 2; return i is 1/(i+1)
        let first: f64 = 1.0 + 1.0 / 2.0 + 1.0 / 3.0;
        assert!((tally.blocks[0].sums[0] - first).abs() < 1e-12);
        let last: f64 = 1.0 / 34.0 + 1.0 / 35.0;
        assert!((tally.blocks[16].sums[0] - last).abs() < 1e-12);
    }
}
