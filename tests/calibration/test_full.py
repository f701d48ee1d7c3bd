"""The whole calibration, which takes an hour or more; `make test-deep` prints its tables.

With `HYPRL_CALIBRATION=FOLDER` verdicts are kept in that folder as they come, and a run that was
stopped goes on.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest
from calibration.design import FULL, calibrate

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def page() -> ModuleType:
    spec = importlib.util.spec_from_file_location("page", ROOT / "tests/calibration/page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.timeout(6 * 3600)
def test_noise_is_refused_and_a_planted_edge_promoted(
    page: ModuleType, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    kept = Path(os.environ.get("HYPRL_CALIBRATION") or tmp_path)
    report = calibrate(FULL, kept=kept)
    with capsys.disabled():
        print("\n" + page.figures(report))
    shares = {
        (row["kind"], row["sharpe"]): row["promoted"] / row["searches"]
        for row in page.groups(report)
    }
    assert shares["noise", 0.0] <= 0.05
    assert shares["near-duplicates", 0.0] <= 0.05
    assert shares["planted", 2.0] >= 0.80
    curve = [shares["planted", level] for level in (0.5, 1.0, 1.5, 2.0)]
    assert curve == sorted(curve)
    worth = report["true_sharpe"]["2"]
    assert worth["sharpe"] - 2.0 <= 2 * worth["standard_error"]
