//! Keys that identify a trial across studies and processes.

use sha2::{Digest, Sha256};

/// Bytes in a key.
pub const KEY_BYTES: usize = 16;

/// The first 16 bytes of SHA-256 over `prefix` and the named values, names in sorted order: for each
/// its length (`u32`), its UTF-8 bytes, its value (`f64`, −0 as 0), all little-endian.
#[must_use]
pub fn trial_key(prefix: &[u8], names: &[String], values: &[f64]) -> [u8; KEY_BYTES] {
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_unstable_by(|&a, &b| names[a].cmp(&names[b]));
    let mut hasher = Sha256::new();
    hasher.update(prefix);
    for index in order {
        hasher.update((names[index].len() as u32).to_le_bytes());
        hasher.update(names[index].as_bytes());
        hasher.update((values[index] + 0.0).to_le_bytes());
    }
    let mut key = [0; KEY_BYTES];
    key.copy_from_slice(&hasher.finalize()[..KEY_BYTES]);
    key
}
