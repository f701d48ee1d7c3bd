"""What a result was computed with."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import hyprl_lab
from hyprl_lab import environment as module
from hyprl_lab.environment import code_version, environment, environment_hash


def test_the_code_version_is_of_the_files_that_run(tmp_path: Path) -> None:
    package = Path(hyprl_lab.__file__).parent
    paths = [path for path in package.rglob("*") if path.suffix in {".py", ".so"}]
    named = sorted((path.relative_to(package).as_posix(), path) for path in paths)
    hashed = hashlib.sha256()
    for name, path in named:
        hashed.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    assert any(name.endswith(".so") for name, _ in named)
    code_version.cache_clear()
    assert code_version() == f"{hyprl_lab.__version__}+{hashed.hexdigest()[:12]}"


def test_an_edited_line_is_another_version(tmp_path: Path, monkeypatch: object) -> None:
    package = tmp_path / "package"
    (package / "inner").mkdir(parents=True)
    (package / "inner" / "one.py").write_text("x = 1\n")
    (package / "notes.txt").write_text("not code")

    def of_it() -> str:
        code_version.cache_clear()
        return code_version()

    place = module._PACKAGE
    try:
        module._PACKAGE = package  # type: ignore[misc]
        first = of_it()
        (package / "notes.txt").write_text("still not code")
        assert of_it() == first
        (package / "inner" / "one.py").write_text("x = 2\n")
        edited = of_it()
        (package / "inner" / "one.py").rename(package / "inner" / "two.py")
        assert len({first, edited, of_it()}) == 3
    finally:
        module._PACKAGE = place  # type: ignore[misc]
        code_version.cache_clear()


def test_every_package_stands_in_the_environment_by_its_normal_name() -> None:
    found = environment()
    packages = found["packages"]
    assert isinstance(packages, dict)
    assert packages["numpy"] == version("numpy")
    assert all(name == name.lower() and "_" not in name for name in packages)
    assert found["python"].split()[1] == ".".join(map(str, sys.version_info[:3]))  # type: ignore[union-attr]


def test_the_hash_is_of_its_canonical_json() -> None:
    text = json.dumps(environment(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert environment_hash() == hashlib.sha256(text.encode()).hexdigest()
    environment()["packages"]["numpy"] = "0"  # type: ignore[index,call-overload]  # a copy
    assert environment()["packages"]["numpy"] != "0"  # type: ignore[index,call-overload]


def test_another_process_finds_the_same() -> None:
    code = "from hyprl_lab.environment import *; print(code_version(), environment_hash())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [code_version(), environment_hash()]
