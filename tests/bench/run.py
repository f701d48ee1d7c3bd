"""`make bench`: one JSON object, a row for each figure.

`--micro` leaves out what needs another tool, `--only search,scaling` takes some groups, `--small`
takes small sizes: everything runs and is compared, and the figures mean nothing.

Keys: `machine`; `risk:<model>`, `slippage:<model>`, `indicator:<name>`, `backtest:<work>`,
`import` (group `micro`); `ingest:trials`, `ingest:blocks`, `top20` (`ingest`); `search:<case>`
(`search`); `curve:<axis>`, `large`, `ledger`, `many`, `cold` (`scaling`); `validation:<work>`
(`null`, `overfitting`); `mlflow` (`tracking`).
`tests/bench/page.py` makes the tables of `docs/benchmarks.md` from it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from pathlib import Path

import ingest
import micro
import null
import overfitting
import scaling
import search  # the script's own folder comes first on the path
import tracking
from sizes import FULL, SMALL, Sizes

import hyprl_lab as hl

GROUPS = ("micro", "ingest", "search", "scaling", "null", "overfitting", "tracking")
PEERS = ("search", "tracking")


def main() -> None:
    """Time everything that is asked for in turn, then print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--micro", action="store_true", help="only what needs no other tool")
    parser.add_argument("--only", help=f"some of {','.join(GROUPS)}")
    parser.add_argument("--small", action="store_true", help="small sizes, to see that it runs")
    given = parser.parse_args()
    sizes = SMALL if given.small else FULL
    groups = given.only.split(",") if given.only else list(GROUPS)
    unknown = sorted(set(groups) - set(GROUPS))
    if unknown:
        parser.error(f"--only {unknown[0]}: expected some of {', '.join(GROUPS)}")
    report: dict[str, object] = {"machine": machine(sizes)}
    for group in groups:
        if not (given.micro and group in PEERS):
            report |= timings(group, sizes)
    print(json.dumps(report, indent=2))


def timings(group: str, sizes: Sizes) -> dict[str, object]:
    """Return the rows of one group."""
    match group:
        case "micro":
            started = {
                "milliseconds_median": search.import_ms(),
                "compared_with": "a budget of 300 ms",
            }
            return {**micro.timings(), **micro.single_backtests(), "import": started}
        case "ingest":
            return ingest.timings()
        case "search":
            return search.timings(sizes)
        case "scaling":
            return scaling.timings(sizes)
        case "null":
            return null.timings(sizes)
        case "overfitting":
            return overfitting.timings(sizes)
        case _:
            return {"mlflow": tracking.against_mlflow()}


def machine(sizes: Sizes) -> dict[str, object]:
    """Return what the figures were measured on."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "platform": platform.platform(terse=True),
        "python": platform.python_version(),
        "hyprl_lab": hl.__version__,
        "sizes": sizes.name,
    }


def processor() -> str:
    """Return the processor's name, as Linux knows it."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    main()
