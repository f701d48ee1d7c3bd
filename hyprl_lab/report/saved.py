"""A run as the warehouse holds it, ready to be drawn."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hyprl_lab.engine.config import SEMANTICS
from hyprl_lab.engine.result import SCHEMA
from hyprl_lab.errors import IntegrityError, NotFoundError, ReportError
from hyprl_lab.metrics import UNITS
from hyprl_lab.report.view import DrawnBars
from hyprl_lab.store import Warehouse

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from hyprl_lab.report.view import BarsView
    from hyprl_lab.store import StoredRun
    from hyprl_lab.types import JsonValue

__all__ = ["CLOSE", "SavedMetrics", "SavedRun", "load_run", "save_close"]

CLOSE: Final = "close.parquet"
"""The artifact that holds the closes a run was made on: what the charts need of the bars."""


@dataclass(frozen=True, slots=True)
class SavedMetrics:
    """Metrics as they were stored, with their reasons."""

    values: Mapping[str, float | int | None]
    reasons: Mapping[str, str]

    @property
    def units(self) -> Mapping[str, str]:
        """The unit of each metric."""
        return UNITS

    def to_dict(self) -> Mapping[str, float | int | None]:
        """Return each metric by name; `None` where undefined."""
        return self.values


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SavedRun:
    """One stored run.

    Parameters
    ----------
    run_hash
        Its id.
    config
        The whole configuration, defaults written out.
    metrics
        What it achieved.
    equity
        Money at each bar's close, by UTC timestamp.
    trades
        As `Result.trades`.
    bars
        The closes it was made on.
    lineage
        What identifies the run and its data, in the order it is shown.
    """

    run_hash: str
    config: Mapping[str, JsonValue]
    metrics: SavedMetrics
    equity: pd.Series[float]
    trades: pd.DataFrame
    bars: DrawnBars
    lineage: Mapping[str, JsonValue]

    @property
    def cash(self) -> float:
        """Money at the start."""
        cash = self.config["cash"]
        if not isinstance(cash, int | float):
            raise ReportError(f"the stored config's cash is {cash!r}; expected a number")
        return float(cash)


def save_close(
    warehouse: Warehouse,
    run_hash: str,
    bars: BarsView,
    equity: pd.Series[float],
    *,
    engine_version: str | None = None,
    engine: str | None = None,
) -> Path:
    """Keep the closes of a run's period beside it; return the file.

    They are what a report draws of the bars; a run that is older than the keeping of its bars
    has nothing else of them.

    Parameters
    ----------
    warehouse
        Where the run is stored.
    run_hash
        Its id.
    bars
        What the run was made on.
    equity
        The run's equity: its index is the period.
    engine_version, engine
        Which engine's run, where several have computed it; `None` takes the newest.
    """
    frame = _closes(bars, equity)
    with tempfile.TemporaryDirectory(prefix="hyprl-report-") as scratch:
        path = Path(scratch) / CLOSE
        frame.to_parquet(path)
        return warehouse.add_artifact(run_hash, CLOSE, path, engine_version, engine)


def load_run(
    run_hash: str,
    *,
    home: Path | str,
    engine_version: str | None = None,
    engine: str | None = None,
) -> SavedRun:
    """Return a stored run, ready to be drawn.

    Where its equity, trades or metrics were given up or lost, those of the run computed again take
    their place; the closes are those of its bars until a report has kept them.

    Parameters
    ----------
    run_hash
        Its id.
    home
        The `HYPRL_HOME` it is stored in.
    engine_version, engine
        Which engine's, where several have computed it; `None` takes the newest.

    Raises
    ------
    NotFoundError
        No such run is stored there, or its bars are gone and its closes were never kept.
    ReportError
        Files of it are gone, and this lab does not compute the same run.
    """
    warehouse = Warehouse(Path(home))
    stored = warehouse.get_run(run_hash, engine_version, engine)
    metrics, equity, trades = _outcome(stored, warehouse)
    return SavedRun(
        run_hash=run_hash,
        config=stored.config,
        metrics=metrics,
        equity=equity,
        trades=trades,
        bars=DrawnBars(stored.symbol, stored.timeframe, _drawn(stored, warehouse, equity)),
        lineage={
            "run hash": stored.run_hash,
            "bars fingerprint": stored.fingerprint,
            "lineage root": stored.lineage_root,
            "strategy hash": stored.strategy_hash,
            "engine": stored.engine,
            "engine version": stored.engine_version,
            "code version": stored.code_version,
            "environment": stored.environment_hash,
            "semantics": stored.manifest.get("semantics", SEMANTICS),
            "schema": SCHEMA,
            "manifest hash": stored.manifest_hash,
            "ledger": warehouse.ledger_id,
        },
    )


def _outcome(
    stored: StoredRun, warehouse: Warehouse
) -> tuple[SavedMetrics, pd.Series[float], pd.DataFrame]:
    """Return metrics, equity and trades: as stored, or of the run computed again."""
    try:
        metrics = json.loads(stored.content("metrics.json"))
        told = SavedMetrics(metrics["values"], metrics["reasons"])
        return told, stored.equity(), stored.trades()
    except (NotFoundError, IntegrityError) as error:
        from hyprl_lab.research.runs import reproduce

        again = reproduce(stored, warehouse=warehouse)
        made = again.result
        if made is None or any(found.column != "file" for found in again.differences):
            raise ReportError(f"{error}; {str(again).splitlines()[0]}") from error
        told = SavedMetrics(made.metrics.to_dict(), made.metrics.reasons)
        return told, made.equity, made.trades


def _drawn(stored: StoredRun, warehouse: Warehouse, equity: pd.Series[float]) -> pd.DataFrame:
    """Return the closes a run was made on: kept beside it, or of its bars."""
    import pandas as pd

    place = stored.folder / CLOSE
    if place.is_file():
        return pd.read_parquet(place)
    from hyprl_lab.research.runs.again import inputs_of

    return _closes(inputs_of(stored, warehouse).bars, equity)


def _closes(bars: BarsView, equity: pd.Series[float]) -> pd.DataFrame:
    return bars.to_pandas()[["close"]].reindex(equity.index)
