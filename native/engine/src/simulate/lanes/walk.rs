//! From trade to trade: the gap before it, its entry, what is held, its exit.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use super::account::{Lanes, Sale, Terms};
use super::marks::Span;
use super::{LANES, OPEN};
use crate::evaluate::four::Four;
use crate::trade::Reason;

/// Four trials on their way from trade to trade.
pub(super) struct Walk<'s, 'a, F: Four> {
    pub lanes: Lanes<'a, F>,
    pub terms: Terms<F>,
    pub fills: [&'s [[u32; 2]]; LANES],
    pub same_close: bool,
    pub closes_at_end: bool,
    /// The first bar that was not counted yet.
    pub since: [usize; LANES],
    /// Least equity seen inside that bar.
    pub worst: F::Numbers,
    pub money: F::Numbers,
}

impl<F: Four> Walk<'_, '_, F> {
    /// The trade number `k` of each lane that has one, and the bars before it; `ALL` says that each
    /// has one, which ends by a signal, with others before and behind it.
    #[inline(always)]
    pub fn step<const ALL: bool>(&mut self, k: usize) {
        let Self {
            lanes,
            terms,
            fills,
            since,
            worst,
            money,
            ..
        } = self;
        let (same_close, closes_at_end) = (self.same_close, self.closes_at_end);
        let (four, bars) = (lanes.four, lanes.market.bars);
        let (last, zero) = (bars.len() - 1, lanes.four.splat(0.0));
        let actives: [bool; LANES] = std::array::from_fn(|l| ALL || k < fills[l].len());
        let at = |l: usize, side: usize| if actives[l] { fills[l][k][side] } else { 0 };
        let active = four.mask(actives);
        let entered: [usize; LANES] = std::array::from_fn(|l| at(l, 0) as usize);
        let exits: [u32; LANES] = std::array::from_fn(|l| at(l, 1));
        // flat up to the entry
        let gap: [bool; LANES] =
            std::array::from_fn(|l| ALL || actives[l] && entered[l] > since[l]);
        lanes.idle(&Span {
            from: *since,
            to: entered,
            active: four.mask(gap),
            actives: gap,
            worst: *worst,
        });
        // the entry
        let source = if same_close { bars.close } else { bars.open };
        let price = four.load(std::array::from_fn(|l| source[entered[l]]));
        let fill = four.mul(price, terms.up);
        let (quantity, paid) = lanes.enter(terms, fill, (active, actives));
        *money = four.select(active, four.mul(quantity, terms.money_per_point), *money);
        // held up to the exit
        let open: [bool; LANES] = std::array::from_fn(|l| !ALL && actives[l] && exits[l] == OPEN);
        let left: [usize; LANES] =
            std::array::from_fn(|l| if open[l] { last } else { exits[l] as usize });
        let stays: [bool; LANES] = std::array::from_fn(|l| !ALL && open[l] && !closes_at_end);
        let until: [usize; LANES] = std::array::from_fn(|l| left[l] + usize::from(stays[l]));
        let holds: [bool; LANES] =
            std::array::from_fn(|l| ALL || actives[l] && until[l] > entered[l]);
        let first_low = four.load(std::array::from_fn(|l| bars.low[entered[l]]));
        let entry_worst = if same_close {
            four.splat(f64::INFINITY)
        } else {
            lanes.equity(*money, first_low)
        };
        lanes.held(
            *money,
            &Span {
                from: entered,
                to: until,
                active: four.mask(holds),
                actives: holds,
                worst: entry_worst,
            },
            left,
        );
        // the exit, or the end
        let leaves: [bool; LANES] = std::array::from_fn(|l| actives[l] && !stays[l]);
        let leaving = four.mask(leaves);
        let at_close: [bool; LANES] = std::array::from_fn(|l| same_close || open[l]);
        let price = four.load(std::array::from_fn(|l| {
            if at_close[l] {
                bars.close[left[l]]
            } else {
                bars.open[left[l]]
            }
        }));
        // an exit at the close comes after the low, but for an entry at the same close
        let sees_low: [bool; LANES] =
            std::array::from_fn(|l| at_close[l] && !(same_close && left[l] == entered[l]));
        let low = four.load(std::array::from_fn(|l| bars.low[left[l]]));
        let inside = four.select(
            four.mask(sees_low),
            lanes.equity(*money, low),
            four.splat(f64::INFINITY),
        );
        let exit_fill = four.mul(price, terms.down);
        let last_close = four.load([bars.close[last]; LANES]);
        let staying = four.mask(stays);
        let sold = Sale {
            quantity,
            entry: fill,
            exit: four.select(staying, last_close, exit_fill),
            paid,
            entered,
            left,
            reasons: std::array::from_fn(|l| reason(open[l], stays[l])),
            leaves,
            stays,
        };
        lanes.leave(terms, &sold, leaving);
        let after = lanes.state.cash;
        let worse = four.less(after, inside);
        *worst = four.select(leaving, four.select(worse, after, inside), *worst);
        *money = four.select(leaving, zero, *money);
        for l in 0..LANES {
            if actives[l] {
                since[l] = until[l];
                lanes.tallies[l].course.exposed += usize::from(leaves[l]);
            }
        }
    }
}

/// Why a trade ended that is open at the end of the data, or is not.
fn reason(open: bool, stays: bool) -> Reason {
    match (open, stays) {
        (true, true) => Reason::Open,
        (true, false) => Reason::Forced,
        _ => Reason::Signal,
    }
}
