//! `HyprL` Lab's engine: strategy graphs over bars, simulated and searched.
//!
//! Pure Rust: slices in, values out. What each rule means stands in `docs/strategy-graph.md` and
//! `docs/execution.md`.

#![allow(
    clippy::cast_precision_loss,
    reason = "counts of bars and trades are far below 2^53"
)]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "windows are checked to be whole and in range before they are cast"
)]

mod account;
pub mod bars;
pub mod config;
pub mod course;
pub mod error;
pub mod evaluate;
pub mod features;
pub mod flags;
pub mod graph;
pub mod indicators;
pub mod market;
pub mod metrics;
pub mod observe;
pub mod overfitting;
mod position;
pub mod probability;
pub mod resample;
pub mod run;
pub mod search;
pub mod signals;
pub mod simulate;
mod sizing;
pub mod tally;
pub mod trade;
pub mod trial_key;
mod trials;
pub mod watch;
