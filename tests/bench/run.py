"""`make bench`: one JSON object, a row for each figure; `--micro` leaves the peers out.

Keys: `risk:<model>`, `slippage:<model>`, `indicator:<name>`, `backtest:<work>`, `import`,
`ingest:trials`, `ingest:blocks`, `top20`, `search`, `mlflow`.
"""

from __future__ import annotations

import argparse
import json

import ingest
import micro
import search  # the script's own folder comes first on the path
import tracking


def main() -> None:
    """Time everything in turn, then print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--micro", action="store_true", help="only what needs no other tool")
    micro_only = parser.parse_args().micro
    report: dict[str, object] = {**micro.timings(), **micro.single_backtests()}
    report["import"] = {
        "milliseconds_median": search.import_ms(),
        "compared_with": "a budget of 300 ms",
    }
    report.update(ingest.timings())
    if not micro_only:
        report["search"] = search.against_vectorbt()
        report["mlflow"] = tracking.against_mlflow()
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
