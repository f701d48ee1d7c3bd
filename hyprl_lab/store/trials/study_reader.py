"""A study's trials and blocks as arrays and frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.engine.simulation import BLOCK_COLUMNS
from hyprl_lab.errors import InputError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store.control.statements import query
from hyprl_lab.store.parts.study_rows import EVERY, Wanted
from hyprl_lab.store.schemas import BLOCKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    from hyprl_lab.store.queries.reader import Reader
    from hyprl_lab.types import FloatArray

__all__ = ["blocks", "columns", "frame", "largest", "params"]

_COLUMNS: Final = ("trial_index", "state", "completed", *TRIAL_METRICS, "behaviour_hash")
_ROW: Final = ("trial_index", "state", "param_values", *TRIAL_METRICS, "behaviour_hash")

_FEW_GROUPS: Final = 4
"""Row groups that are read whole for a few of their rows; DuckDB skips pages of more of them."""


def blocks(
    reader: Reader, study_id: str, names: Sequence[str], first: int = 0, stop: int | None = None
) -> dict[str, FloatArray]:
    """Return block moments by name; see `Warehouse.study_blocks`."""
    _check(names, BLOCK_COLUMNS, "block columns")
    given = _range(study_id, first, stop) | {"columns": list(names)}
    table = reader.run(query("study_blocks"), given)
    return {name: _flat(table[name]).reshape(-1, BLOCKS) for name in names}


def columns(
    reader: Reader, study_id: str, names: Sequence[str], first: int = 0, stop: int | None = None
) -> dict[str, NDArray[Any]]:
    """Return columns of trials by name; see `Warehouse.trial_columns`."""
    _check(names, _COLUMNS, "trial columns")
    wanted = Wanted(study_id=study_id, first=first, stop=EVERY if stop is None else stop)
    return _arrays(reader.study_rows(_held(names), wanted), names)


def largest(
    reader: Reader,
    study_id: str,
    names: Sequence[str],
    metric: str,
    least: Callable[[Mapping[str, NDArray[Any]]], float],
) -> dict[str, NDArray[Any]]:
    """Return columns of the trials with large values; see `Warehouse.largest_trials`."""
    _check(names, _COLUMNS, "trial columns")
    _check([metric], TRIAL_METRICS, "metrics")
    table = reader.largest_study_rows(
        _held(names), Wanted(study_id=study_id), metric, lambda read: least(_arrays(read, names))
    )
    return _arrays(table, names)


def _held(names: Sequence[str]) -> list[str]:
    return ["state" if name == "completed" else name for name in names]


def _arrays(table: pa.Table, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    found: dict[str, NDArray[Any]] = {}
    for name in names:
        if name == "completed":
            found[name] = _is(table["state"], "completed")
        elif name == "state":
            found[name] = _texts(table[name]).to_numpy()
        else:
            found[name] = table[name].to_numpy()
    return found


def params(
    reader: Reader,
    study_id: str,
    known: Sequence[str],
    names: Sequence[str] | None,
    *,
    first: int = 0,
    stop: int | None = None,
) -> dict[str, FloatArray]:
    """Return parameters of trials by name; see `Warehouse.trial_params`."""
    wanted = list(known if names is None else names)
    if names is not None or not known:
        _check(wanted, known, "parameters")
    rows = Wanted(study_id=study_id, first=first, stop=EVERY if stop is None else stop)
    table = reader.study_rows(["param_values"], rows)
    values = _flat(table["param_values"]).reshape(len(table), len(known))
    return {name: np.ascontiguousarray(values[:, known.index(name)]) for name in wanted}


def frame(
    reader: Reader, study_id: str, param_names: Sequence[str], indices: Sequence[int] | None
) -> pd.DataFrame:
    """Return trials, a row each; see `Warehouse.trials_frame`."""
    import pandas as pd

    table = _trials(reader, study_id, indices)
    values = _flat(table["param_values"]).reshape(len(table), len(param_names))
    data: dict[str, Any] = {"state": _texts(table["state"]).to_pandas()}
    data |= {name: values[:, place] for place, name in enumerate(param_names)}
    data |= {name: table[name].to_numpy() for name in (*TRIAL_METRICS, "behaviour_hash")}
    found = pd.DataFrame(data)
    found.index = pd.Index(table["trial_index"].to_numpy(), name="trial")
    return found


def _trials(reader: Reader, study_id: str, indices: Sequence[int] | None) -> pa.Table:
    if indices is None:
        return reader.run(query("study_trials"), {"study_id": study_id})
    chosen = np.unique(np.array(indices, dtype=np.int64))
    wanted = Wanted(study_id=study_id, indices=chosen)
    found = reader.few_study_rows(_ROW, wanted, _FEW_GROUPS)
    if found is not None:
        return found
    given = {"study_id": study_id, "indices": chosen.tolist()}
    return reader.run(query("study_trials_chosen"), given)


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa

    return column.cast(pa.string())


def _is(column: pa.ChunkedArray, text: str) -> NDArray[np.bool_]:
    """Return where a column of dictionaries has a text."""
    parts = [np.zeros(0, dtype=np.bool_)]
    for chunk in column.chunks:
        meant = np.array([word == text for word in chunk.dictionary.to_pylist()], dtype=np.bool_)
        parts.append(meant[chunk.indices.to_numpy()])
    return np.concatenate(parts)


def _range(study_id: str, first: int, stop: int | None) -> dict[str, object]:
    return {"study_id": study_id, "first": first, "stop": EVERY if stop is None else stop}


def _flat(lists: pa.ChunkedArray) -> FloatArray:
    """Return the numbers of a column of lists, one list after the other."""
    flat: FloatArray = lists.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return flat.astype("float64", copy=False)


def _check(names: Sequence[str], known: Sequence[str], what: str) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown or not names:
        raise InputError(f"{what} {unknown or 'are none'}; expected some of {list(known)}")
