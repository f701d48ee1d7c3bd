"""Parts of a report that may have nothing to show, and say so."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from hyprl_lab.report.evidence import validation_table, verdict_table, windows_table
from hyprl_lab.report.markup import STYLE, Column, Markup, Table
from hyprl_lab.report.tables import config_table
from hyprl_lab.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.report.saved import SavedRun

__all__ = ["lineage_table", "run_table", "validation_section", "verdict_section"]


def validation_section(evidence: Mapping[str, Any] | None, *, run_hash: str) -> Markup:
    """Return the statistics and the walk-forward windows, or that there was no validation.

    Parameters
    ----------
    evidence
        What `validation_evidence` returned.
    run_hash
        The run that the report shows; a validation of another one says so.

    Examples
    --------
    >>> validation_section(None, run_hash="ab").html
    '<p>This run has not been validated.</p>'
    """
    if evidence is None:
        return Markup("<p>This run has not been validated.</p>")
    tables = [validation_table(evidence), windows_table(evidence)]
    shown = "".join(table.to_html() for table in tables if table is not None)
    return Markup(f"{STYLE}{_judged(evidence['subject'], run_hash)}{shown}")


def verdict_section(evidence: Mapping[str, Any] | None, *, run_hash: str) -> Markup:
    """Return the gate's checks, or that the run was not put to the gate.

    Parameters
    ----------
    evidence
        What `Verdict.to_dict()` returned.
    run_hash
        The run that the report shows; a verdict on another one says so.

    Examples
    --------
    >>> verdict_section(None, run_hash="ab").html
    '<p>This run was not put to the promotion gate.</p>'
    """
    if evidence is None:
        return Markup("<p>This run was not put to the promotion gate.</p>")
    facts = f"Verdict {evidence['hash'][:12]}, ledger {evidence['ledger_id']}."
    judged = _judged(evidence, run_hash)
    return Markup(f"{STYLE}{judged}{verdict_table(evidence).to_html()}<p>{escape(facts)}</p>")


def _judged(subject: Mapping[str, Any], run_hash: str) -> str:
    if subject["run_hash"] == run_hash:
        return ""
    if subject["run_hash"] is None:
        what = "a study none of whose trials met the constraints"
    else:
        what = f"run {subject['run_hash'][:12]}"
        what += f" of study {subject['study_id'][:12]}" if subject["study_id"] else ""
    return f"<p>Judged was {escape(what)}, not the run of this report.</p>"


def run_table(run: SavedRun) -> Table:
    """Return the strategy's rules in words of the graph, and every setting of the run."""
    stored = run.config["strategy"]
    strategy = Strategy.from_json(stored if isinstance(stored, dict) else {})
    rules = [
        (role.replace("_", " "), str(rule))
        for role in ("long_entry", "long_exit", "short_entry", "short_exit")
        if (rule := getattr(strategy, role)) is not None
    ]
    rules += [
        (role, f"{level.kind} {level.node}")
        for role, level in (("stop loss", strategy.stop_loss), ("target", strategy.take_profit))
        if level is not None
    ]
    others = {name: value for name, value in run.config.items() if name != "strategy"}
    rows: list[tuple[str, ...]] = [("Strategy",), ("name", strategy.name), *rules]
    rows += [("Settings",), *config_table(others).rows]  # type: ignore[list-item]  # rows of two texts
    return Table("", (Column(""), Column("")), rows)


def lineage_table(run: SavedRun) -> Table:
    """Return what identifies the run and its data."""
    return config_table(dict(run.lineage))
