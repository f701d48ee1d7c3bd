"""Promote: validate, judge by a gate profile, store the verdict, sign what passed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import InputError
from hyprl_lab.presets.gate import GateCheck, load_gate
from hyprl_lab.presets.preset import checked_name
from hyprl_lab.presets.shape import VISIBILITIES
from hyprl_lab.presets.shelf import add
from hyprl_lab.presets.verdict import Verdict, verdict_of
from hyprl_lab.research.validation.validation import Validation
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from hyprl_lab.data import Bars
    from hyprl_lab.engine.result import Result
    from hyprl_lab.research.study import Study
    from hyprl_lab.research.validation.settings import Settings
    from hyprl_lab.research.validation.subject import Subject
    from hyprl_lab.types import CancelToken, JsonValue, ProgressCallback

__all__ = ["PUBLIC_BOUNDS", "promote"]

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
    reinstate: str | None = None,
    stop_early: bool = True,
    threads: int | None = None,
    progress: bool | ProgressCallback = False,
    cancel: CancelToken | None = None,
) -> Verdict:
    """Judge a study's best trial, or a run, and sign it as a preset if it passes.

    Checks are asked in the profile's order, cheap ones first, and what takes long is computed when
    its turn comes. The holdout is opened last, and only if everything else holds; who looked at
    it before is counted, and the look is in the ledger before its figure is seen. The verdict is
    stored whether it passes or not. The same config on the same evidence is one version: promoting
    it again opens nothing and returns what there is.

    Parameters
    ----------
    study_or_result
        What `supersearch` or `backtest` returned.
    name
        Of the preset: 1 to 64 of a-z, 0-9, `_` and `-`.
    profile
        `"strict"`, `"research"` or `"demo"`.
    validation
        What `validate` found; what it lacks is asked for with its settings, by default those of
        `validate`. It is asked again, which costs little for what took long is kept: a validation
        from before further trials were counted is refused.
    visibility
        `"private"`, or `"public"`, which asks for `risk_pct` ≤ 0.02 and an intrabar drawdown
        ≤ 0.30 under every profile.
    reinstate
        Why a version with this content, which was demoted, may be served again; see
        `docs/presets.md`.
    stop_early
        Compute nothing more once a required check has failed; its row says why. Without it every
        check but the holdout is computed.
    threads, progress, cancel
        As for `validate`.

    Returns
    -------
    Verdict
        `preset` is set if it passed; `reasons` says why not.

    Raises
    ------
    InputError
        The name, profile or visibility is not one; the validation is of something else, or is
        not what the ledger says now; the run is of a strategy class, which is no data.
    WarehouseError
        Trials that wait to be counted can't be; nothing is judged.
    IntegrityError
        The ledger is not what was signed, or an opening of the holdout is kept that it knows
        nothing of.
    CancelledError
        The token was set; nothing is signed, and what was computed is kept.
    PromotionError
        A version with this content was demoted, and `reinstate` does not say why it may be
        served again.

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
    >>> from hyprl_lab.research.validation.validator import validate
    >>> verdict = promote(study, name="cross", validation=validate(study, checks=["dsr"]))
    >>> verdict.passed, verdict.preset
    (False, None)
    """
    from hyprl_lab.presets.examination import examine
    from hyprl_lab.research.strategies.compiled import of_a_class
    from hyprl_lab.research.validation.asking import Asking
    from hyprl_lab.research.validation.files import keep_validation
    from hyprl_lab.research.validation.subject import subject_of
    from hyprl_lab.research.validation.validator import validation_of

    checked_name(name)
    if visibility not in VISIBILITIES:
        raise InputError(f"visibility is {visibility!r}; choose one of {list(VISIBILITIES)}")
    gate = load_gate(profile)
    subject = subject_of(study_or_result)
    if of_a_class(study_or_result.strategy):
        raise InputError(
            f"{study_or_result.strategy.name} is a strategy class: a preset is data that is "
            "evaluated on new bars, and its signals are code; write it as a graph (hl.Strategy), "
            "and promote that"
        )
    if not isinstance(validation, Validation | None):
        raise InputError(f"validation is {shown(validation)}; expected what hl.validate returned")
    if validation is not None and dict(validation.subject) != subject.identity:
        raise InputError(
            f"the validation is of {dict(validation.subject)}, not of {subject.identity}; "
            "pass the one of what is promoted, or none"
        )
    given, settings = _asked(validation)
    asking = Asking(
        subject=subject, settings=settings, threads=threads, progress=progress, cancel=cancel
    )
    if validation is not None:
        _check_current(validation, validation_of(asking, given))
    public = PUBLIC_BOUNDS if visibility == "public" else ()
    examined = examine(asking, (*gate.checks, *public), asked=given, stop_early=stop_early)
    evidence, warehouse = examined.validation, subject.warehouse
    if subject.result is not None:
        keep_validation(evidence, subject.result, warehouse)
    verdict = verdict_of(
        name,
        examined.rows,
        profile=gate,
        visibility=visibility,
        subject=subject,
        validation=evidence,
        holdout=examined.holdout,
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
        reinstate=reinstate,
    )
    return replace(verdict, preset=preset)


def _asked(validation: Validation | None) -> tuple[list[str], Settings]:
    """Return the names of checks and the settings that `validate` was asked with."""
    from hyprl_lab.research.validation.settings import DEFAULTS, Settings

    if validation is None:
        return [], DEFAULTS
    given: dict[str, Any] = dict(validation.settings)
    names = given.pop("checks")
    return list(names), Settings(**given)


def _check_current(given: Validation, found: Validation) -> None:
    """Refuse a validation that is not what the ledger says now.

    Raises
    ------
    InputError
        Trials were counted since, or a value is another.
    """
    if given.hash == found.hash:
        return
    before, now = given.ledger, found.ledger
    if (before.ledger_id, before.trials) != (now.ledger_id, now.trials):
        why = (
            f"it was made against {before.trials:,} trials of ledger {before.ledger_id[:12]}; "
            f"ledger {now.ledger_id[:12]} now counts {now.trials:,}"
        )
    else:
        known = {row.name: row.value for row in given.rows}
        names = [row.name for row in found.rows if known.get(row.name) != row.value]
        why = f"asked again, these differ: {names or 'the evidence behind its rows'}"
    raise InputError(f"the validation is out of date: {why}. Call hl.validate again and pass that")


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
        "periods_per_year": result.periods_per_year,
    }


def _evidence(
    subject: Subject, result: Result, verdict: Verdict, validation: Validation
) -> dict[str, JsonValue]:
    start = None if subject.study is None else subject.study.holdout_start
    full = validation.to_dict()
    kept = ("rows", "subject", "ledger", "settings", "moments", "years", "hash")
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
        "oos_from": None if start is None else "holdout",
        "oos_reason": _all_seen(subject) if start is None else None,
    }


def _all_seen(subject: Subject) -> str:
    """Say why no bar is out of sample.

    The tests of a walk-forward are not: each was unseen by its own window's search, but the
    promoted parameters were chosen on all searched bars.
    """
    if subject.study is None:
        return "a single run holds nothing out, so every bar counts as seen"
    return "the study held nothing out (holdout=0), so its parameters were chosen on every bar"


def _dataset(bars: Bars) -> str | None:
    """Return the name under which `load_bars` has these very bars, if it has them."""
    from hyprl_lab.data import dataset_names, load_bars

    for name in dataset_names():
        if name.lower() == bars.symbol.lower() and load_bars(name).fingerprint == bars.fingerprint:
            return name
    return None
