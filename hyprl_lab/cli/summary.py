"""How bars, results and verdicts appear in a command's answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hyprl_lab.cli.output import table
from hyprl_lab.metrics import UNITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from hyprl_lab.data import Bars
    from hyprl_lab.data.findings import Quality
    from hyprl_lab.engine import Result
    from hyprl_lab.metrics import Metrics
    from hyprl_lab.presets import Verdict
    from hyprl_lab.store import BarSet

__all__ = [
    "bar_set_summary",
    "bars_summary",
    "metrics_table",
    "preset_summary",
    "quality_summary",
    "quality_view",
    "result_summary",
    "stored_lineage",
    "stored_runs",
    "utc",
    "verdict_outcome",
    "verdict_summary",
    "warehouse_counts",
]


def bars_summary(bars: Bars) -> dict[str, object]:
    """Return what identifies bars: symbol, timeframe, rows, first and last open (UTC), hash."""
    return {
        "symbol": bars.symbol,
        "timeframe": bars.timeframe,
        "rows": len(bars),
        "start": utc(bars.ts[0]),
        "end": utc(bars.ts[-1]),
        "fingerprint": bars.fingerprint,
    }


def bar_set_summary(found: BarSet) -> dict[str, Any]:
    """Return what identifies imported bars, and where they came from first."""
    return {
        "symbol": found.symbol,
        "timeframe": found.timeframe,
        "calendar": found.calendar,
        "rows": found.rows,
        "start": utc(found.first_ts),
        "end": utc(found.last_ts),
        "columns": list(found.column_names),
        "fingerprint": found.fingerprint,
        "source": dict(found.source),
        "imported_at": utc(found.created_at),
    }


def stored_lineage(bars: Bars) -> dict[str, object]:
    """Return the bars' lineage, and every source of the same content in the warehouse."""
    from hyprl_lab.store import default

    warehouse = default()
    identity = (bars.fingerprint, bars.symbol, bars.timeframe, bars.calendar)
    sources = [
        source
        for item in warehouse.list_bars()
        if (item.fingerprint, item.symbol, item.timeframe, item.calendar) == identity
        for _, source in warehouse.bar_sources(item)
    ]
    return {"lineage": bars.lineage.to_json(), "sources": sources}


def quality_summary(quality: Quality) -> dict[str, object]:
    """Return a report on bars or a file; times are ISO 8601, UTC."""
    return {
        "ok": quality.ok,
        "title": quality.title,
        "rows_in": quality.rows_in,
        "rows_kept": quality.rows_kept,
        "findings": [
            {
                **finding.to_json(),
                "first_ts": None if finding.first_ts is None else utc(finding.first_ts),
            }
            for finding in quality.findings
        ],
    }


def quality_view(quality: Quality) -> list[RenderableType]:
    """Return the findings, the gravest first."""
    rows = [
        (
            finding.severity,
            finding.kind,
            finding.count,
            None if finding.first_ts is None else utc(finding.first_ts),
            finding.detail,
        )
        for finding in quality.findings
    ]
    head = f"{quality.title}: {quality.kept}"
    if not rows:
        return [f"{head}; nothing found"]
    return [head, table(["severity", "kind", "count", "first", "detail"], rows)]


def utc(moment_us: int) -> str:
    """Return microseconds since the epoch as ISO 8601.

    Examples
    --------
    >>> utc(1_577_836_800_000_000)
    '2020-01-01T00:00:00Z'
    """
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(moment_us))
    return moment.isoformat().replace("+00:00", "Z")


def result_summary(result: Result) -> dict[str, object]:
    """Return a run's hash, its config and its metrics, with a reason for each that is `None`."""
    return {
        "run_hash": result.run_hash,
        "strategy": result.strategy.name,
        "params": dict(result.params),
        "engine": result.engine,
        "engine_version": result.engine_version,
        "recorded": result.recorded,
        "metrics": result.metrics.to_dict(),
        "reasons": dict(result.metrics.reasons),
    }


def metrics_table(metrics: Metrics) -> RenderableType:
    """Return the metrics with their units, or the reasons they are missing."""
    rows = [
        (name, value, UNITS[name] if value is not None else metrics.reasons[name])
        for name, value in metrics.to_dict().items()
    ]
    return table(["metric", "value", "unit"], rows)


def stored_runs(run_hash: str) -> int:
    """Return how many runs the warehouse holds under a hash."""
    query = "select count(*) as n from runs where run_hash = ? and state = 'completed'"
    return _number(query, [run_hash])


def warehouse_counts() -> dict[str, int]:
    """Return how much the warehouse holds, counted in SQL.

    `trials` are distinct trials, what the statistics count; `evaluations` are rows, repeats too.
    """
    return {
        "runs": _number("select count(*) as n from runs where state = 'completed'"),
        "trials": _number("select count(distinct trial_key) as n from trials"),
        "evaluations": _number("select count(*) as n from trials"),
    }


def verdict_summary(verdict: Verdict) -> dict[str, object]:
    """Return a verdict with every check's value, threshold and pass, and why it was refused."""
    return {**verdict.to_dict(), "reasons": list(verdict.reasons)}


def verdict_outcome(verdict: Verdict) -> str:
    """Return a verdict in a few words."""
    if verdict.passed:
        return f"{verdict.profile} passed"
    required = [row for row in verdict.checks if row.required]
    failed = sum(not row.passed for row in required)
    return f"{verdict.profile} refused ({failed} of {len(required)} checks failed)"


def preset_summary(verdict: Verdict) -> dict[str, object] | None:
    """Return the preset that was signed, `None` where the gate refused."""
    preset = verdict.preset
    if preset is None:
        return None
    return {
        "name": preset.name,
        "version": preset.version,
        "profile": preset.profile,
        "visibility": preset.visibility,
        "key_id": preset.key_id,
        "path": preset.path,
    }


def _number(query: str, params: Sequence[object] | None = None) -> int:
    from hyprl_lab.store import sql

    return int(sql(query, params, arrow=True)["n"][0].as_py())
