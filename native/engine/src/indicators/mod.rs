//! Indicators by TA-Lib's definitions and seeding.
//!
//! Each function writes one value a bar into `out`, NaN where there is none. A missing input value
//! restarts the window; the order of floating-point operations is part of the semantics version.

pub mod channel;
pub mod momentum;
pub mod trend;
pub mod volatility;
