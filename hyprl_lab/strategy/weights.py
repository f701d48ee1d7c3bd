"""What a trained model is made of, as plain numbers: a `probability` node carries it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.parameter import EXACT, finite_number, json_number
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hyprl_lab.types import JsonValue

__all__ = ["MAX_FEATURES", "LogisticWeights"]

MAX_FEATURES: Final = 1_000
"""Each is another sum on every bar; a model of more was not made for bars."""

_KEYS: Final = ("kind", "intercept", "coefficients", "means", "scales", "trained_until_us")
_LISTS: Final = ("coefficients", "means", "scales")


@dataclass(frozen=True, slots=True)
class LogisticWeights:
    """A logistic regression over standardised features, without the features.

    Parameters
    ----------
    intercept
        The log-odds where every feature is at its mean.
    coefficients
        Of each feature, in order; per `scale` of it. At most 1,000.
    means, scales
        What is taken from each feature, and what the rest is divided by; no scale is 0.
    trained_until_us
        The newest moment that training has seen, whole microseconds since the epoch, UTC.

    Raises
    ------
    StrategyError
        A number is not finite, a scale is 0, or the lists are too long or differ in length.

    Examples
    --------
    >>> LogisticWeights(0.5, [1, -2], [0, 0], [1, 1], 0).coefficients
    (1.0, -2.0)
    """

    intercept: float
    coefficients: Sequence[float]
    means: Sequence[float]
    scales: Sequence[float]
    trained_until_us: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "intercept", finite_number(self.intercept, "model: intercept"))
        for key in _LISTS:
            object.__setattr__(self, key, _numbers(getattr(self, key), f"model: {key}"))
        lengths = {key: len(getattr(self, key)) for key in _LISTS}
        if len(set(lengths.values())) > 1 or not self.coefficients:
            raise StrategyError(
                f"model: found lists of {lengths}; expected one number for each feature in each"
            )
        if 0.0 in self.scales:
            raise StrategyError(
                f"model: scale {self.scales.index(0.0)} is 0; expected what that feature is to be "
                "divided by (a feature that never varied says nothing: leave it out)"
            )
        until = self.trained_until_us
        if (
            isinstance(until, bool | np.bool_)
            or not isinstance(until, int | np.integer)
            or abs(int(until)) >= EXACT
        ):
            raise StrategyError(
                f"model: trained_until_us is {shown(until)}; expected whole microseconds since "
                "the epoch, UTC, within 2^53"
            )
        object.__setattr__(self, "trained_until_us", int(until))

    @classmethod
    def from_json(cls, found: object) -> LogisticWeights:
        """Return the weights that a JSON object describes; every part of it is checked.

        Raises
        ------
        StrategyError
            A key is missing or unknown, a part has the wrong type or is out of range.

        Examples
        --------
        >>> weights = LogisticWeights(0.5, [1.0], [0.0], [2.0], 0)
        >>> LogisticWeights.from_json(weights.to_json()) == weights
        True
        """
        if not isinstance(found, dict) or set(found) != set(_KEYS):
            raise StrategyError(f"model is {shown(found)}; expected an object with {list(_KEYS)}")
        if not isinstance(found["kind"], str) or found["kind"] != "logistic":
            raise StrategyError(f"model: kind is {shown(found['kind'])}; expected 'logistic'")
        for key in _LISTS:
            if not isinstance(found[key], list):
                raise StrategyError(
                    f"model: {key} is {shown(found[key])}; expected a list of numbers"
                )
        return cls(**{key: found[key] for key in _KEYS if key != "kind"})

    def to_json(self) -> dict[str, JsonValue]:
        """Return the JSON form, whole numbers as integers.

        Examples
        --------
        >>> LogisticWeights(0.5, [1.0], [0.0], [2.0], 0).to_json()["scales"]
        [2]
        """
        return {
            "kind": "logistic",
            "intercept": json_number(self.intercept),
            **{key: [json_number(x) for x in getattr(self, key)] for key in _LISTS},
            "trained_until_us": self.trained_until_us,
        }


def _numbers(found: object, what: str) -> tuple[float, ...]:
    if isinstance(found, np.ndarray) and found.ndim == 1:
        found = found.tolist()
    if not isinstance(found, list | tuple):
        raise StrategyError(f"{what} is {shown(found)}; expected a list of numbers")
    if len(found) > MAX_FEATURES:
        raise StrategyError(
            f"{what}: found {len(found):,} numbers; a model has at most {MAX_FEATURES:,} features"
        )
    return tuple(finite_number(x, f"{what}, number {at}") for at, x in enumerate(found))
