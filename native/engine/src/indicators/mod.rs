//! Indicators by TA-Lib's definitions and seeding.
//!
//! Each writes one value a bar into `out`, NaN where there is none. A missing input value restarts
//! the window; the order of floating-point operations is part of the semantics version. Each is a
//! structure that carries its state from one run of bars to the next, whose `advance` may be given
//! all bars at once or any number of pieces in order: the values are the same to the bit.

pub mod accumulation;
pub mod adaptive;
mod blocks;
pub mod channel;
pub mod commodity_channel;
pub mod conditions;
pub mod correlation;
pub mod directional;
pub mod dispersion;
mod doubling;
pub mod momentum;
pub mod order_statistics;
pub mod parabolic;
pub mod regression;
pub mod rolling;
pub mod supertrend;
pub mod trend;
pub mod volatility;
pub mod weighted;

#[cfg(test)]
mod pieces;
