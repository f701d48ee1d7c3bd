"""Promote: validate, judge by a gate profile, store the verdict, sign what passed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import InputError
from hyprl_lab.presets.gate import GateCheck, load_gate
from hyprl_lab.presets.preset import VISIBILITIES, checked_name
from hyprl_lab.presets.shelf import add
from hyprl_lab.presets.verdict import Verdict, verdict_of

if TYPE_CHECKING:
    from hyprl_lab.data import Bars
    from hyprl_lab.engine.result import Result
    from hyprl_lab.research.study import Study
    from hyprl_lab.research.subject import Subject
    from hyprl_lab.research.validation import Validation
    from hyprl_lab.types import JsonValue

__all__ = ["promote"]

PUBLIC_BOUNDS: Final = (
    GateCheck(name="public_risk_pct", metric="risk_pct", operator="<=", threshold=0.02),
    GateCheck(
        name="public_max_drawdown_intrabar",
        metric="max_drawdown_intrabar",
        operator="<=",
        threshold=0.30,
    ),
)
"""Asked of anything public, whatever the profile."""


def promote(
    study_or_result: Study | Result,
    *,
    name: str,
    profile: str = "strict",
    validation: Validation | None = None,
    visibility: str = "private",
) -> Verdict:
    """Judge a study's best trial, or a run, and sign it as a preset if it passes.

    The verdict is stored whether it passes or not. The same config on the same evidence is one
    version: promoting it again returns what there is.

    Parameters
    ----------
    study_or_result
        What `supersearch` or `backtest` returned.
    name
        Of the preset: 1 to 64 of a-z, 0-9, `_` and `-`.
    profile
        `"strict"`, `"research"` or `"demo"`.
    validation
        What `validate` found; by default it is asked now, with its defaults.
    visibility
        `"private"`, or `"public"`, which asks for `risk_pct` ≤ 0.02 and an intrabar drawdown
        ≤ 0.30 under every profile.

    Returns
    -------
    Verdict
        `preset` is set if it passed; `reasons` says why not.

    Raises
    ------
    InputError
        The name, profile or visibility is not one, or the validation is of something else.

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
    >>> from hyprl_lab.research.validator import validate
    >>> verdict = promote(study, name="cross", validation=validate(study, checks=["dsr"]))
    >>> verdict.passed, verdict.preset
    (False, None)
    """
    from hyprl_lab.research.subject import subject_of
    from hyprl_lab.research.validator import validate

    checked_name(name)
    if visibility not in VISIBILITIES:
        raise InputError(f"visibility is {visibility!r}; choose one of {list(VISIBILITIES)}")
    gate = load_gate(profile)
    subject = subject_of(study_or_result)
    evidence = validate(study_or_result) if validation is None else validation
    if dict(evidence.subject) != subject.identity:
        raise InputError(
            f"the validation is of {dict(evidence.subject)}, not of {subject.identity}; "
            "pass the one of what is promoted, or none"
        )
    warehouse = subject.warehouse
    verdict = verdict_of(
        name,
        profile=gate,
        checks=(*gate.checks, *(PUBLIC_BOUNDS if visibility == "public" else ())),
        visibility=visibility,
        subject=subject,
        validation=evidence,
    )
    if warehouse.cached("validation", evidence.hash) is None:
        warehouse.remember("validation", evidence.hash, evidence.to_dict())
    warehouse.save_verdict(verdict.to_dict())
    if not verdict.passed or subject.result is None:
        return verdict
    preset = add(
        warehouse.home,
        name=name,
        visibility=visibility,
        profile=gate.name,
        config=_config(subject, subject.result),
        evidence=_evidence(subject, subject.result, verdict, evidence),
    )
    return replace(verdict, preset=preset)


def _config(subject: Subject, result: Result) -> dict[str, JsonValue]:
    bars = result.bars if subject.study is None else subject.study.bars
    return {
        "symbol": bars.symbol,
        "timeframe": bars.timeframe,
        "calendar": bars.calendar,
        "dataset": _dataset(bars),
        "strategy": result.strategy.to_json(),
        "params": dict(result.params),
        "risk": result.risk.to_json(),
        "execution": result.execution.to_json(),
        "cash": result.cash,
        "seed": result.seed,
        "periods_per_year": float(bars.periods_per_year),
    }


def _evidence(
    subject: Subject, result: Result, verdict: Verdict, validation: Validation
) -> dict[str, JsonValue]:
    start, origin = _out_of_sample(subject, validation)
    full = validation.to_dict()
    kept = ("rows", "subject", "ledger", "settings", "moments", "years", "bootstrap", "hash")
    run: dict[str, Any] = {
        "run_hash": result.run_hash,
        "fingerprint": result.bars.fingerprint,
        "config": result.config,
    }
    return {
        "verdict": verdict.to_dict(),
        "validation": {key: full[key] for key in kept},
        "run": run,
        "study_id": None if subject.study is None else subject.study.study_id,
        "oos_start": start,
        "oos_from": origin,
    }


def _out_of_sample(subject: Subject, validation: Validation) -> tuple[int | None, str | None]:
    """Return from when bars were not seen while choosing, and what kept them unseen."""
    if subject.study is not None and subject.study.holdout_start is not None:
        return int(subject.study.holdout_start), "holdout"
    if validation.walk_forward is not None:
        return validation.walk_forward.windows[0].test_start, "walk_forward"
    return None, None


def _dataset(bars: Bars) -> str | None:
    """Return the name under which `load_bars` has these very bars, if it has them."""
    from hyprl_lab.data import dataset_names, load_bars

    for name in dataset_names():
        if name.lower() == bars.symbol.lower() and load_bars(name).fingerprint == bars.fingerprint:
            return name
    return None
