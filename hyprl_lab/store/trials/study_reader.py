"""A study's trials and blocks as arrays and frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.engine.simulation import BLOCK_COLUMNS
from hyprl_lab.errors import InputError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store.control.statements import query
from hyprl_lab.store.schemas import BLOCKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    from hyprl_lab.types import FloatArray

    Run = Callable[[str, Mapping[str, object]], pa.Table]

__all__ = ["blocks", "columns", "frame", "params"]

_COLUMNS: Final = ("trial_index", "state", "completed", *TRIAL_METRICS, "behaviour_hash")


_EVERY: Final = (1 << 63) - 1
"""An index that no trial reaches."""


def blocks(
    run: Run, study_id: str, names: Sequence[str], first: int = 0, stop: int | None = None
) -> dict[str, FloatArray]:
    """Return block moments by name; see `Warehouse.study_blocks`."""
    _check(names, BLOCK_COLUMNS, "block columns")
    table = run(query("study_blocks"), _range(study_id, first, stop) | {"columns": list(names)})
    return {name: _flat(table[name]).reshape(-1, BLOCKS) for name in names}


def columns(
    run: Run, study_id: str, names: Sequence[str], first: int = 0, stop: int | None = None
) -> dict[str, NDArray[Any]]:
    """Return columns of trials by name; see `Warehouse.trial_columns`."""
    _check(names, _COLUMNS, "trial columns")
    table = run(query("study_columns"), _range(study_id, first, stop) | {"columns": list(names)})
    return {name: table[name].to_numpy() for name in names}


def params(
    run: Run,
    study_id: str,
    known: Sequence[str],
    names: Sequence[str] | None,
    *,
    first: int = 0,
    stop: int | None = None,
) -> dict[str, FloatArray]:
    """Return parameters of trials by name; see `Warehouse.trial_params`."""
    import numpy as np

    wanted = list(known if names is None else names)
    if names is not None or not known:
        _check(wanted, known, "parameters")
    places = [known.index(name) + 1 for name in wanted]
    table = run(query("study_params"), _range(study_id, first, stop) | {"places": places})
    values = _flat(table["param_values"]).reshape(-1, len(wanted))
    return {name: np.ascontiguousarray(values[:, at]) for at, name in enumerate(wanted)}


def frame(
    run: Run, study_id: str, param_names: Sequence[str], indices: Sequence[int] | None
) -> pd.DataFrame:
    """Return trials, a row each; see `Warehouse.trials_frame`."""
    import pandas as pd

    if indices is None:
        table = run(query("study_trials"), {"study_id": study_id})
    else:
        chosen = {"study_id": study_id, "indices": [int(index) for index in indices]}
        table = run(query("study_trials_chosen"), chosen)
    values = _flat(table["param_values"]).reshape(len(table), len(param_names))
    data = {"state": table["state"].to_pandas()}
    data |= {name: values[:, place] for place, name in enumerate(param_names)}
    data |= {name: table[name].to_numpy() for name in (*TRIAL_METRICS, "behaviour_hash")}
    found = pd.DataFrame(data)
    found.index = pd.Index(table["trial_index"].to_numpy(), name="trial")
    return found


def _range(study_id: str, first: int, stop: int | None) -> dict[str, object]:
    return {"study_id": study_id, "first": first, "stop": _EVERY if stop is None else stop}


def _flat(lists: pa.ChunkedArray) -> FloatArray:
    """Return the numbers of a column of lists, one list after the other."""
    flat: FloatArray = lists.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return flat.astype("float64", copy=False)


def _check(names: Sequence[str], known: Sequence[str], what: str) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown or not names:
        raise InputError(f"{what} {unknown or 'are none'}; expected some of {list(known)}")
