"""A study's trials and blocks as arrays and frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

__all__ = ["blocks", "columns", "frame"]


def blocks(run: Run, study_id: str, names: Sequence[str]) -> dict[str, FloatArray]:
    """Return block moments by name; see `Warehouse.study_blocks`."""
    _check(names, BLOCK_COLUMNS, "block columns")
    table = run(query("study_blocks"), {"study_id": study_id, "columns": list(names)})
    found: dict[str, FloatArray] = {}
    for name in names:
        flat = table[name].combine_chunks().flatten().to_numpy(zero_copy_only=False)
        found[name] = flat.reshape(-1, BLOCKS).astype("float64", copy=False)
    return found


def columns(run: Run, study_id: str, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return columns of trials by name; see `Warehouse.trial_columns`."""
    _check(names, ("trial_index", *TRIAL_METRICS, "behaviour_hash"), "trial columns")
    table = run(query("study_columns"), {"study_id": study_id, "columns": list(names)})
    return {name: table[name].to_numpy() for name in names}


def frame(
    run: Run, study_id: str, param_names: Sequence[str], indices: Sequence[int] | None
) -> pd.DataFrame:
    """Return trials, a row each; see `Warehouse.trials_frame`."""
    import numpy as np
    import pandas as pd

    if indices is None:
        table = run(query("study_trials"), {"study_id": study_id})
    else:
        values = {"study_id": study_id, "indices": [int(index) for index in indices]}
        table = run(query("study_trials_chosen"), values)
    flat = np.asarray(table["param_values"].combine_chunks().flatten())
    params = flat.reshape(len(table), len(param_names))
    data = {"state": table["state"].to_pandas()}
    data |= {name: params[:, place] for place, name in enumerate(param_names)}
    data |= {name: table[name].to_numpy() for name in (*TRIAL_METRICS, "behaviour_hash")}
    found = pd.DataFrame(data)
    found.index = pd.Index(table["trial_index"].to_numpy(), name="trial")
    return found


def _check(names: Sequence[str], known: Sequence[str], what: str) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown or not names:
        raise InputError(f"{what} {unknown or 'are none'}; expected some of {list(known)}")
