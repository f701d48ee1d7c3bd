//! From each bar the way to the next close that is no lower, and what lies between.

use crate::bars::Bars;

/// What follows a bar up to the next close that is at least its own, or to the end.
#[derive(Debug, Clone, Copy)]
pub struct Gap {
    /// The bar of that close.
    pub to: usize,
    /// The greatest close between.
    pub most: f64,
    /// The least close between.
    pub least: f64,
    /// The least low between.
    pub low: f64,
}

/// The gap behind each bar.
pub(super) fn gaps(bars: &Bars<'_>) -> Vec<Gap> {
    let (close, low) = (bars.close, bars.low);
    let mut gaps: Vec<Gap> = Vec::with_capacity(close.len());
    for t in (0..close.len()).rev() {
        let mut gap = Gap {
            to: t + 1,
            most: f64::NEG_INFINITY,
            least: f64::INFINITY,
            low: f64::INFINITY,
        };
        // over what is lower, from record to record; `gaps` begins with the last bar
        while gap.to < close.len() && close[gap.to] < close[t] {
            let over = &gaps[close.len() - 1 - gap.to];
            gap.most = gap.most.max(close[gap.to]).max(over.most);
            gap.least = gap.least.min(close[gap.to]).min(over.least);
            gap.low = gap.low.min(low[gap.to]).min(over.low);
            gap.to = over.to;
        }
        gaps.push(gap);
    }
    gaps.reverse();
    gaps
}

#[cfg(test)]
mod tests {
    use super::gaps;
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
        for (t, gap) in gaps(&bars).into_iter().enumerate() {
            let to = (t + 1..close.len()).find(|&next| close[next] >= close[t]);
            assert_eq!(gap.to, to.unwrap_or(close.len()));
            let between = t + 1..gap.to;
            let expected = [
                most(&close[between.clone()]),
                least(&close[between.clone()]),
                least(&low[between]),
            ];
            let found = [gap.most, gap.least, gap.low];
            assert_eq!(found.map(f64::to_bits), expected.map(f64::to_bits));
        }
    }
}
