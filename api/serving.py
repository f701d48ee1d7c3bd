"""What the routes ask the library: predictions and backtests of promoted presets.

Bars come from `load_bars` by name, never from a path. A prediction depends on the preset's
content and the bars alone, so the last few are kept.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from api.problems import FieldError, ProblemError, invalid
from hyprl_lab.data import Bars, dataset_names, load_bars
from hyprl_lab.errors import BarsError
from hyprl_lab.models import Prediction, closed_bars, predict

if TYPE_CHECKING:
    from api.schemas import BarRow
    from hyprl_lab.engine import Result
    from hyprl_lab.presets import Preset
    from hyprl_lab.store import Warehouse
    from hyprl_lab.types import EngineName

__all__ = ["backtest_preset", "bars_of", "posted_bars", "predict_preset"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FOUND: Final = re.compile(r"found [^;]*; ")


def bars_of(preset: Preset, name: str | None, *, field: str) -> tuple[str, Bars]:
    """Return a dataset's name and its closed bars; by default the preset's own.

    Parameters
    ----------
    preset
        Whose symbol is the default.
    name
        A dataset's name or its symbol, in any case.
    field
        The field of the request that `name` came from, for the error.

    Raises
    ------
    ProblemError
        422 where no dataset goes by that name, or it is of another timeframe.
    """
    wanted = name if name is not None else str(preset.config["dataset"] or preset.config["symbol"])
    found = next((n for n in dataset_names() if n.casefold() == wanted.casefold()), None)
    if found is None:
        raise invalid(
            FieldError(
                f"/{field}", "unknown_dataset", f"no such dataset; there are {dataset_names()}"
            )
        )
    bars = closed_bars(load_bars(found), now_us=time.time_ns() // 1_000)
    if bars.timeframe != preset.config["timeframe"]:
        raise invalid(
            FieldError(
                f"/{field}",
                "wrong_timeframe",
                f"the dataset's bars are {bars.timeframe}, "
                f"the preset's {preset.config['timeframe']}",
            )
        )
    return found, bars


def posted_bars(rows: list[BarRow], preset: Preset, *, max_bars: int) -> Bars:
    """Return the closed ones among posted bars, checked as any bars are.

    Raises
    ------
    ProblemError
        422 where there are too many, or with `invalid_bars` where a row is not a market's print:
        the message names the row, and leaves out what was found in it.
    """
    if len(rows) > max_bars:
        raise invalid(FieldError("/bars", "too_long", f"at most {max_bars} bars may be posted"))
    try:
        bars = Bars(
            symbol=str(preset.config["symbol"]),
            timeframe=str(preset.config["timeframe"]),
            calendar=str(preset.config["calendar"]),
            ts=np.array([_microseconds(row.ts) for row in rows], np.int64),
            columns={
                name: np.array([getattr(row, name) for row in rows], np.float64)
                for name in ("open", "high", "low", "close", "volume")
            },
        )
        return closed_bars(bars, now_us=time.time_ns() // 1_000)
    except BarsError as error:
        raise ProblemError(422, "invalid_bars", _FOUND.sub("", str(error))) from error


def predict_preset(preset: Preset, bars: Bars) -> Prediction:
    """Return what the preset's strategy wants after the last bar."""
    return _predict(_Request(preset), bars)


def backtest_preset(
    preset: Preset,
    bars: Bars,
    *,
    start: datetime | None,
    end: datetime | None,
    engine: EngineName,
    warehouse: Warehouse,
) -> Result:
    """Run the preset's locked config over a period, and store the run with its artifacts.

    Earlier bars warm its indicators up. The trial is counted in the ledger, as every look is.

    Raises
    ------
    BarsError
        No bar opens in the period.
    """
    from hyprl_lab.engine import Period
    from hyprl_lab.research import backtest

    result = backtest(
        bars,
        preset.strategy,
        params=preset.params,
        risk=preset.risk,
        execution=preset.execution,
        cash=float(preset.config["cash"]),
        engine=engine,
        period=Period(
            None if start is None else _microseconds(start),
            None if end is None else _microseconds(end),
        ),
        seed=int(preset.config["seed"]),
        periods_per_year=float(preset.config["periods_per_year"]),
        warehouse=warehouse,
    )
    result.save()
    return result


class _Request:
    """A preset as the key of a cache: by its file, which is written once, not by identity."""

    def __init__(self, preset: Preset) -> None:
        self.preset = preset
        self._key = (preset.path, preset.promoted_at, preset.run_hash)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Request) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


@lru_cache(maxsize=256)
def _predict(request: _Request, bars: Bars) -> Prediction:
    return predict(request.preset.config, request.preset.evidence, bars)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
