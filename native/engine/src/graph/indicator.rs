//! Indicators: operations that carry a state from bar to bar, or read a window, and give a number.

use super::Slot;

/// An indicator of the library; what each means stands in `docs/strategy-graph.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Indicator {
    /// Simple moving average.
    Sma,
    /// Exponential moving average, seeded with a simple one.
    Ema,
    /// Linearly weighted moving average.
    Wma,
    /// Triangular moving average.
    Trima,
    /// Kaufman's adaptive moving average.
    Kama,
    /// Exponential moving average that starts with the first value.
    Ewm,
    /// The difference of a fast and a slow exponential moving average.
    Macd,
    /// The value a window ago.
    Lag,
    /// Relative strength index.
    Rsi,
    /// Chande's momentum oscillator.
    Cmo,
    /// Commodity channel index.
    Cci,
    /// Average true range.
    Atr,
    /// Wilder's upward directional indicator.
    PlusDi,
    /// Wilder's downward directional indicator.
    MinusDi,
    /// Directional movement index.
    Dx,
    /// Average directional movement index.
    Adx,
    /// Parabolic stop and reverse.
    Sar,
    /// The supertrend's line.
    SupertrendLine,
    /// The supertrend's direction, 1 or −1.
    SupertrendDirection,
    /// Rolling maximum.
    Highest,
    /// Rolling minimum.
    Lowest,
    /// Bars since the rolling maximum.
    SinceHighest,
    /// Bars since the rolling minimum.
    SinceLowest,
    /// Rolling sum.
    Sum,
    /// Sum from the first value on.
    CumulativeSum,
    /// On-balance volume.
    Obv,
    /// Rolling population deviation.
    Stdev,
    /// Rolling population variance.
    Variance,
    /// Slope of the least-squares line.
    LinearregSlope,
    /// The least-squares line's newest value.
    Linearreg,
    /// Rolling correlation.
    Correl,
    /// Rolling beta of one-bar returns.
    Beta,
    /// Rolling quantile.
    Quantile,
    /// Rolling rank of the newest value.
    Rank,
}

impl Indicator {
    /// The most series that an indicator has as arguments.
    pub(crate) const MOST_SERIES: usize = 3;

    /// An indicator by its name in JSON.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "sma" => Self::Sma,
            "ema" => Self::Ema,
            "wma" => Self::Wma,
            "trima" => Self::Trima,
            "kama" => Self::Kama,
            "ewm" => Self::Ewm,
            "macd" => Self::Macd,
            "lag" => Self::Lag,
            "rsi" => Self::Rsi,
            "cmo" => Self::Cmo,
            "cci" => Self::Cci,
            "atr" => Self::Atr,
            "plus_di" => Self::PlusDi,
            "minus_di" => Self::MinusDi,
            "dx" => Self::Dx,
            "adx" => Self::Adx,
            "sar" => Self::Sar,
            "supertrend_line" => Self::SupertrendLine,
            "supertrend_direction" => Self::SupertrendDirection,
            "highest" => Self::Highest,
            "lowest" => Self::Lowest,
            "since_highest" => Self::SinceHighest,
            "since_lowest" => Self::SinceLowest,
            "sum" => Self::Sum,
            "cumulative_sum" => Self::CumulativeSum,
            "obv" => Self::Obv,
            "stdev" => Self::Stdev,
            "variance" => Self::Variance,
            "linearreg_slope" => Self::LinearregSlope,
            "linearreg" => Self::Linearreg,
            "correl" => Self::Correl,
            "beta" => Self::Beta,
            "quantile" => Self::Quantile,
            "rank" => Self::Rank,
            _ => return None,
        })
    }

    /// What the arguments are: series first, then what can't vary.
    #[must_use]
    pub fn slots(self) -> &'static [Slot] {
        use Slot::{Fraction, Number, Positive};
        const WINDOW: Slot = Slot::Window("window");
        match self {
            Self::CumulativeSum => &[Number],
            Self::Obv => &[Number, Number],
            Self::SupertrendLine | Self::SupertrendDirection => &[Number, Number, Number],
            Self::Atr | Self::PlusDi | Self::MinusDi | Self::Dx | Self::Adx => &[WINDOW],
            Self::Sar => &[Positive("acceleration"), Positive("maximum")],
            Self::Macd => &[
                Number,
                Slot::Window("fast window"),
                Slot::Window("slow window"),
            ],
            Self::Correl | Self::Beta => &[Number, Number, WINDOW],
            Self::Quantile => &[Number, WINDOW, Fraction("q")],
            Self::Sma
            | Self::Ema
            | Self::Wma
            | Self::Trima
            | Self::Kama
            | Self::Ewm
            | Self::Lag
            | Self::Rsi
            | Self::Cmo
            | Self::Cci
            | Self::Highest
            | Self::Lowest
            | Self::SinceHighest
            | Self::SinceLowest
            | Self::Sum
            | Self::Stdev
            | Self::Variance
            | Self::LinearregSlope
            | Self::Linearreg
            | Self::Rank => &[Number, WINDOW],
        }
    }

    /// How many of the arguments are series.
    pub(crate) fn series(self) -> usize {
        let slots = self.slots().iter();
        slots.take_while(|slot| **slot == Slot::Number).count()
    }

    /// Whether high, low and close are read, not series that are arguments.
    pub(crate) fn reads_the_bar(self) -> bool {
        self.series() == 0
    }

    /// Whether the series are read from before a tile.
    pub(crate) fn looks_back(self) -> bool {
        matches!(
            self,
            Self::Sma
                | Self::Wma
                | Self::Trima
                | Self::Kama
                | Self::Lag
                | Self::Cci
                | Self::Sum
                | Self::Stdev
                | Self::Variance
                | Self::LinearregSlope
                | Self::Linearreg
                | Self::Correl
                | Self::Beta
                | Self::Quantile
                | Self::Rank
        )
    }
}
