"""The reserved part of a study's bars: who has looked at it, and how the gate opens it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from hyprl_lab.engine import backtest as engine_backtest
from hyprl_lab.engine.config import DEFAULTS
from hyprl_lab.errors import InputError
from hyprl_lab.research.recording import recorded_result, trial_row
from hyprl_lab.research.settled import settled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.engine.result import Result
    from hyprl_lab.research.study import Study
    from hyprl_lab.store import Warehouse
    from hyprl_lab.types import CancelToken, EngineName, JsonValue, ProgressCallback

__all__ = ["HoldoutLooks", "HoldoutOpening", "Look", "looks_at", "open_holdout"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One evaluation that saw bars of a holdout, and its exact repeats.

    Parameters
    ----------
    id
        The `trial_index` of a single backtest in view `backtests`, or a study's id.
    looks
        How often exactly this was evaluated; 1 for a study.
    first_at, last_at
        When, for the first and the last time; microseconds since the epoch, UTC.
    known
        Whether the ledger says which bars were seen. A row that is older than that may have seen
        the holdout, and counts.
    """

    id: str
    looks: int
    first_at: int
    last_at: int
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldoutLooks:
    """Who has seen the bars of a lineage from `start` on.

    Parameters
    ----------
    lineage_root
        Any root of the lineage; those that were merged with it count.
    start
        Open of the first bar held out, microseconds UTC.
    strategy_hash
        Whose looks are told one by one.
    runs
        Looks of this strategy by single backtests: each repeat is one more.
    openings
        Looks of this strategy by the gate.
    searches
        Studies of this strategy that searched some of these bars, and announced a shard.
    run_rows, opening_rows, search_rows
        The evaluations behind these numbers, in the order of time.
    all_runs, all_openings, all_searches
        The same numbers over every strategy.
    """

    lineage_root: str
    start: int
    strategy_hash: str
    runs: int
    openings: int
    searches: int
    run_rows: tuple[Look, ...]
    opening_rows: tuple[Look, ...]
    search_rows: tuple[Look, ...]
    all_runs: int
    all_openings: int
    all_searches: int

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values, for a verdict."""
        return asdict(self) | {
            name: [asdict(look) for look in getattr(self, name)]
            for name in ("run_rows", "opening_rows", "search_rows")
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> HoldoutLooks:
        """Read it back from `to_dict`.

        Examples
        --------
        >>> looks = HoldoutLooks(
        ...     lineage_root="r", start=0, strategy_hash="h", runs=1, openings=0, searches=0,
        ...     run_rows=(Look(id="7", looks=1, first_at=5, last_at=5, known=True),),
        ...     opening_rows=(), search_rows=(), all_runs=3, all_openings=0, all_searches=0)
        >>> HoldoutLooks.from_dict(looks.to_dict()) == looks
        True
        """
        rows = {
            name: tuple(Look(**look) for look in data[name])
            for name in ("run_rows", "opening_rows", "search_rows")
        }
        return cls(**{**data, **rows})


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldoutOpening:
    """What the gate saw when it opened a holdout.

    Parameters
    ----------
    result
        The run on the holdout; its trial is committed.
    start
        Open of the first bar held out, microseconds UTC.
    looks
        How often the gate has evaluated exactly this, this time included.
    """

    result: Result
    start: int
    looks: int

    @property
    def again(self) -> bool:
        """Whether the gate had seen the same before."""
        return self.looks > 1


def looks_at(
    warehouse: Warehouse, lineage_root: str, start: int, *, strategy_hash: str
) -> HoldoutLooks:
    """Return who has seen the bars of a lineage from a moment on.

    Trials that killed processes had recorded count, and so do rows that are older than the record
    of what they saw: a single backtest may have run on all bars, and a study may have searched all
    unless its own record says that it held them out. A trial that failed showed nothing.

    Parameters
    ----------
    warehouse
        The ledger.
    lineage_root
        Of the bars; see `Warehouse.lineage_root`.
    start
        Open of the first bar held out, microseconds UTC.
    strategy_hash
        Of the strategy whose looks are told one by one.

    Raises
    ------
    WarehouseError
        Trials that wait to be committed can't be.

    Examples
    --------
    >>> import tempfile
    >>> import hyprl_lab as hl
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> warehouse, bars, cross = hl.Warehouse(tempfile.mkdtemp()), hl.load_bars("TEST"), dual_sma()
    >>> _ = hl.backtest(bars, cross, params={"fast": 5, "slow": 20}, warehouse=warehouse)
    >>> start = int(bars.ts[-100])
    >>> root = warehouse.lineage_root(bars)
    >>> looks_at(warehouse, root, start, strategy_hash=cross.hash).runs
    1
    >>> looks_at(warehouse, root, int(bars.ts[-1]) + 1, strategy_hash=cross.hash).runs
    0
    """
    from hyprl_lab.store import query

    given = {"lineage_root": lineage_root, "start": int(start), "strategy_hash": strategy_hash}
    rows = warehouse.sql(query("holdout_looks"), given, arrow=True).to_pylist()
    own: dict[str, list[Look]] = {"run": [], "opening": [], "search": []}
    totals = dict.fromkeys(own, 0)
    for row in rows:
        is_own, kind = row.pop("own"), row.pop("kind")
        if is_own:
            own[kind].append(Look(**row))
        else:
            totals[kind] = row["looks"]
    return HoldoutLooks(
        lineage_root=lineage_root,
        start=int(start),
        strategy_hash=strategy_hash,
        runs=sum(look.looks for look in own["run"]),
        openings=sum(look.looks for look in own["opening"]),
        searches=len(own["search"]),
        run_rows=tuple(own["run"]),
        opening_rows=tuple(own["opening"]),
        search_rows=tuple(own["search"]),
        all_runs=totals["run"],
        all_openings=totals["opening"],
        all_searches=totals["search"],
    )


def open_holdout(
    study: Study,
    *,
    params: Mapping[str, float] | None = None,
    risk: Risk | None = None,
    execution: Execution | None = None,
    engine: EngineName = DEFAULTS.engine,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> HoldoutOpening:
    """Run a study's choice on the bars it held out; for the gate.

    The run trades from the first bar held out, flat before; all earlier bars warm indicators up.
    Its trial has the purpose `gate` and is committed before this returns, so nobody sees a figure
    that the ledger does not know of. The same opening again is another look at the same row.

    Parameters
    ----------
    study
        The search.
    params
        The point, settings such as `execution.fee_bps` among it; that of `study.best` where
        `None`.
    risk, execution
        The study's own where `None`; a point's settings change them.
    engine, progress, cancel
        As for `hyprl_lab.engine.run`.

    Raises
    ------
    InputError
        The study held nothing out, or none of its trials met the constraints and no `params` are
        given.
    StrategyError, ConfigError, BarsError, CancelledError
        As `hyprl_lab.engine.run`.
    WarehouseError
        The look can't be recorded; nothing is shown.

    Examples
    --------
    >>> import tempfile
    >>> import hyprl_lab as hl
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> study = hl.supersearch(
    ...     hl.load_bars("TEST"), dual_sma(), {"fast": hl.ints(5, 10), "slow": hl.ints(20, 30)},
    ...     warehouse=hl.Warehouse(tempfile.mkdtemp()), holdout=0.2)
    >>> open_holdout(study).looks, open_holdout(study).again
    (1, True)
    """
    start = study.holdout_start
    if start is None:
        raise InputError(
            f"study {study.study_id[:12]} held nothing out (holdout=0), so there is no holdout to "
            "open; search again with holdout=0.2"
        )
    if params is None:
        if study.best is None:
            raise InputError(
                f"no trial of study {study.study_id[:12]} met the constraints, so nothing was "
                "chosen; give the params that are to be run on the holdout"
            )
        params = study.best.params
    chosen = settled(params, risk or study.risk, execution or study.execution)
    result = engine_backtest.run(
        study.bars,
        study.strategy,
        params=chosen.params,
        risk=chosen.risk,
        execution=chosen.execution,
        cash=study.cash,
        engine=engine,
        period=(start, None),
        seed=study.seed,
        progress=progress,
        cancel=cancel,
    )
    warehouse = study.warehouse
    looks = warehouse.commit_trial(trial_row(result, warehouse, purpose="gate"))
    return HoldoutOpening(result=recorded_result(result, warehouse), start=start, looks=looks)
