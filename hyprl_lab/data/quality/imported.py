"""What the import found: it stays with the bars, in their lineage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from hyprl_lab.data.findings import Finding

if TYPE_CHECKING:
    from hyprl_lab.data.bars import Bars
    from hyprl_lab.data.lineage import Lineage
    from hyprl_lab.types import IntArray, JsonValue

__all__ = ["Imported", "imported", "repaired_rows"]

_KEPT: Final = frozenset({"widen", "sort"})
"""Repairs after which a row is a bar; the others leave it out."""
_SAME_ROWS: Final = frozenset({"import", "repair", "adjust"})
"""Steps after which each bar is in the row where the import put it."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import found, and its rows.

    Parameters
    ----------
    findings
        As the import wrote them; their rows are rows of the file.
    rows_in, rows_kept
        Rows of the file, and rows that became bars; `None` where the step doesn't say.
    """

    findings: list[Finding]
    rows_in: int | None
    rows_kept: int | None


def imported(lineage: Lineage) -> Imported:
    """Return what the import steps of a lineage say.

    Parameters
    ----------
    lineage
        Of the bars. Rows are those of the last import.

    Examples
    --------
    >>> from hyprl_lab.data.lineage import Lineage
    >>> imported(Lineage().then("import", rows_in=12, rows_kept=10, findings=[])).rows_in
    12
    """
    findings: list[Finding] = []
    rows_in = rows_kept = None
    for step in lineage:
        if step.operation == "import":
            told = cast("list[dict[str, JsonValue]]", step.detail.get("findings", []))
            findings += [Finding.from_json(finding) for finding in told]
            rows_in = cast("int | None", step.detail.get("rows_in"))
            rows_kept = cast("int | None", step.detail.get("rows_kept"))
    return Imported(findings, rows_in, rows_kept)


def repaired_rows(bars: Bars, finding: Finding) -> IntArray:
    """Return the rows of the bars that a repair left there, of the first 1,000 that it names.

    A finding of an import names rows of the file. A bar is further up by the rows that were left
    out before it, so it is found again where all of these are named and nothing was sorted or cut
    since. Else the first row alone is, by its time.

    Parameters
    ----------
    bars
        The bars, with the lineage that tells of the repairs.
    finding
        One of severity `repaired`.

    Returns
    -------
    IntArray
        Ascending, one for each row of the file; none where bars were resampled, or where the repair
        left rows out and no other row of their time stayed.
    """
    none = np.empty(0, dtype=np.int64)
    ways = {
        str(step.detail.get("kind")): str(step.detail.get("way"))
        for step in bars.lineage
        if step.operation == "repair"
    }
    way = ways.get(finding.kind, "drop")
    operations = {step.operation for step in bars.lineage}
    if way == "drop" or finding.first_ts is None or "resample" in operations:
        return none
    first = int(np.searchsorted(bars.ts, finding.first_ts))
    if first == len(bars) or int(bars.ts[first]) != finding.first_ts:
        return none
    found = imported(bars.lineage)
    repaired = [one for one in found.findings if one.severity == "repaired"]
    gone = [one for one in repaired if ways.get(one.kind) not in _KEPT]
    named = np.sort(np.array([row for one in gone for row in one.rows], dtype=np.int64))
    whole = (
        operations <= _SAME_ROWS
        and "sort" not in ways.values()
        and named.size == sum(one.count for one in gone)
        and found.rows_kept == len(bars)
        and found.rows_in == len(bars) + named.size
    )
    rows = np.array(finding.rows, dtype=np.int64)
    # Where the first row of a time stayed, the bar is right before the rows that were left out.
    places = rows - np.searchsorted(named, rows) - (way == "first")
    if not whole or places.size == 0 or int(places[0]) != first:
        return np.array([first], dtype=np.int64)
    return places
