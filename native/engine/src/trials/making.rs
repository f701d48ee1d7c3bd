//! What several trials read is made once: series, and which of two is greater.

use std::sync::Arc;

use rayon::prelude::*;

use super::groups::Groups;
use super::shared::{Family, Pieces, SharedNode, SharedOrder, coarse_of, is_coarse};
use super::{Trials, is_alike};
use crate::evaluate::{Kernel, Place, Slots, Source, check_settings_of, compare_all, order_words};

impl Trials<'_, '_> {
    /// Evaluates a node for each of its groups that its family does not know; a family comes with
    /// the parameter that the node depends on.
    pub(super) fn share(
        &self,
        index: usize,
        groups: Arc<Groups>,
        family: Option<(&mut Family, usize)>,
    ) -> SharedNode {
        let Place { graph, inputs, .. } = self.place;
        let node = &graph.nodes[index];
        let bars = inputs.len(node.context);
        let mut own: Vec<usize> = Vec::new();
        let mut next = |trial: usize| {
            own.push(trial);
            (index as u32, own.len() as u32 - 1)
        };
        let first = groups.first.iter().copied();
        let places = match family {
            Some((family, parameter)) => first
                .map(|trial| {
                    let value = self.bits(trial, parameter);
                    *family.places.entry(value).or_insert_with(|| next(trial))
                })
                .collect(),
            None => first.map(&mut next).collect(),
        };
        let cells = bars * own.len();
        let (values, coarse, refused) = if node.boolean {
            let mut values = vec![0; cells];
            let series = values.par_chunks_mut(bars).zip(&own);
            let make = |(out, &trial)| !self.evaluate(trial, index, Slots::Boolean(out));
            let refused = series.map(make).collect();
            (Pieces::Boolean(values), Vec::new(), refused)
        } else {
            let mut values = vec![0.0; cells];
            let is_coarse = is_coarse(&self.program, index, bars);
            let series = values.par_chunks_mut(bars).zip(&own);
            let make = |(out, &trial): (&mut [f64], _)| {
                let refused = !self.evaluate(trial, index, Slots::Number(&mut *out));
                let coarse = is_coarse.then(|| coarse_of(self.place.simd, out));
                (refused, coarse)
            };
            let (refused, coarse): (_, Vec<_>) = series.map(make).unzip();
            let coarse = coarse.into_iter().flatten().collect();
            (Pieces::Number(values), coarse, refused)
        };
        SharedNode {
            groups,
            bars,
            places,
            values,
            coarse,
            refused,
        }
    }

    /// Evaluates a node over all bars, unless it or an argument is refused, which its trials
    /// report; gives whether it did.
    fn evaluate(&self, trial: usize, index: usize, out: Slots<'_>) -> bool {
        let Place { graph, inputs, .. } = self.place;
        let node = &graph.nodes[index];
        let scalars = self.scalars(trial);
        let refused = |&arg: &usize| self.is_refused(arg, trial);
        if check_settings_of(graph, inputs, &scalars, index).is_err()
            || node.args.iter().any(refused)
        {
            return false;
        }
        let bars = inputs.len(node.context);
        let read = |arg: usize| self.stored(&scalars, trial, arg);
        Kernel::new(self.place, &scalars, index).advance(self.place, index, &(0..bars), &read, out);
        true
    }

    /// Compares two nodes for each of the groups, if that is worth it and takes no more bytes.
    pub(super) fn compared(
        &self,
        (a, b): (usize, usize),
        groups: Arc<Groups>,
        most_bytes: usize,
    ) -> Option<SharedOrder> {
        let bars = self.place.inputs.len(0);
        let words = order_words(bars);
        let distinct = groups.first.len();
        let fits = distinct * words * size_of::<u64>() <= most_bytes;
        if !(is_alike(&groups) && fits && self.knows(a) && self.knows(b)) {
            return None;
        }
        let mut planes = vec![0; distinct * words];
        planes
            .par_chunks_mut(words)
            .zip(&groups.first)
            .for_each(|(planes, &trial)| {
                let scalars = self.scalars(trial);
                let side = |node: usize| self.side(&scalars, trial, node);
                let numbers = Source::Numbers(side(a), side(b));
                compare_all(self.place.simd, &numbers, bars, planes);
            });
        Some(SharedOrder {
            groups,
            words,
            planes,
        })
    }
}
