"""The rows of a batch, and how some of them are evaluated by either engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.engine import native, reference
from hyprl_lab.engine.simulation import BLOCK_COLUMNS
from hyprl_lab.errors import BarsError, StrategyError
from hyprl_lab.metrics import TRIAL_METRICS

if TYPE_CHECKING:
    from hyprl_lab.engine.simulation import SimulationInputs
    from hyprl_lab.engine.supercalc.dataset import SupercalcDataset
    from hyprl_lab.kernels import SearchArrays
    from hyprl_lab.types import FloatArray

__all__ = ["BatchWork"]

_BLOCKS = 17


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class BatchWork:
    """Parameter sets to evaluate under one risk model and one execution.

    Parameters
    ----------
    dataset
        Bars, strategy and engine.
    simulation
        What they and the settings come to; its parameters are those of the first row.
    names
        Parameter names, sorted: the columns of `values`.
    values
        float64, shape (rows, parameters), C-contiguous, -0 as 0.
    threads
        Worker threads of the native engine; results do not depend on it.
    """

    dataset: SupercalcDataset
    simulation: SimulationInputs
    names: list[str]
    values: FloatArray
    threads: int

    def __len__(self) -> int:
        return len(self.values)

    def evaluate(self, first: int, stop: int) -> SearchArrays:
        """Return the results of the rows from `first` to before `stop`.

        Metrics are NaN where undefined; a failed row has NaN, hash 0 and blocks of zeros. Without
        a sink, who would keep them, the native engine leaves blocks out.

        Raises
        ------
        StrategyError, ConfigError, BarsError
            The engine refuses the graph, a setting or the bars.
        """
        rows = self.values[first:stop]
        if self.dataset.engine == "native":
            from hyprl_lab import kernels

            return kernels.search(
                self.simulation.columns,
                native.setup(self.simulation),
                rows,
                threads=self.threads,
                blocks=self.dataset.sink is not None,
            )
        return _python(self.simulation, self.names, rows)


def _python(simulation: SimulationInputs, names: list[str], rows: FloatArray) -> SearchArrays:
    """Run the twin for each row; as in the native engine, a row that is refused fails alone."""
    values = np.full((len(TRIAL_METRICS), len(rows)), np.nan)
    behaviour = np.zeros(len(rows), dtype=np.uint64)
    failed = np.zeros(len(rows), dtype=np.bool_)
    blocks = np.zeros((len(rows), _BLOCKS, len(BLOCK_COLUMNS)))
    first_error: str | None = None
    for index, row in enumerate(rows.tolist()):
        params = dict(zip(names, row, strict=True))
        try:
            found = reference.simulate(replace(simulation, params=params))
        except (StrategyError, BarsError) as error:
            failed[index] = True
            first_error = first_error or str(error)
            continue
        values[:, index] = [found.values[name] for name in TRIAL_METRICS]
        behaviour[index] = found.behaviour_hash
        blocks[index] = found.blocks
    return {
        "values": values,
        "behaviour_hash": behaviour,
        "failed": failed,
        "first_error": first_error,
        "blocks": blocks,
    }
