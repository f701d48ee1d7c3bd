//! An indicator under way: which kernel it is, and how the kernel reads its series.

use super::simd::Simd;
use crate::graph::Indicator;
use crate::indicators::accumulation::{Cumulative, Obv};
use crate::indicators::adaptive::Kama;
use crate::indicators::channel::{Extreme, Side, SinceExtreme};
use crate::indicators::commodity_channel::Cci;
use crate::indicators::correlation::{Beta, Correlation};
use crate::indicators::directional::{Directional, Measure};
use crate::indicators::dispersion::{Deviation, Variance};
use crate::indicators::momentum::{Cmo, Rsi};
use crate::indicators::order_statistics::{Quantile, Rank};
use crate::indicators::parabolic::Parabolic;
use crate::indicators::regression::{Reading, Regression};
use crate::indicators::rolling::{Mean, Rolling, Total};
use crate::indicators::supertrend::{Output, Supertrend};
use crate::indicators::trend::{Ema, Ewm, Macd};
use crate::indicators::volatility::Atr;
use crate::indicators::weighted::{Trima, Wma};

/// Evaluates the next bars: the series, those that look back from the very first bar on and others
/// from the first of these bars; that bar; and where the values go.
type Advance = dyn FnMut(&[&[f64]], usize, &mut [f64]) + Send + Sync;

/// An indicator and what it remembers of the bars before a tile.
pub(super) struct Running {
    advance: Box<Advance>,
}

impl Running {
    /// Before the first bar; `settings` are the arguments that can't vary, which have been checked.
    pub fn new(simd: Simd, indicator: Indicator, settings: &[f64]) -> Self {
        let window = |position: usize| settings[position] as usize;
        let advance = match indicator {
            Indicator::Sma => past(Rolling::<Mean>::new(window(0)), Rolling::advance),
            Indicator::Sum => past(Rolling::<Total>::new(window(0)), Rolling::advance),
            Indicator::Stdev => past(Deviation::new(window(0)), Deviation::advance),
            Indicator::Variance => past(Variance::new(window(0)), Variance::advance),
            Indicator::Wma => past(Wma::new(window(0)), Wma::advance),
            Indicator::Trima => past(Trima::new(window(0)), Trima::advance),
            Indicator::Kama => past(Kama::new(window(0)), Kama::advance),
            Indicator::Lag => past(window(0), lag),
            Indicator::Cci => vectorised(simd, Cci::new(window(0)), Cci::advance),
            Indicator::LinearregSlope | Indicator::Linearreg => {
                let reading = if indicator == Indicator::Linearreg {
                    Reading::End
                } else {
                    Reading::Slope
                };
                let kernel = Regression::new(window(0), reading);
                past(kernel, Regression::advance)
            }
            Indicator::Quantile => past(Quantile::new(window(0), settings[1]), Quantile::advance),
            Indicator::Rank => past(Rank::new(window(0)), Rank::advance),
            Indicator::Correl => past_of_two(Correlation::new(window(0)), Correlation::advance),
            Indicator::Beta => past_of_two(Beta::new(window(0)), Beta::advance),
            Indicator::Ema => tile(Ema::new(window(0)), Ema::advance),
            Indicator::Ewm => tile(Ewm::new(window(0)), Ewm::advance),
            Indicator::Macd => tile(Macd::new(window(0), window(1)), Macd::advance),
            Indicator::Rsi => tile(Rsi::new(window(0)), Rsi::advance),
            Indicator::Cmo => tile(Cmo::new(window(0)), Cmo::advance),
            Indicator::CumulativeSum => tile(Cumulative::default(), Cumulative::advance),
            Indicator::Highest => extreme(simd, window(0), Side::Highest),
            Indicator::Lowest => extreme(simd, window(0), Side::Lowest),
            Indicator::SinceHighest => since_extreme(window(0), Side::Highest),
            Indicator::SinceLowest => since_extreme(window(0), Side::Lowest),
            Indicator::Obv => tile_of_two(Obv::default(), Obv::advance),
            Indicator::SupertrendLine => supertrend(Output::Line),
            Indicator::SupertrendDirection => supertrend(Output::Direction),
            Indicator::Atr => tile_of_three(Atr::new(window(0)), Atr::advance),
            Indicator::PlusDi => directional(window(0), Measure::Plus),
            Indicator::MinusDi => directional(window(0), Measure::Minus),
            Indicator::Dx => directional(window(0), Measure::Index),
            Indicator::Adx => directional(window(0), Measure::Average),
            Indicator::Sar => {
                tile_of_two(Parabolic::new(settings[0], settings[1]), Parabolic::advance)
            }
        };
        Self { advance }
    }

    /// Evaluates the bars from `first` on.
    pub fn advance(&mut self, simd: Simd, series: &[&[f64]], first: usize, out: &mut [f64]) {
        (self.advance)(series, first, out);
        drop_infinities(simd, out);
    }
}

/// Makes what is not finite missing.
pub(super) fn drop_infinities(simd: Simd, out: &mut [f64]) {
    simd.run(
        #[inline(always)]
        move || {
            for slot in out {
                *slot = if slot.is_finite() { *slot } else { f64::NAN };
            }
        },
    );
}

/// Reads the bars at hand.
fn tile<K: Send + Sync + 'static>(
    mut kernel: K,
    advance: impl Fn(&mut K, &[f64], &mut [f64]) + Send + Sync + 'static,
) -> Box<Advance> {
    Box::new(move |series, _, out| advance(&mut kernel, series[0], out))
}

/// Reads two series, the bars at hand.
fn tile_of_two<K: Send + Sync + 'static>(
    mut kernel: K,
    advance: impl Fn(&mut K, &[f64], &[f64], &mut [f64]) + Send + Sync + 'static,
) -> Box<Advance> {
    Box::new(move |series, _, out| advance(&mut kernel, series[0], series[1], out))
}

/// Reads all bars up to those at hand.
fn past<K: Send + Sync + 'static>(
    mut kernel: K,
    advance: impl Fn(&mut K, &[f64], usize, &mut [f64]) + Send + Sync + 'static,
) -> Box<Advance> {
    Box::new(move |series, first, out| advance(&mut kernel, series[0], first, out))
}

/// As [`past`], where the kernel is inlined into a loop for the widest instructions.
fn vectorised<K: Send + Sync + 'static>(
    simd: Simd,
    mut kernel: K,
    advance: impl Fn(&mut K, &[f64], usize, &mut [f64]) + Send + Sync + 'static,
) -> Box<Advance> {
    Box::new(move |series, first, out| {
        simd.run(
            #[inline(always)]
            || advance(&mut kernel, series[0], first, out),
        );
    })
}

/// Reads two series, all bars up to those at hand.
fn past_of_two<K: Send + Sync + 'static>(
    mut kernel: K,
    advance: impl Fn(&mut K, &[f64], &[f64], usize, &mut [f64]) + Send + Sync + 'static,
) -> Box<Advance> {
    Box::new(move |series, first, out| advance(&mut kernel, series[0], series[1], first, out))
}

/// Reads three series, the bars at hand.
fn tile_of_three<K: Send + Sync + 'static>(
    mut kernel: K,
    advance: impl Fn(&mut K, &[f64], &[f64], &[f64], &mut [f64]) + Send + Sync + 'static,
) -> Box<Advance> {
    Box::new(move |series, _, out| advance(&mut kernel, series[0], series[1], series[2], out))
}

fn extreme(simd: Simd, window: usize, side: Side) -> Box<Advance> {
    tile(Extreme::new(window, side), move |kernel, values, out| {
        simd.run(
            #[inline(always)]
            || kernel.advance(values, out),
        );
    })
}

fn since_extreme(window: usize, side: Side) -> Box<Advance> {
    tile(SinceExtreme::new(window, side), SinceExtreme::advance)
}

fn directional(window: usize, measure: Measure) -> Box<Advance> {
    tile_of_three(Directional::new(window, measure), Directional::advance)
}

fn supertrend(output: Output) -> Box<Advance> {
    tile_of_three(Supertrend::new(output), Supertrend::advance)
}

/// The values some bars before those at hand.
#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "a kernel is passed by reference"
)]
fn lag(bars: &mut usize, values: &[f64], first: usize, out: &mut [f64]) {
    let end = first + out.len();
    super::kernel::shift(values, *bars, &(first..end), f64::NAN, out);
}
