"""Write the tables of `docs/benchmarks.md` from the JSON that `make bench` printed.

    make bench > docs/benchmarks.json
    .venv/bin/python tests/bench/page.py

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
BEGIN = "<!-- figures: written by tests/bench/page.py from docs/benchmarks.json -->"
END = "<!-- end of the figures -->"

Report = dict[str, Any]


def main() -> None:
    """Replace the figures of the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path, default=ROOT / "docs/benchmarks.json")
    parser.add_argument("--page", type=Path, default=ROOT / "docs/benchmarks.md")
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
    parts = [
        measured_on(report),
        "## Budgets",
        budgets(report),
        "## What lost",
        lost(report),
        "## Searches, side by side",
        searches(report),
        "## Scaling",
        *curves(report),
        "## Into the ledger",
        ledgers(report),
        "## Cold and warm",
        cold(report),
        "## Validation",
        validation(report),
        "## Indicators beside TA-Lib",
        indicators(report),
    ]
    return "\n\n".join(parts)


def measured_on(report: Report) -> str:
    """Return on what the figures were measured."""
    machine = report["machine"]
    text = (
        f"Measured on {machine['processor']}, {machine['cores']} cores, {machine['platform']}, "
        f"Python {machine['python']}, hyprl-lab {machine['hyprl_lab']}."
    )
    if machine["sizes"] != "full":
        text += " **Small sizes: this run shows that everything runs; its figures mean nothing.**"
    return text


def budgets(report: Report) -> str:
    """Return each budget of a search beside what was measured."""
    return table(
        ["work", "measured", "budget", ""],
        [
            [row["what"], amount(row["measured"], row["unit"]), limit(row), verdict(row)]
            for row in budget_rows(report)
        ],
    )


def lost(report: Report) -> str:
    """Return what missed its budget, and what was slower than what it was compared with."""
    lines = [
        f"- {row['what']}: {amount(row['measured'], row['unit'])}, budget {limit(row)}."
        for row in budget_rows(report)
        if not met(row)
    ]
    for name, row in cases(report):
        for peer in ("vectorbt", "plain"):
            for way, times in row.get(f"times_faster_than_{peer}", {}).items():
                ours = way not in {"vectorbt", "plain simulator, 1 thread"}
                if ours and times < 1:
                    lines.append(f"- {name}: {way} took {1 / times:.2f} times as long as {peer}.")
    for name, row in report.items():
        if name.startswith("indicator:") and row.get("ratio_median", 0) > 1:
            times = row["ratio_median"]
            lines.append(f"- {name.partition(':')[2]}: {times:.2f} times as long as TA-Lib.")
    return "\n".join(lines) if lines else "Nothing in this run."


def searches(report: Report) -> str:
    """Return a table of the cases: nanoseconds of ours, ratios to what they were compared with."""
    rows = []
    for name, row in cases(report):
        took, seconds = row["ns_per_bar_trial"], row["seconds_median"]
        best = "native search, no blocks, 2 threads"
        rows.append(
            [
                name,
                row["work"],
                f"{took['native search, no blocks, 1 thread']:.2f}",
                f"{took['native search, blocks, 1 thread']:.2f}",
                f"{took['plain simulator, 1 thread']:.2f}",
                *(
                    f"{seconds[way]:.3f}" if way in seconds else "no peer"
                    for way in (
                        best,
                        "supersearch, ledger=summary",
                        "supersearch, ledger=full",
                        "vectorbt",
                    )
                ),
                faster(row, best),
            ]
        )
    head = [
        "case", "work", "ns per bar and trial, 1 thread", "with blocks", "plain simulator",
        "native, 2 threads, s", "supersearch summary, s", "supersearch full, s", "vectorbt, s",
        "native times faster than vectorbt",
    ]  # fmt: skip
    return table(head, rows) + "\n\n" + agreement(report)


def agreement(report: Report) -> str:
    """Return how far the answers of the cases were apart, and what the peer held."""
    rows = [
        [
            name,
            *(f"{row['largest_difference'][one]:.1e}" for one in FOUR),
            f"{row['vectorbt_peak_bytes'] / 1e9:.1f} GB",
        ]
        for name, row in cases(report)
        if "times_faster_than_vectorbt" in row
    ]
    head = ["largest difference from vectorbt", *FOUR, "vectorbt's peak memory"]
    return table(head, rows)


FOUR = ("total_return", "sharpe", "max_drawdown", "entries")


def curves(report: Report) -> list[str]:
    """Return a table for each curve."""
    parts = []
    for name, row in report.items():
        if name.startswith("curve:"):
            parts += [
                f"{sentence(row['work'])} Compared with {row['compared_with']}.",
                table(
                    ["bars", "trials", "threads", "seconds", "ns per bar, trial and core",
                     "first call, s", "memory above the imports"],
                    [
                        [
                            f"{point['bars']:,}", f"{point['trials']:,}", str(point["threads"]),
                            f"{point['seconds_median']:.4f}",
                            f"{point['ns_per_bar_trial_core']:.2f}",
                            f"{point['seconds_cold']:.4f}",
                            f"{point['peak_bytes_above_imports'] / 1e6:,.0f} MB",
                        ]
                        for point in row["points"]
                    ],
                ),
            ]  # fmt: skip
    return parts or ["Not in this run."]


def ledgers(report: Report) -> str:
    """Return a table of the searches into the ledger."""
    points = [*report.get("ledger", {}).get("points", [])]
    points += [report["many"]] if "many" in report else []
    return table(
        ["trials", "bars", "ledger", "seconds", "search alone, s", "times", "trials/s",
         "memory above the imports", "on disk", "bytes a trial", "20 best, ms"],
        [
            [
                f"{one['trials']:,}", f"{one['bars']:,}", one["ledger"], f"{one['seconds']:.2f}",
                f"{one['seconds_search_alone']:.2f}", f"{one['times_the_search_alone']:.2f}",
                f"{one['trials_per_second']:,.0f}",
                f"{one['peak_bytes_above_imports'] / 1e6:,.0f} MB",
                f"{one['bytes_on_disk'] / 1e6:,.1f} MB", f"{one['bytes_per_trial']:,.0f}",
                f"{one['top20_milliseconds']:.0f}",
            ]
            for one in points
        ],
    )  # fmt: skip


def cold(report: Report) -> str:
    """Return how long a new process takes to its first answer."""
    if "cold" not in report:
        return "Not in this run."
    row = report["cold"]
    steps = [
        ("start Python, import hyprl_lab", "seconds_import"),
        ("load the bars", "seconds_load_bars"),
        ("first search", "seconds_first_search"),
        ("all of it, to the first answer", "seconds_to_first_answer"),
        ("the same search again", "seconds_second_search"),
    ]
    theirs = [
        [
            f"vectorbt, first search of {name}, import not counted",
            f"{one['vectorbt_seconds_cold']:.2f}",
        ]
        for name, one in cases(report)
        if "vectorbt_seconds_cold" in one
    ]
    return f"{sentence(row['work'])} Compared with {row['compared_with']}.\n\n" + table(
        ["step", "seconds"], [[what, f"{row[key]:.3f}"] for what, key in steps] + theirs
    )


def validation(report: Report) -> str:
    """Return a table of what validation computes: each way of doing it, and its seconds."""
    rows = [
        [row["work"], way, f"{seconds:.3g}"]
        for name, row in report.items()
        if name.startswith("validation:")
        for way, seconds in row["seconds_best"].items()
    ]
    return table(["work", "how", "seconds, best round"], rows)


def indicators(report: Report) -> str:
    """Return what an indicator adds to a run beside TA-Lib's time for it."""
    rows = [
        [
            name.partition(":")[2],
            f"{row['ns_per_bar_added']:.2f}",
            f"{row['ns_per_bar_talib']:.2f}",
            f"{row['ratio_median']:.2f}",
        ]
        for name, row in sorted(report.items())
        if name.startswith("indicator:") and "ratio_median" in row
    ]
    return table(["indicator", "ns per bar", "TA-Lib, ns per bar", "ratio"], rows)


def cases(report: Report) -> list[tuple[str, Report]]:
    """Return the rows of the searches by the names of their cases."""
    return [
        (name.partition(":")[2], row) for name, row in report.items() if name.startswith("search:")
    ]


def budget_rows(report: Report) -> list[Report]:
    """Return all budgets of a report."""
    return [one for row in report.values() for one in row.get("budgets", [])]


def met(row: Report) -> bool:
    """Whether a budget was met."""
    measured = float(row["measured"])
    return measured <= row["at_most"] if "at_most" in row else measured >= row["at_least"]


def verdict(row: Report) -> str:
    """Return a word for a budget."""
    return "met" if met(row) else "**missed**"


def limit(row: Report) -> str:
    """Return a budget in words."""
    bound, sign = (row["at_most"], "≤") if "at_most" in row else (row["at_least"], "≥")
    return f"{sign} {amount(bound, row['unit'])}"


def faster(row: Report, way: str) -> str:
    """Return how many times faster than vectorbt, or that there is no peer."""
    times = row.get("times_faster_than_vectorbt")
    return "no peer" if times is None else f"{times[way]:,.0f}"


def amount(value: float, unit: str) -> str:
    """Return a number and its unit, three digits of it at least."""
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def sentence(text: str) -> str:
    """Return a text with a capital and a full stop."""
    return f"{text[0].upper()}{text[1:]}."


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown, or that there is nothing to show."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return "Not in this run."
    return "\n".join([f"| {' | '.join(head)} |", "|" + "---|" * len(head), *lines])


if __name__ == "__main__":
    main()
