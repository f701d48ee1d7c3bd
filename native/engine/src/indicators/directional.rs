//! Wilder's directional movement: which way the range of the bars has been moving, and how much.
//!
//! For each bar after the first, up = highₜ − highₜ₋₁ and down = lowₜ₋₁ − lowₜ. The larger of the
//! two, where positive, is that side's movement; the other side's is 0. Movements and true ranges
//! are summed over the first `window` − 1 bars that have them, and smoothed from there on:
//! s ← s − s/window + today's. Then
//!
//! - DI = 100·movement/range (0 where the range is zero),
//! - DX = 100·|DI⁻ − DI⁺|/(DI⁻ + DI⁺) (the previous value where that is not defined),
//! - ADX = the mean of the first `window` DX, then (ADX·(window − 1) + DX)/window.
//!
//! Source: J. W. Wilder, *New Concepts in Technical Trading Systems* (1978), as TA-Lib's `PLUS_DI`,
//! `MINUS_DI`, `DX` and `ADX` seed it. A `window` of 1 leaves the factor 100 out of DI, as there.

use super::volatility::true_range;

/// What is read of the movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// DI⁺, first on bar `window` (TA-Lib `PLUS_DI`).
    Plus,
    /// DI⁻, first on bar `window` (TA-Lib `MINUS_DI`).
    Minus,
    /// DX, first on bar `window` (TA-Lib `DX`).
    Index,
    /// ADX, first on bar 2·`window` − 1 (TA-Lib `ADX`).
    Average,
}

/// Directional movement over high, low and close; a bar with a missing one restarts it.
#[derive(Debug, Clone)]
pub struct Directional {
    window: usize,
    measure: Measure,
    /// The last bar's high, low and close.
    previous: Option<[f64; 3]>,
    /// Bars in a row with a movement.
    seen: usize,
    plus: f64,
    minus: f64,
    range: f64,
    /// The newest DX, and of ADX the sum or the average so far.
    index: f64,
}

impl Directional {
    /// Before the first bar; `window` is at least 1.
    #[must_use]
    pub fn new(window: usize, measure: Measure) -> Self {
        Self {
            window,
            measure,
            previous: None,
            seen: 0,
            plus: 0.0,
            minus: 0.0,
            range: 0.0,
            index: 0.0,
        }
    }

    /// Evaluates the next bars.
    pub fn advance(&mut self, high: &[f64], low: &[f64], close: &[f64], out: &mut [f64]) {
        let mut state = self.clone();
        for (((slot, &high), &low), &close) in out.iter_mut().zip(high).zip(low).zip(close) {
            *slot = state.next(high, low, close);
        }
        *self = state;
    }

    #[inline]
    fn next(&mut self, high: f64, low: f64, close: f64) -> f64 {
        if high.is_nan() | low.is_nan() | close.is_nan() {
            *self = Self::new(self.window, self.measure);
            return f64::NAN;
        }
        let Some(previous) = self.previous.replace([high, low, close]) else {
            return f64::NAN;
        };
        self.seen += 1;
        if self.seen >= self.window {
            let count = self.window as f64;
            self.plus -= self.plus / count;
            self.minus -= self.minus / count;
            self.range -= self.range / count;
        }
        let (plus, minus) = movement(high - previous[0], previous[1] - low);
        self.plus += plus;
        self.minus += minus;
        self.range += true_range(high, low, previous[2]);
        if self.seen < self.window {
            return f64::NAN;
        }
        match self.measure {
            Measure::Plus => self.indicator(self.plus),
            Measure::Minus => self.indicator(self.minus),
            Measure::Index => {
                self.index = self.newest().unwrap_or(self.index);
                self.index
            }
            Measure::Average => self.average(),
        }
    }

    /// DI of one side.
    fn indicator(&self, movement: f64) -> f64 {
        if self.range > 0.0 {
            let scale = if self.window == 1 { 1.0 } else { 100.0 };
            scale * (movement / self.range)
        } else {
            0.0
        }
    }

    /// DX of this bar, where it is defined.
    fn newest(&self) -> Option<f64> {
        let minus = 100.0 * (self.minus / self.range);
        let plus = 100.0 * (self.plus / self.range);
        let both = minus + plus;
        (self.range > 0.0 && !is_zero(both)).then(|| 100.0 * ((minus - plus).abs() / both))
    }

    /// ADX, missing while the first DX are summed.
    fn average(&mut self) -> f64 {
        let count = self.window as f64;
        let newest = self.newest();
        let last_of_sum = 2 * self.window - 1;
        if self.seen > last_of_sum {
            if let Some(newest) = newest {
                self.index = (self.index * (count - 1.0) + newest) / count;
            }
            return self.index;
        }
        self.index += newest.unwrap_or(0.0);
        if self.seen < last_of_sum {
            return f64::NAN;
        }
        self.index /= count;
        self.index
    }
}

/// The movement of the plus and of the minus side.
fn movement(up: f64, down: f64) -> (f64, f64) {
    if down > 0.0 && up < down {
        (0.0, down)
    } else if up > 0.0 && up > down {
        (up, 0.0)
    } else {
        (0.0, 0.0)
    }
}

/// TA-Lib's `TA_IS_ZERO`.
fn is_zero(value: f64) -> bool {
    value.abs() < 1e-14
}

#[cfg(test)]
mod tests {
    use super::{Directional, Measure, is_zero, movement};
    use crate::indicators::pieces::{bits, gappy, in_pieces};
    use crate::indicators::volatility::true_range;
    use proptest::prelude::*;

    const HIGH: [f64; 5] = [10.0, 12.0, 11.0, 15.0, 15.0];
    const LOW: [f64; 5] = [9.0, 11.0, 8.0, 14.0, 14.0];
    const CLOSE: [f64; 5] = [9.5, 11.5, 8.5, 14.5, 14.5];

    fn found(window: usize, measure: Measure) -> Vec<f64> {
        let mut out = vec![0.0; HIGH.len()];
        Directional::new(window, measure).advance(&HIGH, &LOW, &CLOSE, &mut out);
        out
    }

    #[test]
    fn by_hand() {
        // movements +2, −3, +4, none; true ranges 2.5, 3.5, 6.5, 1
        // of two bars: plus 2, 1, 4.5, 2.25; minus 0, 3, 1.5, 0.75; range 2.5, 4.75, 8.875, 5.4375
        let nan = f64::NAN;
        let close = |found: Vec<f64>, expected: [f64; 5]| {
            for (found, expected) in found.iter().zip(expected) {
                assert_eq!(found.is_nan(), expected.is_nan());
                assert!(expected.is_nan() || (found - expected).abs() < 1e-12);
            }
        };
        let plus = [nan, nan, 100.0 / 4.75, 450.0 / 8.875, 225.0 / 5.4375];
        close(found(2, Measure::Plus), plus);
        let minus = [nan, nan, 300.0 / 4.75, 150.0 / 8.875, 75.0 / 5.4375];
        close(found(2, Measure::Minus), minus);
        // |3 − 1|/4, |1.5 − 4.5|/6, |0.75 − 2.25|/3
        close(found(2, Measure::Index), [nan, nan, 50.0, 50.0, 50.0]);
        close(found(2, Measure::Average), [nan, nan, nan, 50.0, 50.0]);
        close(found(1, Measure::Plus), [nan, 0.8, 0.0, 4.0 / 6.5, 0.0]);
        // the last bar moves neither way: the value before it stands
        close(found(1, Measure::Index), [nan, 100.0, 100.0, 100.0, 100.0]);
    }

    #[test]
    fn flat_bars_have_no_direction() {
        let flat = [5.0; 6];
        for (measure, first) in [
            (Measure::Plus, 2),
            (Measure::Minus, 2),
            (Measure::Index, 2),
            (Measure::Average, 3),
        ] {
            let mut out = [9.0; 6];
            Directional::new(2, measure).advance(&flat, &flat, &flat, &mut out);
            let missing = out.iter().take_while(|value| value.is_nan()).count();
            assert_eq!(missing, first);
            assert_eq!(bits(&out[first..]), bits(&[0.0; 6][first..]));
        }
    }

    /// The value of the last bar of a run without a missing one, from whole columns of sums.
    fn by_definition(bars: &[[f64; 3]], window: usize, measure: Measure) -> f64 {
        let count = window as f64;
        let smoothed = |today: &dyn Fn(&[[f64; 3]]) -> f64| -> Vec<f64> {
            let today: Vec<f64> = bars.windows(2).map(today).collect();
            let (seed, rest) = today.split_at(today.len().min(window - 1));
            let mut sum = seed.iter().fold(0.0, |sum, x| sum + x);
            let next = |x: &f64| {
                sum = sum - sum / count + x;
                sum
            };
            rest.iter().map(next).collect()
        };
        let side = |pair: &[[f64; 3]]| movement(pair[1][0] - pair[0][0], pair[0][1] - pair[1][1]);
        let plus = smoothed(&|pair| side(pair).0);
        let minus = smoothed(&|pair| side(pair).1);
        let range = smoothed(&|pair| true_range(pair[1][0], pair[1][1], pair[0][2]));
        let indices: Vec<Option<f64>> = (0..range.len())
            .map(|t| {
                let (plus, minus) = (100.0 * (plus[t] / range[t]), 100.0 * (minus[t] / range[t]));
                let defined = range[t] > 0.0 && !is_zero(minus + plus);
                defined.then(|| 100.0 * ((minus - plus).abs() / (minus + plus)))
            })
            .collect();
        let scale = if window == 1 { 1.0 } else { 100.0 };
        let indicator = |sums: &[f64]| match (sums.last(), range.last()) {
            (Some(_), Some(&range)) if range <= 0.0 => 0.0,
            (Some(&sum), Some(&range)) => scale * (sum / range),
            _ => f64::NAN,
        };
        match measure {
            Measure::Plus => indicator(&plus),
            Measure::Minus => indicator(&minus),
            Measure::Index if indices.is_empty() => f64::NAN,
            Measure::Index => indices.into_iter().flatten().last().unwrap_or(0.0),
            Measure::Average if indices.len() < window => f64::NAN,
            Measure::Average => {
                let (seed, rest) = indices.split_at(window);
                let seed = seed.iter().flatten().fold(0.0, |sum, x| sum + x) / count;
                let next = |average, x| (average * (count - 1.0) + x) / count;
                rest.iter().flatten().fold(seed, next)
            }
        }
    }

    proptest! {
        #[test]
        fn equals_its_definition(
            close in gappy(),
            steps in prop::collection::vec((0.0..3.0_f64, 0_u8..8), 80),
            window in 1_usize..12,
            size in 1_usize..20,
        ) {
            let mut bars: Vec<[f64; 3]> = close
                .iter()
                .zip(&steps)
                .map(|(&close, &(step, _))| [close + step, close - 0.5 * step, close])
                .collect();
            for (t, &(_, kind)) in steps.iter().enumerate().take(bars.len()) {
                if kind == 0 {
                    bars[t] = [bars[t][2]; 3];
                } else if kind == 1 && t > 0 {
                    bars[t] = bars[t - 1];
                }
            }
            let column = |place: usize| -> Vec<f64> { bars.iter().map(|bar| bar[place]).collect() };
            let (high, low, close) = (column(0), column(1), column(2));
            for measure in [Measure::Plus, Measure::Minus, Measure::Index, Measure::Average] {
                let mut kernel = Directional::new(window, measure);
                let found = in_pieces(bars.len(), size, |span, out| {
                    kernel.advance(&high[span.clone()], &low[span.clone()], &close[span], out);
                });
                let expected: Vec<f64> = (0..bars.len())
                    .map(|t| {
                        let valid = |bar: &[f64; 3]| bar.iter().all(|value| !value.is_nan());
                        let first = bars[..=t].iter().rposition(|bar| !valid(bar));
                        let run = &bars[first.map_or(0, |first| first + 1)..=t];
                        by_definition(run, window, measure)
                    })
                    .collect();
                prop_assert_eq!(bits(&found), bits(&expected));
            }
        }
    }
}
