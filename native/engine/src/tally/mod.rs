//! Running sums over one simulation: drawdown, headline returns in blocks, trades, costs.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use std::ops::Range;

use crate::course::{Course, Holding};
use crate::market::{MOMENTS, Market, Sums, powers};
use crate::trade::{NO_TRADES, Reason, Trade, fold};

mod plan;
mod sides;

pub use plan::HeadlinePlan;
use sides::{LANES, Sides};

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
    next_point: usize,
    previous: f64,
    block: usize,
    /// The headline point behind the last whose return belongs to the block.
    block_end: usize,
    /// The block that is added to.
    current: Block,
    /// Leading block, then 16 equal ones, those before `block`.
    blocks: [Block; BLOCKS + 1],
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
    /// Σ of profits and losses of closed trades.
    pub closed_pnl: f64,
    /// Profit or loss of the open trade.
    pub open_pnl: f64,
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
        let (block, returns) = if plan.leading > 0 || plan.length == 0 {
            (0, plan.leading)
        } else {
            (1, plan.length)
        };
        Self {
            market,
            next_point: 0,
            previous: 0.0,
            block,
            // none ends at the first point
            block_end: 1 + returns,
            current: Block::default(),
            blocks: [Block::default(); BLOCKS + 1],
            downside: 0.0,
            course: Course::new(cash),
            trades: 0,
            open_trades: 0,
            wins: 0,
            gross_profit: 0.0,
            gross_loss: 0.0,
            closed_pnl: 0.0,
            open_pnl: 0.0,
            pnl_mean: 0.0,
            pnl_deviation: 0.0,
            trade_returns: 0.0,
            notional: 0.0,
            fees: 0.0,
            behaviour: NO_TRADES,
        }
    }

    /// Leading block, then 16 equal ones.
    #[must_use]
    pub fn blocks(&self) -> [Block; BLOCKS + 1] {
        let mut blocks = self.blocks;
        blocks[self.block] = self.current;
        blocks
    }

    /// Counts a fill.
    #[inline(always)]
    pub fn fill(&mut self, notional: f64, fee: f64) {
        self.notional += notional;
        self.fees += fee;
        self.current.turnover += notional;
    }

    /// Counts a trade that ended, or is open at the end of the data.
    #[inline(always)]
    pub fn trade(&mut self, trade: &Trade) {
        self.behaviour = fold(self.behaviour, trade);
        if trade.reason == Reason::Open {
            self.open_trades += 1;
            self.open_pnl += trade.pnl;
            return;
        }
        self.trades += 1;
        self.current.trades += 1.0;
        // whether a trade wins is hard to foresee: no branches
        self.wins += usize::from(trade.pnl > 0.0);
        self.gross_profit += if trade.pnl > 0.0 { trade.pnl } else { 0.0 };
        self.gross_loss -= if trade.pnl < 0.0 { trade.pnl } else { 0.0 };
        self.closed_pnl += trade.pnl;
        let deviation = trade.pnl - self.pnl_mean;
        self.pnl_mean += deviation / self.trades as f64;
        self.pnl_deviation += deviation * (trade.pnl - self.pnl_mean);
        self.trade_returns += trade.trade_return;
    }

    /// Counts the bars of a stretch.
    #[inline]
    pub fn stretch(&mut self, stretch: &Stretch) {
        if stretch.holding.money == 0.0 {
            self.flat(stretch);
        } else {
            self.held::<true>(stretch);
        }
    }

    /// Counts the bars of a stretch through which nothing is held.
    #[inline(always)]
    pub fn flat(&mut self, stretch: &Stretch) {
        let Stretch {
            holding, from, to, ..
        } = *stretch;
        let (bars, cash) = (to - from, holding.cash);
        let course = &mut self.course;
        course.bars += bars;
        course.exposed += usize::from(stretch.closed);
        course.idle(bars, cash, stretch.worst);
        course.equity_sum += bars as f64 * cash;
        let end = self.market.plan.before(to);
        if self.next_point < end {
            let first = self.first_return(cash);
            if end < self.block_end {
                self.add(powers(first));
                self.next_point = end;
            } else {
                self.across(first, None, end);
            }
            self.previous = cash;
        }
    }

    /// Counts the bars of a stretch through which something is held; without `SHORT` it is long.
    #[inline(always)]
    pub fn held<const SHORT: bool>(&mut self, stretch: &Stretch) {
        let market = self.market;
        let Stretch {
            holding, from, to, ..
        } = *stretch;
        let close = market.bars.close;
        let bars = to - from;
        let course = &mut self.course;
        course.bars += bars;
        course.exposed += bars;
        course.held::<SHORT>(holding, market, (from, to), stretch.worst);
        // the first close by itself: the sums of the others serve both
        let rest = if bars > 1 {
            market.sums(from + 1, to)
        } else {
            Sums::NONE
        };
        let closes = close[from] + rest.closes;
        course.equity_sum += bars as f64 * holding.cash + holding.money * closes;
        let (next, end) = (self.next_point, market.plan.before(to));
        if next == end {
            return;
        }
        let opening = holding.equity(close[market.plan.bar(next)]);
        let first = self.first_return(opening);
        let whole = market.wholly_invested(holding.cash, holding.money, from);
        let neighbours = market.plan.neighbours();
        if whole && neighbours.is_some_and(|first| first + next == from) && end < self.block_end {
            let mut added = powers(first);
            add(&mut added, rest.moments);
            self.add(added);
            self.next_point = end;
        } else {
            let held = Held {
                holding,
                equity: opening,
                whole,
            };
            self.across(first, Some(held), end);
        }
        self.previous = holding.equity(close[market.plan.bar(end - 1)]);
    }

    /// The return from the last headline point to this equity; 0 where there was none to return on.
    #[inline(always)]
    fn first_return(&self, equity: f64) -> f64 {
        if self.previous > 0.0 {
            equity / self.previous - 1.0
        } else {
            0.0
        }
    }

    /// Counts headline returns up to point `end`, block by block: the first one, and those of what is
    /// held from then on, if anything.
    fn across(&mut self, first: f64, mut held: Option<Held>, end: usize) {
        let mut next = self.next_point + 1;
        let mut added = powers(first);
        loop {
            let stop = end.min(self.block_end);
            if let Some(held) = &mut held
                && stop > next
            {
                add(&mut added, self.further(held, next..stop));
            }
            self.add(added);
            if stop == self.block_end && self.block < BLOCKS && self.market.plan.length > 0 {
                self.blocks[self.block] = std::mem::take(&mut self.current);
                self.block += 1;
                self.block_end += self.market.plan.length;
            }
            if stop == end {
                self.next_point = end;
                return;
            }
            (next, added) = (stop, [0.0; MOMENTS]);
        }
    }

    /// Sums over the returns of what is held to some headline points, at least one.
    fn further(&self, held: &mut Held, points: Range<usize>) -> [f64; MOMENTS] {
        let market = self.market;
        if held.whole {
            return market.moments(points.start - 1, points.end - 1);
        }
        let mut sums = Sides::new(held.equity);
        market.simd.run(
            #[inline(always)]
            || match market.plan.neighbours() {
                Some(first) => {
                    let closes = &market.bars.close[first + points.start..first + points.end];
                    let (whole, rest) = closes.as_chunks();
                    for closes in whole {
                        sums.add(closes.map(|close| held.holding.equity(close)), LANES);
                    }
                    sums.add_rest(rest.iter().map(|&close| held.holding.equity(close)));
                }
                None => {
                    for bars in market.plan.points()[points].chunks(LANES) {
                        let closes = bars.iter().map(|&bar| market.bars.close[bar as usize]);
                        sums.add_rest(closes.map(|close| held.holding.equity(close)));
                    }
                }
            },
        );
        held.equity = sums.previous;
        sums.total()
    }

    /// Adds the powers of some returns, all of one block.
    #[inline(always)]
    fn add(&mut self, powers: [f64; MOMENTS]) {
        let sums = &mut self.current.sums;
        for (slot, power) in sums.iter_mut().zip(powers) {
            *slot += power;
        }
        self.downside += powers[MOMENTS - 1];
    }
}

/// What is held through headline points.
struct Held {
    holding: Holding,
    /// Equity at the last of them that was counted.
    equity: f64,
    /// Whether its returns are those of closes.
    whole: bool,
}

#[inline(always)]
fn add(sums: &mut [f64; MOMENTS], further: [f64; MOMENTS]) {
    for (slot, power) in sums.iter_mut().zip(further) {
        *slot += power;
    }
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
        let points: Vec<i64> = (0..36).collect();
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
                assert!((tally.blocks()[0].sums[0] - first).abs() < 1e-8);
                let last: f64 = 1.0 / 34.0 + 1.0 / 35.0;
                assert!((tally.blocks()[16].sums[0] - last).abs() < 1e-8);
                assert_eq!(tally.course.bars, 36);
                assert!((tally.course.equity_sum - 666.0).abs() < 1e-6);
            }
        }
    }
}
