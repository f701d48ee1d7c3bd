"""The numbers that a validation depends on."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from hyprl_lab.research.stats.checks import whole

__all__ = ["DEFAULTS", "Settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How much is computed, and with which random numbers.

    Parameters
    ----------
    windows
        Of the walk-forward.
    resamples
        Resampled histories of each bootstrap.
    permutations
        Permuted markets on which the whole search is done again.
    walk_forward_permutations
        Markets, permuted behind the first training window, on which the walk-forward is done again.
    ruin_resamples
        Paths that may end in ruin.
    seed
        Of all of them.

    Raises
    ------
    InputError
        A number is none, or too small.

    Examples
    --------
    >>> Settings(windows=3).windows
    3
    """

    windows: int = 5
    resamples: int = 1000
    permutations: int = 1000
    walk_forward_permutations: int = 200
    ruin_resamples: int = 10_000
    seed: int = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            whole(field.name, getattr(self, field.name), least=0 if field.name == "seed" else 1)


DEFAULTS: Final = Settings()
"""Where nothing is said."""
