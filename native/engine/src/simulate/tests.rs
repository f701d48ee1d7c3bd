//! The simulator that passes over bars ends with the bits of the one that looks at each of them.

use proptest::prelude::*;

use super::{Outcome, simulate_by, trades};
use crate::bars::Bars;
use crate::config::{AtEnd, Execution, Fill, Intrabar, Risk, Settings, Unfilled};
use crate::evaluate::{Number, Simd};
use crate::flags::Flags;
use crate::graph::LevelKind;
use crate::market::Market;
use crate::metrics::{Calendar, metrics};
use crate::observe::{Blind, Record};
use crate::signals::{LevelView, Signals};
use crate::tally::Block;
use crate::trade::Trade;

const BARS: usize = 700;

/// A walk with gaps: each bar's open over the last close, its close over its open, and its range.
fn prices() -> impl Strategy<Value = [Vec<f64>; 4]> {
    let step = (
        -0.03..0.03_f64,
        -0.05..0.05_f64,
        0.0..0.03_f64,
        0.0..0.03_f64,
    );
    prop::collection::vec(step, BARS).prop_map(|steps| {
        let mut columns = [const { Vec::new() }; 4];
        let mut last = 100.0;
        for (gap, change, up, down) in steps {
            let open: f64 = last * (1.0 + gap);
            let close = open * (1.0 + change);
            let (top, bottom) = (open.max(close), open.min(close));
            let row = [open, top * (1.0 + up), bottom * (1.0 - down), close];
            for (column, value) in columns.iter_mut().zip(row) {
                column.push(value);
            }
            last = close.clamp(1.0, 1e4);
        }
        columns
    })
}

/// Signals of one kind, at one bar in so many.
fn wanted() -> impl Strategy<Value = (u64, u16)> {
    (
        any::<u64>(),
        prop_oneof![Just(3), Just(20), Just(150), Just(9_999)],
    )
}

fn flags(kinds: &[(u64, u16)]) -> [Vec<u64>; 4] {
    let mut flags: [Vec<u64>; 4] = std::array::from_fn(|_| vec![0; BARS.div_ceil(64)]);
    for (output, &(seed, every)) in kinds.iter().enumerate() {
        let mut state = seed;
        for t in 0..BARS {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            if (state >> 33) % u64::from(every) == 0 {
                flags[output][t / 64] |= 1 << (t % 64);
            }
        }
    }
    flags
}

fn level() -> impl Strategy<Value = Option<(LevelKind, f64)>> {
    let kind = prop_oneof![Just(LevelKind::Percent), Just(LevelKind::Distance)];
    prop::option::of((kind, prop_oneof![0.003..0.03_f64, 0.02..0.4_f64]))
}

fn risk() -> impl Strategy<Value = Risk> {
    prop_oneof![
        Just(Risk::AllIn {}),
        Just(Risk::FixedFraction { fraction: 0.4 }),
        Just(Risk::FixedUnits { units: 130.0 }),
        Just(Risk::VolatilityTarget {
            annual: 0.2,
            window: 20
        }),
        Just(Risk::KellyFraction {
            fraction: 0.5,
            window: 3,
            fallback: 0.3
        }),
    ]
}

prop_compose! {
    fn settings()(
        risk in risk(), same_close in any::<bool>(), mark in any::<bool>(), fee in 0.0..30.0_f64,
        slippage in 0.0..20.0_f64, leverage in prop_oneof![Just(1.0), Just(3.0)],
        target_first in any::<bool>(), start in 0_usize..40,
    ) -> Settings {
        Settings {
            risk,
            execution: Execution {
                fee_bps: fee,
                fee_per_trade: 0.0,
                slippage_bps: slippage,
                spread_pct: 0.0,
                participation_rate: None,
                unfilled: Unfilled::Carry,
                borrow_cost_bps: 0.0,
                fill: if same_close { Fill::SameClose } else { Fill::NextOpen },
                intrabar: if target_first { Intrabar::TargetFirst } else { Intrabar::StopFirst },
                tick_size: 0.01,
                reenter_same_bar: false,
                whole_units: false,
                lot_size: None,
                lots: None,
                multiplier: 1.0,
                option_delta: 1.0,
                leverage,
                intraday: false,
                session_cutoff: None,
                daily_target: None,
                daily_loss_limit: None,
                at_end: if mark { AtEnd::Mark } else { AtEnd::Close },
            },
            cash: 10_000.0,
            start,
            bars_per_year: 252.0,
        }
    }
}

/// Everything that an outcome holds, as bits.
fn bits(outcome: &Outcome<'_>, cash: f64, returns: usize) -> Vec<u64> {
    let calendar = Calendar {
        periods_per_year: 252.0,
        years: 3.0,
    };
    let blocks = outcome.tally.blocks();
    let mut found: Vec<u64> = metrics(outcome, cash, returns, calendar)
        .into_iter()
        .chain(blocks.iter().flat_map(Block::columns))
        .map(f64::to_bits)
        .collect();
    found.push(outcome.tally.behaviour);
    found.push(outcome.ruin.map_or(0, |ruin| ruin.bar as u64 + 1));
    found
}

/// Every bar, or the last of each seven.
fn headline(start: usize, sessions: bool) -> Vec<i64> {
    let bars = (start..BARS).filter(|t| !sessions || t % 7 == 6);
    bars.map(|t| i64::try_from(t).unwrap()).collect()
}

fn shown(trades: &[Trade]) -> Vec<String> {
    trades.iter().map(|trade| format!("{trade:?}")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn passing_over_bars_changes_no_bit(
        columns in prices(), kinds in prop::collection::vec(wanted(), 4), settings in settings(),
        stop in level(), target in level(), trail in level(),
        time_stop in prop::option::of(1_usize..60), sessions in any::<bool>(),
    ) {
        let names = ["open", "high", "low", "close"];
        let named = names.iter().zip(&columns).map(|(name, values)| ((*name).to_owned(), &values[..]));
        let bars = Bars::new(named.collect()).unwrap();
        let flags = flags(&kinds);
        // distances are of a price, percents as they are
        let view = |level: Option<(LevelKind, f64)>| level.map(|(kind, value)| LevelView {
            kind,
            values: Number::Scalar(if kind == LevelKind::Distance { value * 50.0 } else { value }),
        });
        let signals = Signals {
            flags: Flags::new(flags.each_ref().map(Vec::as_slice)),
            stop: view(stop),
            target: view(target),
            trail: view(trail),
            entry_limit: None,
            entry_stop: None,
            time_stop,
        };
        let headline = headline(settings.start, sessions);
        let mut found = Vec::new();
        let mut recorded = Vec::new();
        for simd in [Simd::Auto, Simd::Portable] {
            for market in [Market::single(&bars, &headline, simd), Market::shared(&bars, &headline, simd)] {
                let returns = market.plan.returns();
                for plain in [true, false] {
                    let one = simulate_by(&market, &signals, &settings, &mut Blind, None, plain).unwrap();
                    found.push(bits(&one, settings.cash, returns));
                    let mut equity = vec![0.0; BARS - settings.start];
                    let mut record = Record::new(&mut equity);
                    let one = simulate_by(&market, &signals, &settings, &mut record, None, plain).unwrap();
                    found.push(bits(&one, settings.cash, returns));
                    recorded.push((shown(&record.trades), record.orders.len(), equity.iter().map(|e| e.to_bits()).collect::<Vec<u64>>()));
                }
            }
        }
        for other in &found[1..] {
            prop_assert_eq!(other, &found[0]);
        }
        for other in &recorded[1..] {
            prop_assert_eq!(other, &recorded[0]);
        }
    }

    #[test]
    fn from_fill_to_fill_is_bar_by_bar(
        columns in prices(), kinds in prop::collection::vec(wanted(), 4), settings in settings(),
        levels in prop::array::uniform3(level()), priced in prop::array::uniform3(any::<bool>()),
        time_stop in prop::option::of(1_usize..60), short in any::<bool>(), nearest in any::<bool>(),
        risk_pct in any::<bool>(), per_trade in prop_oneof![Just(0.0), Just(9.0)],
        lot in prop::option::of(0.5..20.0_f64), sessions in any::<bool>(),
    ) {
        let names = ["open", "high", "low", "close"];
        let named = names.iter().zip(&columns).map(|(name, values)| ((*name).to_owned(), &values[..]));
        let bars = Bars::new(named.collect()).unwrap();
        let mut settings = settings;
        settings.execution.fee_per_trade = per_trade;
        settings.execution.lot_size = lot;
        if nearest {
            settings.execution.intrabar = Intrabar::NearestFirst;
        }
        if risk_pct && (levels[0].is_some() || levels[1].is_some()) {
            settings.risk = Risk::RiskPct { risk_pct: 0.02 };
        }
        let flags = flags(if short { &kinds } else { &kinds[..2] });
        // stop, trailing stop, target; prices lie below or above the closes, and are missing now and then
        let series: [Vec<f64>; 3] = std::array::from_fn(|place| {
            let share = levels[place].map_or(0.0, |(_, share)| share);
            let factor = if place == 2 { 1.0 + share } else { 1.0 - share };
            let price = |(t, close): (usize, &f64)| if t % 11 == 0 { f64::NAN } else { close * factor };
            columns[3].iter().enumerate().map(price).collect()
        });
        let view = |place: usize| levels[place].map(|(kind, value)| {
            if priced[place] {
                LevelView { kind: LevelKind::Price, values: Number::Series(&series[place]) }
            } else {
                let distance = if kind == LevelKind::Distance { value * 50.0 } else { value };
                LevelView { kind, values: Number::Scalar(distance) }
            }
        });
        let headline = headline(settings.start, sessions);
        let signals = Signals {
            flags: Flags::new(flags.each_ref().map(Vec::as_slice)),
            stop: view(0),
            target: view(2),
            trail: view(1),
            entry_limit: None,
            entry_stop: None,
            time_stop,
        };
        for simd in [Simd::Auto, Simd::Portable] {
            let market = Market::shared(&bars, &headline, simd);
            let plain = simulate_by(&market, &signals, &settings, &mut Blind, None, true).unwrap();
            let returns = market.plan.returns();
            let mut found = Outcome::new(&market, settings.cash);
            if trades::reckon(&market, &signals, &settings, &mut found) {
                prop_assert_eq!(
                    bits(&found, settings.cash, returns),
                    bits(&plain, settings.cash, returns)
                );
            } else {
                // left alone is only what may lose all it has
                prop_assert!(
                    settings.execution.leverage > 1.0
                        || short
                        || per_trade > 0.0
                        || plain.ruin.is_some()
                );
            }
        }
    }
}
