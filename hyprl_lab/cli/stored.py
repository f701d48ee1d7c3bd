"""Studies and bars, found again in the warehouse by what people type."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hyprl_lab.cli.files import is_file
from hyprl_lab.cli.inputs import bars_from
from hyprl_lab.errors import InputError, IntegrityError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.data import Bars
    from hyprl_lab.engine import Result
    from hyprl_lab.research import Study
    from hyprl_lab.store import StoredRun
    from hyprl_lab.strategy import Strategy

__all__ = ["bars_of", "named_bars", "newest_calendar", "one_row", "run_from", "study_from"]


def one_row(view: str, column: str, start: str) -> dict[str, Any]:
    """Return the one row of a view whose key starts so; of a run by both engines the newest.

    Parameters
    ----------
    view, column
        Of the warehouse, and its key.
    start
        The key, or as many of its first characters as make it unique.

    Raises
    ------
    NotFoundError
        There is no such row.
    InputError
        There are several, or fewer than 4 characters are given.
    """
    from hyprl_lab.store import sql

    if len(start) < 4:
        raise InputError(f"{start!r} is too short a {column}; give at least 4 characters")
    query = (
        f"select * from {view} where starts_with({column}, ?) "  # noqa: S608  # our names
        f"qualify row_number() over (partition by {column} order by created_at desc) = 1 limit 2"
    )
    rows = sql(query, [start], arrow=True).to_pylist()
    if not rows:
        raise NotFoundError(f"no {column} starts with {start!r}; look in the view {view}")
    if len(rows) > 1:
        raise InputError(f"several {column}s start with {start!r}; give more characters")
    return dict(rows[0])


def bars_of(
    symbol: str, timeframe: str, fingerprint: str | None = None, calendar: str | None = None
) -> Bars:
    """Return the bars of a symbol: imported ones of a fingerprint, or those that ship, or imported.

    Parameters
    ----------
    symbol, timeframe
        What is wanted.
    calendar
        What is wanted too, where it is known.
    fingerprint
        The imported set with this content comes first, where there is one; what ships comes next,
        and the newest imported set last.

    Raises
    ------
    InputError
        None ship under that symbol, timeframe and calendar, nor were imported; or imported sets
        differ by their calendar alone, and none is given.
    """
    from hyprl_lab.data import dataset_names, load_bars
    from hyprl_lab.store import default

    warehouse = default()
    imported = [
        item.fingerprint
        for item in warehouse.list_bars()
        if (item.symbol, item.timeframe) == (symbol, timeframe)
        and calendar in (None, item.calendar)
    ]
    if fingerprint is not None and fingerprint in imported:
        return warehouse.get_bars(fingerprint, timeframe, symbol=symbol, calendar=calendar)
    for name in dataset_names():
        bars = load_bars(name)
        if (bars.symbol, bars.timeframe) == (symbol, timeframe) and calendar in (
            None,
            bars.calendar,
        ):
            return bars
    if imported:
        return warehouse.get_bars(symbol, timeframe, calendar=calendar)
    wanted = " ".join(word for word in (symbol, timeframe, calendar) if word is not None)
    raise InputError(
        f"no bars of {wanted} ship with the lab, and none were imported; name their file, or "
        "import it: hyprl data import"
    )


def newest_calendar(fingerprint: str) -> str | None:
    """Return the calendar of the newest imported set whose fingerprint starts so.

    That is enough where another calendar takes its place anyway: sets of one fingerprint hold the
    same numbers. `None` where there is none, where a symbol is named, or several fingerprints fit.
    """
    from hyprl_lab.store import default

    every = default().list_bars()
    found = [item for item in every if item.fingerprint.startswith(fingerprint.lower())]
    by_symbol = any(item.symbol == fingerprint for item in every)
    if by_symbol or len({item.fingerprint for item in found}) != 1:
        return None
    return found[-1].calendar


def _named(source: str, row: Mapping[str, Any], calendar: str | None) -> Bars:
    """Return the bars that were named for a run or a study, a file's read as its bars were."""
    from hyprl_lab.data import dataset_names

    if is_file(source):
        return bars_from(
            source, symbol=row["symbol"], timeframe=row["timeframe"], calendar=calendar
        )
    if source in dataset_names():
        return bars_from(source)
    return bars_from(source, timeframe=row["timeframe"], calendar=calendar)


def study_from(study_id: str, source: str | None) -> Study:
    """Return a completed study whose trials are in the ledger; nothing is evaluated anew.

    What decides its trials is compared first, and then the search is opened with a cancel token
    that is set: it reads the ledger, and evaluates not one shard.

    Parameters
    ----------
    study_id
        Its id, or the first characters.
    source
        The bars it was given; by default those of its symbol that ship or were imported.

    Raises
    ------
    NotFoundError
        There is no such study.
    InputError
        The bars are not those that were searched; the search is incomplete; or this version of
        the lab would search something else.
    """
    from threading import Event

    from hyprl_lab.engine.config import Execution, risk_from_json
    from hyprl_lab.research import Halving, supersearch
    from hyprl_lab.research.space import space_from_json
    from hyprl_lab.strategy import Strategy

    row = one_row("studies", "study_id", study_id)
    spec = json.loads(row["spec"])
    _check_kind(row, spec)
    wanted = (row["symbol"], row["timeframe"], row["fingerprint"], spec.get("calendar"))
    bars = bars_of(*wanted) if source is None else _named(source, row, spec.get("calendar"))
    kept = len(bars)
    if spec["holdout_start"] is not None:
        kept = int((bars.ts < spec["holdout_start"]).sum())
    if kept == 0 or bars.take(0, kept).fingerprint != spec["fingerprint"]:
        raise InputError(
            f"study {row['study_id'][:12]} searched other bars of {row['symbol']}; "
            "name theirs with --bars"
        )
    strategy = Strategy.from_json(json.loads(row["strategy"]))
    _check_still_the_same(row, spec, bars.take(0, kept), strategy)
    space, where = space_from_json(spec["space"])
    stopped = Event()
    stopped.set()
    study = supersearch(
        bars,
        strategy,
        space,
        where=where,
        objective=spec["objective"],
        constraints=spec["constraints"],
        holdout=(len(bars) - kept) / len(bars),
        risk=risk_from_json(spec["risk"]),
        execution=Execution.from_json(spec["execution"]),
        cash=spec["cash"],
        sampler=_sampler(spec),
        max_trials=spec["max_trials"],
        halving=None if spec["halving"] is None else Halving.from_json(spec["halving"]),
        seed=spec["seed"],
        ledger=spec["ledger"],
        preset=spec["preset"],
        progress=False,
        cancel=stopped,
    )
    if study.study_id != row["study_id"]:
        raise InputError(
            f"study {row['study_id'][:12]} would be another study now, {study.study_id[:12]}, "
            "by its bars' lineage or the way it is cut into shards; run the search again"
        )
    return study


def _check_kind(row: Mapping[str, Any], spec: Mapping[str, Any]) -> None:
    """Refuse what is no search, or was recorded by a lab whose searches had fewer settings."""
    name = row["study_id"][:12]
    if row["kind"] != "search":
        raise InputError(
            f"study {name} is of kind {row['kind']}: it counts calls, and has no space to search "
            "again; look at it with hyprl warehouse sql, or search with hyprl search"
        )
    missing = sorted({"sampler", "max_trials", "halving", "preset"} - set(spec))
    if missing:
        raise InputError(
            f"study {name} was recorded by an older lab, without {missing}; run the search again, "
            "or use the lab it was made with"
        )


def _check_still_the_same(
    row: dict[str, Any], spec: dict[str, Any], searched: Bars, strategy: Strategy
) -> None:
    """Refuse a study that is incomplete, or that this lab would not find under its id."""
    from hyprl_lab.engine import engine_version
    from hyprl_lab.engine.config import SEMANTICS

    name = row["study_id"][:12]
    if row["state"] != "completed":
        raise InputError(
            f"study {name} is incomplete; run the same search again, and it goes on where it "
            "stopped"
        )
    now = {
        "calendar": searched.calendar,
        "engine_version": engine_version("native"),
        "semantics": SEMANTICS,
        "periods_per_year": searched.periods_per_year,
        "strategy": strategy.canonical(),
    }
    for what, value in now.items():
        if spec.get(what) != value:
            raise InputError(
                f"study {name} was searched with another {what.replace('_', ' ')}: found "
                f"{_short(spec.get(what))}, this lab has {_short(value)}; run the search again, or "
                "use the lab it was made with"
            )


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _sampler(spec: Mapping[str, Any]) -> Any:
    """Return what the search was given as its sampler: a name, or one made of its arguments."""
    from hyprl_lab.research.search.adaptive_sampler import is_adaptive, sampler_from_json

    name = spec["sampler"]
    return sampler_from_json(spec["space"]["sampler"]) if is_adaptive(name) else name


def named_bars(run: StoredRun, source: str) -> Bars:
    """Return the bars that were named for a run, a file's read as its bars were."""
    row = {"symbol": run.symbol, "timeframe": run.timeframe}
    return _named(source, row, str(run.config["calendar"]))


def run_from(run_hash: str, source: str | None) -> Result:
    """Return a stored run, computed again from its config; it must come to the same hash.

    Parameters
    ----------
    run_hash
        Its hash, or the first characters.
    source
        The bars it was run on; by default those that are kept under its fingerprint.

    Raises
    ------
    NotFoundError
        There is no such run, or its bars are gone.
    InputError
        The bars are not those it was run on.
    """
    from hyprl_lab.research import backtest, runs
    from hyprl_lab.research.runs.again import inputs_of
    from hyprl_lab.store import default

    stored = runs.get(run_hash)
    bars = None if source is None else named_bars(stored, source)
    inputs = inputs_of(stored, default(), bars)
    result = backtest(inputs.bars, inputs.strategy, **inputs.settings)
    if result.run_hash != stored.run_hash:
        raise IntegrityError(
            f"run {stored.run_hash[:12]} comes to another hash now, {result.run_hash[:12]}; "
            f"it was made by engine {stored.engine_version}, this is {result.engine_version}"
        )
    return result
