"""What the same search finds on markets that hold nothing to find."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.types import FloatArray, JsonValue

__all__ = ["VERSION", "Form", "Kind", "SearchNull", "exceedances_at"]

VERSION: Final = 1
"""Of the method: it changes whenever the same arguments would give another `SearchNull`."""

Kind: TypeAlias = Literal["permutation", "bootstrap"]
Form: TypeAlias = Literal["search", "walk_forward"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SearchNull:
    """The best that a search finds by chance, and where the real one stands among it.

    Parameters
    ----------
    form
        `search`: the whole search, in sample; `walk_forward`: all of a walk-forward.
    kind
        How markets are made: `permutation` or `bootstrap` of the bars.
    statistic
        What is compared: the (first) objective, or the out-of-sample Sharpe ratio.
    real
        It on the real bars; -inf where undefined.
    scores
        It on each market, in the order of their numbers; -inf where nothing was ranked, or it is
        undefined.
    markets
        How many were asked for.
    stop_after
        Scores of at least `real` after which no more markets are made; `None`: all are.
    trials
        Parameter sets that one search evaluates.
    seed
        Of the markets.
    block_length
        Expected block of the bootstrap, in bars, in sessions of intraday ones; `None` of a
        permutation.
    """

    form: Form
    kind: Kind
    statistic: str
    real: float
    scores: FloatArray
    markets: int
    stop_after: int | None
    trials: int
    seed: int
    block_length: float | None = None

    @property
    def done(self) -> int:
        """Markets that were searched, up to the last one that was needed."""
        return len(self.scores)

    @property
    def exceedances(self) -> int:
        """Markets that scored at least as much as the real one."""
        return int(np.count_nonzero(self.scores >= self.real))

    @property
    def stopped_early(self) -> bool:
        """Whether the answer was plain before all markets were made."""
        return self.done < self.markets

    @property
    def undefined(self) -> int:
        """Markets on which nothing was ranked."""
        return int(np.count_nonzero(np.isneginf(self.scores)))

    @property
    def p_value(self) -> float:
        """How probable a score of at least `real` is where there is nothing to find.

        (k + 1)/(B + 1), k of B markets scoring at least as much; h/l where the h-th such market
        came at l and no more were made (Besag and Clifford, "Sequential Monte Carlo p-values",
        Biometrika 1991).
        """
        found = self.exceedances
        if self.stop_after is not None and found >= self.stop_after:
            return self.stop_after / self.done
        return (found + 1) / (self.done + 1)

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values, from which `from_dict` makes the same object."""
        return {
            **{name: value for name, value in asdict(self).items() if name != "scores"},
            "real": told(self.real),
            "scores": [told(score) for score in self.scores.tolist()],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SearchNull:
        """Read back what `to_dict` gave."""
        scores = np.array([read(score) for score in data["scores"]], dtype=np.float64)
        return cls(**{**data, "real": read(data["real"]), "scores": scores})


def told(score: float) -> float | None:
    """Return a score as JSON has it: `None` for -inf."""
    return None if score == -np.inf else score


def read(score: float | None) -> float:
    """Return what `told` was given."""
    return -np.inf if score is None else float(score)


def exceedances_at(scores: FloatArray, real: float, stop_after: int | None) -> int | None:
    """Return how many markets it takes until `stop_after` score at least `real`.

    Returns
    -------
    int or None
        `None` where they are not among `scores`, or nothing stops.

    Examples
    --------
    >>> exceedances_at(np.array([1.0, 3.0, 2.0, 3.0]), 2.0, 2)
    3
    """
    if stop_after is None:
        return None
    places = np.flatnonzero(scores >= real)
    return int(places[stop_after - 1]) + 1 if len(places) >= stop_after else None
