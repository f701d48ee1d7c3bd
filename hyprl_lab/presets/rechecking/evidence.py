"""Whether the warehouse still holds what a verdict was given on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import LabError, NotFoundError
from hyprl_lab.hashing import digest
from hyprl_lab.presets.folder import one_line
from hyprl_lab.presets.rechecking.line import Line, at, compared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hyprl_lab.store import StoredRun, Warehouse

__all__ = ["evidence_lines"]

_KEPT: Final = re.compile(r"([a-z0-9_]+) ([0-9a-f]{64})")
_NOT_REMEMBERED: Final = ("ledger", "run", "study")
_METRICS: Final = ("trades", "profit_factor", "max_drawdown", "max_drawdown_intrabar", "sharpe")


def evidence_lines(document: Mapping[str, Any], warehouse: Warehouse) -> Iterator[Line]:
    """Check the kept validation, evidence, verdict, study, run and bars of a preset.

    Parameters
    ----------
    document
        Of a preset, every part of its kind.
    warehouse
        That should hold them.
    """
    evidence = document["evidence"]
    verdict = evidence["verdict"]
    yield from _validation_lines(evidence["validation"], warehouse)
    yield from _row_lines(verdict["checks"], warehouse)
    yield _verdict_line(verdict, warehouse)
    if evidence["study_id"] is not None:
        yield _study_line(evidence["study_id"], warehouse)
    run = _stored_run(str(evidence["run"]["run_hash"]), warehouse)
    if run is None:
        why = "not stored: backtests are counted, and stored by result.save()"
        yield Line(part="run", found=why, expected="its artifacts", ok=None)
    else:
        yield from _run_lines(evidence, run)
    yield _bars_line(document, warehouse)


def _validation_lines(stated: Mapping[str, Any], warehouse: Warehouse) -> Iterator[Line]:
    key = stated.get("hash")
    kept = warehouse.cached("validation", str(key))
    if not isinstance(kept, dict):
        expected = f"the one with SHA-256 {str(key)[:64]}"
        yield Line(part="validation", found="none kept", expected=expected, ok=False)
        return
    body = {name: part for name, part in kept.items() if name != "hash"}
    yield compared("validation", digest(body), key)
    for name, part in stated.items():
        same = name in kept and digest(kept[name]) == digest(part)
        yield Line(
            part=f"validation {name}",
            found="the same" if same else "another",
            expected="what the warehouse keeps under its hash",
            ok=same,
        )


def _row_lines(rows: list[Mapping[str, Any]], warehouse: Warehouse) -> Iterator[Line]:
    """Check that evidence that a row names by kind and whole hash is kept."""
    for row in rows:
        named = _KEPT.fullmatch(str(row.get("evidence")))
        if named is None or named[1] in _NOT_REMEMBERED:
            continue
        found = warehouse.cached(named[1], named[2]) is not None
        yield Line(
            part=f"row {row['name']}, evidence",
            found="kept" if found else "none kept",
            expected=f"{named[1]} {named[2][:12]}",
            ok=found,
        )


def _verdict_line(verdict: Mapping[str, Any], warehouse: Warehouse) -> Line:
    verdict_id = digest(dict(verdict))
    links = warehouse.sql(
        "select seq from chain where kind = 'verdict' and subject = $id", {"id": verdict_id}
    )
    try:
        same = digest(warehouse.verdict(verdict_id)) == verdict_id
        found = "another under its id"
    except NotFoundError:
        same, found = False, "none"
    if same and links.empty:
        same, found = False, "one that the chain does not claim"
    after = at(dict(verdict), "ledger_head", "links")
    if same and isinstance(after, int) and int(links["seq"].min()) < after:
        same, found = False, f"link {int(links['seq'].min())}, before the verdict's own ledger head"
    if same:
        found = f"link {int(links['seq'].min())} of the chain"
    return Line(
        part="kept verdict", found=found, expected="the same, claimed in the chain", ok=same
    )


def _study_line(study_id: str, warehouse: Warehouse) -> Line:
    try:
        study = warehouse.study(study_id)
    except NotFoundError:
        return Line(part="study", found="none", expected=f"study {study_id[:12]}", ok=False)
    whole = study.state == "completed" and study.committed >= study.total
    return Line(
        part="study",
        found=f"{study.state}, {study.committed:,} of {study.total:,} trials committed",
        expected="completed, with all its trials",
        ok=whole,
    )


def _stored_run(run_hash: str, warehouse: Warehouse) -> StoredRun | None:
    try:
        return warehouse.get_run(run_hash)
    except NotFoundError:
        return None


def _run_lines(evidence: Mapping[str, Any], run: StoredRun) -> Iterator[Line]:
    verdict = evidence["verdict"]
    yield compared("run fingerprint", run.fingerprint, evidence["run"].get("fingerprint"))
    yield compared("run lineage", run.lineage_root, verdict.get("lineage_root"))
    stored, stated = (
        {key: part for key, part in config.items() if key != "strategy"}
        for config in (run.config, at(dict(evidence), "run", "config") or {})
    )
    same = digest(stored) == digest(stated)
    yield Line(
        part="stored run's config",
        found="the same" if same else "another",
        expected="that of the judged run",
        ok=same,
    )
    for row in verdict["checks"]:
        metric = row["metric"]
        if metric in _METRICS and metric in run.metrics:
            part = f"row {row['name']}, value in the stored run"
            yield compared(part, row["value"], run.metrics[metric])


def _bars_line(document: Mapping[str, Any], warehouse: Warehouse) -> Line:
    """Check that bars of the fingerprint are kept and still have it, here or as a data set."""
    config, fingerprint = document["config"], at(document["evidence"], "run", "fingerprint")
    expected = f"fingerprint {str(fingerprint)[:12]}"
    kept = [item for item in warehouse.list_bars() if item.fingerprint == fingerprint]
    for item in kept:
        try:
            found = warehouse.get_bars(
                item.fingerprint, item.timeframe, symbol=item.symbol, calendar=item.calendar
            )
        except LabError as error:
            return Line(part="bars", found=one_line(error), expected=expected, ok=False)
        if found.fingerprint != fingerprint:
            return compared("bars", found.fingerprint, fingerprint)
    symbols = {(item.symbol, item.timeframe, item.calendar) for item in kept}
    if kept and (config["symbol"], config["timeframe"], config["calendar"]) not in symbols:
        return compared(
            "bars",
            ", ".join(" ".join(names) for names in sorted(symbols)),
            f"{config['symbol']} {config['timeframe']} {config['calendar']}",
        )
    if kept:
        return Line(part="bars", found=f"{kept[0].rows:,} bars", expected=expected, ok=True)
    why = "not kept: hl.warehouse.save_bars keeps them"
    return Line(part="bars", found=why, expected=expected, ok=None)
