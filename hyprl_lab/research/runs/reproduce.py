"""A stored run computed again, past every cache, and compared to the last bit."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from hyprl_lab.engine.backtest import engine_version
from hyprl_lab.engine.config import SEMANTICS
from hyprl_lab.environment import code_version, environment, environment_hash
from hyprl_lab.errors import IntegrityError, NotFoundError
from hyprl_lab.hashing import canonical_json
from hyprl_lab.research.runs.again import inputs_of
from hyprl_lab.research.runs.bits import RunDifference, differing_tables, differing_values
from hyprl_lab.research.runs.find import get, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pyarrow as pa

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.engine.result import Result
    from hyprl_lab.store import StoredRun, Warehouse
    from hyprl_lab.types import EngineName

__all__ = ["Reproduction", "reproduce"]

_TOLD_SINCE: Final = 2
"""The manifest's version from which on every table has every column of today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduction:
    """Whether a stored run is what the engine computes.

    Parameters
    ----------
    run_hash, engine, engine_version
        Which run.
    result
        What was computed again, with all its tables: those that retention gave up, or that were
        lost, can be had from it. `None` where nothing was computed.
    equal
        Whether every bit is the same; `None` where this lab's engine or its rules have another
        version: then nothing was compared.
    differences
        Each place that differs.
    tables
        Which tables were compared: those the run was stored with. One whose file was given up is
        left out only where the run is older than digests of content.
    versions
        What the run was made with and this lab has otherwise, by name: what was stored, and what
        is here (`None` for a package that is absent). `engine_version` and `semantics` decide
        whether runs can be compared; `code_version`, `python`, `platform` and packages say where
        to look where they differ.
    """

    run_hash: str
    engine: str
    engine_version: str
    result: Result | None = field(repr=False)
    equal: bool | None
    differences: tuple[RunDifference, ...]
    tables: tuple[str, ...]
    versions: Mapping[str, tuple[str | None, str | None]]

    def __str__(self) -> str:
        """One difference a line, under the answer."""
        told = [self._answer, *map(str, self.differences)]
        told += [
            f"{name}: stored {stored or 'none'}, here {here or 'none'}"
            for name, (stored, here) in self.versions.items()
        ]
        return "\n".join(told)

    @property
    def _answer(self) -> str:
        run = f"run {self.run_hash[:12]} by engine {self.engine} {self.engine_version}"
        if self.equal is None:
            return f"{run} can't be compared: this lab has another version"
        if self.equal:
            return f"{run} is reproduced, equal to the last bit: {', '.join(self.tables)}, metrics"
        count = len(self.differences)
        return f"{run} is NOT reproduced: {count} difference{'' if count == 1 else 's'}"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(found.table)}</td>"
            f"<td style='text-align:right'>{'' if found.row is None else found.row}</td>"
            f"<td>{escape(found.column)}</td><td>{escape(found.stored)}</td>"
            f"<td>{escape(found.computed)}</td></tr>"
            for found in self.differences
        )
        rows += "".join(
            f"<tr><td>version</td><td></td><td>{escape(name)}</td><td>{escape(stored or 'none')}"
            f"</td><td>{escape(here or 'none')}</td></tr>"
            for name, (stored, here) in self.versions.items()
        )
        head = "<tr><th>table</th><th>row</th><th>column</th><th>stored</th><th>here</th></tr>"
        table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>" if rows else ""
        return f"<p>{escape(self._answer)}</p>{table}"


def reproduce(
    run_hash: str | StoredRun,
    *,
    engine: EngineName | None = None,
    engine_version: str | None = None,
    bars: Bars | None = None,
    warehouse: Warehouse | None = None,
) -> Reproduction:
    """Compute a stored run again from its config and bars, and compare every bit.

    The engine itself computes, past the ledger and every cache; equity, trades, orders, metrics,
    config and hash are compared with what is stored, and so is the feature matrix where the run
    was saved with one. A table whose file retention gave up is compared by the digest of its
    content. A file that is missing, or is not what was stored, is a difference; its table is
    compared by that digest too.

    Parameters
    ----------
    run_hash
        Of the run, or its first characters; or the stored run itself.
    engine, engine_version
        Whose, where several engines have computed it; by default the one stored last, or the
        stored run's own.
    bars
        What it was made on, for a run that is older than the keeping of bars.
    warehouse
        That of `HYPRL_HOME` where `None`.

    Raises
    ------
    NotFoundError
        There is no such run, or its bars are gone.
    IntegrityError
        The bars are damaged.

    Examples
    --------
    >>> import hyprl_lab as hl
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> result = hl.backtest(hl.load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20})
    >>> reproduce(result.save()).equal
    True
    """
    from hyprl_lab.store import StoredRun

    store = opened(warehouse)
    if isinstance(run_hash, StoredRun):
        engine = engine or cast("EngineName", run_hash.engine)
        engine_version = engine_version or run_hash.engine_version
        run_hash = run_hash.run_hash
    stored = get(run_hash, engine=engine, engine_version=engine_version, warehouse=store)
    versions = _versions(stored, store)
    result: Result | None = None
    equal: bool | None = None
    differences: tuple[RunDifference, ...] = ()
    tables: tuple[str, ...] = ()
    if not {"engine_version", "semantics"} & set(versions):
        kept = _kept(stored, store)
        tables = tuple(kept.tables)
        result = inputs_of(stored, store, bars).run()
        differences = tuple(_differences(kept, result))
        equal = not differences
    return Reproduction(
        run_hash=stored.run_hash,
        engine=stored.engine,
        engine_version=stored.engine_version,
        result=result,
        equal=equal,
        differences=differences,
        tables=tables,
        versions=versions,
    )


def _versions(stored: StoredRun, store: Warehouse) -> dict[str, tuple[str | None, str | None]]:
    """Return what the run was made with and this lab has otherwise."""
    engine: Any = stored.engine
    told: dict[str, tuple[str | None, str | None]] = {
        "engine_version": (stored.engine_version, engine_version(engine)),
    }
    if stored.manifest.get("semantics") is not None:
        told["semantics"] = (str(stored.manifest["semantics"]), str(SEMANTICS))
    if stored.code_version is not None:
        told["code_version"] = (stored.code_version, code_version())
    if stored.environment_hash not in (None, environment_hash()):
        query = "SELECT body FROM environments WHERE hash = ?"
        body = store.sql(query, [stored.environment_hash], arrow=True).to_pylist()[0]["body"]
        told |= _environments(json.loads(body), environment())
    return {name: both for name, both in told.items() if both[0] != both[1]}


def _environments(
    stored: Mapping[str, Any], here: Mapping[str, Any]
) -> dict[str, tuple[str | None, str | None]]:
    told = {name: (stored[name], here[name]) for name in ("python", "platform")}
    packages = sorted({*stored["packages"], *here["packages"]})
    return told | {
        name: (stored["packages"].get(name), here["packages"].get(name)) for name in packages
    }


def _differences(kept: _Kept, made: Result) -> Iterator[RunDifference]:
    stored = kept.stored
    yield from differing_values(
        "run",
        {name: getattr(stored, name) for name in _ROW},
        {
            "run_hash": made.run_hash,
            "fingerprint": made.bars.fingerprint,
            "symbol": made.bars.symbol,
            "timeframe": made.bars.timeframe,
            "strategy_hash": made.strategy.hash,
            "strategy_name": made.strategy.name,
            "seed": made.seed if stored.seed is not None else None,
        },
    )
    yield from differing_values("config", stored.config, _plain(made.config))
    metrics = _plain(_defined(made))
    yield from differing_values("run", stored.metrics, metrics)
    makers = _makers(made)
    yield from _losses(kept, makers)
    if kept.metrics is not None:
        yield from differing_values("metrics", kept.metrics["values"], metrics)
        reasons = kept.metrics["reasons"]
        yield from differing_values("metrics reasons", reasons, dict(made.metrics.reasons))
    if kept.config is not None:
        yield from differing_values("config.json", kept.config, _plain(made.config))
    for name in kept.tables:
        yield from _table(kept, name, makers[name]())


def _losses(kept: _Kept, makers: Mapping[str, Callable[[], pa.Table]]) -> Iterator[RunDifference]:
    """Name each file that is lost, and say whether its content can be had again."""
    from hyprl_lab.store.trials.digests import table_digest

    for file, problem in kept.lost.items():
        name = file.removesuffix(".parquet")
        if name not in makers:
            computed = "compared with the run's row"
        elif name not in kept.tables:
            computed = "nothing is known of the content to compare with"
        elif table_digest(makers[name]()) == kept.tables[name]:
            computed = "the content that was stored"
        else:
            computed = "another content than was stored"
        yield RunDifference(name, None, "file", problem, computed)


_TABLES: Final = ("equity", "trades", "orders", "features")
_ROW: Final = (
    *("run_hash", "fingerprint", "symbol", "timeframe", "strategy_hash", "strategy_name"),
    "seed",
)


class _Kept(NamedTuple):
    """What is stored of a run, read before it is computed: a sweep may take files meanwhile.

    Parameters
    ----------
    stored
        The run.
    tables
        By name: the table, or the digest of its content where retention gave the file up, or it
        is lost.
    metrics, config
        What the files of that name say; `None` where they are lost.
    lost
        What is the matter with each file that is missing, or is not what was stored.
    """

    stored: StoredRun
    tables: dict[str, pa.Table | str]
    metrics: dict[str, Any] | None
    config: dict[str, Any] | None
    lost: dict[str, str]


def _kept(stored: StoredRun, store: Warehouse) -> _Kept:
    """Read what is stored of a run, whatever retention gives up meanwhile."""
    kept = _read(stored)
    if kept.lost:
        now = store.get_run(stored.run_hash, stored.engine_version, stored.engine)
        if now.removed != stored.removed:  # a sweep took it since
            return _kept(now, store)
    return kept


def _read(stored: StoredRun) -> _Kept:
    from hyprl_lab.store import StoredRun

    lost: dict[str, str] = {}

    metrics = _whole(stored, "metrics.json", _json, lost)
    config = _whole(stored, "config.json", _json, lost)
    tables: dict[str, pa.Table | str] = {}
    for name in _TABLES:
        file = f"{name}.parquet"
        entry = stored.entry(file)
        if entry is None:
            continue
        found = None if file in stored.removed else _whole(stored, file, StoredRun.table, lost)
        if found is not None:
            tables[name] = found
        elif "content" in entry:
            tables[name] = entry["content"]
    return _Kept(stored, tables, metrics, config, lost)


def _whole(
    stored: StoredRun, file: str, read: Callable[[StoredRun, str], Any], lost: dict[str, str]
) -> Any:
    """Return what a file says; where it is not what was stored say so in `lost`."""
    try:
        return read(stored, file)
    except NotFoundError:
        lost[file] = "missing"
    except IntegrityError:
        lost[file] = "not what was stored"
    return None


def _makers(made: Result) -> dict[str, Callable[[], pa.Table]]:
    """Return what makes each table that can be compared, as the run's files hold them."""
    from hyprl_lab.research.run_features import run_features
    from hyprl_lab.store.tables import equity_table, features_table, orders_table, trades_table

    return {
        "equity": lambda: equity_table(made.run_hash, made.equity),
        "trades": lambda: trades_table(made.run_hash, made.trades),
        "orders": lambda: orders_table(made.run_hash, made.orders),
        "features": lambda: features_table(made.run_hash, run_features(made)),
    }


def _table(kept: _Kept, name: str, made: pa.Table) -> Iterator[RunDifference]:
    from hyprl_lab.store.trials.digests import table_digest

    found = kept.tables[name]
    if isinstance(found, str):
        yield from differing_values(name, {"content": found}, {"content": table_digest(made)})
    else:
        every = kept.stored.manifest["schema"] >= _TOLD_SINCE
        yield from differing_tables(name, found, made, every_column=every)


def _json(stored: StoredRun, file: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stored.content(file))  # the very bytes that were written
    return found


def _defined(made: Result) -> dict[str, Any]:
    from hyprl_lab.store.defined import defined

    return dict(defined(made.metrics.to_dict()))


def _plain(value: object) -> dict[str, Any]:
    """Return what a JSON file of a value says: numbers as RFC 8785 writes them."""
    found: dict[str, Any] = json.loads(canonical_json(value))
    return found
