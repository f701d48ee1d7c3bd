//! Wilder's parabolic stop and reverse.
//!
//! A stop follows a trend: each bar it moves towards the trend's extreme price by a share of the
//! distance, s ← s + α·(extreme − s), never past the last two bars' lows (highs, of a falling
//! trend). α starts at `acceleration` and grows by it, up to `maximum`, on each new extreme. When a
//! price touches the stop, the trend turns and the old extreme is the new stop.
//!
//! Source: J. W. Wilder, *New Concepts in Technical Trading Systems* (1978), as TA-Lib's `SAR`
//! starts it: the first trend falls where the second bar's movement is downwards, else it rises.

/// The stop and reverse of each bar from the second on; a bar with a missing high or low restarts
/// it.
///
/// A falling trend is a rising one seen in the mirror (high and low change places and sign), so the
/// stop, its extreme and the last bar are kept as the trend sees them.
#[derive(Debug, Clone)]
pub struct Parabolic {
    acceleration: f64,
    maximum: f64,
    stage: Stage,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    Empty,
    /// One bar: its high and low.
    One(f64, f64),
    Trend(Trend),
}

#[derive(Debug, Clone, Copy)]
struct Trend {
    rising: bool,
    /// The last bar's high and low, as they are.
    previous: (f64, f64),
    /// The trend's highest price so far.
    extreme: f64,
    /// The stop of the bar to come.
    stop: f64,
    alpha: f64,
}

impl Parabolic {
    /// Before the first bar; both are above 0, and an acceleration above the maximum counts as it.
    #[must_use]
    pub fn new(acceleration: f64, maximum: f64) -> Self {
        Self {
            acceleration: acceleration.min(maximum),
            maximum,
            stage: Stage::Empty,
        }
    }

    /// Evaluates the next bars.
    pub fn advance(&mut self, high: &[f64], low: &[f64], out: &mut [f64]) {
        let mut state = self.clone();
        for ((slot, &high), &low) in out.iter_mut().zip(high).zip(low) {
            *slot = state.next(high, low);
        }
        *self = state;
    }

    #[inline]
    fn next(&mut self, high: f64, low: f64) -> f64 {
        if high.is_nan() | low.is_nan() {
            self.stage = Stage::Empty;
            return f64::NAN;
        }
        let mut trend = match self.stage {
            Stage::Empty => {
                self.stage = Stage::One(high, low);
                return f64::NAN;
            }
            Stage::One(first_high, first_low) => {
                let (up, down) = (high - first_high, first_low - low);
                let rising = !(down > 0.0 && up < down);
                Trend {
                    rising,
                    previous: (high, low),
                    extreme: seen(rising, (high, low)).0,
                    stop: seen(rising, (first_high, first_low)).1,
                    alpha: self.acceleration,
                }
            }
            Stage::Trend(trend) => trend,
        };
        let value = trend.step((high, low), self.acceleration, self.maximum);
        self.stage = Stage::Trend(trend);
        value
    }
}

impl Trend {
    fn step(&mut self, bar: (f64, f64), acceleration: f64, maximum: f64) -> f64 {
        let sign = if self.rising { 1.0 } else { -1.0 };
        let (high, low) = seen(self.rising, bar);
        let (previous_high, previous_low) = seen(self.rising, self.previous);
        self.previous = bar;
        if low <= self.stop {
            let turned = larger(larger(self.extreme, previous_high), high);
            let next = turned + acceleration * (low - turned);
            // from here on in the other trend's eyes
            self.rising = !self.rising;
            self.alpha = acceleration;
            self.extreme = -low;
            self.stop = -larger(larger(next, previous_high), high);
            return sign * turned;
        }
        let value = self.stop;
        if high > self.extreme {
            self.extreme = high;
            self.alpha = (self.alpha + acceleration).min(maximum);
        }
        let next = value + self.alpha * (self.extreme - value);
        self.stop = smaller(smaller(next, previous_low), low);
        sign * value
    }
}

/// The larger; what can't be compared leaves the first.
fn larger(one: f64, other: f64) -> f64 {
    if other > one { other } else { one }
}

/// The smaller; what can't be compared leaves the first.
fn smaller(one: f64, other: f64) -> f64 {
    if other < one { other } else { one }
}

/// A bar's high and low as a rising or a falling trend sees them.
fn seen(rising: bool, (high, low): (f64, f64)) -> (f64, f64) {
    if rising { (high, low) } else { (-low, -high) }
}

#[cfg(test)]
mod tests {
    use super::Parabolic;
    use crate::indicators::pieces::{bits, gappy, in_pieces};
    use proptest::prelude::*;

    #[test]
    fn by_hand() {
        let high = [10.0, 11.0, 12.0, 13.0, 10.5, 10.0];
        let low = [9.0, 10.0, 11.0, 12.0, 9.5, 9.0];
        let mut out = [0.0; 6];
        Parabolic::new(0.1, 0.2).advance(&high, &low, &mut out);
        // rising from stop 9: +0.1·(11−9); new extreme 12: 9.2 + 0.2·2.8; 13: 9.76 + 0.2·3.24;
        // 9.5 touches it: turns at 13; then 13 + 0.1·(9.5−13), but not under the last two highs
        let expected = [f64::NAN, 9.0, 9.2, 9.76, 13.0, 13.0];
        assert!(out[0].is_nan());
        for t in 1..6 {
            assert!((out[t] - expected[t]).abs() < 1e-12, "{t}: {}", out[t]);
        }
        let mirrored = |values: [f64; 6]| values.map(|value| 20.0 - value);
        let mut other = [0.0; 6];
        Parabolic::new(0.1, 0.2).advance(&mirrored(low), &mirrored(high), &mut other);
        for t in 1..6 {
            assert!((other[t] - (20.0 - expected[t])).abs() < 1e-12);
        }
    }

    #[test]
    fn acceleration_is_at_most_the_maximum() {
        let (high, low) = ([2.0, 3.0, 4.0, 5.0], [1.0, 2.0, 3.0, 4.0]);
        let [mut found, mut expected] = [[0.0; 4]; 2];
        Parabolic::new(0.5, 0.2).advance(&high, &low, &mut found);
        Parabolic::new(0.2, 0.2).advance(&high, &low, &mut expected);
        assert_eq!(bits(&found), bits(&expected));
    }

    /// The values of a run without a missing bar, both trends written out.
    fn by_definition(high: &[f64], low: &[f64], acceleration: f64, maximum: f64) -> Vec<f64> {
        let mut out = vec![f64::NAN; high.len()];
        if high.len() < 2 {
            return out;
        }
        let (up, down) = (high[1] - high[0], low[0] - low[1]);
        let mut long = !(down > 0.0 && up < down);
        let (mut ep, mut sar) = if long {
            (high[1], low[0])
        } else {
            (low[1], high[0])
        };
        let mut af = acceleration;
        for t in 1..high.len() {
            let before = if t == 1 { 1 } else { t - 1 };
            let top = high[before].max(high[t]);
            let bottom = low[before].min(low[t]);
            let touched = if long { low[t] <= sar } else { high[t] >= sar };
            if touched {
                sar = if long { ep.max(top) } else { ep.min(bottom) };
                out[t] = sar;
                af = acceleration;
                ep = if long { low[t] } else { high[t] };
                sar += af * (ep - sar);
                sar = if long { sar.max(top) } else { sar.min(bottom) };
                long = !long;
            } else {
                out[t] = sar;
                let further = if long { high[t] > ep } else { low[t] < ep };
                if further {
                    ep = if long { high[t] } else { low[t] };
                    af = (af + acceleration).min(maximum);
                }
                sar += af * (ep - sar);
                sar = if long { sar.min(bottom) } else { sar.max(top) };
            }
        }
        out
    }

    proptest! {
        #[test]
        fn equals_its_definition(
            high in gappy(),
            ranges in prop::collection::vec(
                prop_oneof![9 => 0.0..8.0_f64, 1 => Just(f64::NAN)],
                80,
            ),
            acceleration in 0.001..0.3_f64,
            maximum in 0.3..1.0_f64,
            size in 1_usize..20,
        ) {
            let bars = high.iter().zip(&ranges);
            let low: Vec<f64> = bars.map(|(high, range)| high - range).collect();
            let mut kernel = Parabolic::new(acceleration, maximum);
            let found = in_pieces(high.len(), size, |span, out| {
                kernel.advance(&high[span.clone()], &low[span], out);
            });
            let mut expected = Vec::new();
            let mut first = 0;
            for t in 0..=low.len() {
                if t == low.len() || low[t].is_nan() {
                    let run = by_definition(&high[first..t], &low[first..t], acceleration, maximum);
                    expected.extend(run);
                    first = t + 1;
                    expected.resize(first, f64::NAN);
                }
            }
            expected.truncate(low.len());
            // adding 0 makes both zeros the same
            let plain = |values: &[f64]| values.iter().map(|value| value + 0.0).collect::<Vec<_>>();
            prop_assert_eq!(bits(&plain(&found)), bits(&plain(&expected)));
        }
    }
}
