"""How much of a result survives the question "and how many did you try?"."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from hyprl_lab.errors import InputError
from hyprl_lab.research.validation.asking import Asking
from hyprl_lab.research.validation.checks import CHECKS, check_named
from hyprl_lab.research.validation.files import keep_validation
from hyprl_lab.research.validation.settings import DEFAULTS, Settings
from hyprl_lab.research.validation.subject import subject_of
from hyprl_lab.research.validation.validation import Validation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hyprl_lab.engine.result import Result
    from hyprl_lab.research.study import Study
    from hyprl_lab.types import CancelToken, ProgressCallback

__all__ = ["validate", "validation_of"]


def validate(
    study_or_run: Study | Result,
    *,
    checks: Iterable[str] | None = None,
    windows: int = DEFAULTS.windows,
    resamples: int = DEFAULTS.resamples,
    permutations: int = DEFAULTS.permutations,
    walk_forward_permutations: int = DEFAULTS.walk_forward_permutations,
    ruin_resamples: int = DEFAULTS.ruin_resamples,
    seed: int = DEFAULTS.seed,
    threads: int | None = None,
    progress: bool | ProgressCallback = False,
    cancel: CancelToken | None = None,
) -> Validation:
    """Ask of a study's best trial, or of one run, whether it is more than luck.

    A study is judged on its search part; what it holds out stays closed. The number of trials
    is the ledger's for these bars' lineage, over all studies and processes; their spread is that
    of the looks at the judged bars (see `LedgerFacts`). What takes long is kept in the warehouse
    under the hash of its inputs and of the method's version, so asking again computes nothing.
    Where the judged run is saved, the validation is kept with it, as `validation.json` and
    `validation_detail.json`.

    Parameters
    ----------
    study_or_run
        What `supersearch` or `backtest` returned. A run has no space to search again, so it
        has no walk-forward.
    checks
        Some of `hyprl_lab.research.validation.checks.CHECKS`, by default all.
    windows, resamples, permutations, walk_forward_permutations, ruin_resamples, seed
        How much is computed; see `Settings`.
    threads
        Of searches that are repeated; all cores where `None`. Nothing depends on it.
    progress
        `True` draws a bar; a function is called with the `Progress` of what takes long.
    cancel
        A token; when it is set, what takes long stops.

    Raises
    ------
    InputError
        An unknown check, windows that do not fit, a group of studies, or a study of which no
        trial was evaluated.
    CancelledError
        The token was set.

    Examples
    --------
    >>> import tempfile
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.research.search import supersearch
    >>> from hyprl_lab.store import Warehouse
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> study = supersearch(
    ...     load_bars("TEST"), dual_sma(), {"fast": [2, 3], "slow": [5, 6]},
    ...     warehouse=Warehouse(tempfile.mkdtemp()))
    >>> found = validate(study, checks=["psr", "dsr"])
    >>> found.ledger.trials, len(found.rows)
    (4, 3)
    """
    wanted = _chosen(checks)
    asking = Asking(
        subject=subject_of(study_or_run),
        settings=Settings(
            windows=windows,
            resamples=resamples,
            permutations=permutations,
            walk_forward_permutations=walk_forward_permutations,
            ruin_resamples=ruin_resamples,
            seed=seed,
        ),
        threads=threads,
        progress=progress,
        cancel=cancel,
    )
    validation = validation_of(asking, wanted)
    if asking.subject.result is not None:
        keep_validation(validation, asking.subject.result, asking.subject.warehouse)
    return validation


def validation_of(asking: Asking, names: Sequence[str]) -> Validation:
    """Return what some checks say, by the ledger as it is when all of them are computed.

    Parameters
    ----------
    asking
        Of what.
    names
        Of checks, in the order of their rows.
    """
    found = {name: asking.evidence(name) for name in names}
    ledger = asking.read_ledger()  # last: what the walk-forward evaluated is in it, as next time
    subject = asking.subject
    return Validation(
        rows=tuple(row for name in names for row in check_named(name).read(asking, found[name])),
        subject=subject.identity,
        ledger=ledger,
        settings={"checks": list(names), **asdict(asking.settings)},
        moments=asking.moments,
        years=subject.years,
        evidence={name: one for name, one in found.items() if one is not None},
    )


def _chosen(checks: Iterable[str] | None) -> tuple[str, ...]:
    if checks is None:
        return tuple(CHECKS)
    named = [checks] if isinstance(checks, str) else list(checks)
    unknown = sorted(set(named) - set(CHECKS))
    if unknown or not named:
        raise InputError(f"checks {unknown or 'are empty'}; choose some of {list(CHECKS)}")
    return tuple(check for check in CHECKS if check in named)
