"""Whether choosing the best trial of a study would have worked: its block moments cross-validated.

Nothing is run again: the ledger keeps Σr and Σr² of each trial over 16 equal blocks of time.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from hyprl_lab.engine.simulation import BLOCK_COLUMNS
from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.overfitting import overfitting_of_ranges
from hyprl_lab.research.study.frames import block_ranges

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hyprl_lab.research.stats.overfitting import BacktestOverfitting
    from hyprl_lab.research.study import Study
    from hyprl_lab.types import BoolArray, CancelToken, FloatArray, IntArray, JsonValue

    Pair: TypeAlias = "tuple[int, int]"

__all__ = ["BLOCKS", "SearchOverfitting", "search_overfitting"]

BLOCKS: Final = 16
"""Of equal length, as the ledger has them."""

_SUMS: Final = BLOCK_COLUMNS[:2]
_BINS: Final = 40
_CHOICES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOverfitting:
    """What the cross-validation of a study's trials found.

    Trials that ran on all of the searched bars are compared, each set of parameters once; pruned
    and failed ones have no record of the same bars. The trial with the largest Sharpe ratio is
    chosen in each half, whatever the study's objective and constraints are.

    Parameters
    ----------
    trials
        That were compared.
    pruned, failed, repeated
        That were not.
    reason
        Why there is no probability; `None` where there is one.
    probability, mean_logit
        As `BacktestOverfitting` has them.
    splits, undecided, idle
        Halves of time; those in which no trial's returns vary; those whose choice was idle in the
        other half, which is ranked last.
    length, dropped
        Returns in each of the 16 blocks, and the oldest that are in none.
    logit_edges, logit_counts
        The histogram of the logits: bins of equal width, symmetric around 0. A bin holds its upper
        edge, so that those up to the edge 0 hold the share `probability`.
    chosen
        Numbers of the trials that were chosen most often, and in how many halves; 20 at most.
    degradation, probability_of_loss
        As `BacktestOverfitting` has them.
    best
        The trial with the largest Sharpe ratio on all of the searched bars.
    best_sharpe, standard_error
        Its Sharpe ratio per period, and √((1 - γ₃·SR + (γ₄ - 1)/4·SR²)/(T - 1)).
    median_sharpe
        Of the other trials.
    inconclusive
        Why the probability says little: the best is within one standard error of that median, so
        that no choice was made; `None` where it is not.
    """

    trials: int
    pruned: int
    failed: int
    repeated: int
    reason: str | None = None
    probability: float | None = None
    mean_logit: float | None = None
    splits: int = 0
    undecided: int = 0
    idle: int = 0
    length: int = 0
    dropped: int = 0
    logit_edges: tuple[float, ...] = ()
    logit_counts: tuple[int, ...] = ()
    chosen: tuple[Pair, ...] = ()
    degradation: float | None = None
    probability_of_loss: float | None = None
    best: int | None = None
    best_sharpe: float | None = None
    standard_error: float | None = None
    median_sharpe: float | None = None
    inconclusive: str | None = None

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values."""
        return {
            **asdict(self),
            "logit_edges": list(self.logit_edges),
            "logit_counts": list(self.logit_counts),
            "chosen": [list(pair) for pair in self.chosen],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> SearchOverfitting:
        """Read back what `to_dict` gave."""
        return cls(
            **{
                **data,
                "logit_edges": tuple(data["logit_edges"]),
                "logit_counts": tuple(data["logit_counts"]),
                "chosen": tuple((trial, halves) for trial, halves in data["chosen"]),
            }
        )


def search_overfitting(
    study: Study,
    returns: int,
    *,
    threads: int | None = None,
    cancel: CancelToken | None = None,
) -> SearchOverfitting:
    """Cross-validate a study's trials by what the ledger keeps of them.

    Memory grows by a few bytes a trial; block moments are read twice, a range at a time.

    Parameters
    ----------
    study
        Without its block moments (`ledger="summary"`) there is a reason and no probability.
    returns
        T, the headline returns of each of its trials.
    threads
        All cores where `None`; nothing depends on it.
    cancel
        A token that stops the work.

    Raises
    ------
    CancelledError
        The token was set.
    """
    there = _Trials(study)
    counts: dict[str, Any] = {
        "trials": len(there.number),
        "pruned": study.pruned,
        "failed": study.failed,
        "repeated": there.repeated,
    }
    length = returns // BLOCKS
    if not length:
        why = f"{returns} headline returns are fewer than the {BLOCKS} blocks of time"
        return SearchOverfitting(reason=why, **counts)
    if len(there.number) < 2:
        why = "fewer than two trials ran on all of the searched bars, so there was no choice"
        return SearchOverfitting(reason=why, **counts)
    try:
        found = overfitting_of_ranges(
            there.ranges, length=length, dropped=returns % BLOCKS, threads=threads, cancel=cancel
        )
    except InputError as error:  # no block moments, or no two Sharpe ratios
        return SearchOverfitting(reason=str(error), **counts)
    edges, heights = _histogram(found.logits)
    return SearchOverfitting(
        **counts,
        probability=found.probability,
        mean_logit=found.mean_logit,
        splits=found.splits,
        undecided=found.undecided,
        idle=found.idle,
        length=found.length,
        dropped=found.dropped,
        logit_edges=edges,
        logit_counts=heights,
        chosen=_choices(found, there.number),
        degradation=found.degradation,
        probability_of_loss=found.probability_of_loss,
        **_conclusive(there, returns),
    )


class _Trials:
    """Trials of a study that ran on all of the searched bars, each set of parameters once."""

    def __init__(self, study: Study) -> None:
        self.study = study
        found = study.warehouse.trial_columns(
            study.study_id, ["trial_index", "completed", "sharpe_per_period"]
        )
        first = _first_of_each(study, found["completed"])
        self.repeated = int(found["completed"].sum() - first.sum())
        self.number: IntArray = found["trial_index"][first]
        self.sharpe: FloatArray = found["sharpe_per_period"][first]

    def ranges(self) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Yield Σr and Σr² of their 16 blocks of equal length, in the order of `number`."""
        store, study_id = self.study.warehouse, self.study.study_id
        for places, blocks in block_ranges(self.study, _SUMS):
            index = store.trial_columns(
                study_id, ["trial_index"], first=places.start, stop=places.stop
            )["trial_index"]
            first, stop = np.searchsorted(self.number, [places.start, places.stop])
            kept = np.isin(index, self.number[first:stop], assume_unique=True)
            sums, squares = (blocks[name][kept, 1:] for name in _SUMS)
            yield sums, squares


def _first_of_each(study: Study, completed: BoolArray) -> BoolArray:
    """Return which trials are completed and repeat no earlier one; a grid has no repeats."""
    params = {} if study.sampler == "grid" else study.warehouse.trial_params(study.study_id)
    if not params:
        return completed
    rows = np.column_stack(list(params.values()))[completed] + 0.0  # no negative zeros
    names = np.ascontiguousarray(rows).view(f"V{rows.shape[1] * rows.itemsize}").ravel()
    _, places = np.unique(names, return_index=True)
    first = np.zeros_like(completed)
    first[np.flatnonzero(completed)[places]] = True
    return first


def _histogram(logits: FloatArray) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Return edges and counts; a bin holds its upper edge, the first one also its lower."""
    most = float(np.abs(logits).max()) or 1.0
    edges = np.linspace(-most, most, _BINS + 1)
    edges[_BINS // 2] = 0.0
    places = np.clip(np.searchsorted(edges, logits) - 1, 0, _BINS - 1)
    counts = np.bincount(places, minlength=_BINS)
    return tuple(edges.tolist()), tuple(counts.tolist())


def _choices(found: BacktestOverfitting, number: IntArray) -> tuple[Pair, ...]:
    trials, counts = np.unique(found.chosen, return_counts=True)
    order = np.lexsort((trials, -counts))[:_CHOICES]
    return tuple(zip(number[trials[order]].tolist(), counts[order].tolist(), strict=True))


def _conclusive(there: _Trials, returns: int) -> dict[str, Any]:
    """Return how far the best trial on all bars is above the median of the others."""
    known = np.flatnonzero(~np.isnan(there.sharpe))
    if len(known) < 2:
        return {}
    place = known[np.argmax(there.sharpe[known])]
    best, sharpe = int(there.number[place]), float(there.sharpe[place])
    median = float(np.median(np.delete(there.sharpe[known], np.argmax(there.sharpe[known]))))
    shape = there.study.warehouse.trial_columns(
        there.study.study_id, ["skewness", "kurtosis"], first=best, stop=best + 1
    )
    third, fourth = float(shape["skewness"][0]), float(shape["kurtosis"][0])
    variance = 1.0 - third * sharpe + (fourth - 1.0) / 4.0 * sharpe * sharpe
    error = math.sqrt(max(variance, 0.0) / (returns - 1))
    why = None
    if sharpe - median <= error:
        why = (
            f"the best trial's Sharpe ratio ({sharpe:.4f} a period) is within one standard error "
            f"({error:.4f}) of the median of the others ({median:.4f})"
        )
    return {
        "best": best,
        "best_sharpe": sharpe,
        "standard_error": error,
        "median_sharpe": median,
        "inconclusive": why,
    }
