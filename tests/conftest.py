"""Fixtures that several test files share."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from postgres import Chosen, Databases

    from hyprl_lab.data import Bars

ROOT = Path(__file__).resolve().parents[1]

sys.path.append(str(ROOT / "tests" / "support"))  # what several test files share, such as cases

collect_ignore = ["bench"]  # scripts that time; `make bench` runs them, no test does

settings.register_profile("default", deadline=None, max_examples=50, print_blob=True)
settings.register_profile("deep", deadline=None, max_examples=1000, print_blob=True)
settings.register_profile(
    "ci",
    deadline=None,
    max_examples=50,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "default")
)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared(root: Path) -> Path:
    """The folder of larger real data sets beside the checkout; absent elsewhere."""
    folder = root.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the larger data sets in ../shared/data, which are not there")
    return folder


ON_BOTH = tuple(
    f"{ROOT}/tests/{place}" for place in ("unit/store/", "faults/", "api/test_credits.py")
)
"""Where each test runs once for each kind of control database."""

DATABASE = os.environ.get("HYPRL_TEST_DATABASE", "")
"""`sqlite` or `postgresql`: the only kind for all tests, instead of both for those above."""


def pytest_configure() -> None:
    if DATABASE not in {"", "sqlite", "postgresql"}:
        raise pytest.UsageError(
            f"HYPRL_TEST_DATABASE is {DATABASE!r}; expected sqlite or postgresql"
        )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "databases" in metafunc.fixturenames:
        return  # it makes its own
    if metafunc.definition.get_closest_marker("sqlite_only"):
        kinds = ["sqlite"]
    elif DATABASE:
        kinds = [DATABASE]
    elif str(metafunc.definition.path).startswith(ON_BOTH):
        kinds = ["sqlite", "postgresql"]
    else:
        return
    metafunc.parametrize("control_database", kinds, indirect=True)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """A PostgreSQL server of the tests' own."""
    import postgres

    binaries = postgres.folder_of_binaries()
    if binaries is None:
        missing = "needs PostgreSQL's server (Debian: apt-get install postgresql), or make postgres"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with postgres.started(binaries) as server:
        made = postgres.Databases(server, tmp_path_factory.mktemp("template"))
        yield made
        made.close()


@pytest.fixture(autouse=True)
def control_database(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Chosen | None]:
    """The kind of database that this test's warehouses are on; `None` where any will do."""
    from postgres import Chosen

    kind = getattr(request, "param", None)
    if kind is None:
        yield None
        return
    made = request.getfixturevalue("databases") if kind == "postgresql" else None
    chosen = Chosen(monkeypatch, made)
    yield chosen
    chosen.close()


@pytest.fixture
def database(control_database: Chosen) -> Chosen:
    """What a test asks for by name: a second home in one test wants `database.fresh()` first."""
    return control_database


@pytest.fixture(scope="session")
def goog(root: Path) -> pd.DataFrame:
    """GOOG, daily, 2004-08-19 to 2013-03-01, 2,148 bars: the bars of the reference values.

    Columns open, high, low, close, volume (float64) by a UTC `DatetimeIndex` named `ts`.
    The file ships in the wheel of backtesting 0.6.6, unpacked by `make setup`; it is read as data.
    """
    import pandas as pd

    path = root / ".oracle" / "backtesting" / "test" / "GOOG.csv"
    if not path.is_file():
        pytest.fail(f"{path} is missing; `make setup` unpacks it")
    frame = pd.read_csv(path, index_col=0, parse_dates=True)
    frame.columns = frame.columns.str.lower()
    frame.index = pd.DatetimeIndex(frame.index, tz="UTC", name="ts")
    return frame.astype(np.float64)


@pytest.fixture(scope="session")
def small_frame() -> pd.DataFrame:
    """300 days of made-up prices that rise and fall, so that slow and fast averages cross."""
    import pandas as pd

    steps = np.arange(300)
    close = 100.0 + 10.0 * np.sin(steps / 15.0) + 3.0 * np.sin(steps / 4.0) + 0.05 * steps
    opened = np.concatenate([[100.0], close[:-1]]) * (1.0 + 0.001 * np.cos(steps))
    spread = 0.2 + 0.1 * np.abs(np.sin(steps))
    return pd.DataFrame(
        {
            "open": opened,
            "high": np.maximum(opened, close) + spread,
            "low": np.minimum(opened, close) - spread,
            "close": close,
            "volume": 1_000.0 + 10.0 * steps,
        },
        index=pd.date_range("2020-01-01", periods=300, freq="D", tz="UTC", name="ts"),
    )


@pytest.fixture(scope="session")
def small_bars(small_frame: pd.DataFrame) -> Bars:
    """`small_frame` as bars that trade around the clock."""
    from hyprl_lab.data import Bars

    return Bars.from_pandas(small_frame, symbol="SMALL", timeframe="1d", calendar="24/7")
