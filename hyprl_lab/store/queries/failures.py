"""What went wrong in a query, in the warehouse's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyprl_lab.errors import InputError, NotFoundError, WarehouseError
from hyprl_lab.store.queries.catalog import VIEWS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

__all__ = ["explained", "plain_params"]


def explained(error: duckdb.Error | OSError) -> WarehouseError | InputError:
    """Return the error to raise for one of DuckDB's.

    Parameters
    ----------
    error
        Its own class, or the `OSError` that Arrow makes of one in mid-stream.
    """
    import duckdb

    text = str(error)
    if isinstance(error, duckdb.CatalogException) and "Table with name" in text:
        return NotFoundError(f"{text.splitlines()[0]} The warehouse has {', '.join(VIEWS)}.")
    if isinstance(error, duckdb.PermissionException):
        return WarehouseError(f"{text}; a query reads the warehouse's own views and no files")
    if isinstance(error, duckdb.OutOfMemoryException) or "Out of Memory Error" in text:
        return WarehouseError(
            f"the query needs more memory than there is ({text.splitlines()[0]}): ask for fewer "
            "columns, or read it by pages without ORDER BY"
        )
    if isinstance(
        error,
        duckdb.BinderException
        | duckdb.CatalogException
        | duckdb.InvalidInputException
        | duckdb.NotImplementedException
        | duckdb.ConversionException
        | duckdb.OutOfRangeException
        | duckdb.ParserException,
    ):
        return InputError(text)
    return WarehouseError(f"the query failed: {text}")


def plain_params(
    params: Mapping[str, object] | Sequence[object] | None,
) -> dict[str, Any] | list[Any] | None:
    """Return parameters as DuckDB takes them; NumPy's numbers become Python's.

    Raises
    ------
    InputError
        They are neither a mapping by name nor a sequence.

    Examples
    --------
    >>> import numpy as np
    >>> plain_params({"n": np.int64(3)})
    {'n': 3}
    """
    from collections.abc import Mapping, Sequence

    import numpy as np

    if params is None:
        return None

    def plain(value: object) -> object:
        return value.item() if isinstance(value, np.generic) else value

    if isinstance(params, Mapping):
        return {str(name): plain(value) for name, value in params.items()}
    if isinstance(params, Sequence) and not isinstance(params, str | bytes):
        return [plain(value) for value in params]
    raise InputError(
        f"params are {type(params).__name__}; expected a mapping for $name, a sequence for ?"
    )
