"""What choosing by Sharpe ratio among a study's trials would have earned on other parts of time."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.research.stats import combinatorial_splits, return_moments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hyprl_lab.types import BoolArray, FloatArray, IntArray, JsonValue

__all__ = ["FOLDS", "LEAST", "TESTS", "CrossValidation", "cross_validation"]

FOLDS: Final = 10
TESTS: Final = 2

LEAST: Final = 100
"""Fewer returns are too few for ten folds."""

_SHARE: Final = 100
"""Purge and embargo are one of so many rows each."""

_POINTS: Final = 250
_ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossValidation:
    """The paths of a combinatorial purged cross-validation.

    Parameters
    ----------
    trials, left_out
        Among which each split chose, and those that differ and were left out.
    returns
        T.
    folds, tests, splits
        Of time; folds tested by a split; ways to do so.
    purge, embargo
        Rows.
    sharpes
        Annualised Sharpe ratio of each path; `None` where its returns do not vary.
    chosen
        Number of the trial that each split chose; `None` where none of them varied in training.
    rows
        Of the points of `curves`: returns before each.
    curves
        Equity of each path at `rows`, from 1.
    """

    trials: int
    left_out: int
    returns: int
    folds: int
    tests: int
    splits: int
    purge: int
    embargo: int
    sharpes: tuple[float | None, ...]
    chosen: tuple[int | None, ...]
    rows: tuple[int, ...]
    curves: tuple[tuple[float, ...], ...]

    def quantile(self, share: float) -> float | None:
        """Return a quantile of the paths' Sharpe ratios; `None` where one of them is undefined."""
        known = [sharpe for sharpe in self.sharpes if sharpe is not None]
        return float(np.quantile(known, share)) if len(known) == len(self.sharpes) else None

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values."""
        return {
            **asdict(self),
            **{name: list(getattr(self, name)) for name in ("sharpes", "chosen", "rows")},
            "curves": [list(curve) for curve in self.curves],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> CrossValidation:
        """Read back what `to_dict` gave."""
        plain = {name: tuple(data[name]) for name in ("sharpes", "chosen", "rows")}
        curves = tuple(tuple(curve) for curve in data["curves"])
        return cls(**{**data, **plain, "curves": curves})


def cross_validation(
    chunks: Iterable[FloatArray],
    one: Callable[[int], FloatArray],
    number: IntArray,
    *,
    n: int,
    periods_per_year: float,
    left_out: int = 0,
) -> CrossValidation:
    """Choose in each split the trial with the largest Sharpe ratio in training, and stitch tests.

    The first of equals is chosen. Returns of a row depend on earlier bars alone, so nothing of a
    test is in training but what neighbouring rows share: a position that is held across the edge,
    and the memory of the market. Purge and embargo, one row of 100 each, are for these.

    Parameters
    ----------
    chunks
        Returns of the trials in their order, shape (n, k) each.
    one
        Returns those of the trial at a place, shape (n,).
    number
        Of the trials.
    n
        Returns, at least 100.
    periods_per_year
        Of them.
    left_out
        Trials that are in none of `chunks`.

    Examples
    --------
    >>> models = np.random.default_rng(0).normal(0.0, 0.01, (300, 4))
    >>> models[:, 2] += 0.01
    >>> found = cross_validation(
    ...     [models], lambda place: models[:, place], np.arange(4), n=300, periods_per_year=252.0)
    >>> len(found.sharpes), set(found.chosen)
    (9, {2})
    """
    margin = -(-n // _SHARE)
    splits = combinatorial_splits(n, folds=FOLDS, tests=TESTS, purge=margin, embargo=margin)
    chosen = _chosen(chunks, splits.train)
    series = {place: one(place) for place in {place for place in chosen if place is not None}}
    nothing = np.zeros(n)
    paths = []
    for path in splits.paths.T:
        pieces = []
        for fold, split in enumerate(path):
            place = chosen[split]
            returns = nothing if place is None else series[place]
            pieces.append(returns[splits.fold == fold])
        paths.append(np.concatenate(pieces))
    rows = np.unique(np.linspace(0, n, min(n, _POINTS) + 1).round().astype(np.int64))
    return CrossValidation(
        trials=len(number),
        left_out=left_out,
        returns=n,
        folds=FOLDS,
        tests=TESTS,
        splits=len(splits.train),
        purge=margin,
        embargo=margin,
        sharpes=tuple(_annual(path, periods_per_year) for path in paths),
        chosen=tuple(None if place is None else int(number[place]) for place in chosen),
        rows=tuple(rows.tolist()),
        curves=tuple(
            tuple(np.concatenate(([1.0], np.cumprod(1.0 + path)))[rows].tolist()) for path in paths
        ),
    )


def _chosen(chunks: Iterable[FloatArray], train: BoolArray) -> list[int | None]:
    """Return the place of the best trial of each split, `None` where none varies."""
    weights = train.astype(np.float64)
    counts = weights.sum(axis=1)[:, None]
    best, place = np.full(len(train), -np.inf), np.full(len(train), -1)
    first = 0
    for chunk in chunks:
        sums, squares = weights @ chunk, weights @ (chunk * chunk)
        spread = squares - sums * sums / counts
        varies = spread > _ROUNDING * squares
        with np.errstate(divide="ignore", invalid="ignore"):
            sharpes = sums / counts / np.sqrt(spread / (counts - 1.0))
        sharpes[~varies] = -np.inf
        found = sharpes.argmax(axis=1)
        value = sharpes[np.arange(len(train)), found]
        better = value > best
        best[better], place[better] = value[better], first + found[better]
        first += chunk.shape[1]
    return [None if at < 0 else int(at) for at in place]


def _annual(returns: FloatArray, periods_per_year: float) -> float | None:
    moments = return_moments(returns)
    return None if moments is None else moments.sharpe * float(np.sqrt(periods_per_year))
