"""`hyprl doctor`: whether this installation can do its work."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Final

import typer

from hyprl_lab.cli.exits import REFUSED
from hyprl_lab.cli.options import AsJson
from hyprl_lab.cli.output import emit, note, table
from hyprl_lab.errors import LabError

__all__ = ["Check", "checks", "doctor"]

SQLITE_LEAST: Final = (3, 51, 3)
"""Older builds can lose commits in WAL mode."""

CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")
"""Where Chromium is looked for; `make browser` and the browser tests read this line."""

NEEDED: Final = ("duckdb", "fastapi", "numpy", "pandas", "papermill", "plotly", "pyarrow", "voila")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Parameters
    ----------
    name
        What was looked at.
    passed
        Whether it is as it should be.
    found
        What was found.
    mend
        What to do about it; empty where it passed.
    required
        Whether the lab works without it.
    """

    name: str
    passed: bool
    found: str
    mend: str = ""
    required: bool = True


def doctor(as_json: AsJson = False) -> None:
    """Check the installation; exit 1 if something it needs is at fault."""
    found = list(checks())
    passed = all(check.passed for check in found if check.required)
    rows = [
        ("ok" if check.passed else "FAULT" if check.required else "absent", check.name, check.found)
        for check in found
    ]
    emit(
        {"passed": passed, "checks": [asdict(check) for check in found]},
        as_json=as_json,
        view=lambda: [table(["", "check", "found"], rows)],
    )
    for check in found:
        if not check.passed:
            note(f"{check.name}: {check.mend}")
    if not passed:
        raise typer.Exit(REFUSED)


def checks() -> Iterator[Check]:
    """Yield every check; one that the lab itself refuses is a failed one, not an error."""
    look: tuple[tuple[str, Callable[[], Check], str], ...] = (
        ("python", _python, "install Python 3.11 or newer"),
        ("packages", _packages, "run make setup, or install the wheel with its dependencies"),
        ("home", _home, "set HYPRL_HOME to a folder that can be written"),
        (
            "control database",
            _control,
            "look at the message; HYPRL_CONTROL_URL or HYPRL_DATABASE_URL names it, where set",
        ),
        ("warehouse", _warehouse, "look at the message; HYPRL_HOME names the folder it lives in"),
        ("sqlite", _sqlite, "install pysqlite3 0.6.1 or newer, which brings its own"),
        ("engines agree", _engines, "run make build"),
        ("chromium", _chromium, "the browser tests need it: make browser"),
    )
    for name, check, mend in look:
        try:
            yield check()
        except (LabError, ImportError, OSError) as error:
            yield Check(name, passed=False, found=str(error), mend=mend)


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    return Check("python", sys.version_info >= (3, 11), found, "install Python 3.11 or newer")


def _packages() -> Check:
    missing = []
    found = []
    for name in NEEDED:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        mend = f"install {', '.join(missing)}: run make setup"
        return Check("packages", passed=False, found=f"missing: {', '.join(missing)}", mend=mend)
    return Check("packages", passed=True, found=", ".join(found))


def _home() -> Check:
    from hyprl_lab.store import home

    folder = home()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        os.fsync(file.fileno())
    free = shutil.disk_usage(folder).free
    return Check(
        "home",
        free > 1_000_000_000,
        f"{folder}, {free / 1e9:.0f} GB free",
        "keep at least 1 GB free there: a million trials with blocks take about that",
    )


def _warehouse() -> Check:
    from hyprl_lab.cli.summary import warehouse_counts

    held = warehouse_counts()
    return Check(
        "warehouse", passed=True, found=f"{held['runs']:,} runs, {held['trials']:,} trials"
    )


def _control() -> Check:
    from hyprl_lab.store import Warehouse

    control = Warehouse().control
    try:
        return Check("control database", passed=True, found=f"{control.describe()}, {control.name}")
    finally:
        control.close()


def _sqlite() -> Check:
    try:
        from pysqlite3 import dbapi2 as driver
    except ImportError:
        import sqlite3 as driver
    found = tuple(map(int, driver.sqlite_version.split(".")))
    return Check(
        "sqlite",
        found >= SQLITE_LEAST,
        f"{driver.sqlite_version} ({driver.__name__.partition('.')[0]})",
        "older than 3.51.3, whose write-ahead log can lose commits, so the slower rollback journal "
        "is used: install pysqlite3 0.6.1 or newer",
    )


def _engines() -> Check:
    import hyprl_lab as hl
    from hyprl_lab.strategy import builtin

    bars = hl.load_bars("TEST")
    strategy = builtin.get("sma_cross_long_short")
    params = {"fast": 5, "slow": 20}
    native, twin = (
        hl.backtest(bars, strategy, params=params, engine=engine, record=False)
        for engine in ("native", "python")
    )
    agree = native.run_hash == twin.run_hash and native.trades.equals(twin.trades)
    return Check(
        "engines agree",
        agree,
        f"{native.engine_version}: {len(native.trades)} trades, run {native.run_hash[:12]}",
        "the compiled engine is not of this version of the lab: run make build",
    )


def _chromium() -> Check:
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    mend = "only the browser tests need it: make browser"
    return Check("chromium", found is not None, found or "not found", mend, required=False)
