//! Where the results of trials are kept.

use super::{BLOCK_NUMBERS, Request};
use crate::metrics::METRICS;
use crate::tally::{BLOCK_COLUMNS, Tally};

/// What trials did, in the order of the rows.
#[derive(Debug, Default)]
pub struct Found {
    /// Metrics, [`METRICS`] a trial in the order of [`crate::metrics::NAMES`]; NaN where undefined.
    pub values: Vec<f64>,
    /// Block moments, [`BLOCK_NUMBERS`] a trial; empty where they are not kept.
    pub blocks: Vec<f64>,
    /// Hashes of what was done; 0 for a trial that failed.
    pub behaviour: Vec<u64>,
    /// Whether the graph refused a trial's parameters.
    pub failed: Vec<bool>,
    /// The first of those, and why.
    pub first_error: Option<(usize, String)>,
}

/// Where the results of a trial are written.
pub(super) struct Slot<'f> {
    pub trial: usize,
    values: &'f mut [f64],
    blocks: &'f mut [f64],
    behaviour: &'f mut u64,
    failed: &'f mut bool,
}

impl Found {
    pub(super) fn room(request: &Request<'_>) -> Self {
        let trials = request.trials;
        Self {
            values: vec![f64::NAN; trials * METRICS],
            blocks: vec![
                0.0;
                if request.blocks {
                    trials * BLOCK_NUMBERS
                } else {
                    0
                }
            ],
            behaviour: vec![0; trials],
            failed: vec![false; trials],
            first_error: None,
        }
    }

    /// Takes over the results of a part, whose rows these are.
    pub(super) fn take(&mut self, part: &Self, rows: &[usize]) {
        let kept = if part.blocks.is_empty() {
            0
        } else {
            BLOCK_NUMBERS
        };
        for (index, &row) in rows.iter().enumerate() {
            let metrics = &part.values[index * METRICS..(index + 1) * METRICS];
            self.values[row * METRICS..(row + 1) * METRICS].copy_from_slice(metrics);
            let blocks = &part.blocks[index * kept..(index + 1) * kept];
            self.blocks[row * kept..(row + 1) * kept].copy_from_slice(blocks);
            self.behaviour[row] = part.behaviour[index];
            self.failed[row] = part.failed[index];
        }
        if let Some((index, message)) = &part.first_error {
            let row = rows[*index];
            if self
                .first_error
                .as_ref()
                .is_none_or(|(known, _)| row < *known)
            {
                self.first_error = Some((row, message.clone()));
            }
        }
    }

    /// A slot for each trial, in their order.
    pub(super) fn slots(&mut self) -> Vec<Slot<'_>> {
        let mut blocks = self.blocks.chunks_mut(BLOCK_NUMBERS);
        let values = self.values.chunks_mut(METRICS);
        values
            .zip(&mut self.behaviour)
            .zip(&mut self.failed)
            .enumerate()
            .map(|(trial, ((values, behaviour), failed))| Slot {
                trial,
                values,
                blocks: blocks.next().unwrap_or_default(),
                behaviour,
                failed,
            })
            .collect()
    }
}

impl Slot<'_> {
    /// Writes what a trial left.
    pub fn put(&mut self, values: &[f64; METRICS], tally: &Tally<'_>) {
        self.values.copy_from_slice(values);
        *self.behaviour = tally.behaviour;
        if !self.blocks.is_empty() {
            let rows = self.blocks.chunks_exact_mut(BLOCK_COLUMNS);
            for (row, block) in rows.zip(tally.blocks()) {
                row.copy_from_slice(&block.columns());
            }
        }
    }

    /// Marks a trial that failed.
    pub fn fail(&mut self) {
        *self.failed = true;
    }
}
