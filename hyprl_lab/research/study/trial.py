"""One evaluated parameter set of a study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.metrics import Metrics

__all__ = ["Trial", "trial_number"]


@dataclass(frozen=True, slots=True, repr=False)
class Trial:
    """One evaluated parameter set.

    Parameters
    ----------
    index
        Its number in the study, in the order of the grid.
    params
        Parameter values by name.
    metrics
        What it achieved on the searched bars.
    objective
        The study's objective.
    """

    index: int
    params: Mapping[str, float]
    metrics: Metrics
    objective: float

    def __repr__(self) -> str:
        """One line: which parameters, and the objective."""
        params = ", ".join(f"{name}={value:g}" for name, value in self.params.items())
        return f"Trial({self.index}: {params}; objective {self.objective:.4g})"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(repr(self))}</p>{self.metrics._repr_html_()}"


def trial_number(given: Any) -> int:  # whatever a caller hands in
    """Return the number of a trial that is given as itself, as its number, or as a row.

    Rows are those of a study's tables: their label is the trial's number. A row of
    `Study.clusters` stands for its representative.

    Raises
    ------
    InputError
        It is none of these.

    Examples
    --------
    >>> trial_number(17)
    17
    """
    import pandas as pd

    if isinstance(given, Trial):
        return given.index
    number: Any = given
    if isinstance(given, pd.Series):  # its numbers are all floats
        number = int(given["representative"]) if "representative" in given else given.name
    if isinstance(number, int | np.integer) and not isinstance(number, bool):
        return int(number)
    raise InputError(
        f"trial is {shown(given)}; expected a trial's number from 0, study.best, or a row of the "
        "study's tables"
    )
