//! How many units an entry takes: rule 9 of `docs/execution.md`.

use std::collections::VecDeque;

use crate::config::{Execution, Risk};
use crate::trade::Trade;

/// Halvings of the interval in which a Kelly fraction lies; enough for a float.
const BISECTIONS: usize = 200;

/// What is known where an entry fills.
#[derive(Debug, Clone, Copy)]
pub struct EntryFill {
    /// Equity at the market price.
    pub equity: f64,
    /// Fill price, slippage included.
    pub price: f64,
    /// The effective stop, NaN without one.
    pub stop: f64,
    /// The bar whose close gave the signal.
    pub signal_bar: usize,
}

/// A risk model with the settings that bear on it.
#[derive(Debug, Clone)]
pub struct Sizing<'a> {
    risk: Risk,
    closes: &'a [f64],
    bars_per_year: f64,
    fee: f64,
    fee_per_trade: f64,
    money_per_point: f64,
    leverage: f64,
    lot: Option<f64>,
    lots: Option<f64>,
    /// Returns of the last closed trades, for `KellyFraction`.
    returns: VecDeque<f64>,
}

impl<'a> Sizing<'a> {
    /// Starts with no trades closed.
    #[must_use]
    pub fn new(risk: Risk, execution: &Execution, closes: &'a [f64], bars_per_year: f64) -> Self {
        Self {
            risk,
            closes,
            bars_per_year,
            fee: execution.fee(),
            fee_per_trade: execution.fee_per_trade,
            money_per_point: execution.money_per_point(),
            leverage: execution.leverage,
            lot: execution.lot(),
            lots: execution.lots,
            returns: VecDeque::new(),
        }
    }

    /// The quantity of an entry, after lots and leverage; not above 0 where there is no trade.
    #[must_use]
    pub fn quantity(&self, fill: &EntryFill) -> f64 {
        let unit = self.unit(fill.price);
        let most = (fill.equity * self.leverage - self.fee_per_trade) / unit;
        let wanted = match self.lots {
            Some(lots) => lots * self.lot.unwrap_or(1.0),
            None => self.wanted(fill, unit, most),
        };
        self.whole(if wanted > most { most } else { wanted })
    }

    /// What may be added to `held` units at this fill.
    #[must_use]
    pub fn room(&self, equity: f64, price: f64, held: f64) -> f64 {
        (equity * self.leverage - self.fee_per_trade) / self.unit(price) - held
    }

    /// Rounds down to whole lots.
    #[inline]
    #[must_use]
    pub fn whole(&self, quantity: f64) -> f64 {
        match self.lot {
            Some(lot) => (quantity / lot * (1.0 + 1e-12)).floor() * lot,
            None => quantity,
        }
    }

    /// Remembers a closed trade, where the model learns from trades.
    #[inline]
    pub fn learn(&mut self, trade: &Trade) {
        if let Risk::KellyFraction { window, .. } = self.risk {
            if self.returns.len() == window {
                self.returns.pop_front();
            }
            self.returns.push_back(trade.trade_return);
        }
    }

    fn unit(&self, price: f64) -> f64 {
        price * self.money_per_point * (1.0 + self.fee)
    }

    fn wanted(&self, fill: &EntryFill, unit: f64, most: f64) -> f64 {
        let equity = fill.equity;
        let share = |fraction: f64| (equity * fraction - self.fee_per_trade) / unit;
        match self.risk {
            Risk::AllIn {} => share(1.0),
            Risk::FixedFraction { fraction } => share(fraction),
            Risk::FixedUnits { units } => units,
            Risk::RiskPct { risk_pct } => {
                equity * risk_pct / ((fill.price - fill.stop).abs() * self.money_per_point)
            }
            Risk::VolatilityTarget { annual, window } => {
                match deviation(self.closes, fill.signal_bar, window) {
                    None => 0.0,
                    Some(deviation) => {
                        let measured = deviation * self.bars_per_year.sqrt();
                        if measured == 0.0 {
                            most
                        } else if !measured.is_finite() {
                            0.0
                        } else {
                            share(annual / measured)
                        }
                    }
                }
            }
            Risk::KellyFraction {
                fraction,
                window,
                fallback,
            } => {
                if self.returns.len() < window {
                    share(fallback)
                } else {
                    match kelly(&self.returns) {
                        Some(optimal) => share(fraction * optimal),
                        None => most,
                    }
                }
            }
        }
    }
}

/// Sample deviation of the last `window` close-to-close returns up to bar `t`.
fn deviation(closes: &[f64], t: usize, window: usize) -> Option<f64> {
    let first = t.checked_sub(window)?;
    let count = window as f64;
    let returns = || {
        closes[first..=t]
            .windows(2)
            .map(|pair| pair[1] / pair[0] - 1.0)
    };
    let mean = returns().fold(0.0, |sum, r| sum + r) / count;
    let squares = returns().fold(0.0, |sum, r| sum + (r - mean) * (r - mean));
    Some((squares / (count - 1.0)).sqrt())
}

/// The log-optimal fraction; `None` where nothing was lost, and no fraction is too large.
fn kelly(returns: &VecDeque<f64>) -> Option<f64> {
    let least = returns.iter().copied().fold(f64::INFINITY, f64::min);
    if least >= 0.0 {
        return None;
    }
    if returns.iter().fold(0.0, |sum, r| sum + r) <= 0.0 {
        return Some(0.0);
    }
    let (mut low, mut high) = (0.0, -1.0 / least);
    for _ in 0..BISECTIONS {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if slope(returns, middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(low)
}

/// Σ R/(1 + f·R), how fast the mean logarithm of wealth grows with f.
fn slope(returns: &VecDeque<f64>, fraction: f64) -> f64 {
    let mut total = 0.0;
    for outcome in returns {
        let wealth = 1.0 + fraction * outcome;
        if wealth <= 0.0 {
            return f64::NEG_INFINITY;
        }
        total += outcome / wealth;
    }
    total
}

#[cfg(test)]
mod tests {
    use super::{deviation, kelly};

    #[test]
    fn an_even_bet() {
        let fraction = kelly(&[1.0, 1.0, -1.0].into()).unwrap();
        assert!((fraction - 1.0 / 3.0).abs() < 1e-15);
        assert_eq!(kelly(&[0.1, 0.0].into()), None);
        assert_eq!(kelly(&[0.1, -0.1].into()), Some(0.0));
    }

    #[test]
    fn the_reference_value_of_kelly() {
        // scipy on the log-growth of these returns over risk .01
        let multiples = [
            0.012, -0.01, 0.02, -0.01, -0.01, 0.015, -0.01, 0.03, -0.01, -0.008,
        ];
        let fraction = kelly(&multiples.iter().map(|r| r / 0.01).collect()).unwrap();
        assert!((fraction - 0.095_819_296_0).abs() < 5e-11);
    }

    #[test]
    fn a_deviation_needs_its_window() {
        let closes = [100.0, 110.0, 99.0];
        assert_eq!(deviation(&closes, 1, 2), None);
        // returns +10 % and −10 %: √(2·0.01)
        assert!((deviation(&closes, 2, 2).unwrap() - 0.02_f64.sqrt()).abs() < 1e-15);
    }
}
