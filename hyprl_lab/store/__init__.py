"""The warehouse: trials, studies, runs, verdicts and bars, found again by SQL.

    import hyprl_lab as hl

    hl.warehouse.sql("select study_id, count(*) from trials group by all")
    hl.warehouse.get_bars("ACME")

These calls are for the warehouse of `home()`; `Warehouse(folder)` opens another one.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Literal, overload

from hyprl_lab.store.backup.content import BackupContent
from hyprl_lab.store.bars.bar_store import FOR_A_RUN, BarSet
from hyprl_lab.store.bars.imported import import_bars
from hyprl_lab.store.control.statements import query, query_names
from hyprl_lab.store.holdings import Holder, PartCount, Status
from hyprl_lab.store.home import find_home, home
from hyprl_lab.store.parts.compaction import Compacted
from hyprl_lab.store.parts.leases import LeaseHeldError
from hyprl_lab.store.queries.catalog import VIEWS
from hyprl_lab.store.queries.pages import Pages
from hyprl_lab.store.runs import Finding, RunRecord, StoredRun, Verification
from hyprl_lab.store.runs.events import Event, Events
from hyprl_lab.store.runs.run_state import (
    Attempt,
    AttemptLostError,
    RunHeldError,
    RunKey,
    RunState,
    Submitted,
)
from hyprl_lab.store.runs.states import RunStates
from hyprl_lab.store.schemas import (
    BLOCKS,
    TRIAL_STATES,
    equity_schema,
    orders_schema,
    trades_schema,
    trial_blocks_schema,
    trials_schema,
)
from hyprl_lab.store.snapshot import Snapshot
from hyprl_lab.store.tables import blocks_table, trials_table
from hyprl_lab.store.trials.keys import trial_key, trial_key_prefix
from hyprl_lab.store.trials.ledger import (
    Reservation,
    ShardHeldError,
    ShardHeldHereError,
    ShardLiveError,
    StudyState,
)
from hyprl_lab.store.trials.small import TrialRow
from hyprl_lab.store.upkeep import Upkeep
from hyprl_lab.store.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    from hyprl_lab.data import Bars
    from hyprl_lab.types import CancelToken

    Params = Mapping[str, object] | Sequence[object] | None

__all__ = [
    "BLOCKS",
    "FOR_A_RUN",
    "TRIAL_STATES",
    "VIEWS",
    "Attempt",
    "AttemptLostError",
    "BackupContent",
    "BarSet",
    "Compacted",
    "Event",
    "Events",
    "Finding",
    "Holder",
    "LeaseHeldError",
    "Pages",
    "PartCount",
    "Reservation",
    "RunHeldError",
    "RunKey",
    "RunRecord",
    "RunState",
    "RunStates",
    "ShardHeldError",
    "ShardHeldHereError",
    "ShardLiveError",
    "Snapshot",
    "Status",
    "StoredRun",
    "StudyState",
    "Submitted",
    "TrialRow",
    "Upkeep",
    "Verification",
    "Warehouse",
    "blocks_table",
    "default",
    "equity_schema",
    "find_home",
    "get_bars",
    "home",
    "import_bars",
    "list_bars",
    "orders_schema",
    "pages",
    "query",
    "query_names",
    "save_bars",
    "sql",
    "status",
    "trades_schema",
    "trial_blocks_schema",
    "trial_key",
    "trial_key_prefix",
    "trials_schema",
    "trials_table",
]

_opened: dict[Path, Warehouse] = {}
_opening = threading.Lock()


def default() -> Warehouse:
    """Return the warehouse of `home()`, one object a home.

    Examples
    --------
    >>> import os, tempfile
    >>> os.environ["HYPRL_HOME"] = tempfile.mkdtemp()
    >>> default() is default()
    True
    >>> _ = os.environ.pop("HYPRL_HOME")
    """
    place = find_home()
    with _opening:
        return _opened.setdefault(place, Warehouse(place))


@overload
def sql(
    query: str,
    params: Params = None,
    *,
    arrow: Literal[True],
    cancel: CancelToken | None = None,
    timeout: float | None = None,
) -> pa.Table: ...


@overload
def sql(
    query: str,
    params: Params = None,
    *,
    arrow: bool = False,
    cancel: CancelToken | None = None,
    timeout: float | None = None,
) -> pd.DataFrame: ...


def sql(
    query: str,
    params: Params = None,
    *,
    arrow: bool = False,
    cancel: CancelToken | None = None,
    timeout: float | None = None,
) -> pa.Table | pd.DataFrame:
    """Run one SELECT over the warehouse of `home()`; see `Warehouse.sql`.

    Examples
    --------
    >>> import os, tempfile
    >>> os.environ["HYPRL_HOME"] = tempfile.mkdtemp()
    >>> sql("select count(*) as runs from runs where sharpe > $least", {"least": 1.0}).iloc[0, 0]
    np.int64(0)
    >>> _ = os.environ.pop("HYPRL_HOME")
    """
    return default().sql(query, params, arrow=arrow, cancel=cancel, timeout=timeout)


def pages(
    query: str,
    params: Params = None,
    *,
    rows: int = 100_000,
    cancel: CancelToken | None = None,
) -> Pages:
    """Return a query's rows by pages from the warehouse of `home()`; see `Warehouse.pages`.

    Examples
    --------
    >>> import os, tempfile
    >>> os.environ["HYPRL_HOME"] = tempfile.mkdtemp()
    >>> with pages("select * from trials", rows=50_000) as found:
    ...     sum(len(page) for page in found)
    0
    >>> _ = os.environ.pop("HYPRL_HOME")
    """
    return default().pages(query, params, rows=rows, cancel=cancel)


def get_bars(
    which: str,
    timeframe: str | None = None,
    *,
    symbol: str | None = None,
    calendar: str | None = None,
) -> Bars:
    """Return bars kept in the warehouse of `home()`; see `Warehouse.get_bars`.

    Examples
    --------
    >>> import os, tempfile
    >>> from hyprl_lab.data import load_bars
    >>> os.environ["HYPRL_HOME"] = tempfile.mkdtemp()
    >>> fingerprint = save_bars(load_bars("TEST"))
    >>> get_bars("TEST") == get_bars(fingerprint[:8]) == load_bars("TEST")
    True
    >>> [kept.symbol for kept in list_bars()]
    ['TEST']
    >>> _ = os.environ.pop("HYPRL_HOME")
    """
    return default().get_bars(which, timeframe, symbol=symbol, calendar=calendar)


def list_bars() -> list[BarSet]:
    """Return what bars the warehouse of `home()` keeps; see `Warehouse.list_bars`."""
    return default().list_bars()


def save_bars(bars: Bars) -> str:
    """Keep bars in the warehouse of `home()`; see `Warehouse.save_bars`."""
    return default().save_bars(bars)


def status() -> Status:
    """Return what the warehouse of `home()` holds."""
    return default().status()
