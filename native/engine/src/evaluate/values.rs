//! What a node's values are, owned and borrowed.

use std::ops::Range;

/// A boolean that is known to be false.
pub const FALSE: u8 = 0;
/// A boolean that is known to be true.
pub const TRUE: u8 = 1;
/// A boolean that is missing.
pub const MISSING: u8 = 2;

/// A node's values.
#[derive(Debug, Clone, Default)]
pub enum Series {
    /// Not evaluated.
    #[default]
    Empty,
    /// A number a bar, NaN where missing.
    Number(Vec<f64>),
    /// A three-valued boolean a bar.
    Boolean(Vec<u8>),
}

/// Where the values of some bars go.
pub(crate) enum Slots<'o> {
    /// Numbers.
    Number(&'o mut [f64]),
    /// Three-valued booleans.
    Boolean(&'o mut [u8]),
}

/// A number series as an operation reads it.
#[derive(Debug, Clone, Copy)]
pub enum Number<'a> {
    /// The same number at each bar.
    Scalar(f64),
    /// A number a bar.
    Series(&'a [f64]),
}

/// Borrowed values of a node; columns are read in place.
#[derive(Debug, Clone, Copy)]
pub enum View<'a> {
    /// A number or a number series.
    Number(Number<'a>),
    /// A boolean series.
    Boolean(&'a [u8]),
}

/// Borrowed values together with the bar that the first of them belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stored<'a> {
    pub view: View<'a>,
    pub first: usize,
}

impl Series {
    /// Makes room for `len` values, keeping the memory where it fits.
    pub(crate) fn resize(&mut self, boolean: bool, len: usize) {
        match self {
            Self::Number(values) if !boolean && values.len() == len => {}
            Self::Boolean(values) if boolean && values.len() == len => {}
            _ if boolean => *self = Self::Boolean(vec![FALSE; len]),
            _ => *self = Self::Number(vec![0.0; len]),
        }
    }

    /// The room for some bars.
    pub(crate) fn slots(&mut self, bars: Range<usize>) -> Slots<'_> {
        match self {
            Self::Number(values) => Slots::Number(&mut values[bars]),
            Self::Boolean(values) => Slots::Boolean(&mut values[bars]),
            Self::Empty => unreachable!("room is made before a node is evaluated"),
        }
    }

    /// Borrows the values.
    ///
    /// # Panics
    /// The node has not been evaluated, which topological order rules out.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        match self {
            Self::Empty => unreachable!("nodes are evaluated in topological order"),
            Self::Number(values) => View::Number(Number::Series(values)),
            Self::Boolean(values) => View::Boolean(values),
        }
    }
}

impl Number<'_> {
    /// The numbers of some bars.
    pub(crate) fn part(self, bars: Range<usize>) -> Self {
        match self {
            Self::Scalar(_) => self,
            Self::Series(values) => Self::Series(&values[bars]),
        }
    }

    /// The value at bar `t`.
    #[inline]
    #[must_use]
    pub fn at(&self, t: usize) -> f64 {
        match self {
            Self::Scalar(value) => *value,
            Self::Series(values) => values[t],
        }
    }
}

impl<'a> View<'a> {
    /// The numbers; types are checked when the graph is compiled.
    pub(crate) fn number(self) -> Number<'a> {
        match self {
            Self::Number(number) => number,
            Self::Boolean(_) => unreachable!("types are checked when the graph is compiled"),
        }
    }

    /// The booleans; types are checked when the graph is compiled.
    pub(crate) fn boolean(self) -> &'a [u8] {
        match self {
            Self::Boolean(values) => values,
            Self::Number(_) => unreachable!("types are checked when the graph is compiled"),
        }
    }
}

impl<'a> Stored<'a> {
    /// Values of all bars.
    pub fn whole(view: View<'a>) -> Self {
        Self { view, first: 0 }
    }

    /// One number for all bars.
    pub fn scalar(value: f64) -> Self {
        Self::whole(View::Number(Number::Scalar(value)))
    }

    /// The values of the bars in `span`.
    pub fn span(self, span: &Range<usize>) -> View<'a> {
        let range = span.start - self.first..span.end - self.first;
        match self.view {
            View::Number(numbers) => View::Number(numbers.part(range)),
            View::Boolean(values) => View::Boolean(&values[range]),
        }
    }

    /// The values of all bars up to `end`.
    pub fn past(self, end: usize) -> View<'a> {
        debug_assert_eq!(self.first, 0, "a tile holds no earlier bars");
        self.span(&(0..end))
    }
}
