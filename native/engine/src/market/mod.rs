//! What every simulation over the same bars shares: extremes, sums of closes, moments of returns.
//!
//! Between two fills an account's equity is cash + money·close, so what a stretch of bars adds to
//! a tally follows from the bars alone. A search reads tables of it; a single run looks at its bars.
//! Both give the same bits.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use crate::bars::Bars;
use crate::evaluate::Simd;
use crate::tally::HeadlinePlan;

mod extremes;
mod falls;
mod records;
mod sums;

use extremes::Blocks;
pub use extremes::Extremes;
use falls::Falls;
pub use records::Gaps;
use sums::Table;

/// Up to how many bars a search keeps tables of sums, gaps and extremes: at most 356 bytes a bar.
const TABLE_BARS: usize = 1 << 19;

/// Sums that stand beside each other: r, r², r³, r⁴, and r² of the falls.
pub const MOMENTS: usize = 5;

/// What is summed of a bar: the return that ends there, if equity is sampled at every bar, and behind
/// that its close. [`Sums`] has the same order, so that a row is read as it was written.
const ROW: usize = MOMENTS + 1;

/// What is noted of bars for many runs.
#[derive(Debug)]
struct Tables {
    sums: Pieces,
    gaps: Gaps,
    falls: Falls,
}

/// Pieces of sums over bars, and over returns.
#[derive(Debug)]
enum Pieces {
    /// Where equity is sampled at neighbouring bars.
    Together(Table<ROW>),
    /// Closes of bars, and returns between headline points that lie apart.
    Apart(Table<1>, Table<MOMENTS>),
}

/// Sums over a range of bars.
#[derive(Debug, Clone, Copy)]
pub struct Sums {
    /// Sums over the returns of closes, where equity is sampled at each of the bars and at the one
    /// before.
    pub moments: [f64; MOMENTS],
    /// Σ of the closes.
    pub closes: f64,
}

impl Sums {
    /// Over no bars.
    pub const NONE: Self = Self {
        moments: [0.0; MOMENTS],
        closes: 0.0,
    };
}

/// Bars, the points at which equity is sampled, and what is known of both beforehand.
#[derive(Debug)]
pub struct Market<'a> {
    /// Which instructions may be used.
    pub simd: Simd,
    /// The series.
    pub bars: &'a Bars<'a>,
    /// Where equity is sampled.
    pub plan: HeadlinePlan<'a>,
    /// The least low of all bars.
    pub bottom: f64,
    blocks: Option<Blocks>,
    tables: Option<Tables>,
    /// The least close from the start of each [`FLOOR`] bars to the end.
    floors: Vec<f64>,
}

impl<'a> Market<'a> {
    /// For one run: no more is computed beforehand than the least prices.
    #[must_use]
    pub fn single(bars: &'a Bars<'a>, headline: &'a [i64], simd: Simd) -> Self {
        Self {
            simd,
            bars,
            plan: HeadlinePlan::new(headline),
            bottom: least(bars.low),
            blocks: None,
            tables: None,
            floors: floors(bars.close),
        }
    }

    /// For many runs.
    #[must_use]
    pub fn shared(bars: &'a Bars<'a>, headline: &'a [i64], simd: Simd) -> Self {
        let mut market = Self::single(bars, headline, simd);
        market.plan = market.plan.noted(bars.len());
        let noted = bars.len() <= TABLE_BARS;
        market.blocks = Some(Blocks::new(simd, bars, noted));
        if noted {
            let point = |point| powers(market.return_to(point));
            let sums = if market.plan.neighbours().is_some() {
                Pieces::Together(Table::new((0..bars.len()).map(|t| market.row(t)).collect()))
            } else {
                Pieces::Apart(
                    Table::new(bars.close.iter().map(|&close| [close]).collect()),
                    Table::new((0..headline.len()).map(point).collect()),
                )
            };
            market.tables = Some(Tables {
                sums,
                gaps: Gaps::new(bars),
                falls: Falls::new(bars),
            });
        }
        market
    }

    /// Whether an account that buys at bar `from` or holds from it on is wholly invested: the cash
    /// beside what it holds is no more than rounding, whatever the closes that follow, so that its
    /// returns are those of the closes.
    #[inline(always)]
    #[must_use]
    pub fn wholly_invested(&self, cash: f64, money: f64, from: usize) -> bool {
        cash.abs() <= ROUNDING * (money * self.floors[from / FLOOR])
    }

    /// The extremes of the bars from `from` on, before `to`.
    #[inline]
    #[must_use]
    pub fn extremes(&self, from: usize, to: usize) -> Extremes {
        match &self.blocks {
            Some(blocks) => blocks.of(self.simd, self.bars, from, to),
            None => Extremes::of(self.simd, self.bars, from, to),
        }
    }

    /// The extremes of these bars and of some around them, whichever are known beforehand: enough
    /// to see that nothing happens.
    #[inline(always)]
    #[must_use]
    pub fn around(&self, from: usize, to: usize) -> Extremes {
        match &self.blocks {
            Some(blocks) => blocks.around(from, to),
            None => self.extremes(from, to),
        }
    }

    /// The gap behind each bar, where it is known.
    #[inline(always)]
    #[must_use]
    pub fn gaps(&self) -> Option<&Gaps> {
        self.tables.as_ref().map(|tables| &tables.gaps)
    }

    /// At most the least low or close over a close before it, from bar `from` on, before `to`; 0
    /// where it is not known.
    #[inline]
    #[must_use]
    pub fn fall(&self, from: usize, to: usize) -> f64 {
        match &self.tables {
            Some(tables) => tables.falls.share(from, to),
            None => 0.0,
        }
    }

    /// Sums over the bars from `from` on, before `to`.
    #[inline(always)]
    #[must_use]
    pub fn sums(&self, from: usize, to: usize) -> Sums {
        let rows = from..to;
        let [r, r2, r3, r4, fall, closes] = match self.tables.as_ref().map(|tables| &tables.sums) {
            Some(Pieces::Together(pieces)) => pieces.sum(rows),
            Some(Pieces::Apart(closes, _)) => {
                let [closes] = closes.sum(rows);
                return Sums {
                    closes,
                    ..Sums::NONE
                };
            }
            None => self.simd.run(
                #[inline(always)]
                || sums::sum(rows, |t| self.row(t)),
            ),
        };
        Sums {
            closes,
            moments: [r, r2, r3, r4, fall],
        }
    }

    /// What is summed of a bar.
    #[inline(always)]
    fn row(&self, t: usize) -> [f64; ROW] {
        let r = match self.plan.neighbours() {
            Some(first) => self.return_to(t.wrapping_sub(first)),
            None => 0.0,
        };
        let [r, r2, r3, r4, fall] = powers(r);
        [r, r2, r3, r4, fall, self.bars.close[t]]
    }

    /// Sums over the returns of closes that end at the headline points behind `from`, up to `to`.
    #[inline(always)]
    #[must_use]
    pub fn moments(&self, from: usize, to: usize) -> [f64; MOMENTS] {
        if self.plan.neighbours().is_some() {
            let bar = |point: usize| self.plan.bar(point) + 1;
            return self.sums(bar(from), bar(to)).moments;
        }
        let points = from + 1..to + 1;
        match self.tables.as_ref().map(|tables| &tables.sums) {
            Some(Pieces::Apart(_, returns)) => returns.sum(points),
            _ => sums::sum(points, |point| powers(self.return_to(point))),
        }
    }

    /// The return of closes that ends at a headline point.
    #[inline(always)]
    fn return_to(&self, point: usize) -> f64 {
        let close = self.bars.close;
        if point == 0 || point >= self.plan.points().len() {
            return 0.0;
        }
        close[self.plan.bar(point)] / close[self.plan.bar(point - 1)] - 1.0
    }
}

/// What is summed of a return.
#[inline(always)]
#[must_use]
pub fn powers(r: f64) -> [f64; MOMENTS] {
    let square = r * r;
    let fall = if r < 0.0 { square } else { 0.0 };
    [r, square, square * r, square * square, fall]
}

/// Bars that share a floor.
const FLOOR: usize = 1 << 10;

/// Share of what is held up to which cash beside it is rounding.
const ROUNDING: f64 = 1e-12;

/// The least close from the start of each [`FLOOR`] bars to the end.
fn floors(close: &[f64]) -> Vec<f64> {
    let mut floors: Vec<f64> = close.chunks(FLOOR).map(least).collect();
    let mut floor = f64::INFINITY;
    for slot in floors.iter_mut().rev() {
        floor = if *slot < floor { *slot } else { floor };
        *slot = floor;
    }
    floors
}

fn least(values: &[f64]) -> f64 {
    values.iter().fold(
        f64::INFINITY,
        |least, &value| if value < least { value } else { least },
    )
}
