"""A study: one supersearch, its trials in the ledger, its ranking."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.errors import SpaceError
from hyprl_lab.metrics import TRIAL_METRICS, Metrics
from hyprl_lab.research.conditions import Condition, Objective

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.research.space import SpaceLike
    from hyprl_lab.store import Warehouse
    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["Ranking", "Study", "Trial"]

_SHOWN: Final = ("total_return", "cagr", "max_drawdown", "profit_factor", "trades")
"""Metrics that a study's display shows; `top` has them all."""


@dataclass(frozen=True, slots=True, repr=False)
class Trial:
    """One evaluated parameter set.

    Parameters
    ----------
    index
        Its number in the study, in the order of the grid.
    params
        Parameter values by name.
    metrics
        What it achieved on the searched bars.
    objective
        The study's objective.
    """

    index: int
    params: Mapping[str, float]
    metrics: Metrics
    objective: float

    def __repr__(self) -> str:
        """One line: which parameters, and the objective."""
        params = ", ".join(f"{name}={value:g}" for name, value in self.params.items())
        return f"Trial({self.index}: {params}; objective {self.objective:.4g})"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(repr(self))}</p>{self.metrics._repr_html_()}"


@dataclass(frozen=True, slots=True)
class Ranking:
    """What makes one trial better than another.

    Parameters
    ----------
    objective
        A number over metrics to make as large as possible.
    constraints
        Conditions over metrics; a trial that fails one is not ranked.

    Raises
    ------
    SpaceError
        An unknown metric, or text that is no such expression.
    """

    objective: Objective
    constraints: tuple[Condition, ...]

    @classmethod
    def of(cls, objective: str, constraints: Sequence[str]) -> Ranking:
        """Read the expressions over the metrics' names."""
        if isinstance(constraints, str):
            raise SpaceError(
                f"constraints is the text {constraints!r}; expected a list: [{constraints!r}]"
            )
        return cls(
            Objective(objective, TRIAL_METRICS),
            tuple(Condition(text, TRIAL_METRICS) for text in constraints),
        )

    @property
    def metrics(self) -> list[str]:
        """The metrics that it reads, sorted."""
        used = set(self.objective.uses())
        for condition in self.constraints:
            used |= condition.uses()
        return sorted(used)

    def scores(self, metrics: Mapping[str, FloatArray], length: int) -> FloatArray:
        """Return each trial's objective, NaN where undefined or where a constraint fails."""
        met = np.ones(length, dtype=np.bool_)
        for condition in self.constraints:
            met &= condition.holds(metrics, length)
        return np.where(met, self.objective.values(metrics, length), np.nan)

    def best_first(self, scores: FloatArray, count: int) -> IntArray:
        """Return the positions of the `count` largest scores; equal ones in the order given."""
        defined = np.flatnonzero(~np.isnan(scores))
        order = np.argsort(-scores[defined], kind="stable")[:count]
        return defined[order]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Study:
    """One supersearch. Its trials are read from the ledger when they are asked for.

    Parameters
    ----------
    study_id
        Hash of everything that determines the trials and their ranking.
    bars
        All bars, the holdout included.
    search_bars
        The bars that were searched.
    holdout_start
        Open of the first bar held out, microseconds UTC; `None` without a holdout.
    strategy, space, where, objective, constraints, risk, execution, cash, seed
        What was searched, and how trials are ranked.
    lineage_root
        The root under which these bars' trials are counted.
    total
        Trials in the space.
    evaluated
        Trials that this call evaluated; 0 where the ledger had them all.
    first_error
        Why the first of them failed in this call.
    seconds
        Wall time of this call.
    complete
        Whether every trial is in the ledger.
    ranking
        The parsed objective and constraints.
    warehouse
        Where the trials are.
    """

    study_id: str
    bars: Bars
    search_bars: Bars
    holdout_start: int | None
    strategy: Strategy
    space: SpaceLike | None
    where: str | None
    objective: str
    constraints: tuple[str, ...]
    risk: Risk
    execution: Execution
    cash: float
    seed: int
    lineage_root: str
    total: int
    evaluated: int
    first_error: str | None
    seconds: float
    complete: bool
    ranking: Ranking
    warehouse: Warehouse

    @cached_property
    def best(self) -> Trial | None:
        """The best trial that meets the constraints; `None` where none does."""
        found = self.top(1)
        if found.empty:
            return None
        row = found.iloc[0]
        return Trial(
            index=int(found.index[0]),
            params={name: float(row[name]) for name in self.strategy.parameters},
            metrics=Metrics.from_values(
                {name: float(row[name]) for name in TRIAL_METRICS},
                trades=None,
                periods_per_year=self.search_bars.periods_per_year,
            ),
            objective=float(row["objective"]),
        )

    @cached_property
    def failed(self) -> int:
        """Trials that could not be evaluated, such as those with a window longer than the bars."""
        found = self.warehouse.sql(
            "SELECT count(*) AS n FROM trials WHERE study_id = ? AND state = 'failed'",
            [self.study_id],
        )
        return int(found["n"].iloc[0])

    def top(self, count: int = 20) -> pd.DataFrame:
        """Return the best trials that meet the constraints, best first.

        Parameters
        ----------
        count
            At most so many rows.

        Returns
        -------
        DataFrame indexed by trial: `objective`, then parameters, then metrics (NaN where
        undefined). Equal objectives stand in the order of the grid.
        """
        names = self.ranking.metrics
        columns = self.warehouse.trial_columns(self.study_id, ["trial_index", *names])
        length = len(columns["trial_index"])
        scores = self.ranking.scores(columns, length)
        places = self.ranking.best_first(scores, count)
        chosen = columns["trial_index"][places]
        frame = self._frame(chosen.tolist()).reindex(chosen)
        frame.insert(0, "objective", scores[places])
        return frame

    def trials(self) -> pd.DataFrame:
        """Return every trial, a row each in the order of the grid.

        Columns: `state`, parameters, metrics (NaN where undefined), `behaviour_hash`.
        """
        return self._frame(None)

    def _frame(self, indices: list[int] | None) -> pd.DataFrame:
        return self.warehouse.trials_frame(self.study_id, indices)

    def __repr__(self) -> str:
        """One line: what was searched, how far, and the best of it."""
        best = self.best
        if best is not None:
            said = f"best {self.objective} {best.objective:.4g} at {dict(best.params)}"
        elif self.failed:
            said = f"{self.failed:,} failed: {self.first_error or 'see study.trials()'}"
        elif self.constraints:
            said = f"nothing met {list(self.constraints)}"
        else:
            said = f"{self.objective} is undefined for every trial"
        state = "" if self.complete else ", incomplete"
        return (
            f"Study({self.strategy.name!r} on {self.bars.symbol} {self.bars.timeframe}, "
            f"{self.total:,} trials{state}, {said})"
        )

    def _repr_html_(self) -> str:
        from html import escape

        shown = ["objective", *self.strategy.parameters, *_SHOWN]
        table = self.top(10)[shown].to_html(float_format="{:.4g}".format)
        return f"<p>{escape(repr(self))}</p>{table}"
