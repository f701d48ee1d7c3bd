"""What a stored run was made of, taken out of the warehouse to be computed again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from hyprl_lab.data.instant import microseconds
from hyprl_lab.engine.config import Execution, risk_from_json
from hyprl_lab.engine.period import Period
from hyprl_lab.errors import InputError, IntegrityError, NotFoundError
from hyprl_lab.strategy.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.engine.config import Risk
    from hyprl_lab.engine.result import Result
    from hyprl_lab.store import StoredRun, Warehouse
    from hyprl_lab.types import EngineName

__all__ = ["RunInputs", "inputs_of"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RunInputs:
    """All that a run is computed from; each is a parameter of `hyprl_lab.engine.run`."""

    bars: Bars
    strategy: Strategy
    params: Mapping[str, float]
    risk: Risk
    execution: Execution
    cash: float
    engine: EngineName
    period: Period
    seed: int
    periods_per_year: float

    @property
    def settings(self) -> dict[str, Any]:
        """What follows bars and strategy, by name, as `hl.backtest` takes it."""
        given = set(self.__dataclass_fields__) - {"bars", "strategy"}
        return {name: getattr(self, name) for name in given}

    def run(self) -> Result:
        """Compute it: by the engine itself, past the ledger and every cache."""
        from hyprl_lab.engine.backtest import run

        return run(self.bars, self.strategy, **self.settings)


def inputs_of(stored: StoredRun, warehouse: Warehouse, bars: Bars | None = None) -> RunInputs:
    """Return what a stored run was computed from, by the config and the bars that are kept.

    Parameters
    ----------
    stored
        The run.
    warehouse
        Where it is stored.
    bars
        The bars it was made on, or longer ones, for a run that is older than the keeping of bars;
        `None` takes those of the warehouse, or else those that ship with the lab.

    Raises
    ------
    NotFoundError
        Its bars are neither kept nor shipped.
    InputError
        The given bars are others.
    IntegrityError
        The kept bars are damaged.
    """
    config = cast("dict[str, Any]", stored.config)
    start, end = config["period"]["start"], config["period"]["end"]
    return RunInputs(
        bars=_kept(stored, warehouse) if bars is None else _given(stored, bars),
        strategy=Strategy.from_json(config["strategy"]),
        params=config["params"],
        risk=risk_from_json(config["risk"]),
        execution=Execution.from_json(config["execution"]),
        cash=config["cash"],
        engine=cast("EngineName", stored.engine),
        period=Period.of((start, end)),
        seed=config["seed"],
        periods_per_year=config["periods_per_year"],
    )


def _kept(stored: StoredRun, warehouse: Warehouse) -> Bars:
    """Return the bars of a run's fingerprint: kept, or shipped, or the first part of one."""
    identity = {"symbol": stored.symbol, "calendar": _calendar(stored)}
    try:
        return warehouse.get_bars(stored.fingerprint, stored.timeframe, **identity)
    except NotFoundError as error:
        for bars in _candidates(stored, warehouse):
            found = _part(stored, bars)
            if found is not None:
                return found
        raise NotFoundError(
            f"the bars of run {stored.run_hash[:12]} ({stored.symbol} {stored.timeframe} "
            f"{identity['calendar']}, fingerprint {stored.fingerprint[:12]}) are not kept, and no "
            "data set that ships is them: name their file with --bars, or hand them in as bars="
        ) from error


def _given(stored: StoredRun, bars: Bars) -> Bars:
    """Return the bars of a run, or refuse: their numbers may be the run's, and their name not."""
    expected = {"symbol": stored.symbol, "timeframe": stored.timeframe}
    for name, wanted in {**expected, "calendar": _calendar(stored)}.items():
        found = getattr(bars, name)
        if found != wanted:
            raise InputError(
                f"run {stored.run_hash[:12]} was made on bars with {name} {wanted}; found {found}. "
                "Name its bars with --bars, or import their file with that "
                f"{name}: hyprl data import --{name} {wanted}"
            )
    part = _part(stored, bars)
    if part is None:
        raise InputError(
            f"run {stored.run_hash[:12]} was made on other bars of {stored.symbol}: their "
            f"fingerprint is {stored.fingerprint[:12]}, these have {bars.fingerprint[:12]}; name "
            "them with --bars"
        )
    return part


def _candidates(stored: StoredRun, warehouse: Warehouse) -> Iterator[Bars]:
    """Yield bars of a run's symbol, timeframe and calendar that ship, or are kept."""
    from hyprl_lab.data import dataset_names, load_bars

    wanted = (stored.symbol, stored.timeframe, _calendar(stored))
    for name in dataset_names():
        bars = load_bars(name)
        if (bars.symbol, bars.timeframe, bars.calendar) == wanted:
            yield bars
    for kept in warehouse.list_bars():
        if (kept.symbol, kept.timeframe, kept.calendar) == wanted:
            yield warehouse.get_bars(
                kept.fingerprint, kept.timeframe, symbol=kept.symbol, calendar=kept.calendar
            )


def _part(stored: StoredRun, bars: Bars) -> Bars | None:
    """Return the bars, or the part of them up to the run's last bar, where it is the run's."""
    if bars.fingerprint == stored.fingerprint:
        return bars
    try:
        last = microseconds(stored.equity().index[-1].to_pydatetime())
    except (NotFoundError, IntegrityError):  # its equity is gone: what says where bars ended
        return None
    part = bars.take(0, max(1, int((bars.ts <= last).sum())))
    return part if part.fingerprint == stored.fingerprint else None


def _calendar(stored: StoredRun) -> str:
    return str(stored.config["calendar"])
