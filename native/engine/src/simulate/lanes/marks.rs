//! What bars leave in the sums of four accounts.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use super::LANES;
use super::account::Lanes;
use crate::course::{Course, Holding, SLACK};
use crate::evaluate::four::Four;
use crate::market::Extremes;

/// Bars of four stretches; lanes that are not in `active` have none.
pub(super) struct Span<F: Four> {
    pub from: [usize; LANES],
    pub to: [usize; LANES],
    pub active: F::Mask,
    pub actives: [bool; LANES],
    pub worst: F::Numbers,
}

impl<F: Four> Lanes<'_, F> {
    /// Counts bars on which nothing is held.
    #[inline(always)]
    pub fn idle(&mut self, span: &Span<F>) {
        let four = self.four;
        let cash = self.state.cash;
        self.mark(cash, span);
        let bars = |l: usize| {
            if span.actives[l] {
                span.to[l] - span.from[l]
            } else {
                1
            }
        };
        let bars: [usize; LANES] = std::array::from_fn(bars);
        let counts = four.load(bars.map(|bars| bars as f64));
        let state = &mut self.state;
        let rest = four.sub(counts, four.splat(1.0));
        let below = four.and(span.active, four.less(cash, state.peak));
        state.below = four.select(below, four.add(state.below, rest), state.below);
        let longer = four.less(state.longest, state.below);
        state.longest = four.select(longer, state.below, state.longest);
        let sum = four.add(state.equity_sum, four.mul(counts, cash));
        state.equity_sum = four.select(span.active, sum, state.equity_sum);
        let sampled: [bool; LANES] = std::array::from_fn(|l| self.samples(l, span).is_some());
        let first = four.store(self.first_return(cash));
        for l in 0..LANES {
            if span.actives[l] {
                let tally = &mut self.tallies[l];
                tally.course.bars += bars[l];
                if sampled[l] {
                    tally.headline_from(first[l], None, span.to[l]);
                }
            }
        }
        let state = &mut self.state;
        state.previous = four.select(four.mask(sampled), cash, state.previous);
    }

    /// Counts bars through which `money` is held, before the bar `left` on which it is left.
    #[inline(always)]
    pub fn held(&mut self, money: F::Numbers, span: &Span<F>, left: [usize; LANES]) {
        let four = self.four;
        let market = self.market;
        let close = market.bars.close;
        let first = four.load(std::array::from_fn(|l| close[span.from[l]]));
        let equity = self.equity(money, first);
        self.mark(equity, span);
        let last = close.len();
        let cover: [_; LANES] = std::array::from_fn(|l| {
            let to = if span.actives[l] {
                last.min(left[l] + 1)
            } else {
                span.from[l] + 1
            };
            market.around(span.from[l], to)
        });
        let best = self.equity(money, four.load(cover.each_ref().map(Extremes::most)));
        let lowest = self.equity(money, four.load(cover.each_ref().map(Extremes::least)));
        let adverse = self.equity(money, four.load(cover.each_ref().map(Extremes::low)));
        let state = &mut self.state;
        let floor = |trough| four.mul(four.mul(state.peak, trough), four.splat(SLACK));
        let (shallow, inside) = (floor(state.trough), floor(state.trough_intrabar));
        let sinks = four.less(best, state.peak);
        let fallen = four.bits(four.less(lowest, shallow)) | four.bits(four.less(adverse, inside));
        let stays = four.bits(sinks) & !fallen;
        let counts: [usize; LANES] = std::array::from_fn(|l| {
            if span.actives[l] {
                span.to[l] - span.from[l]
            } else {
                1
            }
        });
        let quiet: [bool; LANES] = std::array::from_fn(|l| span.actives[l] && stays >> l & 1 == 1);
        let numbers = four.load(counts.map(|bars| bars as f64));
        let further = four.add(state.below, four.sub(numbers, four.splat(1.0)));
        state.below = four.select(four.mask(quiet), further, state.below);
        let longer = four.less(state.longest, state.below);
        state.longest = four.select(longer, state.below, state.longest);
        let safe = four.bits(four.less(four.splat(0.0), adverse));
        let moneys = four.store(money);
        let cashes = four.store(self.state.cash);
        for l in 0..LANES {
            if span.actives[l] {
                self.odd[l] |= safe >> l & 1 == 0;
                if !quiet[l] && counts[l] > 1 {
                    let holding = Holding {
                        cash: cashes[l],
                        money: moneys[l],
                    };
                    self.course(l, |course| {
                        course.held(holding, market, span.from[l] + 1, span.to[l]);
                    });
                }
            }
        }
        let sums: [f64; LANES] = std::array::from_fn(|l| {
            if span.actives[l] {
                self.tallies[l].closes(span.from[l], span.to[l])
            } else {
                0.0
            }
        });
        let state = &mut self.state;
        // bars·cash + money·Σ close, as a stretch is counted
        let grown = four.add(
            four.mul(numbers, state.cash),
            four.mul(money, four.load(sums)),
        );
        let sum = four.add(state.equity_sum, grown);
        state.equity_sum = four.select(span.active, sum, state.equity_sum);
        let spans: [Option<(usize, usize)>; LANES] = std::array::from_fn(|l| self.samples(l, span));
        let sampled = |l: usize, side: fn((usize, usize)) -> usize| {
            close[spans[l].map_or(span.from[l], side)]
        };
        let opening = four.load(std::array::from_fn(|l| sampled(l, |(first, _)| first)));
        let closing = four.load(std::array::from_fn(|l| sampled(l, |(_, last)| last)));
        let opening = self.equity(money, opening);
        let first_returns = four.store(self.first_return(opening));
        let equities = four.store(opening);
        for l in 0..LANES {
            if span.actives[l] {
                let holding = Holding {
                    cash: cashes[l],
                    money: moneys[l],
                };
                let tally = &mut self.tallies[l];
                tally.course.bars += counts[l];
                tally.course.exposed += counts[l];
                if spans[l].is_some() {
                    let whole = market.wholly_invested(holding.cash, holding.money, span.from[l]);
                    let rest = Some((holding, whole, equities[l]));
                    tally.headline_from(first_returns[l], rest, span.to[l]);
                }
            }
        }
        let previous = self.equity(money, closing);
        let state = &mut self.state;
        let counted = four.mask(spans.map(|found| found.is_some()));
        state.previous = four.select(counted, previous, state.previous);
    }

    /// The first and the last bar of a lane's span at which equity is sampled, if there are any.
    #[inline(always)]
    fn samples(&self, lane: usize, span: &Span<F>) -> Option<(usize, usize)> {
        let next = self.tallies[lane].next_point();
        let plan = &self.market.plan;
        (span.actives[lane] && next < plan.before(span.to[lane])).then(|| {
            let points = plan.points();
            (points[next], points[plan.before(span.to[lane]) - 1])
        })
    }

    /// The return from the last mark to this equity; 0 before the first.
    #[inline(always)]
    fn first_return(&self, equity: F::Numbers) -> F::Numbers {
        let four = self.four;
        let previous = self.state.previous;
        let zero = four.splat(0.0);
        let r = four.sub(four.div(equity, previous), four.splat(1.0));
        four.select(four.less(zero, previous), r, zero)
    }

    /// Counts the first bars of stretches, as [`crate::course::Course::mark`] does.
    #[inline(always)]
    fn mark(&mut self, equity: F::Numbers, span: &Span<F>) {
        let four = self.four;
        let state = &mut self.state;
        let worse = four.less(span.worst, equity);
        let inside = four.select(worse, span.worst, equity);
        state.trough_intrabar = deeper(
            four,
            (inside, span.active),
            state.peak,
            state.trough_intrabar,
        );
        state.trough = deeper(four, (equity, span.active), state.peak, state.trough);
        let keep = |new, old| four.select(span.active, new, old);
        let below = four.less(equity, state.peak);
        state.peak = keep(four.select(below, state.peak, equity), state.peak);
        let longer = four.add(state.below, four.splat(1.0));
        state.below = keep(four.select(below, longer, four.splat(0.0)), state.below);
        let record = four.less(state.longest, state.below);
        state.longest = four.select(record, state.below, state.longest);
    }

    /// Lets a lane's course be counted by itself.
    #[inline(always)]
    fn course(&mut self, lane: usize, count: impl FnOnce(&mut Course)) {
        let four = self.four;
        let state = &mut self.state;
        let mut sums = [
            four.store(state.peak),
            four.store(state.trough),
            four.store(state.trough_intrabar),
            four.store(state.below),
            four.store(state.longest),
        ];
        let course = &mut self.tallies[lane].course;
        course.set(sums.each_ref().map(|sum| sum[lane]));
        count(course);
        for (sum, value) in sums.iter_mut().zip(course.get()) {
            sum[lane] = value;
        }
        let [peak, trough, trough_intrabar, below, longest] = sums;
        state.peak = four.load(peak);
        state.trough = four.load(trough);
        state.trough_intrabar = four.load(trough_intrabar);
        state.below = four.load(below);
        state.longest = four.load(longest);
    }
}

/// The deepest share of the peak so far.
#[inline(always)]
fn deeper<F: Four>(
    four: F,
    (equity, active): (F::Numbers, F::Mask),
    peak: F::Numbers,
    trough: F::Numbers,
) -> F::Numbers {
    let near = four.less(equity, four.mul(four.mul(peak, trough), four.splat(SLACK)));
    let near = four.and(near, active);
    if four.bits(near) == 0 {
        return trough;
    }
    let share = four.div(equity, peak);
    four.select(four.and(near, four.less(share, trough)), share, trough)
}
