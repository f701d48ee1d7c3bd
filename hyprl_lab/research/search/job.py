"""What is evaluated: bars, strategy, settings and rungs, ready for the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.engine import native
from hyprl_lab.engine.backtest import inputs
from hyprl_lab.engine.period import Period
from hyprl_lab.research.search.evaluated import Evaluated
from hyprl_lab.research.search.setting_texts import setting_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.kernels import Setup
    from hyprl_lab.research.search.halving import Halving
    from hyprl_lab.research.space import Batch
    from hyprl_lab.research.study import Ranking
    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import FloatArray

    Watch = Callable[[int, int], bool]

__all__ = ["Job", "Stage", "job_of"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stage:
    """One stretch of bars as the kernel reads it.

    Parameters
    ----------
    columns
        float64 columns by name.
    setup
        Graph, settings and calendar facts of these bars.
    """

    columns: Mapping[str, FloatArray]
    setup: Setup


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Job:
    """All that it takes to evaluate a batch, anywhere: it holds no connection and can be pickled.

    Parameters
    ----------
    names
        What the columns of a batch stand for.
    risk, execution
        What `risk.` and `execution.` names change.
    stages
        The rungs of halving, shortest first, and at last all bars.
    halving
        `None` where each trial runs on all bars at once.
    ranking
        Whose first objective decides who goes on.
    cash
        Money at the first bar.
    periods_per_year
        Headline periods in a year.
    blocks
        Whether block moments are kept.
    """

    names: tuple[str, ...]
    risk: Risk
    execution: Execution
    stages: tuple[Stage, ...]
    halving: Halving | None
    ranking: Ranking
    cash: float
    periods_per_year: float
    blocks: bool

    def evaluate(self, batch: Batch, *, threads: int, watch: Watch | None = None) -> Evaluated:
        """Evaluate a batch; the result depends on the batch alone.

        Parameters
        ----------
        batch
            Points of the space.
        threads
            Of the kernel.
        watch
            Called with trials done and their number; true stops the work.

        Raises
        ------
        CancelledError
            `watch` said stop.
        StrategyError, ConfigError, BarsError
            The engine refuses the graph, a setting or the bars.
        """
        if self.halving is None:
            return self._run(self.stages[0], batch.values, threads, watch)
        rows = np.arange(len(batch.values))
        found: Evaluated | None = None
        for stage in self.stages[:-1]:
            rung = self._run(stage, batch.values[rows], threads, watch).pruned()
            found = rung if found is None else found.with_rows(rows, rung)
            scores = self.ranking.objectives[0].values(rung.metrics, len(rows))
            rows = rows[self.halving.going_on(scores)]
        last = self._run(self.stages[-1], batch.values[rows], threads, watch)
        return last if found is None else found.with_rows(rows, last)

    def _run(
        self, stage: Stage, values: FloatArray, threads: int, watch: Watch | None
    ) -> Evaluated:
        from hyprl_lab import kernels

        settings = setting_texts(self.names, values, self.risk, self.execution)
        found = kernels.search(
            stage.columns,
            stage.setup,
            settings.params,
            threads=threads,
            blocks=self.blocks,
            settings=(settings.pairs, settings.index),
            watch=watch,
        )
        return Evaluated.of(found, blocks=self.blocks)


def job_of(
    bars: Bars,
    strategy: Strategy,
    first: Mapping[str, float],
    *,
    names: list[str],
    ranking: Ranking,
    risk: Risk,
    execution: Execution,
    cash: float,
    halving: Halving | None,
    blocks: bool,
) -> Job:
    """Check settings against strategy and bars, and return the job.

    Parameters
    ----------
    bars
        That are searched.
    strategy
        The graph.
    first
        The strategy's parameters of one point; which one does not matter.
    names
        What the columns of a batch stand for.
    ranking, risk, execution, cash, halving, blocks
        As in `Job`.

    Raises
    ------
    ConfigError, BarsError, StrategyError
        As `hyprl_lab.engine.backtest.inputs`.
    SpaceError
        The bars are too few for the rungs.
    """
    cuts = [] if halving is None else halving.prefixes(np.asarray(bars.headline))
    stages = []
    for part in [*(bars.take(0, cut) for cut in cuts), bars]:
        given = inputs(
            part,
            strategy,
            first,
            risk=risk,
            execution=execution,
            cash=cash,
            window=Period().window(part),
        )
        stages.append(Stage(columns=given.columns, setup=native.setup(given)))
    return Job(
        names=tuple(names),
        risk=risk,
        execution=execution,
        stages=tuple(stages),
        halving=halving,
        ranking=ranking,
        cash=given.cash,
        periods_per_year=given.periods_per_year,
        blocks=blocks,
    )
