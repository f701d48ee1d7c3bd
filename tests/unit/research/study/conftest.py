"""Studies to ask: one that was searched, and ledgers written by hand."""

from __future__ import annotations

import dataclasses
import uuid
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.research import supersearch
from hyprl_lab.research.space import grid
from hyprl_lab.research.study import Ranking
from hyprl_lab.store import Warehouse, blocks_table, trials_table
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.data import Bars
    from hyprl_lab.research.study import Study

SPACE = {"fast": range(5, 30, 5), "slow": range(20, 100, 20)}


@pytest.fixture(scope="package")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return Warehouse(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="package")
def stock() -> Bars:
    return load_bars("sp500").take(0, 1500)


@pytest.fixture(scope="package")
def study(stock: Bars, warehouse: Warehouse) -> Study:
    """Dual SMA, fast 5 to 25 over slow 20 to 80, on the first bars of the index."""
    return supersearch(stock, dual_sma(), SPACE, where="fast < slow", warehouse=warehouse)


@pytest.fixture
def written(study: Study) -> Callable[..., Study]:
    """Return a study whose ledger says what a test wants.

    `metrics` and `hashes` have a value a trial, in the order of the grid over `space`; metrics
    that are not given are 1. The first `skipped` trials are not in the ledger, and have none.
    """

    def write(
        space: dict[str, Any],
        metrics: dict[str, list[float]],
        *,
        name: str,
        states: list[str] | None = None,
        hashes: list[int] | None = None,
        returns: np.ndarray | None = None,
        objective: str | list[str] = "sharpe",
        skipped: int = 0,
        **changed: Any,
    ) -> Study:
        points = grid(dual_sma(), space)
        total, store = points.size, study.warehouse
        study_id = f"{name}-{uuid.uuid4().hex}"
        store.open_study(
            study_id,
            spec={},
            bars=study.search_bars,
            lineage_root=study.lineage_root,
            strategy=study.strategy,
            total=total,
        )
        rows = total - skipped
        reservation = store.reserve_shard(study_id, 1 if skipped else 0, rows)
        columns = {metric: np.ones(rows) for metric in TRIAL_METRICS}
        columns |= {metric: np.array(values, dtype=float) for metric, values in metrics.items()}
        keys = np.random.default_rng(7).integers(0, 256, (rows, 16)).astype(np.uint8)
        moments = np.zeros((rows, 17, 6))
        if returns is not None:
            moments[:, 1:, 0] = returns
        store.commit_shard(
            reservation,
            trials_table(
                study_id=study_id,
                first_index=skipped,
                keys=keys,
                lineage_root=study.lineage_root,
                param_values=next(points.batches(total)).values[skipped:],
                metrics=columns,
                behaviour_hash=np.array(hashes or range(rows), dtype=np.uint64),
                states=states or ["completed"] * rows,
            ),
            blocks_table(study_id=study_id, first_index=skipped, blocks=moments),
        )
        constraints = tuple(changed.pop("constraints", ()))
        return dataclasses.replace(
            study,
            study_id=study_id,
            space=space,
            points=points,
            total=total,
            objective=objective if isinstance(objective, str) else tuple(objective),
            constraints=constraints,
            ranking=Ranking.of(objective, constraints),
            **changed,
        )

    return write
