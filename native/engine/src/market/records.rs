//! From each bar the way to the next close that is no lower, and what lies between.

use crate::bars::Bars;

/// Records that are passed over at a time.
const LEAP: usize = 8;

/// What lies between a bar and the next close that is at least its own, or the end.
#[derive(Debug, Clone, Copy)]
pub struct Gap {
    /// The greatest close.
    pub most: f64,
    /// The least close.
    pub least: f64,
    /// The least low.
    pub low: f64,
}

/// The gap behind each bar, and the bar that ends it: those stand close together, as they are
/// followed from one to the next.
#[derive(Debug)]
pub struct Gaps {
    ends: Vec<u32>,
    /// The ends of [`LEAP`] gaps, one behind the other.
    leaps: Vec<u32>,
    between: Vec<Gap>,
}

impl Gaps {
    /// Of bars that are numbered in 32 bits.
    pub(super) fn new(bars: &Bars<'_>) -> Self {
        let (close, low) = (bars.close, bars.low);
        let none = Gap {
            most: f64::NEG_INFINITY,
            least: f64::INFINITY,
            low: f64::INFINITY,
        };
        let mut found = Self {
            ends: vec![0; close.len()],
            leaps: Vec::new(),
            between: vec![none; close.len()],
        };
        for t in (0..close.len()).rev() {
            let (mut gap, mut end) = (none, t + 1);
            // over what is lower, from record to record
            while end < close.len() && close[end] < close[t] {
                let over = found.gap(end);
                gap.most = gap.most.max(close[end]).max(over.most);
                gap.least = gap.least.min(close[end]).min(over.least);
                gap.low = gap.low.min(low[end]).min(over.low);
                end = found.end(end);
            }
            (found.between[t], found.ends[t]) = (gap, end as u32);
        }
        let next = |t: usize| found.ends.get(t).map_or(t, |&end| end as usize);
        let leap = |t: usize| (0..LEAP).fold(t, |t, _| next(t)) as u32;
        found.leaps = (0..close.len()).map(leap).collect();
        found
    }

    /// The bar of the next close that is at least that of bar `t`.
    #[inline]
    #[must_use]
    pub fn end(&self, t: usize) -> usize {
        self.ends[t] as usize
    }

    /// What lies between.
    #[inline]
    #[must_use]
    pub fn gap(&self, t: usize) -> &Gap {
        &self.between[t]
    }

    /// The last bar before `to` whose close is at least those from `from` on.
    #[inline]
    #[must_use]
    pub fn last_record(&self, from: usize, to: usize) -> usize {
        let mut last = from;
        while (self.leaps[last] as usize) < to {
            last = self.leaps[last] as usize;
        }
        while self.end(last) < to {
            last = self.end(last);
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::Gaps;
    use crate::bars::Bars;

    #[test]
    fn a_gap_is_what_lies_between() {
        let close: Vec<f64> = (0..200).map(|t| f64::from((t * 37) % 41 + 1)).collect();
        let low: Vec<f64> = close.iter().map(|close| close - 0.5).collect();
        let names = [
            ("open", &close),
            ("high", &close),
            ("low", &low),
            ("close", &close),
        ];
        let columns = names.map(|(name, values)| (name.to_owned(), &values[..]));
        let bars = Bars::new(columns.to_vec()).unwrap();
        let least = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let gaps = Gaps::new(&bars);
        for t in 0..close.len() {
            let to = (t + 1..close.len()).find(|&next| close[next] >= close[t]);
            assert_eq!(gaps.end(t), to.unwrap_or(close.len()));
            let (gap, between) = (gaps.gap(t), t + 1..gaps.end(t));
            let expected = [
                most(&close[between.clone()]),
                least(&close[between.clone()]),
                least(&low[between]),
            ];
            let found = [gap.most, gap.least, gap.low];
            assert_eq!(found.map(f64::to_bits), expected.map(f64::to_bits));
            for to in t + 1..=close.len() {
                let record = |last: usize, next: usize| {
                    if close[next] >= close[last] {
                        next
                    } else {
                        last
                    }
                };
                assert_eq!(gaps.last_record(t, to), (t..to).fold(t, record));
            }
        }
    }
}
