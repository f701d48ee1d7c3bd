"""The supersearch: every point of a space evaluated natively, every trial in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

from hyprl_lab.data.bars import Bars
from hyprl_lab.engine.config import DEFAULTS, Execution, Risk
from hyprl_lab.progress import reporter
from hyprl_lab.research.search.given import checked_cancel, threads_of
from hyprl_lab.research.search.plan import Asked, plan
from hyprl_lab.research.search.running import Running
from hyprl_lab.research.search.several import run_each, series_of
from hyprl_lab.research.search.stop import Stop
from hyprl_lab.research.study import StudyGroup

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from distributed import Client

    from hyprl_lab.data.panel import Panel
    from hyprl_lab.data.split import Window
    from hyprl_lab.research.search.halving import Halving
    from hyprl_lab.research.search.options import Options
    from hyprl_lab.research.space import SpaceLike
    from hyprl_lab.research.study import Study
    from hyprl_lab.store import Warehouse
    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import CancelToken, ProgressCallback

__all__ = ["supersearch"]


@overload
def supersearch(
    bars: Bars, strategy: Strategy, space: SpaceLike | None = None, **options: Unpack[Options]
) -> Study: ...


@overload
def supersearch(
    bars: Panel | Sequence[Bars] | Sequence[Window],
    strategy: Strategy,
    space: SpaceLike | None = None,
    **options: Unpack[Options],
) -> StudyGroup: ...


def supersearch(
    bars: Bars | Panel | Sequence[Bars] | Sequence[Window],
    strategy: Strategy,
    space: SpaceLike | None = None,
    *,
    where: str | None = None,
    objective: str | Sequence[str] = "sharpe",
    constraints: Sequence[str] = (),
    holdout: float = 0.2,
    risk: Risk = DEFAULTS.risk,
    execution: Execution = DEFAULTS.execution,
    cash: float = DEFAULTS.cash,
    sampler: Any = "grid",  # a name, or a sampler of Optuna, which is loaded lazily
    max_trials: int | None = None,
    halving: Halving | None = None,
    seed: int = DEFAULTS.seed,
    threads: int | None = None,
    ledger: Literal["full", "summary"] = DEFAULTS.ledger,
    client: Client | None = None,
    progress: bool | ProgressCallback = True,
    cancel: CancelToken | None = None,
    warehouse: Warehouse | None = None,
    preset: str | None = None,
) -> Study | StudyGroup:
    """Evaluate the points of a space and rank what meets the constraints.

    Every trial reaches the ledger, failed and pruned ones too. Running the same search again
    evaluates nothing that is there already, so an interrupted one goes on where it stopped, and
    its sampler is fed what was learned. Results do not depend on `threads`, nor on `client`.

    Parameters
    ----------
    bars
        The series. Several give a group, a study each: a panel, a list of bars, or what
        `bars.windows` gives, whose training stretches are searched.
    strategy
        The graph.
    space
        What each parameter may be: a `range`, a list or an array, `hl.floats`, `hl.ints`,
        `hl.choice`. A parameter left out takes its own whole-numbered range. `"risk.fraction"`,
        `"execution.fee_bps"` and the like are numeric fields of `risk` and `execution`.
    where
        Which points belong to the space, a condition over parameters: `"fast < slow"`.
    objective
        A number over metrics to make as large as possible; several, as a list, give a front.
    constraints
        Conditions over metrics that a ranked trial meets: `["max_drawdown <= 0.3"]`.
    holdout
        The last share of the bars, 0 ≤ holdout < 1, that the search never sees.
    risk, execution, cash
        As for `hl.backtest`.
    sampler
        `"grid"`: every point. `"random"`, `"sobol"`, `"latin_hypercube"`: `max_trials` points of
        the space. `"tpe"`, `"nsga2"` or an Optuna sampler: points that are chosen by what was
        found. See `docs/supersearch.md`.
    max_trials
        How many points a sampler takes.
    halving
        Runs most trials on the first part of the bars alone; see `Halving`.
    seed
        Of the sampler; nothing in a grid is random.
    threads
        Worker threads; all cores where `None`.
    ledger
        `"full"` stores block moments with each trial, `"summary"` metrics alone.
    client
        A Dask client, whose workers evaluate; see `docs/distributed.md`.
    progress
        `True` draws a bar and the leaders in a terminal or notebook; a callable gets a
        `Progress` after each shard.
    cancel
        A token; when it is set, the study so far is returned, as it is on Ctrl-C once all is
        checked; before, and on a second one, Ctrl-C is a `KeyboardInterrupt` as everywhere.
    warehouse
        The ledger; the one of `HYPRL_HOME` where `None`.
    preset
        Name, version and hash of the search preset that this follows; kept with the study.

    Returns
    -------
    Study or StudyGroup
        A group where several series were given. A search that was interrupted says so.

    Raises
    ------
    SpaceError
        The space, a condition or the objective is wrong; said before anything runs.
    ConfigError
        A setting is out of range, or the client is none.
    BarsError, StrategyError
        A column is missing, a node can't be evaluated.

    Examples
    --------
    >>> import tempfile
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.store import Warehouse
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> study = supersearch(
    ...     load_bars("TEST"), dual_sma(), {"fast": range(5, 8), "slow": [20, 30]},
    ...     constraints=["trades >= 1"], warehouse=Warehouse(tempfile.mkdtemp()))
    >>> study.total, len(study.trials())
    (6, 6)
    """
    asked = Asked(
        strategy=strategy,
        space=space,
        where=where,
        objective=objective,
        constraints=constraints,
        holdout=holdout,
        risk=risk,
        execution=execution,
        cash=cash,
        sampler=sampler,
        max_trials=max_trials,
        halving=halving,
        seed=seed,
        ledger=ledger,
        preset=preset,
    )
    threads, cancel = threads_of(threads), checked_cancel(cancel)
    series = [bars] if isinstance(bars, Bars) else series_of(bars)
    plans = [plan(one, asked) for one in series]
    if client is not None:
        from hyprl_lab.research.search.distributed import check_cluster

        check_cluster(client)
    from hyprl_lab.store import default

    store = default() if warehouse is None else warehouse
    with (
        Stop(cancel) as stop,
        reporter(progress, f"searching {strategy.name}", leaders=True) as report,
    ):
        running = Running(store=store, threads=threads, client=client, stop=stop)
        studies = run_each(running, plans, report)
    return studies[0] if isinstance(bars, Bars) else StudyGroup(studies)
