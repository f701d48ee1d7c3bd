"""Data files that ship inside other packages, read without importing those."""

from __future__ import annotations

import csv
import gzip
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from hyprl_lab.errors import BarsError

__all__ = ["folder_of", "read_table", "version_of"]


def folder_of(package: str, *, wanted: str, mend: str) -> Path:
    """Return the folder of an installed package; importing it may take seconds.

    Parameters
    ----------
    package
        Its name.
    wanted, mend
        What it holds, and how to get it, for the message.

    Raises
    ------
    BarsError
        It isn't installed.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise BarsError(f"found no {package} package, which holds {wanted}. {mend}")
    return Path(spec.origin).parent


def version_of(package: str) -> str:
    """Return an installed package's version, `"unknown"` where it has no record of one."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def read_table(file: Path) -> tuple[list[str], np.ndarray[tuple[int, int], np.dtype[np.str_]]]:
    """Return the names and the cells, as text, of a gzipped CSV file.

    Raises
    ------
    BarsError
        There is no such file: the package is of another version.
    """
    try:
        with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
            head, *rows = csv.reader(lines)
    except FileNotFoundError as error:
        raise BarsError(
            f"found no {file.name} in {file.parent}; expected the version that the lab was "
            "tested with (requirements.txt)"
        ) from error
    return head, np.array(rows)
