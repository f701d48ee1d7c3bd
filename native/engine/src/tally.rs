//! Running sums over one simulation: drawdown, headline returns in blocks, trades, costs.

use crate::course::{Course, Holding};
use crate::market::{MOMENTS, Market, Running, powers};
use crate::trade::{NO_TRADES, Reason, Trade, fold};

/// Blocks that the headline returns are cut into, besides the leading remainder.
pub const BLOCKS: usize = 16;

/// Numbers of a block: Σr, Σr², Σr³, Σr⁴, trades, turnover.
pub const BLOCK_COLUMNS: usize = 6;

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

impl Block {
    /// Its numbers, in order.
    #[must_use]
    pub fn columns(&self) -> [f64; BLOCK_COLUMNS] {
        let [s1, s2, s3, s4] = self.sums;
        [s1, s2, s3, s4, self.trades, self.turnover]
    }
}

/// Where equity is sampled and how its returns fall into blocks.
#[derive(Debug, Clone)]
pub struct HeadlinePlan<'a> {
    /// Ascending bar indices.
    points: &'a [usize],
    /// How many points lie before each bar, and before the end; empty where they are looked for.
    before: Vec<u32>,
    /// Whether the points are neighbouring bars, which are counted.
    neighbouring: bool,
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
        let neighbouring = match (points.first(), points.last()) {
            (Some(first), Some(last)) => last - first == returns,
            _ => true,
        };
        Self {
            points,
            before: Vec::new(),
            neighbouring,
            leading,
            length,
        }
    }

    /// Notes for each of so many bars how many points lie before it, where many will ask.
    #[must_use]
    pub fn noted(mut self, bars: usize) -> Self {
        if !self.neighbouring {
            let mut count = 0;
            let mut next = self.points.iter().peekable();
            self.before = (0..=bars)
                .map(|bar| {
                    let before = count;
                    count += u32::from(next.next_if(|&&point| point == bar).is_some());
                    before
                })
                .collect();
        }
        self
    }

    /// The bars at which equity is sampled.
    #[inline]
    #[must_use]
    pub fn points(&self) -> &'a [usize] {
        self.points
    }

    /// How many of them lie before a bar.
    #[inline]
    #[must_use]
    pub fn before(&self, bar: usize) -> usize {
        if self.neighbouring {
            let first = self.points.first().copied().unwrap_or(0);
            bar.saturating_sub(first).min(self.points.len())
        } else if let Some(&before) = self.before.get(bar) {
            before as usize
        } else {
            self.points.partition_point(|&point| point < bar)
        }
    }

    /// The number of headline returns.
    #[must_use]
    pub fn returns(&self) -> usize {
        self.points.len().saturating_sub(1)
    }
}

/// Bars between two fills: what is held at their closes, and what happened on the first of them.
#[derive(Debug, Clone, Copy)]
pub struct Stretch {
    /// What is held.
    pub holding: Holding,
    /// The first bar.
    pub from: usize,
    /// The bar after the last.
    pub to: usize,
    /// Least equity seen inside the first bar.
    pub worst: f64,
    /// Whether a position was closed on the first bar.
    pub closed: bool,
}

/// Everything that is summed while bars go by.
#[derive(Debug, Clone)]
pub struct Tally<'a> {
    market: &'a Market<'a>,
    sums: Running,
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
    pub fn new(market: &'a Market<'a>, cash: f64) -> Self {
        let plan = &market.plan;
        let (block, left_in_block) = if plan.leading > 0 || plan.length == 0 {
            (0, plan.leading)
        } else {
            (1, plan.length)
        };
        Self {
            market,
            sums: Running::default(),
            next_point: 0,
            previous: 0.0,
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

    /// Counts the bars of a stretch.
    pub fn stretch(&mut self, stretch: &Stretch) {
        let market = self.market;
        let Stretch {
            holding, from, to, ..
        } = *stretch;
        let bars = to - from;
        let first = market.bars.close[from];
        self.course.bars += bars;
        self.course.mark(holding.equity(first), stretch.worst);
        let flat = holding.money == 0.0;
        if flat {
            self.course.exposed += usize::from(stretch.closed);
            self.course.idle(bars - 1, holding.cash);
            self.course.equity_sum += bars as f64 * holding.cash;
        } else {
            self.course.exposed += bars;
            if bars > 1 {
                self.course.held(holding, market, from + 1, to);
            }
            let closes = self.sums.closes(market, from, to);
            self.course.equity_sum += bars as f64 * holding.cash + holding.money * closes;
        }
        let end = market.plan.before(to);
        if self.next_point < end {
            let whole = market.wholly_invested(holding.cash, holding.money, from);
            self.headline(holding, whole, end);
        }
    }

    /// Counts the headline returns up to point `end`; `whole` says that those but the first are the
    /// returns of closes.
    fn headline(&mut self, holding: Holding, whole: bool, end: usize) {
        let (points, close) = (self.market.plan.points(), self.market.bars.close);
        let at = |point: usize| holding.equity(close[points[point]]);
        let first = at(self.next_point);
        let r = if self.previous > 0.0 {
            first / self.previous - 1.0
        } else {
            0.0
        };
        let rest = (holding.money != 0.0).then_some((holding, whole, first));
        self.returns(r, rest, end);
        self.previous = at(end - 1);
    }

    /// The number of the headline point that is counted next.
    #[inline]
    #[must_use]
    pub fn next_point(&self) -> usize {
        self.next_point
    }

    /// As [`Self::headline`] up to bar `to`, for an account whose first return is known.
    #[inline]
    pub fn headline_from(&mut self, first: f64, rest: Option<(Holding, bool, f64)>, to: usize) {
        self.returns(first, rest, self.market.plan.before(to));
    }

    /// Counts headline returns block by block: the first one, and those of what is held from that
    /// equity on, if anything.
    #[inline]
    fn returns(&mut self, first: f64, rest: Option<(Holding, bool, f64)>, end: usize) {
        let market = self.market;
        let mut next = self.next_point;
        let mut count = usize::from(next > 0);
        let mut added = powers(first);
        let mut previous = rest.map_or(0.0, |(_, _, equity)| equity);
        next += 1;
        loop {
            let stop = next + (end - next).min(self.left_in_block - count);
            if let Some((holding, whole, _)) = rest
                && stop > next
            {
                let further = if whole {
                    self.sums.moments(market, next - 1, stop - 1)
                } else {
                    let points = &market.plan.points()[next..stop];
                    let closes = points.iter().map(|&point| market.bars.close[point]);
                    one_by_one(closes, holding, &mut previous)
                };
                for (slot, power) in added.iter_mut().zip(further) {
                    *slot += power;
                }
            }
            self.add(added, count + stop - next);
            if stop == end {
                break;
            }
            (next, count, added) = (stop, 0, [0.0; MOMENTS]);
        }
        self.next_point = end;
    }

    /// Σ of the closes from bar `from` on, before bar `to`.
    #[inline]
    pub fn closes(&mut self, from: usize, to: usize) -> f64 {
        self.sums.closes(self.market, from, to)
    }

    /// Counts the notional of a fill in its block alone.
    #[inline]
    pub fn add_turnover(&mut self, notional: f64) {
        self.blocks[self.block].turnover += notional;
    }

    /// Counts a closed trade in its block alone.
    #[inline]
    pub fn add_trade(&mut self) {
        self.blocks[self.block].trades += 1.0;
    }

    /// Adds the powers of some returns, all of one block.
    #[inline]
    fn add(&mut self, powers: [f64; MOMENTS], returns: usize) {
        let sums = &mut self.blocks[self.block].sums;
        for (slot, power) in sums.iter_mut().zip(powers) {
            *slot += power;
        }
        self.downside += powers[MOMENTS - 1];
        self.left_in_block -= returns;
        if self.left_in_block == 0 && self.block < BLOCKS && self.market.plan.length > 0 {
            self.block += 1;
            self.left_in_block = self.market.plan.length;
        }
    }
}

/// Sums over the returns of what is held, through neighbouring closes; none where there was no
/// equity to return on.
fn one_by_one(
    closes: impl Iterator<Item = f64>,
    holding: Holding,
    previous: &mut f64,
) -> [f64; MOMENTS] {
    let mut sums = [0.0; MOMENTS];
    for close in closes {
        let equity = holding.equity(close);
        let r = if *previous > 0.0 {
            equity / *previous - 1.0
        } else {
            0.0
        };
        for (sum, power) in sums.iter_mut().zip(powers(r)) {
            *sum += power;
        }
        *previous = equity;
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::{Stretch, Tally};
    use crate::bars::Bars;
    use crate::course::Holding;
    use crate::evaluate::Simd;
    use crate::market::Market;

    #[test]
    fn the_remainder_leads() {
        let close: Vec<f64> = (0..36_u8).map(|t| f64::from(t) + 1.0).collect();
        let columns = ["open", "high", "low", "close"].map(|name| (name.to_owned(), &close[..]));
        let bars = Bars::new(columns.to_vec()).unwrap();
        let points: Vec<usize> = (0..36).collect();
        for market in [
            Market::single(&bars, &points, Simd::Auto),
            Market::shared(&bars, &points, Simd::Portable),
        ] {
            // wholly invested, and with cash beside it: the same returns by both ways
            for cash in [0.0, 1e-9] {
                let mut tally = Tally::new(&market, 1.0);
                tally.stretch(&Stretch {
                    holding: Holding { cash, money: 1.0 },
                    from: 0,
                    to: 36,
                    worst: f64::INFINITY,
                    closed: false,
                });
                // 35 returns: 3 lead, then 16 blocks of 2; return i is 1/(i+1)
                let first: f64 = 1.0 + 1.0 / 2.0 + 1.0 / 3.0;
                assert!((tally.blocks[0].sums[0] - first).abs() < 1e-8);
                let last: f64 = 1.0 / 34.0 + 1.0 / 35.0;
                assert!((tally.blocks[16].sums[0] - last).abs() < 1e-8);
                assert_eq!(tally.course.bars, 36);
                assert!((tally.course.equity_sum - 666.0).abs() < 1e-6);
            }
        }
    }
}
