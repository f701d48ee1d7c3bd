"""What the tables of one shard must be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["check", "first_index"]


def check(table: pa.Table, schema: pa.Schema, what: str, study_id: str, rows: int) -> None:
    """Check that a table is that of one shard.

    Parameters
    ----------
    table, schema
        What was given, and what it must look like.
    what
        For the message.
    study_id, rows
        As they were reserved.

    Raises
    ------
    InputError
        It has other columns, another number of rows, or rows of other studies.
    """
    if table.schema != schema:
        raise InputError(f"{what} have schema {table.schema}; expected {schema}")
    if len(table) != rows:
        raise InputError(f"{what} have {len(table)} rows; {rows} were reserved")
    found = table["study_id"].unique().to_pylist()
    if found != [study_id]:
        raise InputError(f"{what} are of studies {found}; expected {study_id!r} alone")


def first_index(trials: pa.Table, blocks: pa.Table | None) -> int:
    """Return the index of the first trial, where the others follow it one by one.

    Raises
    ------
    InputError
        They do not, or the blocks are of other trials.
    """
    first = int(trials["trial_index"][0].as_py()) if len(trials) else 0
    for what, table in (("trials", trials), ("blocks", blocks)):
        if table is not None:
            found = table["trial_index"].to_numpy()
            if not np.array_equal(found, np.arange(first, first + len(table))):
                raise InputError(
                    f"{what} have other indices than {first} … {first + len(table) - 1} in order; "
                    "a shard's trials follow each other"
                )
    return first
