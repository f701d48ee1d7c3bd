"""How the parameters around the chosen ones fare: a plateau, or a peak that stands alone.

Trials of the study are read from its ledger. What the search did not evaluate on all of its bars
is evaluated now, and counted: a new set of parameters on the real bars is a try, whoever asks.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.errors import CancelledError, InputError, StrategyError
from hyprl_lab.research.recording import backtest
from hyprl_lab.research.settled import settled
from hyprl_lab.research.space import read_space
from hyprl_lab.research.stats.robustness import neighbourhood_part
from hyprl_lab.research.validation.around import around

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.research.study import Study
    from hyprl_lab.research.validation.around import Way
    from hyprl_lab.types import BoolArray, CancelToken, FloatArray, IntArray, JsonValue

__all__ = ["VERSION", "Neighbour", "Neighbourhood", "neighbourhood"]

VERSION: Final = 1
"""Of the method: it changes whenever the same arguments would give another `Neighbourhood`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """One set of parameters beside the chosen one.

    Parameters
    ----------
    params
        All of them.
    sharpe
        Annualised; `None` where it has none, as it never traded or could not be evaluated.
    trial
        Its number in the study; `None` where it was evaluated for this.
    """

    params: Mapping[str, float]
    sharpe: float | None
    trial: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """The chosen parameters and those around them.

    Parameters
    ----------
    way, moved, fixed, edges
        As `Around` has them.
    params
        The chosen ones.
    sharpe
        Their annual Sharpe ratio; `None` where they have none.
    neighbours
        The others.
    """

    way: Way
    moved: tuple[str, ...]
    fixed: tuple[str, ...]
    edges: tuple[str, ...]
    params: Mapping[str, float]
    sharpe: float | None
    neighbours: tuple[Neighbour, ...]

    @property
    def sharpes(self) -> FloatArray:
        """Of the neighbours; 0 for those without a Sharpe ratio."""
        return np.array([one.sharpe or 0.0 for one in self.neighbours])

    @property
    def evaluated(self) -> int:
        """Neighbours that were not in the study's ledger."""
        return sum(one.trial is None for one in self.neighbours)

    @property
    def without(self) -> int:
        """Neighbours that have no Sharpe ratio, and count as 0."""
        return sum(one.sharpe is None for one in self.neighbours)

    @property
    def quarter(self) -> float | None:
        """Sharpe ratio that a quarter of the neighbours stay below; `None` without any."""
        return float(np.quantile(self.sharpes, 0.25)) if self.neighbours else None

    @property
    def ratio(self) -> float | None:
        """`quarter` over the chosen Sharpe ratio, halved on an edge; see `reason`."""
        quarter, chosen = self.quarter, self.sharpe
        if quarter is None or chosen is None or chosen <= 0.0:
            return None
        ratio = quarter / chosen
        return ratio / 2.0 if self.edges and ratio > 0.0 else ratio

    @property
    def part(self) -> float | None:
        """S_n of the robustness score, from 0 to 1; `None` without neighbours."""
        if not self.neighbours:
            return None
        chosen = 0.0 if self.sharpe is None else self.sharpe
        return neighbourhood_part(self.sharpes, chosen, on_edge=bool(self.edges))

    @property
    def reason(self) -> str | None:
        """Why there is no ratio; `None` where there is one."""
        if not self.moved:
            return "no parameter of the space has neighbouring values"
        if not self.neighbours:
            return "the space has no point beside the chosen one"
        if self.sharpe is None:
            return "the chosen trial has no Sharpe ratio"
        if self.sharpe <= 0.0:
            return f"the chosen trial's Sharpe ratio is {self.sharpe:.2f}, not above 0"
        return None

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values."""
        names: dict[str, Any] = {name: list(getattr(self, name)) for name in _NAMES}
        return {**asdict(self), **names, "neighbours": [asdict(one) for one in self.neighbours]}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Neighbourhood:
        """Read back what `to_dict` gave."""
        names = {name: tuple(data[name]) for name in _NAMES}
        found = tuple(Neighbour(**one) for one in data["neighbours"])
        return cls(**{**data, **names, "neighbours": found})


_NAMES: Final = ("moved", "fixed", "edges")


def neighbourhood(
    study: Study, *, seed: int = 0, cancel: CancelToken | None = None
) -> Neighbourhood:
    """Return the chosen trial of a study and what lies around it.

    Parameters
    ----------
    study
        With a trial that met the constraints.
    seed
        Of the Latin hypercube, where more than four parameters move.
    cancel
        Stops between two evaluations.

    Raises
    ------
    InputError
        No trial met the constraints.
    CancelledError
        The token was set.

    Examples
    --------
    >>> import tempfile
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.research.search import supersearch
    >>> from hyprl_lab.store import Warehouse
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> study = supersearch(
    ...     load_bars("TEST"), dual_sma(), {"fast": [2, 3, 4], "slow": [5, 6, 7]},
    ...     warehouse=Warehouse(tempfile.mkdtemp()))
    >>> found = neighbourhood(study)
    >>> found.moved, found.evaluated
    (('fast', 'slow'), 0)
    """
    best = study.best
    if best is None:
        raise InputError("no trial of the study met the constraints, so nothing was chosen")
    space = read_space(
        study.strategy, study.space, study.where, risk=study.risk, execution=study.execution
    )
    near = around(space, best.params, seed=seed)
    ledger = _Ledger(study)
    found: list[Neighbour] = []
    for point in near.points:
        if cancel is not None and cancel.is_set():
            raise CancelledError(
                f"neighbourhood stopped after {len(found)} of {len(near.points)} points"
            )
        found.append(ledger.read(point) or _evaluated(study, point))
    return Neighbourhood(
        way=near.way,
        moved=near.moved,
        fixed=near.fixed,
        edges=near.edges,
        params=dict(best.params),
        sharpe=best.metrics.sharpe,
        neighbours=tuple(found),
    )


class _Ledger:
    """The trials of a study that ran, or failed, on all of its bars."""

    def __init__(self, study: Study) -> None:
        store, study_id = study.warehouse, study.study_id
        columns = store.trial_columns(study_id, ["trial_index", "sharpe"])
        params = store.trial_params(study_id, study.points.names)
        whole: BoolArray = np.ones(len(columns["trial_index"]), dtype=np.bool_)
        if study.pruned:  # texts, which take their time to read
            whole = store.trial_columns(study_id, ["state"])["state"] != "pruned"
        self._number: IntArray = columns["trial_index"][whole]
        self._sharpe: FloatArray = columns["sharpe"][whole]
        self._params = {name: column[whole] for name, column in params.items()}

    def read(self, point: Mapping[str, float]) -> Neighbour | None:
        """Return the first trial with these parameters, `None` where there is none."""
        same = np.ones(len(self._number), dtype=np.bool_)
        for name, value in point.items():
            same &= self._params[name] == value
        places = np.flatnonzero(same)
        if not len(places):
            return None
        sharpe = float(self._sharpe[places[0]])
        return Neighbour(
            params=dict(point),
            sharpe=None if np.isnan(sharpe) else sharpe,
            trial=int(self._number[places[0]]),
        )


def _evaluated(study: Study, point: Mapping[str, float]) -> Neighbour:
    """Run parameters that the study did not, and count them."""
    taken = settled(point, study.risk, study.execution)
    try:
        result = backtest(
            study.search_bars,
            study.strategy,
            params=taken.params,
            risk=taken.risk,
            execution=taken.execution,
            cash=study.cash,
            seed=study.seed,
            warehouse=study.warehouse,
        )
    except StrategyError:  # recorded as a failed trial
        return Neighbour(params=dict(point), sharpe=None, trial=None)
    return Neighbour(params=dict(point), sharpe=result.metrics.sharpe, trial=None)
