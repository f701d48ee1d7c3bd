"""The readable logistic model: a probability from the features of a bar.

Cox (1958), "The Regression Analysis of Binary Sequences".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from hyprl_lab.engine.reference_exponential import exponential
from hyprl_lab.errors import StrategyError

if TYPE_CHECKING:
    from hyprl_lab.types import JsonValue

__all__ = ["Logistic"]


@dataclass(frozen=True, slots=True)
class Logistic:
    """A trained logistic model.

    Parameters
    ----------
    intercept
        z of a bar whose features are all at their means.
    coefficients, means, scales
        One number a feature: what a scale above the mean adds to z.
    trained_until_us
        Microseconds since the epoch, UTC: bars that open then or before have no probability.

    Examples
    --------
    >>> model = Logistic(0.0, [1.0], [10.0], [2.0], trained_until_us=0)
    >>> model.probabilities([[10.0, 10.0, 2000.0]], [0, 1, 2])
    [nan, 0.5, 1.0]
    """

    intercept: float
    coefficients: list[float]
    means: list[float]
    scales: list[float]
    trained_until_us: int

    @classmethod
    def read(cls, model: JsonValue, features: int, node: str) -> Logistic:
        """Read the model of a `probability` node.

        Parameters
        ----------
        model
            The node's `model`.
        features
            How many arguments the node has.
        node
            What messages call it.

        Raises
        ------
        StrategyError
            The model is of another kind, a list is not as long as the arguments, a number is not
            finite, a scale is 0, or `trained_until_us` is not whole.
        """
        if features < 1:
            raise StrategyError(f"{node} has no arguments; it takes at least one feature")
        if not isinstance(model, dict) or model.get("kind") != "logistic":
            raise StrategyError(f"{node} has the model {model!r}; expected one of kind 'logistic'")
        lists = {}
        for name in ("coefficients", "means", "scales"):
            given = model.get(name)
            if not isinstance(given, list) or len(given) != features:
                raise StrategyError(
                    f"{node}: {name} is {given!r}; expected {features} numbers, one a feature"
                )
            lists[name] = [_number(value, name, node) for value in given]
        if 0.0 in lists["scales"]:
            raise StrategyError(f"{node}: scales are {lists['scales']}; none may be 0")
        until = model.get("trained_until_us")
        if isinstance(until, bool) or not isinstance(until, int):
            raise StrategyError(f"{node}: trained_until_us is {until!r}; expected whole µs (UTC)")
        return cls(
            _number(model.get("intercept"), "intercept", node), **lists, trained_until_us=until
        )

    def probabilities(self, features: list[list[float]], ts: list[int]) -> list[float]:
        """Return a probability a bar, NaN where a feature is missing or training was not over.

        Parameters
        ----------
        features
            One series a feature, in the order of the coefficients.
        ts
            Microseconds since the epoch, UTC: the open of each bar.
        """
        return [
            self._probability([series[t] for series in features])
            if opened > self.trained_until_us
            else math.nan
            for t, opened in enumerate(ts)
        ]

    def _probability(self, values: list[float]) -> float:
        z = self.intercept
        for value, coefficient, mean, scale in zip(
            values, self.coefficients, self.means, self.scales, strict=True
        ):
            z = z + coefficient * ((value - mean) / scale)
        return 1.0 / (1.0 + exponential(-z))


def _number(value: JsonValue, name: str, node: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise StrategyError(f"{node}: {name} holds {value!r}; expected finite numbers")
    return float(cast("float", value))
