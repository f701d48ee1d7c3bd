//! Four trials at a time, for accounts whose fills follow from signals alone.
//!
//! Without levels, resting orders and whatever else acts inside a bar, a long-only account fills
//! where its flags say, so the fills of a trial are found first, in whole numbers, and the money is
//! reckoned for four trials side by side, trade by trade: the operations of [`super::simulate`] in
//! their order, lane by lane. A trial in which anything else happens (an entry that finds no
//! quantity, equity that might reach zero) is left to it. A test proves both equal to the bit.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use super::Outcome;
use crate::config::{AtEnd, Fill, Risk, Settings};
use crate::evaluate::Simd;
use crate::evaluate::four::{Four, OneByOne};
use crate::flags::FlagsView;
use crate::graph::Graph;
use crate::market::Market;

mod account;
mod marks;
mod walk;

use account::{Lanes, Terms};
use marks::Span;
use walk::Walk;

/// Trials side by side.
pub const LANES: usize = 4;

/// No exit before the end.
const OPEN: u32 = u32::MAX;

/// The bars at which a trial enters and leaves, in turn.
pub type Fills = Vec<[u32; 2]>;

/// Whether a graph's trials may be reckoned side by side on these bars.
#[must_use]
pub fn fits_graph(graph: &Graph, market: &Market<'_>) -> bool {
    graph.short_entry.is_none()
        && graph.kept().next().is_none()
        && graph.time_stop.is_none()
        && market.bars.column("funding_rate").is_none()
        && market.bars.len() < OPEN as usize
}

/// Whether an account's fills follow from signals alone.
#[must_use]
pub fn fits_settings(settings: &Settings) -> bool {
    let execution = &settings.execution;
    let sized = matches!(
        settings.risk,
        Risk::AllIn {} | Risk::FixedFraction { .. } | Risk::FixedUnits { .. }
    );
    sized
        && execution.lot().is_none()
        && execution.lots.is_none()
        && execution.participation_rate.is_none()
        && execution.borrow_cost_bps == 0.0
        && !execution.reenter_same_bar
        && !execution.intraday
        && execution.daily_target.is_none()
        && execution.daily_loss_limit.is_none()
}

/// Finds the fills that flags ask for.
pub fn find_fills(flags: FlagsView<'_>, settings: &Settings, bars: usize, out: &mut Fills) {
    out.clear();
    let offset = usize::from(settings.execution.fill == Fill::NextOpen);
    let end = bars - offset;
    let mut from = settings.start;
    loop {
        let entry = flags.next_entry(from..end);
        if entry >= end {
            return;
        }
        let exit = flags.next_exit(true, entry + 1..end);
        let left = if exit < end {
            (exit + offset) as u32
        } else {
            OPEN
        };
        out.push([(entry + offset) as u32, left]);
        if exit >= end {
            return;
        }
        from = exit + 1;
    }
}

/// Reckons the trials of up to four lanes; `None` for one that is left to [`super::simulate`].
#[must_use]
pub fn reckon<'a>(
    market: &'a Market<'a>,
    settings: [&Settings; LANES],
    fills: [&[[u32; 2]]; LANES],
) -> [Option<Outcome<'a>>; LANES] {
    #[cfg(target_arch = "x86_64")]
    if market.simd == Simd::Auto
        && let Some(v3) = pulp::x86::V3::try_new()
    {
        return v3.vectorize(Abreast {
            four: crate::evaluate::four::Avx(v3),
            market,
            settings,
            fills,
        });
    }
    reckon_by(OneByOne, market, settings, fills)
}

/// The call that is compiled for AVX: a closure would be called through a function that is not.
#[cfg(target_arch = "x86_64")]
struct Abreast<'s, 'a, F> {
    four: F,
    market: &'a Market<'a>,
    settings: [&'s Settings; LANES],
    fills: [&'s [[u32; 2]]; LANES],
}

#[cfg(target_arch = "x86_64")]
impl<'a, F: Four> pulp::NullaryFnOnce for Abreast<'_, 'a, F> {
    type Output = [Option<Outcome<'a>>; LANES];

    #[inline(always)]
    fn call(self) -> Self::Output {
        reckon_by(self.four, self.market, self.settings, self.fills)
    }
}

#[inline(always)]
fn reckon_by<'a, F: Four>(
    four: F,
    market: &'a Market<'a>,
    settings: [&Settings; LANES],
    fills: [&[[u32; 2]]; LANES],
) -> [Option<Outcome<'a>>; LANES] {
    let bars = market.bars;
    let last = bars.len() - 1;
    let start = settings[0].start;
    let same_close = settings[0].execution.fill == Fill::SameClose;
    let closes_at_end = settings[0].execution.at_end == AtEnd::Close;
    let mut walk = Walk {
        lanes: Lanes::new(four, market, &settings),
        terms: Terms::new(four, &settings),
        fills,
        same_close,
        closes_at_end,
        since: [start; LANES],
        worst: four.splat(f64::INFINITY),
        money: four.splat(0.0),
    };
    let most = fills.iter().map(|list| list.len()).max().unwrap_or(0);
    let fewest = fills.iter().map(|list| list.len()).min().unwrap_or(0);
    for k in 0..most {
        if k > 0 && k + 1 < fewest {
            walk.step::<true>(k);
        } else {
            walk.step::<false>(k);
        }
    }
    let rest: [bool; LANES] = std::array::from_fn(|l| walk.since[l] <= last);
    walk.lanes.idle(&Span {
        from: walk.since,
        to: [last + 1; LANES],
        active: four.mask(rest),
        actives: rest,
        worst: walk.worst,
    });
    let closing = four.splat(bars.close[last]);
    let final_equity = four.store(walk.lanes.equity(walk.money, closing));
    walk.lanes.finish(final_equity)
}
