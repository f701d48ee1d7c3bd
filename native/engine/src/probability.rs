//! Probability models, evaluated on features of the bars.

use serde::Deserialize;

/// Most features that a model may have.
const MOST_FEATURES: usize = 1_000;

/// A trained model, as the graph's JSON form holds it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Model {
    /// Logistic regression on standardised features.
    Logistic {
        /// The constant term.
        intercept: f64,
        /// A coefficient a feature.
        coefficients: Vec<f64>,
        /// What is subtracted from each feature.
        means: Vec<f64>,
        /// What each feature is then divided by; not 0.
        scales: Vec<f64>,
        /// The end of its training, microseconds since the epoch, UTC.
        trained_until_us: i64,
    },
}

impl Model {
    /// Checks the model against the number of features it gets.
    ///
    /// # Errors
    /// No feature, lists of another length, numbers that are not finite, a scale of 0.
    pub(crate) fn check(&self, features: usize) -> Result<(), String> {
        let Self::Logistic {
            intercept,
            coefficients,
            means,
            scales,
            ..
        } = self;
        if features == 0 {
            return Err("needs at least one argument".to_owned());
        }
        if features > MOST_FEATURES {
            return Err(format!(
                "has {features} arguments, expected at most {MOST_FEATURES}"
            ));
        }
        for (name, list) in [
            ("coefficients", coefficients),
            ("means", means),
            ("scales", scales),
        ] {
            if list.len() != features {
                return Err(format!(
                    "its model has {} {name} for {features} arguments",
                    list.len()
                ));
            }
            if let Some(odd) = list.iter().find(|value| !value.is_finite()) {
                return Err(format!(
                    "its model's {name} hold {odd}, expected finite numbers"
                ));
            }
        }
        if !intercept.is_finite() {
            return Err(format!(
                "its model's intercept is {intercept}, expected a finite number"
            ));
        }
        if scales.contains(&0.0) {
            return Err("its model's scales hold 0, expected other numbers".to_owned());
        }
        Ok(())
    }

    /// The end of its training, microseconds since the epoch, UTC.
    #[must_use]
    pub fn trained_until_us(&self) -> i64 {
        let Self::Logistic {
            trained_until_us, ..
        } = self;
        *trained_until_us
    }

    /// The probability given the features, NaN where one is NaN.
    #[must_use]
    pub fn probability(&self, features: impl Iterator<Item = f64>) -> f64 {
        let Self::Logistic {
            intercept,
            coefficients,
            means,
            scales,
            ..
        } = self;
        let terms = coefficients.iter().zip(means).zip(scales);
        let z = features
            .zip(terms)
            .fold(*intercept, |z, (x, ((coefficient, mean), scale))| {
                z + coefficient * ((x - mean) / scale)
            });
        1.0 / (1.0 + libm::exp(-z))
    }
}

#[cfg(test)]
mod tests {
    use super::Model;

    fn model(scales: &str) -> Model {
        serde_json::from_str(&format!(
            r#"{{"kind": "logistic", "intercept": 1, "coefficients": [2, -0.5],
                "means": [10, 0], "scales": {scales}, "trained_until_us": 5}}"#
        ))
        .unwrap()
    }

    #[test]
    fn probability_by_hand() {
        let model = model("[4, 1]");
        // z = 1 + 2·(12 − 10)/4 − 0.5·4 = 0
        assert!((model.probability([12.0, 4.0].into_iter()) - 0.5).abs() < 1e-15);
        // z = 1 + 2·(10 − 10)/4 − 0.5·0 = 1
        let expected = 1.0 / (1.0 + (-1.0_f64).exp());
        assert!((model.probability([10.0, 0.0].into_iter()) - expected).abs() < 1e-15);
        assert!(model.probability([f64::NAN, 0.0].into_iter()).is_nan());
        assert_eq!(model.trained_until_us(), 5);
    }

    #[test]
    fn a_malformed_model_is_refused() {
        assert_eq!(model("[4, 1]").check(2), Ok(()));
        assert_eq!(
            model("[4]").check(2).unwrap_err(),
            "its model has 1 scales for 2 arguments"
        );
        assert_eq!(
            model("[4, 0]").check(2).unwrap_err(),
            "its model's scales hold 0, expected other numbers"
        );
        let forest = serde_json::from_str::<Model>(r#"{"kind": "forest"}"#).unwrap_err();
        assert!(forest.to_string().contains("unknown variant `forest`"));
    }
}
