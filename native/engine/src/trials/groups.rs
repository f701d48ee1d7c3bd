//! Which trials have the same values of some parameters.

use std::collections::HashMap;
use std::sync::Arc;

use crate::graph::Graph;

/// Cells a trial of a table of pairs of groups, up to which it is taken in place of a map.
const CELLS: usize = 4;

/// Trials grouped by the values of the parameters that a node depends on.
pub(crate) struct Groups {
    /// For each trial, its group.
    pub of_trial: Vec<u32>,
    /// The first trial of each group.
    pub first: Vec<usize>,
}

impl Groups {
    /// Trials with equal keys, in the order of the first of each.
    fn new(keys: impl Iterator<Item = u64>) -> Self {
        let mut known = HashMap::new();
        Self::numbered(keys, |key, next| *known.entry(key).or_insert(next))
    }

    /// As [`Self::new`]; `number` gives the group of a key, the next one where it is new.
    fn numbered(keys: impl Iterator<Item = u64>, mut number: impl FnMut(u64, u32) -> u32) -> Self {
        let mut first = Vec::new();
        // the key of each group, and the group that followed on it when it was last met: rows of a
        // grid come in the same order again and again
        let mut known: Vec<(u64, u32)> = Vec::new();
        let mut last = 0;
        let group = |(trial, key)| {
            let expected = known
                .get(last as usize)
                .map_or(0, |&(_, follower)| follower);
            let group = match known.get(expected as usize) {
                Some(&(one, _)) if one == key => expected,
                _ => number(key, first.len() as u32),
            };
            if group as usize == first.len() {
                first.push(trial);
                known.push((key, group));
            }
            known[last as usize].1 = group;
            last = group;
            group
        };
        let of_trial = keys.enumerate().map(group).collect();
        Self { of_trial, first }
    }

    /// Trials that are in the same group here and there.
    fn and(&self, other: &Self) -> Self {
        let (width, trials) = (other.first.len(), self.of_trial.len());
        let pairs = self.of_trial.iter().zip(&other.of_trial);
        let keys = pairs.map(|(&a, &b)| u64::from(a) * width as u64 + u64::from(b));
        let cells = self.first.len() * width;
        if cells > trials * CELLS {
            return Self::new(keys);
        }
        let mut table = vec![None; cells];
        Self::numbered(keys, |key, next| *table[key as usize].get_or_insert(next))
    }

    /// For each of so many trials a number by which those come together that are near to each other
    /// in all of these groupings (Morton's order): the bits of its groups in turn, the highest first.
    pub fn near(all: &[&Self], trials: usize) -> Vec<u64> {
        let all = &all[..all.len().min(u64::BITS as usize)];
        let count = all.len() as u32;
        let mut keys = vec![0; trials];
        for (place, groups) in all.iter().rev().enumerate() {
            let spread = |group: usize| {
                let bit = |bit: u32| (group as u64 >> bit & 1) << (bit * count + place as u32);
                (0..u64::BITS / count).map(bit).sum::<u64>()
            };
            let spread: Vec<u64> = (0..groups.first.len()).map(spread).collect();
            for (key, &group) in keys.iter_mut().zip(&groups.of_trial) {
                *key |= spread[group as usize];
            }
        }
        keys
    }
}

/// The rows of a call, a trial each, and how they fall into groups: found once for all who ask.
pub(crate) struct Rows<'v> {
    /// A row a trial, in the order of the graph's parameters.
    pub values: &'v [f64],
    /// How many.
    pub count: usize,
    width: usize,
    known: HashMap<Vec<usize>, Arc<Groups>>,
}

impl<'v> Rows<'v> {
    /// So many rows.
    pub fn new(graph: &Graph, values: &'v [f64], count: usize) -> Self {
        Self {
            values,
            count,
            width: graph.parameters.len(),
            known: HashMap::new(),
        }
    }

    /// The trials grouped by some parameters.
    pub fn groups(&mut self, parameters: &[usize]) -> Arc<Groups> {
        if let Some(groups) = self.known.get(parameters) {
            return Arc::clone(groups);
        }
        let groups = Arc::new(match parameters {
            [] => Groups::new((0..self.count).map(|_| 0)),
            &[one] => {
                let (values, width) = (self.values, self.width);
                Groups::new((0..self.count).map(|trial| values[trial * width + one].to_bits()))
            }
            [rest @ .., last] => {
                let (rest, last) = (self.groups(rest), self.groups(&[*last]));
                rest.and(&last)
            }
        });
        self.known.insert(parameters.to_vec(), Arc::clone(&groups));
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::{CELLS, Groups};

    /// Groups found by comparing each trial with all before it.
    fn plain(keys: &[u64]) -> (Vec<u32>, Vec<usize>) {
        let mut first: Vec<usize> = Vec::new();
        let of_trial = keys.iter().enumerate().map(|(trial, key)| {
            let known = first.iter().position(|&one| keys[one] == *key);
            known.unwrap_or_else(|| {
                first.push(trial);
                first.len() - 1
            }) as u32
        });
        (of_trial.collect(), first)
    }

    #[test]
    fn groups_are_those_of_equal_keys_in_the_order_of_their_first() {
        // a grid, one key for all, a key each, and no order at all
        let grids = (0..60).map(|i| i / 10).chain((0..60).map(|i| i % 10));
        let mixed = (0..300).map(|i| i * 7_919 % 101 % 13);
        for keys in [
            grids.collect(),
            vec![3; 50],
            (5..70).collect(),
            mixed.collect::<Vec<u64>>(),
        ] {
            let groups = Groups::new(keys.iter().copied());
            assert_eq!((groups.of_trial, groups.first), plain(&keys));
        }
        let none = Groups::new(std::iter::empty());
        assert!(none.of_trial.is_empty() && none.first.is_empty());
    }

    #[test]
    fn pairs_of_groups_are_the_same_by_table_and_by_map() {
        for (trials, width) in [(200_u64, 9), (200, 150)] {
            let keys = |salt: u64| (0..trials).map(move |i| (i * salt) % 211 % width);
            let (a, b) = (Groups::new(keys(17)), Groups::new(keys(29)));
            let by_table = a.first.len() * b.first.len() <= trials as usize * CELLS;
            assert_eq!(by_table, width == 9);
            let both: Vec<u64> = keys(17).zip(keys(29)).map(|(a, b)| a * 1_000 + b).collect();
            let pairs = a.and(&b);
            assert_eq!((pairs.of_trial, pairs.first), plain(&both));
        }
    }

    #[test]
    fn the_bits_of_groups_stand_in_turn() {
        // groups 0, 1, 2, 3 of the one and 0, 1, 0, 1 of the other
        let (a, b) = (Groups::new(0..4), Groups::new([8, 9, 8, 9].into_iter()));
        assert_eq!(Groups::near(&[&a, &b], 4), [0b00, 0b11, 0b1000, 0b1011]);
        assert_eq!(Groups::near(&[&b, &a], 4), [0b00, 0b11, 0b100, 0b111]);
        assert_eq!(Groups::near(&[&a], 4), [0, 1, 2, 3]);
        assert_eq!(Groups::near(&[], 3), [0, 0, 0]);
        // more groupings than bits: those that find no room are left out
        let many = vec![&b; 70];
        assert_eq!(Groups::near(&many, 2), [0, u64::MAX]);
    }
}
