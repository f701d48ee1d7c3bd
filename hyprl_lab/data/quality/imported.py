"""What the import found: it stays with the bars, in their lineage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from hyprl_lab.data.findings import Finding

if TYPE_CHECKING:
    from hyprl_lab.data.lineage import Lineage
    from hyprl_lab.types import JsonValue

__all__ = ["Imported", "imported"]


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
