"""How a report of findings shows itself in a notebook: a table, and a strip over time a row."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.display import CELL
from hyprl_lab.data.timeframe import stamp

if TYPE_CHECKING:
    from hyprl_lab.data.findings import Finding, Quality, Severity

__all__ = ["html"]

_COLOURS: Final[dict[Severity, str]] = {
    "error": "#D55E00",
    "warning": "#E69F00",
    "repaired": "#0091D5",
    "info": "#7b8794",
}
"""Of the Okabe-Ito set, mid-toned to stand out on white and on black; each goes with its word."""
_WIDTH: Final = 240
_HEIGHT: Final = 18
_LEAST: Final = 3
"""The lowest mark that is seen, in pixels."""
_LEFT: Final = f"{CELL};text-align:left"
_RIGHT: Final = f"{CELL};text-align:right;white-space:nowrap"


def html(quality: Quality) -> str:
    """Return the report as a fragment of HTML without scripts, every text escaped.

    Text and lines take the page's own colour, so that it reads on a light page and on a dark one.
    The strip says when: each mark is a stretch of time, higher where more rows lie in it.

    Parameters
    ----------
    quality
        The report.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> "nothing found" in html(load_bars("TEST").quality())
    True
    """
    rows = quality.kept
    head = (
        f'<div class="hyprl-quality" style="font-size:13px;line-height:1.45">'
        f"<strong>Quality of {escape(quality.title)}</strong><br>{rows}; {_summary(quality)}"
    )
    if not quality.findings:
        return head + "</div>"
    names = (("severity", _LEFT), ("kind", _LEFT), ("count", _RIGHT), (_when(quality), _LEFT))
    header = "".join(
        f'<th style="{style};font-weight:600">{name}</th>'
        for name, style in (*names, ("what was found", _LEFT))
    )
    body = "".join(_row(quality, finding) for finding in quality.findings)
    return (
        f'{head}<table style="border-collapse:collapse;margin-top:6px;font-size:13px">'
        f'<thead><tr style="background:none">{header}</tr></thead><tbody>{body}</tbody></table>'
        "</div>"
    )


def _summary(quality: Quality) -> str:
    counts: dict[str, int] = {}
    for finding in quality.findings:
        counts[finding.severity] = counts.get(finding.severity, 0) + 1
    told = ", ".join(
        f"{count} {severity}{'s' if count > 1 and severity in ('error', 'warning') else ''}"
        for severity, count in counts.items()
    )
    return told or "nothing found"


def _when(quality: Quality) -> str:
    if quality.span is None:
        return "first"
    first, last = (stamp(moment)[:10] for moment in quality.span)
    return (
        f'<span style="display:flex;justify-content:space-between;width:{_WIDTH}px;'
        f'font-weight:400"><span>{first}</span><span>{last}</span></span>'
    )


def _row(quality: Quality, finding: Finding) -> str:
    colour = _COLOURS[finding.severity]
    dot = (
        f'<span style="display:inline-block;width:9px;height:9px;border-radius:5px;'
        f'margin-right:6px;background:{colour}"></span>'
    )
    when = "" if finding.first_ts is None else f"<span>from {stamp(finding.first_ts)}</span>"
    strip = "" if quality.span is None else _strip(finding, colour)
    if strip and when:
        strip += "<br>"
    return (
        f'<tr style="background:none;border-top:1px solid rgba(128,128,128,.35)">'
        f'<td style="{_LEFT};white-space:nowrap">{dot}{finding.severity}</td>'
        f'<td style="{_LEFT};white-space:nowrap">{finding.kind}</td>'
        f'<td style="{_RIGHT}">{finding.count:,}</td>'
        f'<td style="{_LEFT};white-space:nowrap">{strip}{when}</td>'
        f'<td style="{_LEFT};min-width:22em;max-width:60em;overflow-wrap:anywhere">'
        f"{escape(finding.detail)}</td></tr>"
    )


def _strip(finding: Finding, colour: str) -> str:
    """Return where in time the rows lie; heights by the root of the share, so that one shows."""
    spread = np.array(finding.spread, dtype=np.float64)
    if spread.size == 0 or spread.max() == 0:
        return ""
    width = _WIDTH / spread.size
    heights = np.maximum(np.sqrt(spread / spread.max()) * _HEIGHT, _LEAST)
    marks = "".join(
        f'<rect x="{place * width:g}" y="{_HEIGHT - heights[place]:.1f}" width="{width:g}" '
        f'height="{heights[place]:.1f}"/>'
        for place in np.flatnonzero(spread)
    )
    label = f"{finding.kind} over time"
    return (
        f'<svg role="img" aria-label="{label}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" style="vertical-align:middle">'
        f'<line x1="0" x2="{_WIDTH}" y1="{_HEIGHT - 0.5}" y2="{_HEIGHT - 0.5}" '
        f'stroke="rgba(128,128,128,.6)"/><g fill="{colour}">{marks}</g></svg>'
    )
