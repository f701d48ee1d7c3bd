"""What counts the calls of this layer; a layer above provides it, so that the engine stays pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.engine.execution import Execution
    from hyprl_lab.engine.result import Result
    from hyprl_lab.engine.risk import Risk
    from hyprl_lab.engine.supercalc.dataset import SupercalcDataset
    from hyprl_lab.engine.supercalc.work import BatchWork
    from hyprl_lab.kernels import SearchArrays

__all__ = ["CountingSink"]


@runtime_checkable
class CountingSink(Protocol):
    """Evaluates and counts: intent is entered before results can be seen."""

    def backtest(
        self,
        dataset: SupercalcDataset,
        params: Mapping[str, float] | None,
        risk: Risk,
        execution: Execution,
    ) -> Result:
        """Run one backtest by `dataset.engine`, and count it."""
        ...

    def batch(self, work: BatchWork) -> tuple[str, list[SearchArrays]]:
        """Evaluate all rows by `work.evaluate`, count them, and return their study and results.

        The results are of neighbouring rows, in order; what they hold of blocks may be left out.
        """
        ...
