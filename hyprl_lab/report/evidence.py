"""What a validation and a verdict say, as tables made of plain JSON that a notebook can carry."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

from hyprl_lab.presets.measures import NOT_ASKED
from hyprl_lab.report.markup import Column, Table
from hyprl_lab.report.numbers import DASH, number_text, value_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.types import JsonValue

__all__ = [
    "Evidence",
    "validation_evidence",
    "validation_table",
    "verdict_table",
    "windows_table",
]


class Evidence(Protocol):
    """A `Validation` or a `Verdict`: anything that writes itself as plain JSON values."""

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values."""
        ...


def validation_evidence(validation: Evidence) -> dict[str, Any]:
    """Return what a report shows of a validation: all but the stitched return series."""
    found: dict[str, Any] = validation.to_dict()
    walk = found["evidence"].get("walk_forward")
    return {
        "hash": found["hash"],
        "subject": found["subject"],
        "rows": found["rows"],
        "trials": found["ledger"]["trials"],
        "ledger_id": found["ledger"]["ledger_id"],
        "settings": found["settings"],
        "windows": None if walk is None else walk["windows"],
    }


def validation_table(evidence: Mapping[str, Any]) -> Table:
    """Return one row a statistic: its value, and what it says in plain words.

    Parameters
    ----------
    evidence
        What `validation_evidence` returned.

    Examples
    --------
    >>> row = {"name": "psr", "value": 0.97, "reading": "Likely.", "reason": None}
    >>> table = validation_table({"rows": [row], "trials": 4851})
    >>> table.caption
    'Judged against 4,851 trials in the ledger'
    >>> table.rows
    [('PSR', '0.97', 'Likely.')]
    """
    columns = (Column("Statistic"), Column("Value", "number"), Column("What it says", "note"))
    rows = [
        (_said(row["name"]), number_text(row["value"], digits=4), row["reading"])
        for row in evidence["rows"]
    ]
    return Table(f"Judged against {evidence['trials']:,} trials in the ledger", columns, rows)


def windows_table(evidence: Mapping[str, Any]) -> Table | None:
    """Return one row a walk-forward window, `None` where there was no walk-forward.

    Sharpe ratios are annualised; the return is that of the test stretch.
    """
    windows = evidence["windows"]
    if not windows:
        return None
    columns = (
        Column("Test (UTC)"),
        Column("Chosen in training"),
        Column("Trials", "number"),
        Column("Sharpe, training", "number"),
        Column("Sharpe, test", "number"),
        Column("Return, test", "number"),
        Column("Trades", "number"),
    )
    rows = [
        (
            f"{_day(window['test_start'])} to {_day(window['test_end'])}",
            _chosen(window["params"]) if window["params"] else f"flat: {window['reason']}",
            number_text(window["trials"]),
            value_text(window["train_sharpe"], "ratio"),
            value_text(window["test_sharpe"], "ratio"),
            value_text(window["test_return"], "fraction"),
            number_text(window["trades"]),
        )
        for window in windows
    ]
    return Table("Walk-forward: every window ran the search again", columns, rows)


def verdict_table(evidence: Mapping[str, Any]) -> Table:
    """Return one row a check of the gate: value, threshold, outcome, and why it failed.

    Parameters
    ----------
    evidence
        What `Verdict.to_dict()` returned.

    Examples
    --------
    >>> check = {"name": "trades", "value": 12, "operator": ">=", "threshold": 100,
    ...          "passed": False, "required": True, "reason": "12 is not >= 100"}
    >>> verdict = {"name": "a", "profile": "strict", "passed": False, "checks": [check]}
    >>> table = verdict_table(verdict)
    >>> table.caption, table.rows
    ('a: refused by profile strict', [('Trades', '12', '>= 100', 'failed', '12 is not >= 100')])
    """
    outcome = "passed" if evidence["passed"] else "refused"
    columns = (
        Column("Check"),
        Column("Value", "number"),
        Column("Asked"),
        Column("Outcome", "verdict"),
        Column("Why", "note"),
    )
    rows = [
        (
            _said(check["name"]),
            number_text(check["value"], digits=4),
            f"{check['operator']} {number_text(check['threshold'])}",
            _outcome(check),
            check["reason"] or "",
        )
        for check in evidence["checks"]
    ]
    return Table(f"{evidence['name']}: {outcome} by profile {evidence['profile']}", columns, rows)


def _outcome(check: Mapping[str, Any]) -> str:
    if check["passed"]:
        return "passed"
    if check.get("evidence") == NOT_ASKED:
        return "not asked"
    return "failed" if check["required"] else "warning"


SPELLED: Final = {
    "sharpe": "Sharpe",
    "kelly": "Kelly",
    **{name: name.upper() for name in ("psr", "dsr", "pbo", "spa", "cpcv", "trl", "btl")},
}


def _said(name: str) -> str:
    words = name.split("_")
    text = " ".join(SPELLED.get(word, word) for word in words)
    return text[:1].upper() + text[1:]


def _chosen(params: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {number_text(value)}" for name, value in params.items()) or DASH


def _day(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds / 1e6, tz=UTC).strftime("%Y-%m-%d")
