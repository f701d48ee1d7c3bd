"""Whether what a verdict says of a holdout is what was kept, and what the ledger recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.hashing import digest
from hyprl_lab.presets.held_out import KIND, HeldOut, is_recorded
from hyprl_lab.presets.measures import OF_HOLDOUT, OF_LOOKS
from hyprl_lab.presets.rechecking.line import Line, at, compared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hyprl_lab.store import Warehouse

__all__ = ["holdout_lines"]

_ROOTS: Final = "SELECT root, current_root FROM lineages WHERE root IN ($one, $other)"


def holdout_lines(document: Mapping[str, Any], warehouse: Warehouse) -> Iterator[Line]:
    """Check a verdict's holdout against its rows, the kept opening and the ledger.

    Parameters
    ----------
    document
        Of a preset, every part of its kind.
    warehouse
        That should hold them.
    """
    evidence = document["evidence"]
    stated, rows = evidence["verdict"].get("holdout"), evidence["verdict"]["checks"]
    about = [row for row in rows if row["metric"] in (*OF_LOOKS, *OF_HOLDOUT)]
    if stated is None:
        for row in about:
            why = "a verdict without one"
            yield Line(part=f"row {row['name']}, holdout", found=why, expected="one", ok=False)
        return
    found = HeldOut.from_dict(stated)
    yield compared("holdout start", found.start, evidence["oos_start"])
    yield compared("holdout ledger", found.ledger_id, evidence["verdict"].get("ledger_id"))
    yield _lineage_line(
        found.looks.lineage_root, str(evidence["verdict"].get("lineage_root")), warehouse
    )
    yield compared("holdout looks start", found.looks.start, found.start)
    yield from _row_lines(about, found, at(evidence, "validation", "rows"))
    if found.run_hash is not None:
        yield from _opening_lines(stated, found, warehouse)


def _lineage_line(one: str, other: str, warehouse: Warehouse) -> Line:
    """Compare two roots; what was opened before its root was merged into another has the older."""
    line = compared("holdout lineage", one, other)
    if not line.ok:
        roots = warehouse.sql(_ROOTS, {"one": one, "other": other})
        if len(roots) == 2 and roots["current_root"].nunique() == 1:
            return Line(part=line.part, found=one, expected=f"merged with {other}", ok=True)
    return line


def _opening_lines(
    stated: Mapping[str, Any], found: HeldOut, warehouse: Warehouse
) -> Iterator[Line]:
    kept = warehouse.cached(KIND, found.key)
    same = kept is not None and digest(kept) == digest(dict(stated))
    yield Line(
        part="holdout",
        found="the same" if same else "none kept" if kept is None else "another",
        expected=f"what the warehouse keeps as {KIND} {found.key[:12]}",
        ok=same,
    )
    recorded = is_recorded(found, warehouse)
    yield Line(
        part="holdout opening",
        found="recorded" if recorded else "none of this strategy with this Sharpe ratio",
        expected="a look by the gate that the ledger counts",
        ok=recorded,
    )


def _row_lines(about: list[Mapping[str, Any]], found: HeldOut, validated: object) -> Iterator[Line]:
    outside = None
    for row in validated if isinstance(validated, list) else []:
        if at(row, "name") == "walk_forward_sharpe":
            outside = at(row, "value")
    ratio = None
    if found.sharpe is not None and isinstance(outside, int | float) and outside > 0.0:
        ratio = found.sharpe / outside
    values = {
        "holdout_looks": found.looks.runs + found.looks.openings,
        "holdout_searches": found.looks.searches,
        "holdout_sharpe": found.sharpe,
        "holdout_sharpe_ratio": ratio,
    }
    for row in about:
        yield compared(f"row {row['name']}, holdout", row["value"], values[row["metric"]])
