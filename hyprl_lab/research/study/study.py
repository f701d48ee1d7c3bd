"""A study: one supersearch, its trials in the ledger, its ranking."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from hyprl_lab.errors import NotFoundError
from hyprl_lab.metrics import TRIAL_METRICS, Metrics
from hyprl_lab.research.settled import settled
from hyprl_lab.research.study import clusters as _clusters
from hyprl_lab.research.study import effective as _effective
from hyprl_lab.research.study import importance as _importance
from hyprl_lab.research.study import neighbours as _neighbours
from hyprl_lab.research.study import surface as _surface
from hyprl_lab.research.study.display import study_html, study_line
from hyprl_lab.research.study.frames import (
    checked_count,
    completed_columns,
    framed,
    leading_columns,
)
from hyprl_lab.research.study.recost import recost as _recost
from hyprl_lab.research.study.trial import Trial, trial_number

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.research.search.halving import Halving
    from hyprl_lab.research.settled import Settled
    from hyprl_lab.research.space import Points, SpaceLike
    from hyprl_lab.research.study.effective import EffectiveTrials
    from hyprl_lab.research.study.ranking import Ranking
    from hyprl_lab.research.study.recost import Recosted
    from hyprl_lab.research.study.surface import Reduce, Surface
    from hyprl_lab.store import Warehouse
    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["Study"]


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
        What was searched, and how trials are ranked; `objective` is a tuple of texts where there
        are several.
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
        The parsed objectives and constraints.
    warehouse
        Where the trials are.
    points
        The points that were searched; `points.names` are the columns of parameters, and of
        settings such as `execution.fee_bps`.
    sampler
        What chose the points: `"grid"`, `"random"`, `"sobol"`, …
    sampler_given
        What the search was given as its sampler: a name or an object.
    max_trials
        How many points were drawn; `None` for all points of a grid.
    halving
        How trials were pruned on prefixes of the bars; `None` where they were not.
    ledger
        `"full"` keeps block moments with each trial, `"summary"` metrics alone.
    remarks
        What the search said at its end, such as that nothing met a constraint and what came
        nearest; empty where all went well.
    """

    study_id: str
    bars: Bars
    search_bars: Bars
    holdout_start: int | None
    strategy: Strategy
    space: SpaceLike | None
    where: str | None
    objective: str | tuple[str, ...]
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
    points: Points
    sampler: str = "grid"
    sampler_given: Any = "grid"
    max_trials: int | None = None
    halving: Halving | None = None
    ledger: Literal["full", "summary"] = "full"
    remarks: tuple[str, ...] = field(default=())

    @cached_property
    def best(self) -> Trial | None:
        """The best trial that meets the constraints; `None` where none does.

        With several objectives it is that of the Pareto front with the largest first one.
        """
        row = self.best_row
        if row is None:
            return None
        return Trial(
            index=trial_number(row),
            params={name: float(row[name]) for name in self.points.names},
            metrics=Metrics.from_values(
                {name: float(row[name]) for name in TRIAL_METRICS},
                trades=None,
                periods_per_year=self.search_bars.periods_per_year,
            ),
            objective=float(row["objective"]),
        )

    @cached_property
    def best_row(self) -> pd.Series[Any] | None:
        """The first row of `top`; `None` where nothing is ranked."""
        found = self.top(1)
        return None if found.empty else found.iloc[0]

    @cached_property
    def _states(self) -> dict[str, int]:
        found = self.warehouse.sql(
            "SELECT state, count(*) AS n FROM trials WHERE study_id = ? GROUP BY state",
            [self.study_id],
        )
        return dict(zip(found["state"].tolist(), found["n"].tolist(), strict=True))

    @property
    def committed(self) -> int:
        """Trials in the ledger: all of them, once the study is complete."""
        return sum(self._states.values())

    @property
    def failed(self) -> int:
        """Trials that could not be evaluated, such as those with a window longer than the bars."""
        return self._states.get("failed", 0)

    @property
    def pruned(self) -> int:
        """Trials that were given up on a prefix of the bars; they are not ranked."""
        return self._states.get("pruned", 0)

    def trials(self) -> pd.DataFrame:
        """Return every trial, a row each in the order of the grid.

        Columns: `state`, parameters, metrics (NaN where undefined), `behaviour_hash`. The metrics
        of a pruned trial are of the longest prefix of the bars that it ran on.
        """
        return self.warehouse.trials_frame(self.study_id)

    def top(self, count: int = 20) -> pd.DataFrame:
        """Return the best trials that meet the constraints, best first.

        Parameters
        ----------
        count
            At most so many rows.

        Returns
        -------
        DataFrame indexed by trial: `objective` (`objective_2`, … where there are several), then
        state, parameters, metrics (NaN where undefined) and `behaviour_hash`. Equal objectives
        stand in the order of the grid. With several objectives those on the Pareto front come
        first, then those that only the front dominates, and so on. Only completed trials rank.

        Raises
        ------
        InputError
            `count` is no whole number from 0.
        """
        count = checked_count("count", count)
        index, scores = self._scored(count)
        places = self.ranking.best_first(scores, count)
        return framed(self, index[places], scores[:, places])

    def pareto(self) -> pd.DataFrame:
        """Return the trials that no other dominates, the largest first objective first.

        A trial dominates another that is no better in any objective and worse in one. With one
        objective only the best are left. Columns as in `top`.
        """
        index, scores = self._scored()
        places = self.ranking.front(scores)
        return framed(self, index[places], scores[:, places])

    def surface(self, x: str, y: str, metric: str | None = None, reduce: Reduce = "max") -> Surface:
        """Return a metric over two parameters, as a table and a heatmap.

        All completed trials count, those that miss a constraint too: a peak between failures
        shows as one.

        Parameters
        ----------
        x, y
            Two parameters. One of more than 200 values is cut into 40 bins of equal width, named
            by their centre; of a sample one of more than 2·k values into k bins, k = √(trials/4),
            from 4 to 40. A log-scaled axis is cut, and drawn, in its logarithm.
        metric
            An expression over metrics; the (first) objective where `None`.
        reduce
            What becomes of trials that differ in other parameters: `"max"`, `"mean"`,
            `"median"`. The best of many hides how narrow it is, so look at the median too.

        Raises
        ------
        InputError
            A parameter is unknown or given twice, or `reduce` is none of these.
        SpaceError
            `metric` is no expression over metrics.
        """
        return _surface.surface(self, x, y, metric, reduce)

    def importance(self, metric: str | None = None) -> pd.Series[float]:
        """Return the share of a metric's variance that each parameter explains alone.

        First-order Sobol' indices, over all completed trials whose metric is defined, constraints
        aside; formulas and sources: `hyprl_lab.research.study.importance`. On a whole grid the
        shares and `interactions`, the rest, add up to 1. Where `where` or conditional parameters
        bind parameters to each other, what they explain together counts for each, so that shares
        can add up to more; `interactions` is 0 then.

        Parameters
        ----------
        metric
            An expression over metrics; the (first) objective where `None`.

        Returns
        -------
        Series by parameter, largest first, then `interactions`; NaN where the metric does not
        vary.

        Raises
        ------
        SpaceError
            `metric` is no expression over metrics.
        """
        return _importance.importance(self, metric)

    def neighbours(self, trial: Trial | int | pd.Series[Any], radius: int = 1) -> pd.DataFrame:
        """Return the trials around one, nearest first, and how the objective falls off.

        Parameters
        ----------
        trial
            A trial, its number, or a row of the study's tables.
        radius
            On a grid: at most so many steps away on every axis, diagonals too. In a sample: the
            nearest two trials a parameter, times the radius, by Euclidean distance where each
            parameter's range is 1 (in the logarithm where its axis is log-scaled; a value that
            `otherwise` puts beyond such an axis counts as its nearer end).

        Returns
        -------
        DataFrame indexed by trial: `steps` (the most over all axes) or `distance`, `objective`
        (NaN where it is not ranked), `change` against the trial's own, parameters. Only completed
        trials.

        Raises
        ------
        InputError
            The radius is not a whole number from 1, or `trial` is none.
        NotFoundError
            The study has no such completed trial.
        """
        return _neighbours.neighbours(self, trial, radius)

    def clusters(self) -> pd.DataFrame:
        """Return the groups of completed trials that traded alike, best first.

        Trials with one behaviour hash entered and left on the same bars, on the same side, for
        the same reasons: different parameters, one strategy.

        Returns
        -------
        DataFrame, a row a group: `size`, `representative` (its best trial; the first in the order
        of the grid where equal or none is ranked), `objective` (the best, NaN where none is
        ranked), `spread` (best less worst), `trades`, the representative's parameters,
        `behaviour_hash`.
        """
        return _clusters.clusters(self)

    def effective_trials(self) -> EffectiveTrials:
        """Return how many different trials the study amounts to, by three measures.

        What each says, and where it comes from: `EffectiveTrials`. N of the deflated Sharpe ratio
        is none of them: it counts every distinct trial.

        Raises
        ------
        InputError
            The study was run with `ledger="summary"`.
        """
        return _effective.effective_trials(self)

    def recost(
        self,
        *,
        fee_bps: float | None = None,
        fee_per_trade: float | None = None,
        slippage_bps: float | None = None,
        top: int = 20,
    ) -> Recosted:
        """Rank the trials again under other costs, from the ledger.

        Exact where it can be proved from the ledger that no quantity and no fill changes (fixed
        units or lots), and the ranking reads nothing but money, returns and counts; approximate
        otherwise, and said so. The best are simulated again under the new costs and counted as
        trials: a look is a try. Derivations: `hyprl_lab.research.study.costs`.

        Parameters
        ----------
        fee_bps, fee_per_trade, slippage_bps
            As in `hl.Execution`; what is `None` stays as it was in each trial.
        top
            How many of the best to simulate, from 0.

        Raises
        ------
        InputError
            No cost is given, `top` is no whole number from 0, or the study was run with
            `ledger="summary"`.
        ConfigError
            A cost is out of range.
        """
        return _recost(
            self, fee_bps=fee_bps, fee_per_trade=fee_per_trade, slippage_bps=slippage_bps, top=top
        )

    def inputs(self, trial: Trial | int | pd.Series[Any]) -> Settled:
        """Return what `hyprl_lab.backtest` takes to run a trial again: params, risk, execution.

        Parameters
        ----------
        trial
            A trial, its number, or a row of the study's tables.

        Raises
        ------
        InputError
            `trial` is none of these.
        NotFoundError
            The ledger has no such trial of this study.
        """
        if isinstance(trial, Trial):
            return settled(trial.params, self.risk, self.execution)
        number = trial_number(trial)
        found = self.warehouse.trial_params(self.study_id, first=number, stop=number + 1)
        if any(not len(column) for column in found.values()):
            raise NotFoundError(
                f"trial {number} is not in the ledger; the study has {self.total:,} trials, "
                "numbered from 0"
            )
        values = {name: float(column[0]) for name, column in found.items()}
        return settled(values, self.risk, self.execution)

    def _scored(self, count: int | None = None) -> tuple[IntArray, FloatArray]:
        """Return completed trials and their objectives, shape (objectives, trials).

        The best `count` are among them, which all are where it is `None`.
        """
        columns = leading_columns(self, count) if count else None
        if columns is None:
            columns = completed_columns(self, self.ranking.metrics)
        return columns.index, self.ranking.score_matrix(columns.by_name, len(columns))

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs: the warehouse goes as its folder."""
        return self.__dict__ | {"warehouse": self.warehouse.home}

    def __setstate__(self, state: dict[str, Any]) -> None:
        from hyprl_lab.store import Warehouse

        home: Path = state["warehouse"]
        self.__dict__.update(state, warehouse=Warehouse(home))

    def __repr__(self) -> str:
        """One line: what was searched, how far, and the best of it."""
        return study_line(self)

    def _repr_html_(self) -> str:
        return study_html(self)
