"""The options of a search, as a type: what `supersearch` takes by keyword."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distributed import Client

    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.research.search.halving import Halving
    from hyprl_lab.store import Warehouse
    from hyprl_lab.types import CancelToken, ProgressCallback

__all__ = ["Options"]


class Options(TypedDict, total=False):
    """Keywords of `supersearch`; what each means stands there."""

    where: str | None
    objective: str | Sequence[str]
    constraints: Sequence[str]
    holdout: float
    risk: Risk
    execution: Execution
    cash: float
    sampler: Any  # a name, or an Optuna sampler: a type of a package that is loaded lazily
    max_trials: int | None
    halving: Halving | None
    seed: int
    threads: int | None
    ledger: Literal["full", "summary"]
    client: Client | None
    progress: bool | ProgressCallback
    cancel: CancelToken | None
    warehouse: Warehouse | None
    preset: str | None
