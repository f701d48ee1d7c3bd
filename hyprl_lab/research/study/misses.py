"""Why trials are not ranked, and which came nearest when none met the constraints."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.research.study.shortfall import shortfall

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hyprl_lab.research.study.ranking import Ranking
    from hyprl_lab.types import BoolArray, FloatArray

__all__ = ["Miss", "Misses", "NearMiss", "nearest_misses"]

_SHOWN_COLUMNS: Final = 6
"""Metrics that a remark shows of a near miss."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A trial that came near.

    Parameters
    ----------
    place
        Its position among the trials that were looked at.
    shortfall
        What it lacks; see `shortfall`.
    values
        The metrics that the condition reads, by name.
    """

    place: int
    shortfall: float
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Miss:
    """One condition that trials failed.

    Parameters
    ----------
    text
        The constraint, or all of them joined by `and`.
    failed
        How many trials failed it, those with an undefined metric included.
    undefined
        How many of these failed it because a metric it reads is undefined.
    nearest
        The failed trials that came nearest, nearest first.
    """

    text: str
    failed: int
    undefined: int
    nearest: tuple[NearMiss, ...]


@dataclass(frozen=True, slots=True)
class Misses:
    """Why trials are not ranked.

    Parameters
    ----------
    trials
        How many were looked at.
    ranked
        How many met all constraints and have every objective.
    constraints
        One entry for each constraint that a trial failed, in the order given.
    together
        All constraints at once; `None` with fewer than two of them or where a trial met all.
    undefined
        For each objective that is undefined for a trial, how many; and for each metric it reads,
        how many lack it.
    """

    trials: int
    ranked: int
    constraints: tuple[Miss, ...]
    together: Miss | None
    undefined: Mapping[str, tuple[int, Mapping[str, int]]]

    def remarks(self, describe: Callable[[int], str]) -> tuple[str, ...]:
        """Say in words why nothing is ranked; nothing where a trial is, or none was looked at.

        Parameters
        ----------
        describe
            Names the trial at a position, such as `"trial 17 (fast=5, slow=20)"`.
        """
        if self.ranked or not self.trials:
            return ()
        said = [_miss_words(miss, self.trials, describe) for miss in self.constraints]
        if self.together is not None:
            said.append(_together_words(self.together, describe))
        for text, (count, missing) in self.undefined.items():
            lacking = ", ".join(f"{name} in {number:,}" for name, number in missing.items())
            why = f": undefined are {lacking}" if lacking else ", by its arithmetic"
            said.append(
                f"objective {text!r} is undefined for {_share(count, self.trials)}{why}; "
                "trials without trades have no such metrics: widen the space or loosen the entry"
            )
        return tuple(said)


def nearest_misses(
    ranking: Ranking,
    metrics: Mapping[str, FloatArray],
    length: int,
    count: int = 3,
    *,
    among: BoolArray | None = None,
) -> Misses:
    """Count which constraints trials failed, and find those that came nearest.

    Parameters
    ----------
    ranking
        Objectives and constraints.
    metrics
        Arrays of one length by name, those of `ranking.metrics` at least; NaN where undefined.
    length
        That length.
    count
        How many near misses to name a constraint.
    among
        Which trials to look at, such as those whose state is `completed`; all where `None`.

    Examples
    --------
    >>> from hyprl_lab.research.study import Ranking
    >>> metrics = {"sharpe": np.array([1.0, 0.5]), "trades": np.array([12.0, 29.0])}
    >>> found = nearest_misses(Ranking.of("sharpe", ["trades >= 30"]), metrics, 2, count=1)
    >>> found.remarks(lambda place: f"trial {place}")
    ("no trial met 'trades >= 30' (2 of 2 failed it); nearest: trial 1 with trades 29",)
    """
    looked = np.ones(length, dtype=np.bool_) if among is None else among
    held = [condition.holds(metrics, length) for condition in ranking.constraints]
    gaps = [shortfall(condition, metrics, length) for condition in ranking.constraints]
    found = [
        _miss(
            condition.text,
            names=condition.uses(),
            failed=looked & ~met,
            gaps=gap,
            metrics=metrics,
            count=count,
        )
        for condition, met, gap in zip(ranking.constraints, held, gaps, strict=True)
    ]
    together = None
    if len(held) > 1:
        missed = looked & ~reduce(np.logical_and, held)
        if missed.sum() == looked.sum():
            names = set[str]().union(*(condition.uses() for condition in ranking.constraints))
            text = " and ".join(condition.text for condition in ranking.constraints)
            together = _miss(
                text,
                names=names,
                failed=missed,
                gaps=np.sum(gaps, axis=0),
                metrics=metrics,
                count=count,
            )
    undefined: dict[str, tuple[int, Mapping[str, int]]] = {}
    for objective in ranking.objectives:
        without = looked & np.isnan(objective.values(metrics, length))
        if without.any():
            lacking = {
                name: int(np.isnan(metrics[name][without]).sum())
                for name in sorted(objective.uses())
            }
            undefined[objective.text] = (
                int(without.sum()),
                {name: number for name, number in lacking.items() if number},
            )
    return Misses(
        trials=int(looked.sum()),
        ranked=int((~np.isnan(ranking.scores(metrics, length, among=looked))).sum()),
        constraints=tuple(miss for miss in found if miss.failed),
        together=together,
        undefined=undefined,
    )


def _miss(
    text: str,
    *,
    names: set[str],
    failed: BoolArray,
    gaps: FloatArray,
    metrics: Mapping[str, FloatArray],
    count: int,
) -> Miss:
    places = np.flatnonzero(failed)
    known = places[np.isfinite(gaps[places])]
    nearest = known[np.argsort(gaps[known], kind="stable")[:count]]
    return Miss(
        text=text,
        failed=len(places),
        undefined=len(places) - len(known),
        nearest=tuple(
            NearMiss(
                place=int(place),
                shortfall=float(gaps[place]),
                values={name: float(metrics[name][place]) for name in sorted(names)},
            )
            for place in nearest
        ),
    )


def _miss_words(miss: Miss, trials: int, describe: Callable[[int], str]) -> str:
    started = "no trial met" if miss.failed == trials else "not every trial met"
    said = f"{started} {miss.text!r} ({_share(miss.failed, trials)} failed it"
    if miss.undefined:
        said += f", {miss.undefined:,} of them with an undefined metric"
    return f"{said}){_nearest_words(miss, describe)}"


def _together_words(miss: Miss, describe: Callable[[int], str]) -> str:
    return f"no trial met all constraints at once{_nearest_words(miss, describe)}"


def _nearest_words(miss: Miss, describe: Callable[[int], str]) -> str:
    if not miss.nearest:
        return ""
    named = (
        f"{describe(near.place)} with "
        + ", ".join(
            f"{name} {value:.4g}" for name, value in list(near.values.items())[:_SHOWN_COLUMNS]
        )
        for near in miss.nearest
    )
    return f"; nearest: {'; '.join(named)}"


def _share(count: int, trials: int) -> str:
    return f"{count:,} of {trials:,}"
