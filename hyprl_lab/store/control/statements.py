"""SQL by name, from `warehouse/queries`."""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from hyprl_lab import resources
from hyprl_lab.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["query", "query_names", "statement", "statement_names"]

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def query(name: str) -> str:
    """Return a query over the warehouse's views, for `Warehouse.sql`.

    Parameters
    ----------
    name
        A name of `query_names()`.

    Raises
    ------
    NotFoundError
        No such query ships with the lab.

    Examples
    --------
    >>> "trial_blocks" in query("study_blocks")
    True
    """
    if name not in query_names():
        raise NotFoundError(f"no query {name!r}; there are {query_names()}")
    return resources.read_text("warehouse", f"queries/{name}.sql")


@lru_cache(maxsize=1)
def query_names() -> tuple[str, ...]:
    """Return the names of the queries that ship with the lab.

    Examples
    --------
    >>> "top_trials" in query_names()
    True
    """
    files = (name.removeprefix("queries/") for name in resources.names("warehouse", "queries/"))
    return tuple(name.removesuffix(".sql") for name in files if "/" not in name)


def statement(name: str) -> str:
    """Return a statement of the control database, such as `"parts.commit"`.

    Raises
    ------
    NotFoundError
        No such statement ships with the lab.
    """
    group, _, short = name.partition(".")
    try:
        return _group(group)[short]
    except KeyError:
        raise NotFoundError(f"no statement {name!r}; there are {statement_names()}") from None


def statement_names() -> list[str]:
    """Return the names of all statements of the control database, sorted."""
    files = resources.names("warehouse", "queries/control/")
    groups = [name.rpartition("/")[2].removesuffix(".sql") for name in files]
    return sorted(f"{group}.{short}" for group in groups for short in _group(group))


@lru_cache(maxsize=32)
def _group(group: str) -> Mapping[str, str]:
    text = resources.read_text("warehouse", f"queries/control/{group}.sql")
    _, *pieces = _NAME.split(text)
    bodies = (body.strip().removesuffix(";") for body in pieces[1::2])
    return MappingProxyType(dict(zip(pieces[::2], bodies, strict=True)))
