//! For tests: series with gaps, and their evaluation in pieces.

use std::ops::Range;

use proptest::prelude::*;

/// Values of which some are missing.
pub(super) fn gappy() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![9 => -50.0..50.0_f64, 1 => Just(f64::NAN)];
    prop::collection::vec(value, 1..80)
}

/// Calls `advance` for pieces of `size` bars and joins what it writes.
pub(super) fn in_pieces<T: Copy + Default>(
    bars: usize,
    size: usize,
    mut advance: impl FnMut(Range<usize>, &mut [T]),
) -> Vec<T> {
    let mut out = vec![T::default(); bars];
    for (piece, slots) in out.chunks_mut(size).enumerate() {
        let first = piece * size;
        advance(first..first + slots.len(), slots);
    }
    out
}

/// The values' bits, so that NaN equals NaN.
pub(super) fn bits(values: &[f64]) -> Vec<u64> {
    let bits = |value: &f64| if value.is_nan() { f64::NAN } else { *value }.to_bits();
    values.iter().map(bits).collect()
}
