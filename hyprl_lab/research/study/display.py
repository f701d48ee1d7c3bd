"""How studies look: one line of text, and a page of a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from hyprl_lab.research.study.frames import objective_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from hyprl_lab.research.study.group import StudyGroup
    from hyprl_lab.research.study.study import Study

__all__ = ["group_html", "group_line", "objective_text", "study_html", "study_line", "table_html"]

_SHOWN: Final = ("total_return", "cagr", "max_drawdown", "profit_factor", "trades")
"""Metrics that a study's display shows; `top` has them all."""
_ROWS: Final = 10


def objective_text(objective: str | tuple[str, ...]) -> str:
    """Return objectives as text.

    Examples
    --------
    >>> objective_text(("sharpe", "-max_drawdown"))
    'sharpe, -max_drawdown'
    """
    return objective if isinstance(objective, str) else ", ".join(objective)


def study_line(study: Study) -> str:
    """Return one line: what was searched, how far, and the best of it."""
    trials = f"{study.total:,} trials"
    if not study.complete:
        trials = f"{study.committed:,} of {trials}, incomplete"
    return (
        f"Study({study.strategy.name!r} on {study.bars.symbol} {study.bars.timeframe}, "
        f"{trials}, {_outcome(study)})"
    )


def _outcome(study: Study) -> str:
    best, failed = study.best_row, study.failed
    if not study.committed:
        return "nothing evaluated yet"
    if failed == study.committed:
        return f"{failed:,} failed: {study.first_error or 'see study.trials()'}"
    if best is not None:
        numbers = zip(
            [each.text for each in study.ranking.objectives],
            objective_names(len(study.ranking.objectives)),
            strict=True,
        )
        told = ", ".join(f"{text} {best[name]:.4g}" for text, name in numbers)
        said = f"best {told} at { ({name: float(best[name]) for name in study.points.names}) }"
    elif study.constraints:
        said = f"nothing met {list(study.constraints)}"
    else:
        said = f"{objective_text(study.objective)} is undefined for every trial"
    return said + (f"; {failed:,} failed" if failed else "")


def study_html(study: Study) -> str:
    """Return the line, what was said at the end, and the best trials."""
    top = study.top(_ROWS)
    names = [*objective_names(len(study.ranking.objectives)), *study.points.names]
    table = table_html(top[[*names, *_SHOWN]]) if len(top) else ""
    if len(top) == _ROWS:
        table += _faint(f"the best {_ROWS} of {study.committed:,}; study.top(n) lists more")
    return f"<p>{escape(repr(study))}</p>{_facts(study)}{_remarks(study.remarks)}{table}"


def group_line(group: StudyGroup) -> str:
    """Return one line: how many studies of how many trials, on what."""
    places = ", ".join(group.names[:3]) + (", …" if len(group) > 3 else "")
    trials = sum(study.total for study in group)
    return f"StudyGroup({len(group)} studies, {trials:,} trials: {places})"


def group_html(group: StudyGroup) -> str:
    """Return the line, what each study said, and the best trials over all bars."""
    remarks = [
        f"{name}: {remark}"
        for name, study in zip(group.names, group, strict=True)
        for remark in study.remarks
    ]
    top = group.top(_ROWS)
    shown = ["bars", *objective_names(len(group[0].ranking.objectives)), *group[0].points.names]
    table = table_html(top[[*shown, *_SHOWN]], index=False) if len(top) else ""
    return f"<p>{escape(repr(group))}</p>{_remarks(remarks)}{table}"


def table_html(frame: pd.DataFrame, *, index: bool = True) -> str:
    """Return a DataFrame as a table with four significant digits and an em dash for NaN."""
    shown = frame.copy()
    if index:
        shown.insert(0, str(shown.index.name), shown.index)
    page: str = shown.to_html(
        index=False, float_format="{:.4g}".format, na_rep="—", border=0, justify="right"
    )
    # numbers stand right in a notebook by its own style; elsewhere the table says so itself
    return page.replace("<table ", "<table cellpadding='4' style='text-align: right' ", 1)


def _facts(study: Study) -> str:
    facts = [f"{study.total:,} trials"]
    facts += [f"{count:,} {word}" for word, count in _counts(study) if count]
    facts.append(f"sampler {study.sampler}")
    if study.constraints:
        facts.append("with " + " and ".join(study.constraints))
    held = "no holdout" if study.holdout_start is None else "holdout kept back"
    facts += [held, f"{study.seconds:.2f} s"]
    return _faint(" · ".join(facts))


def _faint(text: str) -> str:
    return f"<p style='opacity:0.75'>{escape(text)}</p>"


def _counts(study: Study) -> list[tuple[str, int]]:
    return [("pruned", study.pruned), ("failed", study.failed)]


def _remarks(remarks: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(remark)}</li>" for remark in remarks)
    return f"<ul>{items}</ul>" if items else ""
