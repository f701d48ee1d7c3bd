"""The wheel, installed into an empty environment in another folder, works and is complete."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(1_200)

PROBE = """
import json, sys
import api, hyprl_lab
from api.main import create_app
from hyprl_lab import resources
from hyprl_lab.engine import engine_version
sql = [name for name in resources.names("warehouse") if name.endswith(".sql")]
yaml = [name for name in resources.names("presets") if name.endswith(".yaml")]
print(json.dumps({
    "hyprl_lab": hyprl_lab.__file__,
    "api": api.__file__,
    "routes": callable(create_app),
    "native": engine_version("native"),
    "template": str(resources.notebook_path("reports/run_report.ipynb")),
    "sql": {name: resources.read_text("warehouse", name) for name in sql},
    "yaml": {name: resources.read_text("presets", name) for name in yaml},
    "streamlit": "streamlit" in sys.modules,
}))
"""


def attempt(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command that sees nothing of this environment's Python, nor of a home."""
    hidden = ("PYTHON", "VIRTUAL_ENV", "CONDA", "HYPRL_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**kept, "HYPRL_HOME": str(cwd / "home"), "PYO3_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )


def execute(*command: str | Path, cwd: Path) -> str:
    done = attempt(*command, cwd=cwd)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    maturin = Path(sys.executable).parent / "maturin"
    execute(
        maturin,
        "build",
        "--release",
        "--offline",
        "--interpreter",
        sys.executable,
        "--out",
        out,
        cwd=root,
    )
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(root: Path, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the locked packages and the wheel, and nothing else."""
    place = tmp_path_factory.mktemp("elsewhere")
    uv = Path(sys.executable).parent / "uv"
    python = place / "venv" / "bin" / "python"
    execute(uv, "venv", "--quiet", "--python", sys.executable, place / "venv", cwd=place)
    install = [uv, "pip", "install", "--quiet", "--python", python]
    locked = ["--require-hashes", "-r", root / "requirements.txt"]
    if attempt(*install, "--offline", *locked, cwd=place).returncode != 0:  # not in uv's cache
        execute(*install, *locked, cwd=place)
    execute(*install, "--no-deps", wheel, cwd=place)
    execute(uv, "pip", "check", "--quiet", "--python", python, cwd=place)
    return python


def test_the_wheel_holds_the_packages_the_licence_and_no_tests(wheel: Path) -> None:
    assert wheel.name.startswith("hyprl_lab-0.1.0-cp311-abi3-")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        text = archive.read(metadata).decode()
        (licence,) = (name for name in names if name.endswith("/licenses/LICENSE"))
        assert "HyprL Lab contributors" in archive.read(licence).decode()
    tops = {name.partition("/")[0] for name in names if ".dist-info/" not in name}
    # a wheel that carries shared libraries of its own keeps them in hyprl_lab.libs
    ours = {"hyprl_lab", "api", "warehouse", "presets", "notebooks"}
    assert ours <= tops <= {*ours, "hyprl_lab.libs"}
    assert "hyprl_lab/py.typed" in names
    assert "hyprl_lab/_native.pyi" in names
    strays = ("tests/", "__pycache__", ".ipynb_checkpoints", ".venv")
    assert not [name for name in names if any(stray in name for stray in strays)]
    assert "License-Expression: MIT" in text
    assert "Requires-Dist: numpy" in text
    assert "streamlit" not in text


def test_the_installed_wheel_imports_and_reads_its_resources(installed: Path) -> None:
    place = installed.parents[2]
    probe = json.loads(execute(installed, "-c", PROBE, cwd=place))
    for name in ("hyprl_lab", "api"):
        assert Path(probe[name]).is_relative_to(place), "the checkout was imported, not the wheel"
    assert probe["routes"]
    assert probe["native"]
    assert not probe["streamlit"]
    assert Path(probe["template"]).is_relative_to(place)
    assert probe["sql"], "no SQL in the wheel"
    assert probe["yaml"], "no YAML in the wheel"
    assert all(text.strip() for text in [*probe["sql"].values(), *probe["yaml"].values()])


def test_the_wheel_ships_every_resource_of_the_checkout(root: Path, wheel: Path) -> None:
    folders = {"warehouse": ".sql", "presets": ".yaml", "notebooks": ".ipynb"}
    here = {
        str(path.relative_to(root))
        for folder, suffix in folders.items()
        for path in (root / folder).rglob(f"*/*{suffix}")
        if ".ipynb_checkpoints" not in path.parts
    }
    assert here
    with zipfile.ZipFile(wheel) as archive:
        assert not here - set(archive.namelist())


def test_the_installed_command_answers(installed: Path) -> None:
    hyprl = installed.parent / "hyprl"
    help_text = execute(hyprl, "--help", cwd=installed.parents[2])
    assert "backtest" in help_text
    answer = json.loads(execute(hyprl, "data", "list", "--json", cwd=installed.parents[2]))
    assert "sp500" in [item["name"] for item in answer["datasets"]]
