//! How two series move together: Pearson's correlation, and beta of their returns.
//!
//! Sums run over a window of n pairs of distances u = x − anchor, v = y − anchor:
//!
//! - correlation = (Σuv − Σu·Σv/n)/√((Σu² − (Σu)²/n)·(Σv² − (Σv)²/n)), held to −1 … 1; 0 where one
//!   of the two spreads is not above 1e-14 of its Σu²,
//! - beta of `b` to `a` = (n·Σuv − Σu·Σv)/(n·Σu² − (Σu)²) of their one-bar returns; 0 where the
//!   divisor is not above 1e-14 of n·Σu². A return from a price of 0 is 0.
//!
//! The anchors are the first pair. Where a spread has become small against its Σu², or what has
//! left the window was large against what stays, and after 32 windows in any case, the anchors
//! become the window's means and the sums are made afresh.
//!
//! Source: TA-Lib 0.8's `CORREL` and `BETA`, their order and their limits (its issues 118 and 242
//! say why sums of the values themselves do not serve). A missing value on either side restarts.

/// A spread not above this share of its sum of squares is none.
const NOTHING: f64 = 1e-14;
/// A spread below this share of its sum of squares has lost too many digits.
const WORN: f64 = 1e-6;
/// Windows after which the sums are made afresh.
const PATIENCE: usize = 32;

/// Sums of two series' distances to their anchors, of their squares and of their products.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    anchors: (f64, f64),
    u: f64,
    v: f64,
    uu: f64,
    vv: f64,
    uv: f64,
    /// The squares that left last.
    dropped: (f64, f64),
}

impl Sums {
    fn around(anchors: (f64, f64)) -> Self {
        Self {
            anchors,
            ..Self::default()
        }
    }

    /// The sums of a window around its means, which `mean` makes of totals.
    fn afresh(pairs: impl Iterator<Item = (f64, f64)> + Clone, mean: impl Fn(f64) -> f64) -> Self {
        let add = |total: (f64, f64), pair: (f64, f64)| (total.0 + pair.0, total.1 + pair.1);
        let totals = pairs.clone().fold((0.0, 0.0), add);
        let mut sums = Self::around((mean(totals.0), mean(totals.1)));
        for pair in pairs {
            sums.add(pair);
        }
        sums
    }

    #[inline]
    fn add(&mut self, (x, y): (f64, f64)) {
        let (u, v) = (x - self.anchors.0, y - self.anchors.1);
        self.u += u;
        self.v += v;
        self.uu += u * u;
        self.vv += v * v;
        self.uv += u * v;
    }

    #[inline]
    fn drop(&mut self, (x, y): (f64, f64)) {
        let (u, v) = (x - self.anchors.0, y - self.anchors.1);
        self.u -= u;
        self.v -= v;
        self.uu -= u * u;
        self.vv -= v * v;
        self.uv -= u * v;
        self.dropped = (u * u, v * v);
    }

    /// Whether what left last was so much larger that the rest is mostly rounding.
    fn fell_off(&self, times: f64) -> bool {
        self.dropped.0 > self.uu * times || self.dropped.1 > self.vv * times
    }

    /// Both sums of squared distances to the mean.
    fn spreads(&self, share: f64) -> (f64, f64) {
        (
            self.uu - self.u * self.u * share,
            self.vv - self.v * self.v * share,
        )
    }
}

/// A window's sums on their way over the bars.
#[derive(Debug, Clone)]
struct Running {
    /// Pairs in a row, counted up to the window.
    seen: usize,
    /// Bars until the sums are made afresh.
    patience: usize,
    sums: Sums,
}

impl Running {
    fn new(window: usize) -> Self {
        Self {
            seen: 0,
            patience: PATIENCE * window,
            sums: Sums::default(),
        }
    }

    /// A pair enters; whether the window is full.
    #[inline]
    fn enter(&mut self, pair: (f64, f64), window: usize) -> bool {
        if self.seen == 0 {
            self.sums = Sums::around(pair);
        }
        self.sums.add(pair);
        self.seen += usize::from(self.seen < window);
        self.seen == window
    }
}

/// The correlation of the last `window` pairs (TA-Lib `CORREL`).
#[derive(Debug, Clone)]
pub struct Correlation {
    window: usize,
    state: Running,
}

impl Correlation {
    /// Before the first bar; `window` is at least 1.
    #[must_use]
    pub fn new(window: usize) -> Self {
        Self {
            window,
            state: Running::new(window),
        }
    }

    /// Evaluates the bars from `first` on, one for each place in `out`; `a` and `b` hold all bars
    /// from the very first.
    pub fn advance(&mut self, a: &[f64], b: &[f64], first: usize, out: &mut [f64]) {
        let window = self.window;
        let share = 1.0 / window as f64;
        let mut state = self.state.clone();
        for (t, slot) in (first..).zip(out) {
            *slot = f64::NAN;
            if a[t].is_nan() | b[t].is_nan() {
                state = Running::new(window);
                continue;
            }
            if !state.enter((a[t], b[t]), window) {
                continue;
            }
            let oldest = t + 1 - window;
            let (mut across, mut along) = state.sums.spreads(share);
            state.patience -= 1;
            let worn = state.sums.uu * WORN > across || state.sums.vv * WORN > along;
            if worn || state.sums.fell_off(1e6) || state.patience == 0 {
                let pairs = a[oldest..=t]
                    .iter()
                    .copied()
                    .zip(b[oldest..=t].iter().copied());
                state.sums = Sums::afresh(pairs, |total| total * share);
                state.patience = PATIENCE * window;
                (across, along) = state.sums.spreads(share);
                (across, along) = (not_below_zero(across), not_below_zero(along));
            }
            let sums = &state.sums;
            let varies = across > NOTHING * sums.uu && along > NOTHING * sums.vv;
            *slot = if varies && across * along > 0.0 {
                let found = (sums.uv - sums.u * sums.v * share) / (across * along).sqrt();
                found.clamp(-1.0, 1.0)
            } else {
                0.0
            };
            state.sums.drop((a[oldest], b[oldest]));
        }
        self.state = state;
    }
}

/// The slope of the returns of `b` against those of `a`, over `window` returns (TA-Lib `BETA`).
#[derive(Debug, Clone)]
pub struct Beta {
    window: usize,
    state: Running,
}

impl Beta {
    /// Before the first bar; `window` is at least 1.
    #[must_use]
    pub fn new(window: usize) -> Self {
        Self {
            window,
            state: Running::new(window),
        }
    }

    /// Evaluates the bars from `first` on, one for each place in `out`; `a` and `b` hold all bars
    /// from the very first.
    pub fn advance(&mut self, a: &[f64], b: &[f64], first: usize, out: &mut [f64]) {
        let window = self.window;
        let count = window as f64;
        let returns = |t: usize| (one_bar_return(a, t), one_bar_return(b, t));
        let missing = |t: usize| a[t].is_nan() | b[t].is_nan();
        let mut state = self.state.clone();
        for (t, slot) in (first..).zip(out) {
            *slot = f64::NAN;
            if t == 0 || missing(t) || missing(t - 1) {
                state = Running::new(window);
                continue;
            }
            if !state.enter(returns(t), window) {
                continue;
            }
            let oldest = t + 1 - window;
            let mut squares = count * state.sums.uu;
            let mut spread = squares - state.sums.u * state.sums.u;
            state.patience -= 1;
            if squares * WORN > spread || state.sums.fell_off(1e3) || state.patience == 0 {
                state.sums = Sums::afresh((oldest..=t).map(returns), |total| total / count);
                state.patience = PATIENCE * window;
                squares = count * state.sums.uu;
                spread = not_below_zero(squares - state.sums.u * state.sums.u);
            }
            let sums = &state.sums;
            *slot = if spread > squares * NOTHING {
                (count * sums.uv - sums.u * sums.v) / spread
            } else {
                0.0
            };
            state.sums.drop(returns(oldest));
        }
        self.state = state;
    }
}

/// The return from the bar before `t` to `t`.
#[inline]
fn one_bar_return(prices: &[f64], t: usize) -> f64 {
    let before = prices[t - 1];
    if before == 0.0 {
        0.0
    } else {
        (prices[t] - before) / before
    }
}

/// The spread that rounding made of none; NaN stays.
fn not_below_zero(spread: f64) -> f64 {
    if spread < 0.0 { 0.0 } else { spread }
}

#[cfg(test)]
mod tests {
    use super::{Beta, Correlation};
    use crate::indicators::pieces::{bits, gappy, in_pieces};
    use proptest::prelude::*;

    fn close(found: &[f64], expected: &[f64]) {
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(found.is_nan(), expected.is_nan());
            assert!(expected.is_nan() || (found - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn correlation_by_hand() {
        let nan = f64::NAN;
        let a = [1.0, 2.0, 3.0, 3.0, nan, 5.0, 6.0, 7.0];
        let b = [1.0, 3.0, 2.0, 2.0, 1.0, 0.1, 0.1, 0.1];
        let mut out = [0.0; 8];
        Correlation::new(3).advance(&a, &b, 0, &mut out);
        // 1 over √(2·2); 2 3 3 against 3 2 2; then b does not move
        close(&out, &[nan, nan, 0.5, -1.0, nan, nan, nan, 0.0]);
        Correlation::new(1).advance(&a, &b, 0, &mut out);
        close(&out, &[0.0, 0.0, 0.0, 0.0, nan, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn beta_by_hand() {
        let nan = f64::NAN;
        let a = [4.0, 5.0, 5.0, 2.5, nan, 2.0, 0.0, 1.0];
        let b = [2.0, 4.0, 4.0, 3.0, 1.0, 2.0, 1.0, 3.0];
        let mut out = [0.0; 8];
        Beta::new(2).advance(&a, &b, 0, &mut out);
        // returns of a ¼, 0, −½; of b 1, 0, −¼; then −1, 0 (from 0) against −½, 2
        close(&out, &[nan, nan, 4.0, 0.5, nan, nan, nan, 2.5]);
        Beta::new(1).advance(&a, &b, 0, &mut out);
        close(&out, &[nan, 0.0, 0.0, 0.0, nan, nan, 0.0, 0.0]);
    }

    #[test]
    fn a_small_move_far_from_the_first_price_is_not_lost() {
        // the anchors are 1 and 5 until the second window, where the spread is 1e-20 of the squares
        let a = [1.0, 2.0, 1e6, 1e6 + 1e-4, 1e6 + 3e-4];
        let b = [5.0, 4.0, 5.0, 6.0, 8.0];
        let mut out = [0.0; 5];
        Correlation::new(3).advance(&a, &b, 0, &mut out);
        // the prices themselves are rounded to 1e-10
        assert!((out[4] - 1.0).abs() < 1e-9);
    }

    #[test]
    fn sums_are_made_afresh_after_32_windows() {
        let wave = |t: usize, period: usize| 1e4 + (t % period) as f64 * 0.1;
        let a: Vec<f64> = (0..200).map(|t| wave(t, 7)).collect();
        let b: Vec<f64> = (0..200).map(|t| wave(t, 5)).collect();
        let (mut found, mut anew) = ([0.0; 200], [0.0; 3]);
        Correlation::new(3).advance(&a, &b, 0, &mut found);
        // the 96th full window ends on bar 97
        let mut kernel = Correlation::new(3);
        kernel.advance(&a, &b, 0, &mut found[..98]);
        let mean = |values: &[f64]| values.iter().fold(0.0, |sum, x| sum + x) * (1.0 / 3.0);
        let anchors = kernel.state.sums.anchors;
        assert_eq!(kernel.state.patience, 96);
        assert_eq!(anchors.0.to_bits(), mean(&a[95..98]).to_bits());
        assert_eq!(anchors.1.to_bits(), mean(&b[95..98]).to_bits());
        Correlation::new(3).advance(&a[95..98], &b[95..98], 0, &mut anew);
        assert!((found[97] - anew[2]).abs() < 1e-9);
    }

    /// Σ(x − mean)·(y − mean).
    fn centred(first: &[f64], second: &[f64]) -> f64 {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let means = (mean(first), mean(second));
        let pairs = first.iter().zip(second);
        pairs.map(|(x, y)| (x - means.0) * (y - means.1)).sum()
    }

    proptest! {
        #[test]
        fn close_to_two_passes(
            a in gappy(),
            other in prop::collection::vec(
                prop_oneof![30 => -50.0..50.0_f64, 1 => Just(f64::NAN)],
                80,
            ),
            window in 1_usize..12,
            size in 1_usize..20,
        ) {
            // prices of 60 to 260, so that returns are of the size of 1
            let price = |value: &f64| 160.0 + 2.0 * value;
            let a: Vec<f64> = a.iter().map(price).collect();
            let b: Vec<f64> = other.iter().map(price).take(a.len()).collect();
            let mut kernel = Correlation::new(window);
            let correlations = in_pieces(a.len(), size, |span, out| {
                kernel.advance(&a, &b, span.start, out);
            });
            let mut kernel = Beta::new(window);
            let betas = in_pieces(a.len(), size, |span, out| {
                kernel.advance(&a, &b, span.start, out);
            });
            let mut whole = vec![0.0; a.len()];
            Correlation::new(window).advance(&a, &b, 0, &mut whole);
            prop_assert_eq!(bits(&correlations), bits(&whole));
            Beta::new(window).advance(&a, &b, 0, &mut whole);
            prop_assert_eq!(bits(&betas), bits(&whole));
            let valid = |t: usize| !a[t].is_nan() && !b[t].is_nan();
            let known = |first: usize, t: usize| (first..=t).all(valid);
            for t in 0..a.len() {
                let first = (t + 1).checked_sub(window).filter(|&first| known(first, t));
                prop_assert_eq!(correlations[t].is_nan(), first.is_none());
                if let Some(first) = first {
                    let (a, b) = (&a[first..=t], &b[first..=t]);
                    let (across, along) = (centred(a, a), centred(b, b));
                    let expected = centred(a, b) / (across * along).sqrt();
                    // what has left, squares of up to 200²·12, leaves about 1e-10 in each sum
                    let near = (correlations[t] - expected).abs() < 1e-6;
                    prop_assert!(near || across.min(along) < 1e-2);
                }
                let first = t.checked_sub(window).filter(|&first| known(first, t));
                prop_assert_eq!(betas[t].is_nan(), first.is_none());
                if let Some(first) = first {
                    let returns = |prices: &[f64]| -> Vec<f64> {
                        prices.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()
                    };
                    let (x, y) = (returns(&a[first..=t]), returns(&b[first..=t]));
                    let spread = centred(&x, &x);
                    let expected = centred(&x, &y) / spread;
                    // squares of up to 4²·12 leave about 1e-13
                    let near = (betas[t] - expected).abs() < 1e-6 * expected.abs().max(1.0);
                    prop_assert!(near || spread < 1e-4);
                }
            }
        }
    }
}
