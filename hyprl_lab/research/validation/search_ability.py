"""Whether the best of a study's trials beats cash by more than luck among as many would show."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.research.stats import PredictiveTests, optimal_block_length
from hyprl_lab.research.stats.weights import bootstrap_weights

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hyprl_lab.types import FloatArray, JsonValue

__all__ = ["LEAST", "SearchAbility", "search_ability"]

LEAST: Final = 8
"""Fewer returns have no block length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAbility:
    """Tests of all trials of a study against cash, on the same resamples.

    Parameters
    ----------
    trials
        That were tested; those that traded alike are one.
    left_out
        Trials that differ and were not tested.
    constant
        Of those tested, trials that never traded.
    returns, resamples, seed, block_length
        T, B, the seed of the resamples and their expected block.
    lower, consistent, upper
        p-values of Hansen's test (`superior_predictive_ability`).
    reality_check
        White's p-value.
    chosen
        Romano and Wolf's p-value of the trial that is judged.
    stepped
        Whether it was stepped down; else it is that of a single step, which is no smaller.
    """

    trials: int
    left_out: int
    constant: int
    returns: int
    resamples: int
    seed: int
    block_length: float
    lower: float
    consistent: float
    upper: float
    reality_check: float
    chosen: float
    stepped: bool

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SearchAbility:
        """Read back what `to_dict` gave."""
        return cls(**data)


def search_ability(
    chunks: Iterable[FloatArray],
    chosen: FloatArray,
    *,
    trials: int,
    left_out: int,
    resamples: int,
    seed: int,
) -> SearchAbility:
    """Test all trials of a study; memory does not grow with their number.

    The judged trial's optimal block is that of all: they are exposed to the same bars.

    Parameters
    ----------
    chunks
        Returns of the trials, shape (T, k) each, T at least 8.
    chosen
        Shape (T,), those of the judged trial, which is one of them; they vary.
    trials, left_out
        How many there are in `chunks`, and not in them.
    resamples, seed
        Of the stationary bootstrap.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).normal(0.0, 0.01, (250, 40))
    >>> found = search_ability(
    ...     [noise], noise[:, 7], trials=40, left_out=0, resamples=199, seed=0)
    >>> found.consistent > 0.05, found.stepped
    (True, True)
    """
    n = len(chosen)
    block = min(max(1.0, optimal_block_length(chosen)), n / 2.0)
    weights = bootstrap_weights(n, resamples=resamples, block_length=block, seed=seed)
    tests = PredictiveTests(weights, block_length=block, judged=chosen)
    for chunk in chunks:
        tests.add(chunk)
    found, judged = tests.finish(), tests.judge()
    superior = found.superior
    return SearchAbility(
        trials=trials,
        left_out=left_out,
        constant=superior.constant,
        returns=n,
        resamples=resamples,
        seed=seed,
        block_length=block,
        lower=superior.lower,
        consistent=superior.consistent,
        upper=superior.upper,
        reality_check=found.reality_check.p_value,
        chosen=judged.p_value,
        stepped=judged.stepped,
    )
