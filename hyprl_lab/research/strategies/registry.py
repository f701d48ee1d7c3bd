"""The strategies known by name: those that ship, and classes that were discovered."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import StrategyError
from hyprl_lab.research.strategies.described import (
    Info,
    class_info,
    class_schema,
    graph_info,
    graph_schema,
)
from hyprl_lab.research.strategies.loading import Failure, checked_folder, load, source_files
from hyprl_lab.strategy import builtin
from hyprl_lab.strategy.wording import listed, shown

if TYPE_CHECKING:
    import pandas as pd

    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import JsonValue

__all__ = ["Discovered", "discover", "get", "info", "names", "schema", "table"]

_FOLDER: Final = "strategies"


@dataclass(frozen=True, slots=True)
class Discovered:
    """What a folder of strategies holds.

    Parameters
    ----------
    names
        Of the classes that were found, sorted.
    errors
        The files and classes that were not taken.
    """

    names: tuple[str, ...] = ()
    errors: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    found: type
    file: Path


_known: dict[str, _Known] = {}
_changing = threading.Lock()


def discover(folder: Path | str | None = None) -> Discovered:
    """Import the strategy classes of a folder, and know them by name from then on.

    Every `*.py` without a leading `_` is run, in order of name; a file that fails is told in
    `errors`, and the others go on. Nothing is imported unless this is called. Called again, a
    folder's classes take the place of those it held before.

    Parameters
    ----------
    folder
        `None` is the folder `strategies` in `HYPRL_HOME`, where there is one.

    Raises
    ------
    ConfigError
        It is no folder, or everyone may write to it.

    Examples
    --------
    >>> discover()
    Discovered(names=(), errors=())
    """
    place = _place(folder)
    if place is None:
        return Discovered()
    with _changing:
        for name in [name for name, known in _known.items() if known.file.parent == place]:
            del _known[name]
        found: list[str] = []
        errors: list[Failure] = []
        for path in source_files(place):
            classes = load(path, place)
            if isinstance(classes, Failure):
                errors.append(classes)
                continue
            for name, one in classes.items():
                refused = _taken(name, path)
                if refused is None:
                    _known[name] = _Known(one, path)
                    found.append(name)
                else:
                    errors.append(refused)
    return Discovered(tuple(sorted(found)), tuple(errors))


def names() -> list[str]:
    """Return the names of built-in strategies and discovered classes, sorted.

    Examples
    --------
    >>> "dual_sma" in names()
    True
    """
    return sorted({*builtin.names(), *_known})


def get(name: str) -> Strategy | type:
    """Return a built-in strategy, or a discovered class, by name.

    Raises
    ------
    StrategyError
        Neither has that name; the message lists what there is.

    Examples
    --------
    >>> get("dual_sma").name
    'dual_sma'
    """
    if isinstance(name, str) and name in _known:
        return _known[name].found
    _check(name)
    return builtin.get(name)


def info(name: str) -> Info:
    """Return what is known of a strategy: title, idea, weakness, parameters, source.

    Raises
    ------
    StrategyError
        As `get`.

    Examples
    --------
    >>> info("dual_sma").kind
    'graph'
    """
    if isinstance(name, str) and name in _known:
        known = _known[name]
        return class_info(name, known.found, known.file.name)
    _check(name)
    return graph_info(builtin.row(name))


def schema(name: str) -> dict[str, JsonValue]:
    """Return the JSON Schema of a strategy's parameters: one object, nothing beside it.

    Of a built-in strategy every parameter is required, and `default` is a usual value; of a class
    none is, for its defaults are filled in.

    Raises
    ------
    StrategyError
        As `get`.

    Examples
    --------
    >>> schema("dual_sma")["properties"]["fast"]
    {'type': 'integer', 'minimum': 2, 'maximum': 100, 'default': 20}
    """
    if isinstance(name, str) and name in _known:
        return class_schema(_known[name].found)
    _check(name)
    row = builtin.row(name)
    return graph_schema(row.build(), row.params)


def table() -> pd.DataFrame:
    """Return an overview: `kind`, `title`, `parameters`, `idea`, `weakness`, by `name`.

    Examples
    --------
    >>> table().loc["dual_sma", "kind"]
    'graph'
    """
    import pandas as pd

    rows = []
    for known in map(info, names()):
        properties = known.schema["properties"]
        rows.append(
            {
                "name": known.name,
                "kind": known.kind,
                "title": known.title,
                "parameters": ", ".join(properties) if isinstance(properties, dict) else "",
                "idea": known.idea,
                "weakness": known.weakness,
            }
        )
    return pd.DataFrame(rows).set_index("name")


def _place(folder: Path | str | None) -> Path | None:
    if folder is not None:
        return checked_folder(Path(folder))
    from hyprl_lab.store import find_home

    usual = find_home() / _FOLDER
    return checked_folder(usual) if usual.exists() else None


def _taken(name: str, path: Path) -> Failure | None:
    if name in builtin.names():
        return Failure(path.name, None, f"{name!r} is a built-in strategy; name the class anew")
    if name in _known:
        other = _known[name].file
        return Failure(
            path.name, None, f"{name!r} is a class of {other.name} already; name one of them anew"
        )
    return None


def _check(name: object) -> None:
    if not isinstance(name, str) or name not in builtin.names():
        raise StrategyError(
            f"no strategy {shown(name)}; there are {_all()}. Classes of a folder are found once "
            "hl.strategies.discover(folder) was called"
        )


def _all() -> str:
    known = names()
    return listed(known) if len(known) > 30 else str(known)
