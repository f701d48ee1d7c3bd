//! Bars of a longer timeframe, made of the bars at hand.

use crate::bars::Longer;
use crate::error::{EngineError, Result};

/// Where each longer bar begins among the bars it is made of.
#[derive(Debug, Clone)]
pub struct Buckets {
    first: Vec<usize>,
    bars: usize,
}

impl Buckets {
    /// Reads buckets off the bars' numbers; `bars` is how many there are.
    ///
    /// # Errors
    /// Lists of another length, numbers that descend, a bar after the one that closed its bucket.
    pub fn new(longer: &Longer<'_>, bars: usize) -> Result<Self> {
        let Longer {
            timeframe,
            bucket,
            closed,
        } = longer;
        for (name, found) in [("bucket", bucket.len()), ("closed", closed.len())] {
            if found != bars {
                return Err(EngineError::Bars(format!(
                    "{name} of {timeframe} has {found} rows, the bars have {bars}"
                )));
            }
        }
        let mut first = Vec::new();
        for t in 0..bars {
            if t == 0 || bucket[t] > bucket[t - 1] {
                first.push(t);
            } else if bucket[t] < bucket[t - 1] {
                return Err(EngineError::Bars(format!(
                    "bucket of {timeframe} descends at row {t}, from {} to {}",
                    bucket[t - 1],
                    bucket[t]
                )));
            } else if closed[t - 1] {
                return Err(EngineError::Bars(format!(
                    "row {t} belongs to bucket {} of {timeframe}, which row {} has closed",
                    bucket[t],
                    t - 1
                )));
            }
        }
        Ok(Self { first, bars })
    }

    /// The number of longer bars, the last one whether it is complete or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.first.len()
    }

    /// Never true for bars, which have at least one row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    /// A column of the longer bars: the first open, the highest high, the lowest low, the last
    /// close, the sum of volume, each over values that are there; the last value of any other.
    #[must_use]
    pub fn column(&self, name: &str, values: &[f64]) -> Vec<f64> {
        let known = |bar: &[f64]| -> Vec<f64> {
            bar.iter()
                .copied()
                .filter(|value| !value.is_nan())
                .collect()
        };
        let value = |bar: &[f64]| -> f64 {
            let found = match name {
                "open" => bar.iter().copied().find(|value| !value.is_nan()),
                "close" => bar.iter().rev().copied().find(|value| !value.is_nan()),
                "high" => known(bar).into_iter().reduce(f64::max),
                "low" => known(bar).into_iter().reduce(f64::min),
                "volume" => known(bar).into_iter().reduce(|sum, value| sum + value),
                _ => bar.last().copied(),
            };
            found.unwrap_or(f64::NAN)
        };
        let ends = self.first.iter().skip(1).copied().chain([self.bars]);
        let bars = self.first.iter().copied().zip(ends);
        bars.map(|(first, end)| value(&values[first..end]))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Buckets;
    use crate::bars::Longer;

    fn buckets(bucket: &[i64], closed: &[bool]) -> Result<Buckets, String> {
        let longer = Longer {
            timeframe: "1h".to_owned(),
            bucket,
            closed,
        };
        Buckets::new(&longer, 6).map_err(|error| error.to_string())
    }

    #[test]
    fn columns_by_hand() {
        let made = buckets(&[3, 3, 4, 9, 9, 9], &[false; 6]).unwrap();
        assert_eq!(made.len(), 3);
        let nan = f64::NAN;
        let values = [1.0, 5.0, nan, nan, 4.0, 2.0];
        for (name, expected) in [
            ("open", [1.0, nan, 4.0]),
            ("high", [5.0, nan, 4.0]),
            ("low", [1.0, nan, 2.0]),
            ("close", [5.0, nan, 2.0]),
            ("volume", [6.0, nan, 6.0]),
            ("feature", [5.0, nan, 2.0]),
        ] {
            let found: Vec<u64> = made
                .column(name, &values)
                .iter()
                .map(|value| value.to_bits())
                .collect();
            assert_eq!(found, expected.map(f64::to_bits), "{name}");
        }
        let gap = made.column("feature", &[1.0, nan, 1.0, 1.0, 1.0, 1.0]);
        assert!(gap[0].is_nan());
    }

    #[test]
    fn malformed_buckets_are_refused() {
        assert_eq!(
            buckets(&[1, 1, 0, 2, 2, 2], &[false; 6]).unwrap_err(),
            "bars: bucket of 1h descends at row 2, from 1 to 0"
        );
        assert_eq!(
            buckets(
                &[1, 1, 2, 2, 2, 3],
                &[false, true, false, true, false, false]
            )
            .unwrap_err(),
            "bars: row 4 belongs to bucket 2 of 1h, which row 3 has closed"
        );
        assert_eq!(
            buckets(&[1, 1], &[false; 6]).unwrap_err(),
            "bars: bucket of 1h has 2 rows, the bars have 6"
        );
    }
}
