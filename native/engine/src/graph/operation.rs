//! What a node computes, and what it takes.

use super::Indicator;
use crate::probability::Model;

/// What stands in an argument's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// A number, one a bar or one for all bars.
    Number,
    /// A three-valued boolean.
    Condition,
    /// A constant or a parameter: a whole number of bars, at least 1; by its name.
    Window(&'static str),
    /// A constant or a parameter from 0 to 1, by its name.
    Fraction(&'static str),
    /// A constant or a parameter above 0, by its name.
    Positive(&'static str),
}

impl Slot {
    /// What a number that can't vary from bar to bar is called; none where it can.
    pub(crate) fn setting(self) -> Option<&'static str> {
        match self {
            Self::Number | Self::Condition => None,
            Self::Window(name) | Self::Fraction(name) | Self::Positive(name) => Some(name),
        }
    }
}

/// What a node computes.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// A column of the bars.
    Column(String),
    /// A session column that the caller hands over: `minute_of_day`, `weekday`, `bar_of_session`.
    Clock,
    /// A number.
    Constant(f64),
    /// A parameter, by its index in [`Graph::parameters`].
    Parameter(usize),
    /// Arithmetic on two numbers.
    Arithmetic(Arithmetic),
    /// −a.
    Negate,
    /// |a|.
    Absolute,
    /// The smaller of two numbers.
    Minimum,
    /// The larger of two numbers.
    Maximum,
    /// A comparison of two numbers.
    Comparison(Comparison),
    /// Kleene's and.
    And,
    /// Kleene's or.
    Or,
    /// Kleene's not.
    Not,
    /// One number where a condition is true, another where it is false.
    Where,
    /// The value some bars ago.
    Shift(usize),
    /// a crosses above b.
    CrossesAbove,
    /// a crosses below b.
    CrossesBelow,
    /// An indicator.
    Indicator(Indicator),
    /// Bars since a condition was last true.
    BarsSince,
    /// Whether a condition was true on each of the last bars.
    HeldFor,
    /// The sum since a condition was last true.
    SumSince,
    /// The value on a longer timeframe, as of its last closed bar; by the index of the context.
    On(usize),
    /// The probability that a trained model gives.
    Probability(Box<Model>),
}

/// The four operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// a + b
    Add,
    /// a − b
    Subtract,
    /// a × b
    Multiply,
    /// a ÷ b
    Divide,
}

/// The six comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// a < b
    Less,
    /// a ≤ b
    LessEqual,
    /// a > b
    Greater,
    /// a ≥ b
    GreaterEqual,
    /// a = b
    Equal,
    /// a ≠ b
    NotEqual,
}

impl Op {
    /// An operation by its name in JSON, where its arguments are always the same and it has no
    /// attributes.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "add" => Self::Arithmetic(Arithmetic::Add),
            "subtract" => Self::Arithmetic(Arithmetic::Subtract),
            "multiply" => Self::Arithmetic(Arithmetic::Multiply),
            "divide" => Self::Arithmetic(Arithmetic::Divide),
            "negate" => Self::Negate,
            "absolute" => Self::Absolute,
            "minimum" => Self::Minimum,
            "maximum" => Self::Maximum,
            "less" => Self::Comparison(Comparison::Less),
            "less_equal" => Self::Comparison(Comparison::LessEqual),
            "greater" => Self::Comparison(Comparison::Greater),
            "greater_equal" => Self::Comparison(Comparison::GreaterEqual),
            "equal" => Self::Comparison(Comparison::Equal),
            "not_equal" => Self::Comparison(Comparison::NotEqual),
            "and" => Self::And,
            "or" => Self::Or,
            "not" => Self::Not,
            "where" => Self::Where,
            "crosses_above" => Self::CrossesAbove,
            "crosses_below" => Self::CrossesBelow,
            "bars_since" => Self::BarsSince,
            "held_for" => Self::HeldFor,
            "sum_since" => Self::SumSince,
            "minute_of_day" | "weekday" | "bar_of_session" => Self::Clock,
            other => Self::Indicator(Indicator::named(other)?),
        })
    }

    /// What the arguments are; none for operations whose arguments depend on the node.
    #[must_use]
    pub fn slots(&self) -> &'static [Slot] {
        use Slot::{Condition, Number, Window};
        match self {
            Self::Column(_)
            | Self::Clock
            | Self::Constant(_)
            | Self::Parameter(_)
            | Self::Shift(_)
            | Self::On(_)
            | Self::Probability(_) => &[],
            Self::Negate | Self::Absolute => &[Number],
            Self::Arithmetic(_)
            | Self::Minimum
            | Self::Maximum
            | Self::Comparison(_)
            | Self::CrossesAbove
            | Self::CrossesBelow => &[Number, Number],
            Self::And | Self::Or => &[Condition, Condition],
            Self::Not | Self::BarsSince => &[Condition],
            Self::Where => &[Condition, Number, Number],
            Self::HeldFor => &[Condition, Window("window")],
            Self::SumSince => &[Condition, Number],
            Self::Indicator(indicator) => indicator.slots(),
        }
    }

    /// Whether an operation of fixed arguments gives a three-valued boolean.
    pub(super) fn gives_condition(&self) -> bool {
        matches!(
            self,
            Self::Comparison(_)
                | Self::And
                | Self::Or
                | Self::Not
                | Self::CrossesAbove
                | Self::CrossesBelow
                | Self::HeldFor
        )
    }

    /// How many of the first arguments are read from before a tile, all of their values, or in
    /// another context.
    pub(crate) fn looks_back_on(&self) -> usize {
        match self {
            Self::Shift(_) | Self::On(_) => 1,
            Self::Indicator(indicator) if indicator.looks_back() => indicator.series(),
            _ => 0,
        }
    }
}
