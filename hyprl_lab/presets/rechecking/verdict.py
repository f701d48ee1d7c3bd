"""Whether a verdict holds by itself: its hash, each row again, and the gate that ships."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyprl_lab.errors import LabError
from hyprl_lab.hashing import digest
from hyprl_lab.presets.folder import one_line
from hyprl_lab.presets.gate import holds, load_gate
from hyprl_lab.presets.rechecking.line import Line, at, compared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hyprl_lab.presets.gate import GateCheck

__all__ = ["verdict_lines"]


def verdict_lines(document: Mapping[str, Any]) -> Iterator[Line]:
    """Check a verdict against itself, the rest of its document, and the profile of its name.

    Parameters
    ----------
    document
        Of a preset, every part of its kind.
    """
    evidence = document["evidence"]
    verdict = evidence["verdict"]
    stated = verdict.get("hash")
    body = {key: part for key, part in verdict.items() if key != "hash"}
    yield compared("verdict hash", stated, digest(body))
    for key in ("name", "profile", "visibility"):
        yield compared(f"verdict {key}", verdict.get(key), document[key])
    pairs = (
        ("run_hash", at(evidence, "run", "run_hash")),
        ("study_id", evidence["study_id"]),
        ("fingerprint", at(evidence, "run", "fingerprint")),
        ("validation_hash", at(evidence, "validation", "hash")),
        ("ledger_id", at(evidence, "validation", "ledger", "ledger_id")),
        ("lineage_root", at(evidence, "validation", "ledger", "lineage_root")),
        ("trials", at(evidence, "validation", "ledger", "trials")),
    )
    for key, expected in pairs:
        yield compared(f"verdict {key}", verdict.get(key), expected)
    yield from _run_lines(document)
    yield from _row_lines(verdict["checks"], at(evidence, "validation", "rows"))
    yield from _gate_lines(document, verdict["checks"])


def _run_lines(document: Mapping[str, Any]) -> Iterator[Line]:
    """Check that the judged run is one of the config that is promoted."""
    from hyprl_lab.engine import engine_version
    from hyprl_lab.engine.identity import run_hash
    from hyprl_lab.strategy import Strategy

    run, config = document["evidence"]["run"], document["config"]
    ran = run.get("config")
    if not isinstance(ran, dict):
        yield Line(part="run config", found="none", expected="that of the judged run", ok=False)
        return
    shared = sorted(set(config) - {"dataset"})
    wrong = [key for key in shared if key not in ran or digest(ran[key]) != digest(config[key])]
    yield Line(
        part="run config",
        found=f"another {', '.join(wrong)}" if wrong else "the same",
        expected="what the preset's config says",
        ok=not wrong,
    )
    try:
        found = run_hash(ran, Strategy.from_json(ran["strategy"]), str(run.get("fingerprint")))
    except (LabError, KeyError, TypeError) as error:
        yield Line(part="run hash", found=one_line(error), expected="a run", ok=False)
        return
    line = compared("run hash", found, run["run_hash"])
    made_by = document["evidence"]["verdict"].get("engine_version")
    here = (engine_version("native"), engine_version("python"))
    if not line.ok and made_by not in here:
        why = f"engines {' and '.join(here)}, whose rules may be others"
        line = Line(part="run hash", found=why, expected=f"engine {made_by}", ok=None)
    yield line


def _row_lines(rows: list[Mapping[str, Any]], validated: object) -> Iterator[Line]:
    known, readings = {}, {}
    if isinstance(validated, list):
        known = {at(row, "name"): at(row, "value") for row in validated}
        readings = {at(row, "name"): str(at(row, "reading")) for row in validated}
    for row in rows:
        name = f"row {row['name']}"
        passed = holds(row)
        agree = passed is row["passed"] and (passed or not row["required"])
        yield Line(
            part=name,
            found=f"{row['value']} {row['operator']} {row['threshold']}: {_word(passed)}",
            expected=_word(row["passed"]) if not row["required"] else "pass",
            ok=agree,
        )
        if row["metric"] in known:
            yield compared(f"{name}, value in the validation", row["value"], known[row["metric"]])
        doubt = row.get("inconclusive")
        if doubt is not None:
            said = bool(doubt) and f"Inconclusive: {doubt}." in readings.get(row["metric"], "")
            yield Line(
                part=f"{name}, inconclusive",
                found=str(doubt),
                expected="what the validation says of it",
                ok=said,
            )
        if passed is not (row.get("reason") is None):
            yield Line(
                part=f"{name}, reason",
                found=str(row.get("reason")),
                expected="none of what passed, one of what did not",
                ok=False,
            )


def _gate_lines(document: Mapping[str, Any], rows: list[Mapping[str, Any]]) -> Iterator[Line]:
    try:
        checks = _asked(document["profile"], document["visibility"])
    except LabError as error:
        yield Line(part="gate", found=one_line(error), expected="a profile", ok=False)
        return
    names, asked = [row["name"] for row in rows], [check.name for check in checks]
    missing = [name for name in asked if name not in names]
    extra = [name for name in names if name not in asked]
    said = [f"none of {', '.join(missing)}"] if missing else []
    said += [f"unasked {', '.join(extra)}"] if extra else []
    said = said or ["one that stands twice, or another order"]
    yield Line(
        part="gate's checks",
        found=f"{len(names)} rows" if names == asked else " and ".join(said),
        expected=f"the {len(asked)} that profile {document['profile']} asks for, in its order",
        ok=names == asked,
    )
    by_name = {row["name"]: row for row in rows}
    for check in checks:
        row = by_name.get(check.name)
        if row is None:
            continue
        for key in ("metric", "operator", "threshold", "required"):
            line = compared(f"row {check.name}, {key}", row[key], getattr(check, key))
            if key == "threshold" or not line.ok:
                yield line


def _asked(profile: str, visibility: str) -> tuple[GateCheck, ...]:
    from hyprl_lab.presets.promotion import PUBLIC_BOUNDS

    checks = load_gate(profile).checks
    return (*checks, *PUBLIC_BOUNDS) if visibility == "public" else checks


def _word(passed: object) -> str:
    return "pass" if passed is True else "fail"
