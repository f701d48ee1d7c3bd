//! Evaluates graphs: scalars once, series tile by tile, node by node.
//!
//! Bars go through the graph in tiles that fit the cache. Each node carries what it needs of
//! earlier bars (a running sum, a queue, the last value), so a tile's length changes no bit.

mod bits;
mod elementwise;
mod indicator;
mod inputs;
mod kernel;
mod scalars;
mod simd;
mod sweep;
mod values;

pub(crate) use bits::{
    Conditions, Planes, Program, Side, Source, TILE_BARS, compare_all, order_words,
};
pub(crate) use inputs::Inputs;
pub(crate) use kernel::{Kernel, Place};
pub(crate) use scalars::{
    check_settings, check_settings_of, nodes_with_settings, put_scalars, scalars,
};
pub use simd::Simd;
pub(crate) use simd::{Coarse, NO_RANK};
pub(crate) use sweep::{Steps, Sweep};
pub use values::{FALSE, MISSING, Number, Series, TRUE, View};
pub(crate) use values::{Slots, Stored};

#[cfg(test)]
mod tests;
