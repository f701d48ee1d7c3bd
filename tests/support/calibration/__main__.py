"""Measure how often the strict gate promotes noise, and how often a planted edge.

    PYTHONPATH=tests/support .venv/bin/python -m calibration --kept /tmp/calibration

Writes `docs/calibration.json`. Verdicts are kept in the folder as they come, so a run that was
stopped goes on from there; after a change of the gate or of a check, take another folder.
"""

from __future__ import annotations

import argparse
import json
import platform
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hyprl_lab as hl
from calibration.design import FULL, Design, calibrate

if TYPE_CHECKING:
    from calibration.judged import Judged

ROOT = Path(__file__).resolve().parents[3]


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog="calibration")
    parser.add_argument("--kept", type=Path, help="a folder of this run's own")
    parser.add_argument("--json", type=Path, default=ROOT / "docs/calibration.json")
    parser.add_argument("--processes", type=int)
    for field in fields(Design):
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=int)
    given = parser.parse_args()
    asked: dict[str, Any] = {field.name: getattr(given, field.name) for field in fields(Design)}
    design = replace(FULL, **{name: number for name, number in asked.items() if number is not None})
    measured = calibrate(design, kept=given.kept, processes=given.processes, heard=say)
    made_with = {"python": platform.python_version(), "hyprl_lab": hl.__version__}
    text = json.dumps({"made_with": made_with, **measured}, indent=2)
    given.json.write_text(text + "\n", encoding="utf-8")


def say(judged: Judged) -> None:
    """Print a verdict."""
    said = "promoted" if judged.promoted else f"refused by {', '.join(judged.failed)}"
    print(f"{judged.case.name}: {said} ({judged.seconds:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
