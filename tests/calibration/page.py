"""Write the figures of `docs/calibration.md` from the JSON of the last run.

    PYTHONPATH=tests/support .venv/bin/python -m calibration --kept /tmp/calibration
    .venv/bin/python tests/calibration/page.py

What stands between the two marks of the page is replaced; the words around it are written by hand.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ROOT = Path(__file__).resolve().parents[2]
BEGIN = "<!-- figures: written by tests/calibration/page.py from docs/calibration.json -->"
END = "<!-- end of the figures -->"

Report = dict[str, Any]


def main() -> None:
    """Replace the figures of the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path, default=ROOT / "docs/calibration.json")
    parser.add_argument("--page", type=Path, default=ROOT / "docs/calibration.md")
    given = parser.parse_args()
    report = json.loads(given.json.read_text(encoding="utf-8"))
    text = given.page.read_text(encoding="utf-8")
    given.page.write_text(with_figures(text, report), encoding="utf-8")


def with_figures(page: str, report: Report) -> str:
    """Return a page with its figures replaced by those of a report."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"the page wants a line {BEGIN!r} and, below it, a line {END!r}")
    return f"{head}{BEGIN}\n\n{figures(report)}\n\n{END}{tail}"


def figures(report: Report) -> str:
    """Return everything that was measured, as Markdown."""
    return "\n\n".join(
        [
            "## What is promoted",
            promoted(report),
            "## What the planted edges are worth",
            worth(report),
            "## Which check refuses",
            refusals(report),
            "## Each check alone, on noise",
            alone(report),
        ]
    )


def promoted(report: Report) -> str:
    """Return the shares that are promoted, the power curve among them."""
    rows = [
        [
            title(row),
            f"{row['searches']:,}",
            f"{row['promoted']:,}",
            f"**{row['promoted'] / row['searches']:.1%}**",
            f"{row['low']:.1%} to {row['high']:.1%}",
            limit(row),
            f"{row['found_sharpe']:.2f}",
            f"{row['seconds']:.1f}",
        ]
        for row in groups(report)
    ]
    head = [
        "searches", "number", "promoted", "share", "95 % interval", "wanted",
        "median Sharpe ratio of the chosen", "median seconds",
    ]  # fmt: skip
    return table(head, rows)


def worth(report: Report) -> str:
    """Return the true Sharpe ratios of the planted edges."""
    rows = [
        [
            level,
            f"{one['drift']:g}",
            f"{one['sharpe']:.3f} ± {one['standard_error']:.3f}",
            f"{one['params']['fast']:g} and {one['params']['slow']:g}",
            f"{one['median']:.2f}",
            f"{one['years']:,}",
        ]
        for level, one in report["true_sharpe"].items()
    ]
    head = [
        "level", "drift a day, in deviations", "true Sharpe ratio of the best set",
        "its windows", "median of the 500 sets", "years simulated",
    ]  # fmt: skip
    return table(head, rows)


def refusals(report: Report) -> str:
    """Return how many searches each check refused; the gate stops at the first that fails."""
    found = groups(report)
    names = dict.fromkeys(name for row in found for name in row["refused"])
    rows = [
        [f"`{name}`", *(str(row["refused"].get(name, "")) for row in found)]
        for name in sorted(
            names, key=lambda name: -sum(row["refused"].get(name, 0) for row in found)
        )
    ]
    return table(["check", *(title(row) for row in found)], rows)


def alone(report: Report) -> str:
    """Return what share of noise each check refuses where all are computed."""
    found = report["alone"]
    if not found:
        return "Not in this run."
    names = dict.fromkeys(name for row in found for name in row["refused"])
    rows = [
        [f"`{name}`", *(f"{row['refused'].get(name, 0) / row['searches']:.0%}" for row in found)]
        for name in sorted(names, key=lambda name: -found[0]["refused"].get(name, 0))
    ]
    return table(
        ["refused by", *(f"{title(row)}, {row['searches']} searches" for row in found)], rows
    )


def groups(report: Report) -> list[Report]:
    """Return the rows of all kinds of search, noise first."""
    kinds = ("noise", "near_duplicates", "planted", "plateau")
    return [row for kind in kinds for row in report[kind]]


def title(row: Report) -> str:
    """Return a kind of search in words."""
    match row["kind"]:
        case "noise":
            return "noise, 500 different sets"
        case "near-duplicates":
            return "noise, 500 sets all but alike"
        case "planted":
            return f"planted, true Sharpe ratio {row['sharpe']:g}"
        case _:
            return f"planted {row['sharpe']:g}, all sets find it"


def limit(row: Report) -> str:
    """Return what is wanted of a share, and whether it is so."""
    share = row["promoted"] / row["searches"]
    if row["kind"] in {"noise", "near-duplicates"}:
        return f"≤ 5 %: {'met' if share <= 0.05 else '**missed**'}"
    if row["kind"] == "planted" and row["sharpe"] == 2.0:
        return f"≥ 80 %: {'met' if share >= 0.8 else '**missed**'}"
    return ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown, or that there is nothing to show."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return "Not in this run."
    return "\n".join([f"| {' | '.join(head)} |", "|" + "---|" * len(head), *lines])


if __name__ == "__main__":
    main()
