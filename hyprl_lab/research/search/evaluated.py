"""What became of a batch of points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.metrics import TRIAL_METRICS

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    from hyprl_lab.kernels import SearchArrays
    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["Evaluated"]


@dataclass(frozen=True, slots=True, eq=False)
class Evaluated:
    """Trials of one shard, in the order of its batch.

    Parameters
    ----------
    values
        float64, shape (metrics, trials), rows as `TRIAL_METRICS`; NaN where undefined.
    behaviour_hash
        uint64, one a trial.
    states
        Text, one a trial: `completed`, `failed` or `pruned`.
    blocks
        float64, shape (trials, 17, 6): the block moments; `None` where none were asked for.
    first_error
        Why the first failed trial failed, `None` where none did.

    Examples
    --------
    >>> one = Evaluated(np.zeros((24, 1)), np.zeros(1, np.uint64), np.array(["failed"]), None, "no")
    >>> one.metrics["sharpe"].tolist()
    [0.0]
    """

    values: FloatArray
    behaviour_hash: NDArray[np.uint64]
    states: NDArray[np.str_]
    blocks: FloatArray | None
    first_error: str | None

    @classmethod
    def of(cls, found: SearchArrays, *, blocks: bool) -> Self:
        """Take what the kernel returned, with or without its blocks."""
        return cls(
            values=found["values"],
            behaviour_hash=found["behaviour_hash"],
            states=np.where(found["failed"], "failed", "completed"),
            blocks=found["blocks"] if blocks else None,
            first_error=found["first_error"],
        )

    @property
    def metrics(self) -> dict[str, FloatArray]:
        """The metrics by name, an array over trials each."""
        return dict(zip(TRIAL_METRICS, self.values, strict=True))

    def pruned(self) -> Evaluated:
        """Return the same with every state `pruned`; what failed on a prefix is not an error."""
        states = np.full(len(self.states), "pruned")
        return Evaluated(self.values, self.behaviour_hash, states, self.blocks, None)

    def with_rows(self, rows: IntArray, other: Evaluated) -> Evaluated:
        """Return the same with some trials replaced.

        Parameters
        ----------
        rows
            The positions of the trials that are replaced.
        other
            What takes their place, in that order; blocks where this has them.
        """
        values, hashes = self.values.copy(), self.behaviour_hash.copy()
        states = self.states.astype("U9")
        values[:, rows] = other.values
        hashes[rows] = other.behaviour_hash
        states[rows] = other.states
        blocks = self.blocks
        if blocks is not None:
            blocks = blocks.copy()
            blocks[rows] = other.blocks
        error = other.first_error if self.first_error is None else self.first_error
        return Evaluated(values, hashes, states, blocks, error)
