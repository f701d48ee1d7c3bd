//! Indicators by TA-Lib's definitions and seeding.
//!
//! Each writes one value a bar into `out`, NaN where there is none. A missing input value restarts
//! the window; the order of floating-point operations is part of the semantics version. Each is a
//! structure that carries its state from one run of bars to the next, whose `advance` may be given
//! all bars at once or any number of pieces in order: the values are the same to the bit.

pub mod channel;
pub mod conditions;
pub mod dispersion;
pub mod momentum;
pub mod rolling;
pub mod trend;
pub mod volatility;

#[cfg(test)]
mod pieces;
