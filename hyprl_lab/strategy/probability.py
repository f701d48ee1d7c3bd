"""What a trained model says on each bar, as an expression."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.expression import Expr, expression
from hyprl_lab.strategy.weights import MAX_FEATURES, LogisticWeights
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LogisticModel", "probability"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_CALENDAR_UNITS: Final = frozenset({"Y", "M", "W", "D"})


@dataclass(frozen=True, eq=False, slots=True)
class LogisticModel:
    """A logistic regression that was trained elsewhere.

    z = intercept + Σ coefficient·((feature - mean)/scale), in the order of the features, and
    the probability is 1/(1 + exp(-z)). (D. R. Cox, The regression analysis of binary
    sequences, 1958.)

    Parameters
    ----------
    features
        Number expressions, 1 to 1,000; only what is known at the close of t.
    coefficients
        One for each feature, per `scale` of it.
    intercept
        The log-odds where every feature is at its mean.
    means, scales
        What training standardised each feature by: taken from it, and divided by; by
        default 0 and 1. No scale is 0.
    trained_until
        The newest moment training has seen, labels included: ISO 8601 text, a date, a
        datetime or microseconds since the epoch; without a zone it is UTC, and a date is
        the whole of that day. On bars that open at or before it the probability is missing:
        a model says nothing about what it was trained on.

    Raises
    ------
    StrategyError
        The lists differ in length, a number is not finite, a scale is 0, a feature is a
        condition, or `trained_until` can't be read.

    Examples
    --------
    >>> from hyprl_lab.strategy import close, ta
    >>> model = LogisticModel(
    ...     features=(ta.rsi(close, 14), close / ta.sma(close, 50)),
    ...     coefficients=(-0.4, 1.5),
    ...     intercept=0.1,
    ...     means=(50, 1),
    ...     scales=(10, 0.05),
    ...     trained_until="2015-12-31",
    ... )
    >>> probability(model) > 0.55
    (probability(rsi(close, 14), (close / sma(close, 50))) > 0.55)
    """

    features: Sequence[Expr]
    coefficients: Sequence[float]
    intercept: float
    means: Sequence[float] | None = None
    scales: Sequence[float] | None = None
    trained_until: str | date | datetime | np.datetime64 | int = field(kw_only=True)
    weights: LogisticWeights = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.features, list | tuple):
            raise StrategyError(
                f"model: features is {shown(self.features)}; expected a list of expressions"
            )
        if len(self.features) > MAX_FEATURES:
            raise StrategyError(
                f"model: found {len(self.features):,} features; expected at most {MAX_FEATURES:,}"
            )
        features = tuple(expression(feature) for feature in self.features)
        count = len(features)
        object.__setattr__(self, "features", features)
        weights = LogisticWeights(
            intercept=self.intercept,
            coefficients=self.coefficients,
            means=(0.0,) * count if self.means is None else self.means,
            scales=(1.0,) * count if self.scales is None else self.scales,
            trained_until_us=_microseconds(self.trained_until),
        )
        for key in ("intercept", "coefficients", "means", "scales"):
            object.__setattr__(self, key, getattr(weights, key))
        object.__setattr__(self, "weights", weights)
        probability(self)  # what is wrong with the features is said here


def probability(model: LogisticModel) -> Expr:
    """Return the probability that a trained model gives on each bar, between 0 and 1.

    Missing where a feature is missing, and up to the end of the model's training.

    Parameters
    ----------
    model
        A `hl.LogisticModel`.

    Raises
    ------
    StrategyError
        `model` is something else.

    Examples
    --------
    >>> from hyprl_lab.strategy import close, ta
    >>> momentum = LogisticModel((close - close.shift(5),), (0.8,), 0.0, trained_until="2015-12-31")
    >>> probability(momentum)
    probability((close - shift(close, 5)))
    """
    if not isinstance(model, LogisticModel):
        raise StrategyError(f"probability: found {shown(model)}; expected an hl.LogisticModel")
    return Expr("probability", tuple(model.features), model=model.weights)


def _microseconds(found: object) -> int:
    if isinstance(found, str):
        return _since_epoch(_moment(found))
    if isinstance(found, date):
        return _since_epoch(found)
    if isinstance(found, np.datetime64) and not np.isnat(found):
        whole = np.datetime_data(found.dtype)[0] in _CALENDAR_UNITS
        last = (found + 1).astype("M8[us]") - 1 if whole else found.astype("M8[us]")
        return int(last.astype(np.int64))
    if isinstance(found, int | np.integer) and not isinstance(found, bool):
        return int(found)
    raise _unread(found)


def _moment(text: str) -> date:
    for read in (date.fromisoformat, datetime.fromisoformat):
        with contextlib.suppress(ValueError):
            return read(text)
    raise _unread(text)


def _since_epoch(moment: date) -> int:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time.max)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MICROSECOND


def _unread(found: object) -> StrategyError:
    return StrategyError(
        f"model: trained_until is {shown(found)}; expected ISO 8601 text, a date, a datetime or "
        "microseconds since the epoch, such as '2015-12-31'"
    )
