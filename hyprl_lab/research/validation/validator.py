"""How much of a result survives the question "and how many did you try?"."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.hashing import digest
from hyprl_lab.research.stats import return_moments
from hyprl_lab.research.stats.bootstrap import (
    BLOCK_RULE,
    CONFIDENCE,
    Bootstrap,
    stationary_bootstrap,
)
from hyprl_lab.research.stats.bootstrap import VERSION as BOOTSTRAP_VERSION
from hyprl_lab.research.validation import readings
from hyprl_lab.research.validation.files import keep_validation
from hyprl_lab.research.validation.subject import Subject, subject_of
from hyprl_lab.research.validation.validation import LedgerFacts, Validation, ValidationRow
from hyprl_lab.research.walk_forward import VERSION as WALK_FORWARD_VERSION
from hyprl_lab.research.walk_forward import WalkForward, walk_forward

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hyprl_lab.engine.result import Result
    from hyprl_lab.research.study import Study
    from hyprl_lab.store import Warehouse
    from hyprl_lab.types import JsonValue, ProgressCallback

__all__ = ["CHECKS", "validate"]

CHECKS: Final = ("walk_forward", "bootstrap", "psr", "dsr", "min_trl", "min_btl")
"""What `validate` can compute, in the order of its table."""

_Made = TypeVar("_Made", WalkForward, Bootstrap)


def validate(
    study_or_result: Study | Result,
    *,
    checks: Iterable[str] | None = None,
    windows: int = 5,
    resamples: int = 1000,
    seed: int = 0,
    progress: bool | ProgressCallback = False,
) -> Validation:
    """Ask of a study's best trial, or of one run, whether it is more than luck.

    A study is judged on its search part; what it holds out stays closed. The number of trials
    is the ledger's for these bars' lineage, over all studies and processes; their spread is that
    of the looks at the judged bars (see `LedgerFacts`). What takes long (walk-forward, bootstrap)
    is kept in the warehouse under the hash of its inputs and of the method's version, so asking
    again computes nothing. Where the judged run is saved, the validation is kept with it, as
    `validation.json` and `validation_detail.json`.

    Parameters
    ----------
    study_or_result
        What `supersearch` or `backtest` returned. A run has no space to search again, so it
        has no walk-forward.
    checks
        Some of `CHECKS`, by default all.
    windows
        Of the walk-forward.
    resamples
        Paths of the bootstrap.
    seed
        Of both.
    progress
        `True` draws a bar; a function is called after each walk-forward window.

    Raises
    ------
    InputError
        An unknown check, windows that do not fit, a group of studies, or a study of which no
        trial was evaluated.

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
    subject = subject_of(study_or_result)
    warehouse = subject.warehouse
    found: dict[str, Any] = {}
    if "walk_forward" in wanted:
        found["walk_forward"] = _walk_forward(subject, warehouse, windows, seed, progress)
    if "bootstrap" in wanted:
        found["bootstrap"] = _bootstrap(subject, warehouse, resamples, seed)
    # The ledger is read last: what the walk-forward evaluated is in it, as on the next asking.
    ledger = LedgerFacts.of(warehouse, subject.lineage_root, fingerprint=subject.judged_fingerprint)
    moments = None if subject.returns is None else return_moments(subject.returns)
    rows: list[ValidationRow] = []
    for check in wanted:
        rows += readings.READERS[check](subject, moments, ledger, found.get(check))
    validation = Validation(
        rows=tuple(rows),
        subject=subject.identity,
        ledger=ledger,
        settings={
            "checks": list(wanted),
            "windows": windows,
            "resamples": resamples,
            "seed": seed,
        },
        moments=moments,
        years=subject.years,
        walk_forward=found.get("walk_forward"),
        bootstrap=found.get("bootstrap"),
    )
    if subject.result is not None:
        keep_validation(validation, subject.result, warehouse)
    return validation


def _chosen(checks: Iterable[str] | None) -> tuple[str, ...]:
    if checks is None:
        return CHECKS
    named = [checks] if isinstance(checks, str) else list(checks)
    unknown = sorted(set(named) - set(CHECKS))
    if unknown or not named:
        raise InputError(f"checks {unknown or 'are empty'}; choose some of {list(CHECKS)}")
    return tuple(check for check in CHECKS if check in named)


def _walk_forward(
    subject: Subject,
    warehouse: Warehouse,
    windows: int,
    seed: int,
    progress: bool | ProgressCallback,
) -> WalkForward | None:
    study = subject.study
    if study is None:
        return None
    inputs: dict[str, JsonValue] = {
        **subject.search_inputs(),
        "version": WALK_FORWARD_VERSION,
        "windows": windows,
        "train": None,
        "test": None,
        "anchored": False,
        "seed": seed,
    }

    def compute() -> WalkForward:
        return walk_forward(study, windows=windows, seed=seed, progress=progress)

    return _remembered(warehouse, "walk_forward", inputs, WalkForward.from_dict, compute)


def _bootstrap(
    subject: Subject, warehouse: Warehouse, resamples: int, seed: int
) -> Bootstrap | None:
    returns = subject.returns
    if returns is None or len(returns) < 8 or return_moments(returns) is None:
        return None
    values = np.ascontiguousarray(returns, dtype="<f8")
    inputs: dict[str, JsonValue] = {
        "version": BOOTSTRAP_VERSION,
        "block_rule": BLOCK_RULE,
        "confidence": CONFIDENCE,
        "returns": hashlib.sha256(values.tobytes()).hexdigest(),
        "periods_per_year": subject.periods_per_year,
        "resamples": resamples,
        "seed": seed,
    }

    def compute() -> Bootstrap:
        return stationary_bootstrap(
            values,
            periods_per_year=subject.periods_per_year,
            resamples=resamples,
            confidence=CONFIDENCE,
            seed=seed,
        )

    return _remembered(warehouse, "bootstrap", inputs, Bootstrap.from_dict, compute)


def _remembered(
    warehouse: Warehouse,
    kind: str,
    inputs: dict[str, JsonValue],
    read: Callable[[dict[str, Any]], _Made],
    compute: Callable[[], _Made],
) -> _Made:
    """Return what the warehouse keeps for these inputs, or compute it and keep it there."""
    key = digest(inputs)
    kept = warehouse.cached(kind, key)
    if isinstance(kept, dict):
        return read(kept)
    made = compute()
    warehouse.remember(kind, key, made.to_dict())
    return made
