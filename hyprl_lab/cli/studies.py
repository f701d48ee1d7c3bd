"""How a study appears in a command's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyprl_lab.cli.output import facts, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType

    from hyprl_lab.research import Study

__all__ = ["study_summary", "study_view"]


def study_summary(study: Study, top: int) -> dict[str, object]:
    """Return a study's id, counts, and best trials.

    Parameters
    ----------
    study
        What `supersearch` returned.
    top
        How many of the best to list.
    """
    best = study.best
    return {
        "study_id": study.study_id,
        "trials": study.total,
        "evaluated": study.evaluated,
        "complete": study.complete,
        "seconds": study.seconds,
        "objective": study.objective,
        "constraints": list(study.constraints),
        "best": None
        if best is None
        else {
            "trial": best.index,
            "params": dict(best.params),
            "objective": best.objective,
            "metrics": best.metrics.to_dict(),
            "reasons": dict(best.metrics.reasons),
        },
        "top": study.top(top).reset_index(names="trial").to_dict(orient="records"),
    }


def study_view(summary: Mapping[str, Any]) -> list[RenderableType]:
    """Return a study's summary for people."""
    rows = summary["top"]
    shown = [name for name in (rows[0] if rows else ()) if name in _told(summary)]
    counted = {name: value for name, value in summary.items() if name not in {"top", "best"}}
    return [facts(counted), table(shown, [[row[name] for name in shown] for row in rows])]


def _told(summary: Mapping[str, Any]) -> set[str]:
    """Return the columns that people look at first; `--json` has them all."""
    params = summary["best"]["params"] if summary["best"] else {}
    return {"trial", "objective", *params, "sharpe", "cagr", "max_drawdown", "trades"}
