"""How a study appears in a command's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.cli.output import facts, literal, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from rich.console import RenderableType

    from hyprl_lab.research import Study

__all__ = ["study_summary", "study_view"]

_SHOWN: Final = ("sharpe", "cagr", "max_drawdown", "trades")
_TABLES: Final = {
    "top": "best",
    "pareto": "Pareto front: no other is as good in every objective and better in one",
}


def study_summary(study: Study, top: int) -> dict[str, object]:
    """Return a study's id, counts, and best trials.

    Parameters
    ----------
    study
        What `supersearch` returned.
    top
        How many of the best to list; of the Pareto front of several objectives, too.
    """
    best = study.best
    several = not isinstance(study.objective, str)
    return {
        "study_id": study.study_id,
        "trials": study.total,
        "evaluated": study.evaluated,
        "failed": study.failed,
        "pruned": study.pruned,
        "complete": study.complete,
        "seconds": study.seconds,
        "sampler": study.sampler,
        "objective": list(study.objective) if several else study.objective,
        "constraints": list(study.constraints),
        "remarks": list(study.remarks),
        "best": None
        if best is None
        else {
            "trial": best.index,
            "params": dict(best.params),
            "objective": best.objective,
            "metrics": best.metrics.to_dict(),
            "reasons": dict(best.metrics.reasons),
        },
        "top": _records(study.top(top)),
        "pareto": _records(study.pareto().head(top)) if several else None,
    }


def study_view(summary: Mapping[str, Any]) -> list[RenderableType]:
    """Return a study's summary for people."""
    beside = {"best", "remarks", *_TABLES}
    counted = {name: value for name, value in summary.items() if name not in beside}
    view = [facts(counted), *(literal(remark) for remark in summary["remarks"])]
    for name, title in _TABLES.items():
        rows = summary[name]
        if rows is not None:
            columns = [column for column in (rows[0] if rows else ()) if _told(column, summary)]
            listed = [[row[column] for column in columns] for row in rows]
            view.append(table(columns, listed, title=title))
    return view


def _records(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    return frame.reset_index(names="trial").to_dict(orient="records")


def _told(column: str, summary: Mapping[str, Any]) -> bool:
    """Whether people look at a column first; `--json` has them all."""
    params = summary["best"]["params"] if summary["best"] else {}
    return column in {"trial", *params, *_SHOWN} or column.startswith("objective")
