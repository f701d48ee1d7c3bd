"""The strategies known by name: those that ship, and classes that were discovered."""

from __future__ import annotations

import os
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
from hyprl_lab.research.strategies.loading import Failure, load, source_files
from hyprl_lab.research.strategies.trusted import checked_folder
from hyprl_lab.strategy import builtin
from hyprl_lab.strategy.wording import listed, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

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


_known: Mapping[str, _Known] = {}
"""Never changed: a discovery puts another one in its place, and readers look at one of them."""
_changing = threading.Lock()
_here = threading.local()


def discover(folder: Path | str | None = None) -> Discovered:
    """Import the strategy classes of a folder, and know them by name from then on.

    Every `*.py` without a leading `_` is run, in order of name; a file that fails is told in
    `errors`, and the others go on. Nothing is imported unless this is called. Called again, a
    folder's classes take the place of those it held before; until all of its files were run,
    other threads see those.

    Parameters
    ----------
    folder
        `None` is the folder `strategies` in `HYPRL_HOME`, where that is set and there is one. A
        folder that would only be found by looking upward from the working folder is not run, and
        stands in `errors`: whoever made it need not be you.

    Raises
    ------
    ConfigError
        It is no folder, or somebody else owns it or may write to it.
    StrategyError
        A strategy file calls this while it is run.

    Examples
    --------
    >>> discover()
    Discovered(names=(), errors=())
    """
    global _known  # noqa: PLW0603  # the registry is one; it is swapped, never changed
    if getattr(_here, "busy", False):
        raise StrategyError("a strategy file can't discover strategies while it is run")
    place = _place(folder)
    if place is None:
        return Discovered(errors=_not_run())
    _here.busy = True
    try:
        loaded = [(path, load(path, place)) for path in source_files(place)]
    finally:
        _here.busy = False
    with _changing:
        known = {name: one for name, one in _known.items() if one.file.parent != place}
        found: list[str] = []
        errors: list[Failure] = []
        for path, classes in loaded:
            if isinstance(classes, Failure):
                errors.append(classes)
                continue
            for name, one in classes.items():
                refused = _taken(known, name, path)
                if refused is None:
                    known[name] = _Known(one, path)
                    found.append(name)
                else:
                    errors.append(refused)
        _known = known
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
    known = _found(name)
    if known is not None:
        return known.found
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
    return _info(name, _found(name))


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
    known = _found(name)
    if known is not None:
        return class_schema(known.found)
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

    rows, classes = [], _known
    for name in sorted({*builtin.names(), *classes}):
        known = _info(name, classes.get(name))
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
    usual = _usual()
    return checked_folder(usual) if _chosen() and usual.exists() else None


def _usual() -> Path:
    from hyprl_lab.store import find_home

    return find_home() / _FOLDER


def _chosen() -> bool:
    """Whether somebody said where the home is, rather than that it was found on the way up."""
    return bool(os.environ.get("HYPRL_HOME", "").strip())


def _not_run() -> tuple[Failure, ...]:
    if _chosen() or not _usual().exists():
        return ()
    told = (
        f"{_usual()} is not run, for HYPRL_HOME is not set and whoever made that folder need not "
        "be you; name the folder, or set HYPRL_HOME"
    )
    return (Failure(_FOLDER, None, told),)


def _found(name: object) -> _Known | None:
    """Return what is known of a class, `None` of a built-in strategy.

    Raises
    ------
    StrategyError
        Neither has that name.
    """
    classes = _known
    if isinstance(name, str):
        if name in classes:
            return classes[name]
        if name in builtin.names():
            return None
    known = sorted({*builtin.names(), *classes})
    raise StrategyError(
        f"no strategy {shown(name)}; there are {listed(known) if len(known) > 30 else known}. "
        "Classes of a folder are found once hl.strategies.discover(folder) was called"
    )


def _info(name: str, known: _Known | None) -> Info:
    if known is None:
        return graph_info(builtin.row(name))
    return class_info(name, known.found, known.file.name)


def _taken(classes: Mapping[str, _Known], name: str, path: Path) -> Failure | None:
    if name in builtin.names():
        return Failure(path.name, None, f"{name!r} is a built-in strategy; name the class anew")
    if name in classes:
        other = classes[name].file
        return Failure(
            path.name, None, f"{name!r} is a class of {other.name} already; name one of them anew"
        )
    return None
