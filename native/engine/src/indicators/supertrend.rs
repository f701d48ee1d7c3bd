//! Supertrend: a band that follows the price and changes sides when it is crossed.
//!
//! The bands are upper = middle + distance and lower = middle − distance (usually (high + low)/2
//! and a multiple of the average true range). While the trend lasts they only tighten: the lower
//! band falls, or the upper one rises, only where the bar before closed beyond it. The trend turns
//! up where the price closes above the upper band, and down where it closes below the lower one.
//!
//! Source: `TradingView`'s documented `ta.supertrend`, but +1 is up and −1 is down; the first bar's
//! direction is down.

/// What is read of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// The lower band of a rising trend, the upper one of a falling trend.
    Line,
    /// +1 rising, −1 falling.
    Direction,
}

/// Supertrend over middle, distance and price; a bar with a missing one restarts it.
#[derive(Debug, Clone)]
pub struct Supertrend {
    output: Output,
    bands: Option<Bands>,
}

#[derive(Debug, Clone, Copy)]
struct Bands {
    lower: f64,
    upper: f64,
    rising: bool,
    /// This bar's price.
    price: f64,
}

impl Supertrend {
    /// Before the first bar.
    #[must_use]
    pub fn new(output: Output) -> Self {
        Self {
            output,
            bands: None,
        }
    }

    /// Evaluates the next bars.
    pub fn advance(&mut self, middle: &[f64], distance: &[f64], price: &[f64], out: &mut [f64]) {
        let mut bands = self.bands;
        let bars = middle.iter().zip(distance).zip(price);
        for (slot, ((&middle, &distance), &price)) in out.iter_mut().zip(bars) {
            if middle.is_nan() | distance.is_nan() | price.is_nan() {
                bands = None;
                *slot = f64::NAN;
                continue;
            }
            let raw = Bands {
                lower: middle - distance,
                upper: middle + distance,
                rising: false,
                price,
            };
            let now = bands.map_or(raw, |before| before.next(raw));
            bands = Some(now);
            *slot = match (self.output, now.rising) {
                (Output::Line, true) => now.lower,
                (Output::Line, false) => now.upper,
                (Output::Direction, true) => 1.0,
                (Output::Direction, false) => -1.0,
            };
        }
        self.bands = bands;
    }
}

impl Bands {
    /// The bands after these, `raw` before they are held to the trend.
    #[inline]
    fn next(self, raw: Self) -> Self {
        let lower = if raw.lower > self.lower || self.price < self.lower {
            raw.lower
        } else {
            self.lower
        };
        let upper = if raw.upper < self.upper || self.price > self.upper {
            raw.upper
        } else {
            self.upper
        };
        let rising = if self.rising {
            raw.price >= lower
        } else {
            raw.price > upper
        };
        Self {
            lower,
            upper,
            rising,
            price: raw.price,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Output, Supertrend};
    use crate::indicators::pieces::{bits, gappy, in_pieces};
    use proptest::prelude::*;

    #[test]
    fn by_hand() {
        let middle = [10.0, 9.0, 11.0, 14.0, 13.0, 12.0, 12.0];
        let distance = [2.0, 2.0, 2.0, 2.0, 2.0, f64::NAN, 1.0];
        let price = [10.0, 9.0, 12.0, 14.0, 11.5, 12.0, 12.0];
        // upper 12, 11, 11 (held); 12 is above: up. Lower 8, 8, 9, 12, 12 (held); 11.5 is below:
        // down, and the upper band, loose since 12 > 11, is 13 + 2
        let mut out = [0.0; 7];
        Supertrend::new(Output::Line).advance(&middle, &distance, &price, &mut out);
        let nan = f64::NAN;
        assert_eq!(bits(&out), bits(&[12.0, 11.0, 9.0, 12.0, 15.0, nan, 13.0]));
        Supertrend::new(Output::Direction).advance(&middle, &distance, &price, &mut out);
        assert_eq!(bits(&out), bits(&[-1.0, -1.0, 1.0, 1.0, -1.0, nan, -1.0]));
    }

    /// Line and direction of the last bar of a run without a missing one, columns written out.
    fn by_definition(bars: &[(f64, f64, f64)]) -> [f64; 2] {
        let mut lower = vec![bars[0].0 - bars[0].1];
        let mut upper = vec![bars[0].0 + bars[0].1];
        let mut direction = vec![-1.0];
        for t in 1..bars.len() {
            let ((middle, distance, price), before) = (bars[t], bars[t - 1].2);
            let keeps = middle - distance <= lower[t - 1] && before >= lower[t - 1];
            lower.push(if keeps {
                lower[t - 1]
            } else {
                middle - distance
            });
            let keeps = middle + distance >= upper[t - 1] && before <= upper[t - 1];
            upper.push(if keeps {
                upper[t - 1]
            } else {
                middle + distance
            });
            let (down, up) = (price < lower[t], price > upper[t]);
            direction.push(match (direction[t - 1] > 0.0, up, down) {
                (true, _, true) | (false, false, _) => -1.0,
                _ => 1.0,
            });
        }
        let last = bars.len() - 1;
        let line = if direction[last] > 0.0 {
            lower[last]
        } else {
            upper[last]
        };
        [line, direction[last]]
    }

    proptest! {
        #[test]
        fn equals_its_definition(
            middle in gappy(),
            rest in prop::collection::vec(
                prop_oneof![12 => (0.0..20.0_f64, -30.0..30.0_f64), 1 => Just((f64::NAN, 1.0))],
                80,
            ),
            size in 1_usize..20,
        ) {
            let bars: Vec<(f64, f64, f64)> = middle
                .iter()
                .zip(&rest)
                .map(|(&middle, &(distance, off))| (middle, distance, middle + off))
                .collect();
            let distance: Vec<f64> = bars.iter().map(|bar| bar.1).collect();
            let price: Vec<f64> = bars.iter().map(|bar| bar.2).collect();
            for (place, output) in [Output::Line, Output::Direction].into_iter().enumerate() {
                let mut kernel = Supertrend::new(output);
                let found = in_pieces(bars.len(), size, |span, out| {
                    let part = |column: &'_ [f64]| column[span.clone()].to_vec();
                    kernel.advance(&part(&middle), &part(&distance), &part(&price), out);
                });
                let expected: Vec<f64> = (0..bars.len())
                    .map(|t| {
                        let missing = |bar: &(f64, f64, f64)| bar.0.is_nan() || bar.1.is_nan();
                        let first = bars[..=t].iter().rposition(missing);
                        let run = &bars[first.map_or(0, |first| first + 1)..=t];
                        if run.is_empty() { f64::NAN } else { by_definition(run)[place] }
                    })
                    .collect();
                prop_assert_eq!(bits(&found), bits(&expected));
            }
        }
    }
}
