//! What every simulation over the same bars shares: extremes, sums of closes, moments of returns.
//!
//! Between two fills an account's equity is cash + money·close, so what a stretch of bars adds to
//! a tally follows from the bars alone. Extremes are exact whatever they are taken from. Sums are
//! differences of running sums, which are kept in three floats, so that an outlier before a stretch
//! leaves no rounding in it. A search reads a table of them; a single run
//! moves along with the bars. Both make the same additions in the same order.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use crate::bars::Bars;
use crate::evaluate::Simd;
use crate::tally::HeadlinePlan;

/// Bars whose extremes are kept, and how many of those are taken together once more.
const BLOCK: usize = 16;

/// Up to how many bars a search keeps a table of running sums: 96 bytes a bar.
const TABLE_BARS: usize = 1 << 20;

/// Sums that stand beside each other: r, r², r³, r⁴, and r² of the falls.
pub const MOMENTS: usize = 5;

/// Sums in three floats each: the rounded one, what rounding left out, and what that left out.
#[derive(Debug, Clone, Copy)]
pub struct Sums<const N: usize> {
    high: [f64; N],
    middle: [f64; N],
    low: [f64; N],
}

impl<const N: usize> Sums<N> {
    const ZERO: Self = Self {
        high: [0.0; N],
        middle: [0.0; N],
        low: [0.0; N],
    };

    /// Adds a number to each.
    #[inline(always)]
    fn add(&mut self, values: [f64; N]) {
        for (i, value) in values.into_iter().enumerate() {
            let (high, left) = two_sum(self.high[i], value);
            let (middle, rest) = two_sum(self.middle[i], left);
            self.high[i] = high;
            self.middle[i] = middle;
            self.low[i] += rest;
        }
    }

    /// What was added to each since `earlier`.
    #[inline]
    fn since(&self, earlier: &Self) -> [f64; N] {
        std::array::from_fn(|i| {
            (self.high[i] - earlier.high[i])
                + ((self.middle[i] - earlier.middle[i]) + (self.low[i] - earlier.low[i]))
        })
    }
}

/// A sum and what its rounding left out (Knuth's two-sum).
#[inline(always)]
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let total = a + b;
    let part = total - a;
    (total, (a - (total - part)) + (b - part))
}

/// Least and greatest prices of some bars: least low and close, and greatest high and close with
/// their signs turned, so that one comparison serves all.
#[derive(Debug, Clone, Copy)]
pub struct Extremes([f64; 4]);

impl Extremes {
    /// Of no bars.
    const NONE: Self = Self([f64::INFINITY; 4]);

    /// Of some bars; it does not depend on the order in which they are looked at.
    #[inline]
    fn of(simd: Simd, bars: &Bars<'_>, from: usize, to: usize) -> Self {
        let [low, high, least, most] = simd.extremes(
            &bars.low[from..to],
            &bars.high[from..to],
            &bars.close[from..to],
        );
        Self([low, least, -high, -most])
    }

    /// Of these bars and of others.
    #[inline]
    #[must_use]
    pub fn with(self, other: &Self) -> Self {
        let less = |i: usize| {
            if other.0[i] < self.0[i] {
                other.0[i]
            } else {
                self.0[i]
            }
        };
        Self(std::array::from_fn(less))
    }

    /// The least low.
    #[inline]
    #[must_use]
    pub fn low(&self) -> f64 {
        self.0[0]
    }

    /// The least close.
    #[inline]
    #[must_use]
    pub fn least(&self) -> f64 {
        self.0[1]
    }

    /// The greatest high.
    #[inline]
    #[must_use]
    pub fn high(&self) -> f64 {
        -self.0[2]
    }

    /// The greatest close.
    #[inline]
    #[must_use]
    pub fn most(&self) -> f64 {
        -self.0[3]
    }
}

/// Running sums at each bar and at each headline point.
#[derive(Debug)]
struct Table {
    closes: Vec<Sums<1>>,
    moments: Vec<Sums<MOMENTS>>,
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
    blocks: Vec<Extremes>,
    larger: Vec<Extremes>,
    table: Option<Table>,
    /// The least close from the start of each [`FLOOR`] bars to the end; empty where returns are
    /// beyond scale.
    floors: Vec<f64>,
}

impl<'a> Market<'a> {
    /// For one run: no more is computed beforehand than says whether sums are to be trusted.
    #[must_use]
    pub fn single(bars: &'a Bars<'a>, headline: &'a [usize], simd: Simd) -> Self {
        Self {
            simd,
            bars,
            plan: HeadlinePlan::new(headline),
            blocks: Vec::new(),
            larger: Vec::new(),
            table: None,
            floors: floors(bars.close, headline),
        }
    }

    /// For many runs.
    #[must_use]
    pub fn shared(bars: &'a Bars<'a>, headline: &'a [usize], simd: Simd) -> Self {
        let mut market = Self::single(bars, headline, simd);
        market.plan = market.plan.noted(bars.len());
        market.blocks = (0..bars.len().div_ceil(BLOCK))
            .map(|block| {
                let from = block * BLOCK;
                Extremes::of(simd, bars, from, bars.len().min(from + BLOCK))
            })
            .collect();
        let joined = |blocks: &[Extremes]| blocks.iter().fold(Extremes::NONE, Extremes::with);
        market.larger = market.blocks.chunks(BLOCK).map(joined).collect();
        if bars.len() <= TABLE_BARS {
            let mut sums = Running::default();
            let closes = (0..=bars.len())
                .map(|bar| {
                    sums.add_to_bar(&market, bar);
                    sums.closes
                })
                .collect();
            let moments = (0..headline.len())
                .map(|point| {
                    sums.add_to_point(&market, point);
                    sums.moments
                })
                .collect();
            market.table = Some(Table { closes, moments });
        }
        market
    }

    /// Whether an account that buys at bar `from` or holds from it on is wholly invested: the cash
    /// beside what it holds is no more than rounding, whatever the closes that follow, so that its
    /// returns are those of the closes.
    #[inline]
    #[must_use]
    pub fn wholly_invested(&self, cash: f64, money: f64, from: usize) -> bool {
        let floor = self.floors.get(from / FLOOR);
        money > 0.0 && floor.is_some_and(|floor| cash.abs() <= ROUNDING * (money * floor))
    }

    /// The extremes of the bars from `from` on, before `to`.
    #[inline]
    #[must_use]
    pub fn extremes(&self, from: usize, to: usize) -> Extremes {
        Extremes::of(self.simd, self.bars, from, to)
    }

    /// The extremes of these bars and of some around them, whichever are known beforehand: enough
    /// to see that nothing happens.
    #[inline]
    #[must_use]
    pub fn around(&self, from: usize, to: usize) -> Extremes {
        if self.blocks.is_empty() {
            return self.extremes(from, to);
        }
        let (first, last) = (from / BLOCK, (to - 1) / BLOCK);
        let near = last.min(first + BLOCK);
        let mut found = self.blocks[first];
        for block in &self.blocks[first + 1..=near] {
            found = found.with(block);
        }
        if near < last {
            for block in &self.larger[near / BLOCK..=last / BLOCK] {
                found = found.with(block);
            }
        }
        found
    }
}

/// Running sums that move along with a simulation; what is asked for never goes back.
#[derive(Debug, Clone)]
pub struct Running {
    bar: usize,
    closes: Sums<1>,
    point: usize,
    moments: Sums<MOMENTS>,
}

impl Default for Running {
    fn default() -> Self {
        Self {
            bar: 0,
            closes: Sums::ZERO,
            point: 0,
            moments: Sums::ZERO,
        }
    }
}

impl Running {
    /// Σ of the closes from bar `from` on, before bar `to`.
    #[inline]
    pub fn closes(&mut self, market: &Market<'_>, from: usize, to: usize) -> f64 {
        let [sum] = if let Some(Table { closes, .. }) = &market.table {
            closes[to].since(&closes[from])
        } else {
            self.add_to_bar(market, from);
            let start = self.closes;
            self.add_to_bar(market, to);
            self.closes.since(&start)
        };
        sum
    }

    /// Sums over the returns of closes that end at the headline points behind `from`, up to `to`.
    #[inline]
    pub fn moments(&mut self, market: &Market<'_>, from: usize, to: usize) -> [f64; MOMENTS] {
        if let Some(Table { moments, .. }) = &market.table {
            return moments[to].since(&moments[from]);
        }
        self.add_to_point(market, from);
        let start = self.moments;
        self.add_to_point(market, to);
        self.moments.since(&start)
    }

    fn add_to_bar(&mut self, market: &Market<'_>, bar: usize) {
        let closes = &market.bars.close[self.bar..bar];
        let mut sums = self.closes;
        for &close in closes {
            sums.add([close]);
        }
        self.closes = sums;
        self.bar = bar;
    }

    fn add_to_point(&mut self, market: &Market<'_>, point: usize) {
        let (points, close) = (market.plan.points(), market.bars.close);
        let points = &points[self.point..=point];
        let mut sums = self.moments;
        market.simd.run(
            #[inline(always)]
            || {
                for pair in points.windows(2) {
                    sums.add(powers(close[pair[1]] / close[pair[0]] - 1.0));
                }
            },
        );
        self.moments = sums;
        self.point = point;
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

/// Up to which factor a close may rise between two headline points for returns to be summed
/// beforehand: beyond, the sums of a stretch may drown in what stands before it.
const STEEPEST: f64 = 100.0;

/// Share of what is held up to which cash beside it is rounding.
const ROUNDING: f64 = 1e-12;

/// The least close from the start of each [`FLOOR`] bars to the end; nothing where a close is not
/// above 0 or rises beyond [`STEEPEST`].
fn floors(close: &[f64], points: &[usize]) -> Vec<f64> {
    let mut steep = false;
    match (points.first(), points.last()) {
        // neighbouring bars, side by side
        (Some(&first), Some(&last)) if last - first + 1 == points.len() => {
            let closes = &close[first..=last];
            for (before, after) in closes.iter().zip(&closes[1..]) {
                steep |= *after > STEEPEST * before;
            }
        }
        _ => {
            for pair in points.windows(2) {
                steep |= close[pair[1]] > STEEPEST * close[pair[0]];
            }
        }
    }
    let least = |part: &[f64]| {
        part.iter().fold(
            f64::INFINITY,
            |least, &close| if close < least { close } else { least },
        )
    };
    let mut floors: Vec<f64> = close.chunks(FLOOR).map(least).collect();
    let mut floor = f64::INFINITY;
    for slot in floors.iter_mut().rev() {
        floor = if *slot < floor { *slot } else { floor };
        *slot = floor;
    }
    if steep || floor <= 0.0 {
        floors.clear();
    }
    floors
}
