"""One preset that was really promoted, with its evidence in a warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.presets.document import parse
from hyprl_lab.presets.promotion import promote
from hyprl_lab.research.recording import backtest
from hyprl_lab.research.search import supersearch
from hyprl_lab.research.validation.validator import validate
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma

Change: TypeAlias = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home where `cross` was promoted from a study, and its run and bars are kept."""
    home = tmp_path_factory.mktemp("shelf")
    warehouse = Warehouse(home)
    study = supersearch(
        load_bars("TEST"),
        dual_sma(),
        {"fast": [2, 3], "slow": [5, 6]},
        constraints=["trades >= 30"],
        warehouse=warehouse,
    )
    verdict = promote(
        study, name="cross", profile="demo", validation=validate(study, windows=2, resamples=50)
    )
    assert verdict.passed, str(verdict)
    assert study.best is not None
    run = backtest(study.search_bars, dual_sma(), params=study.best.params, warehouse=warehouse)
    run.save()
    assert run.run_hash == verdict.run_hash
    warehouse.save_bars(study.search_bars)
    warehouse.close()
    return home


@pytest.fixture
def warehouse(shelf: Path) -> Iterator[Warehouse]:
    found = Warehouse(shelf)
    yield found
    found.close()


@pytest.fixture
def file(shelf: Path) -> Iterator[Path]:
    """The preset's file, put back as it was afterwards."""
    path = shelf / "presets" / "cross.v1.yaml"
    content = path.read_bytes()
    yield path
    path.write_bytes(content)


@pytest.fixture
def document(file: Path) -> dict[str, Any]:
    """What the file holds."""
    return parse(file.read_text(encoding="utf-8"), source="test")


@pytest.fixture(scope="session")
def leaves() -> Callable[[Any], list[tuple[Any, ...]]]:
    """Return the path of every value in a document that is no mapping and no list."""

    def found(part: Any) -> list[tuple[Any, ...]]:
        if isinstance(part, dict):
            return [(key, *path) for key, below in part.items() for path in found(below)]
        if isinstance(part, list) and part:
            return [(key, *path) for key, below in enumerate(part) for path in found(below)]
        return [()]

    return found


@pytest.fixture(scope="session")
def mutate() -> Callable[[dict[str, Any], tuple[Any, ...]], None]:
    """Change the value at a path for another of its kind."""

    def change(document: dict[str, Any], path: tuple[Any, ...]) -> None:
        part: Any = document
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = other(part[path[-1]])

    return change


def other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value * 1.0000001 + 1e-9
    if isinstance(value, str):
        return f"{value[:-1]}{'0' if value[-1:] != '0' else '1'}"
    return 1 if value is None else None
