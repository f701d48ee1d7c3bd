"""A search that is checked and ready to run: its points, its job, its place in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from hyprl_lab.data.given import checked_bars
from hyprl_lab.engine.agreement import check_agreement
from hyprl_lab.engine.backtest import engine_version
from hyprl_lab.engine.config import SEMANTICS, checked_seed
from hyprl_lab.errors import ConfigError, SpaceError
from hyprl_lab.research.search.adaptive_sampler import NAMES
from hyprl_lab.research.search.halving import Halving
from hyprl_lab.research.search.job import job_of
from hyprl_lab.research.space import (
    check_settings,
    is_setting,
    points_of,
    setting_corners,
    settings_at,
)
from hyprl_lab.research.study import Ranking
from hyprl_lab.strategy.given import checked_strategy
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.research.search.job import Job
    from hyprl_lab.research.search.loop import Learner
    from hyprl_lab.research.space import Points, SpaceLike
    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import JsonValue

__all__ = ["Asked", "Plan", "held_out", "plan", "shard_size"]

_SHARD_BARS: Final = 1 << 28
"""Bars times trials in a shard: some tenths of a second of work, many times its commit."""

_SHARD_TRIALS: Final = (64, 1 << 15)
"""Fewest and most trials in a shard: a commit has its price, and memory its bound."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """What `supersearch` was asked, but for bars; see there."""

    strategy: Strategy
    space: SpaceLike | None
    where: str | None
    objective: str | Sequence[str]
    constraints: Sequence[str]
    holdout: float
    risk: Risk
    execution: Execution
    cash: float
    sampler: Any
    max_trials: int | None
    halving: Halving | None
    seed: int
    ledger: Literal["full", "summary"]
    preset: str | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """One search over one series, all checked; nothing is in the ledger yet.

    Parameters
    ----------
    asked
        What was asked.
    bars, search_bars
        All of them, and those that are searched.
    holdout_start
        Open of the first bar held out, microseconds UTC; `None` without a holdout.
    points, ranking, job
        What is evaluated, how trials are ranked, and how they are computed.
    shard_size
        Trials in a shard.
    """

    asked: Asked
    bars: Bars
    search_bars: Bars
    holdout_start: int | None
    points: Points
    ranking: Ranking
    job: Job
    shard_size: int

    @property
    def sampler(self) -> str:
        """The sampler's name; that of a sampler of Optuna too."""
        given = self.asked.sampler
        return given if isinstance(given, str) else cast("Learner", self.points).sampler

    @property
    def objective(self) -> str | tuple[str, ...]:
        """The objective as text, or the objectives where there are several."""
        texts = tuple(objective.text for objective in self.ranking.objectives)
        return texts[0] if len(texts) == 1 else texts

    def spec(self) -> dict[str, JsonValue]:
        """Return everything that decides the trials and their ranking, as JSON."""
        asked, objective = self.asked, self.objective
        return {
            "fingerprint": self.search_bars.fingerprint,
            "calendar": self.search_bars.calendar,
            "strategy": asked.strategy.canonical(),
            "space": self.points.to_json(),
            "sampler": self.sampler,
            "max_trials": asked.max_trials,
            "halving": None if asked.halving is None else asked.halving.to_json(),
            "objective": objective if isinstance(objective, str) else list(objective),
            "constraints": list(asked.constraints),
            "holdout_start": self.holdout_start,
            "risk": asked.risk.to_json(),
            "execution": asked.execution.to_json(),
            "cash": self.job.cash,
            "seed": asked.seed,
            "ledger": asked.ledger,
            "preset": asked.preset,
            "periods_per_year": self.job.periods_per_year,
            "shard_size": self.shard_size,
            "semantics": SEMANTICS,
            "engine_version": engine_version("native"),
        }


def plan(bars: Bars, asked: Asked) -> Plan:
    """Check everything that can be wrong with a search, and prepare it.

    Raises
    ------
    SpaceError, ConfigError, BarsError, StrategyError
        As `supersearch`.
    """
    checked_bars(bars)
    checked_strategy(asked.strategy)
    checked_seed(asked.seed)
    if asked.ledger not in ("full", "summary"):
        raise ConfigError(f"ledger is {shown(asked.ledger)}; choose 'full' or 'summary'")
    if asked.halving is not None and not isinstance(asked.halving, Halving):
        raise ConfigError(
            f"halving is {shown(asked.halving)}; expected hl.Halving(factor=3, rungs=2), or None"
        )
    if asked.preset is not None and not isinstance(asked.preset, str):
        raise ConfigError(f"preset is {shown(asked.preset)}; expected its name, or None")
    ranking = Ranking.of(asked.objective, asked.constraints)
    search_bars, holdout_start = held_out(bars, asked.holdout)
    check_agreement(
        asked.strategy,
        asked.risk,
        asked.execution,
        columns=search_bars.columns,
        bars=len(search_bars),
    )
    points = _points(asked, ranking)
    _check_on_bars(points, asked, search_bars)
    job = job_of(
        search_bars,
        asked.strategy,
        {name: ends[0] for name, ends in points.bounds.items() if not is_setting(name)},
        names=points.names,
        ranking=ranking,
        risk=asked.risk,
        execution=asked.execution,
        cash=asked.cash,
        halving=asked.halving,
        blocks=asked.ledger == "full",
    )
    return Plan(
        asked=asked,
        bars=bars,
        search_bars=search_bars,
        holdout_start=holdout_start,
        points=points,
        ranking=ranking,
        job=job,
        shard_size=shard_size(len(search_bars)),
    )


def shard_size(bars: int) -> int:
    """Return how many trials a shard has; it depends on the number of bars alone."""
    fewest, most = _SHARD_TRIALS
    return min(max(_SHARD_BARS // bars, fewest), most)


def _points(asked: Asked, ranking: Ranking) -> Points:
    if isinstance(asked.sampler, str) and asked.sampler not in NAMES:
        return points_of(
            asked.strategy,
            asked.space,
            asked.where,
            sampler=asked.sampler,
            max_trials=asked.max_trials,
            seed=asked.seed,
            risk=asked.risk,
            execution=asked.execution,
        )
    from hyprl_lab.research.search.adaptive import adaptive_points

    return adaptive_points(
        asked.strategy,
        asked.space,
        asked.where,
        sampler=asked.sampler,
        max_trials=asked.max_trials,
        seed=asked.seed,
        ranking=ranking,
        risk=asked.risk,
        execution=asked.execution,
    )


def _check_on_bars(points: Points, asked: Asked, bars: Bars) -> None:
    """Refuse searched settings that ask for what the bars don't have.

    Corners that can't be for other reasons are left out: `where` keeps all points away from them,
    or the space would have been refused.
    """
    for corner in setting_corners(points.bounds):
        try:
            check_settings(corner, asked.strategy, asked.risk, asked.execution)
        except SpaceError:
            continue
        risk, execution = settings_at(corner, asked.risk, asked.execution)
        check_agreement(asked.strategy, risk, execution, columns=bars.columns, bars=len(bars))


def held_out(bars: Bars, holdout: float) -> tuple[Bars, int | None]:
    """Cut the last share of the bars off.

    Returns
    -------
    Bars, int or None
        What is searched, and the open of the first bar held out, microseconds UTC.

    Raises
    ------
    ConfigError
        `holdout` is no share from 0 to below 1.
    SpaceError
        One side would have no bar.
    """
    known = isinstance(holdout, int | float) and not isinstance(holdout, bool)
    if not known or not 0.0 <= holdout < 1.0:
        raise ConfigError(
            f"holdout is {shown(holdout)}; expected a share from 0 to below 1, such as 0.2"
        )
    if holdout == 0.0:
        return bars, None
    kept = len(bars) - round(len(bars) * holdout)
    if kept in (0, len(bars)):
        raise SpaceError(
            f"holdout {holdout} of {len(bars)} bars leaves {kept} to search; "
            "expected at least one bar on each side"
        )
    return bars.take(0, kept), int(bars.ts[kept])
