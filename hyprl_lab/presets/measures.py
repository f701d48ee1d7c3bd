"""What the gate can measure of a study or a run, each value with where it came from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from hyprl_lab.engine.config import (
    AllIn,
    FixedFraction,
    FixedUnits,
    KellyFraction,
    RiskPct,
    VolatilityTarget,
)
from hyprl_lab.presets.counted import gap, moved, uncounted

if TYPE_CHECKING:
    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.research.validation import Validation
    from hyprl_lab.research.validation.subject import Subject

__all__ = [
    "COMPUTED",
    "MAY_BE_INCONCLUSIVE",
    "NOT_ASKED",
    "OF_HOLDOUT",
    "OF_LOOKS",
    "VALIDATED",
    "Measure",
    "measure",
    "share_at_risk",
]

VALIDATED: Final = (
    "walk_forward_sharpe",
    "walk_forward_efficiency",
    "bootstrap_drawdown_95",
    "bootstrap_p_value",
    "bootstrap_sharpe_low",
    "probabilistic_sharpe_ratio",
    "deflated_sharpe_ratio",
    "deflated_sharpe_ratio_floored",
    "track_record_surplus",
    "backtest_length_surplus",
    "haircut_sharpe",
    "risk_of_ruin_upper",
    "worst_regime_sharpe",
    "profitable_regimes",
    "probability_of_backtest_overfitting",
    "stressed_profit_factor",
    "stressed_sharpe",
    "neighbourhood_ratio",
    "spa_p_value",
    "reality_check_p_value",
    "romano_wolf_p_value",
    "cpcv_sharpe_5",
    "robustness_score",
    "permutation_p_value",
    "walk_forward_permutation_p_value",
)
"""Rows of a validation."""

FROM_METRICS: Final = (
    "trades",
    "profit_factor",
    "max_drawdown",
    "max_drawdown_intrabar",
    "sharpe",
)
"""Metrics of the judged run."""

OF_LOOKS: Final = ("holdout_looks", "holdout_searches")
"""Who has seen the holdout before the gate."""

OF_HOLDOUT: Final = ("holdout_sharpe", "holdout_sharpe_ratio")
"""What the holdout shows, once everything else holds."""

COMPUTED: Final = frozenset(
    {
        "recorded",
        "ledger_complete",
        "fill",
        "intrabar",
        "approximate",
        "at_end",
        "full_settings",
        "holdout_reserved",
        "holdout_share",
        "ruined",
        "headline_returns",
        "risk_pct",
        "risk_to_kelly",
        *VALIDATED,
        *FROM_METRICS,
        *OF_LOOKS,
        *OF_HOLDOUT,
    }
)
"""What can be measured."""

MAY_BE_INCONCLUSIVE: Final = ("probability_of_backtest_overfitting",)
"""Where evidence may say that it speaks neither for nor against."""

NOT_ASKED: Final = "none"
"""The source of a value that was not looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measured value.

    Parameters
    ----------
    value
        `None` where undefined or not computed.
    source
        Which evidence it was read from: the ledger, the run, the validation, the study; `NOT_ASKED`
        where it was not looked for, because another check had failed before.
    reason
        Why the value is `None`.
    inconclusive
        Why the value, whatever it is, speaks neither for nor against; `None` where it speaks.
    """

    value: float | int | bool | str | None
    source: str
    reason: str | None = None
    inconclusive: str | None = None


def measure(metric: str, subject: Subject, validation: Validation) -> Measure:
    """Return one value of `COMPUTED`, or say why there is none.

    Those of a holdout are not in it: `hyprl_lab.presets.held_out` has them.
    """
    if metric in VALIDATED:
        return _validated(metric, validation)
    if metric in {"recorded", "ledger_complete"}:
        return _counted(metric, subject, validation)
    if metric in {"holdout_reserved", "holdout_share"}:
        return _reserved(metric, subject)
    if metric == "full_settings":
        short = _short_of_defaults(validation)
        source = f"validation {validation.hash}"
        return Measure(value=not short, source=source, reason="; ".join(short) or None)
    result = subject.result
    if result is None:
        return Measure(value=None, source="study", reason=subject.reason)
    run = f"run {result.run_hash[:12]}"
    if metric in FROM_METRICS:
        value = getattr(result.metrics, metric)
        return Measure(value=value, source=run, reason=result.metrics.reasons.get(metric))
    if metric == "headline_returns":
        count = 0 if subject.returns is None else len(subject.returns)
        return Measure(value=count, source=run)
    if metric == "ruined":
        return Measure(value=result.simulation.ruined_bar is not None, source=run)
    if metric in {"fill", "intrabar", "approximate", "at_end"}:
        return Measure(value=getattr(result.execution, metric), source=run)
    if metric == "risk_pct":
        return Measure(value=share_at_risk(result.risk, result.execution), source=run)
    return _risk_to_kelly(result.risk, result.execution, result.metrics.kelly, run)


def share_at_risk(risk: Risk, execution: Execution) -> float:
    """Return the largest share of equity that one trade is sized to be able to lose.

    `RiskPct` says it. What is sized without a stop can lose its whole notional, of which the
    models put in, over equity at the fill:

    - `AllIn` 1, `FixedFraction` its fraction;
    - `FixedUnits`, `VolatilityTarget` and `KellyFraction` name no share, and `Execution.lots`
      replaces every model by a number of lots: all that leverage allows.

    Leverage binds at fills (`docs/execution.md`, rule 9), so it bounds each of them; above 1 a
    trade can lose more than there is. The multiplier and the option delta are in the notional,
    and change no share of it.

    Not in it: costs, what a gap or a fill in parts takes beyond a stop, and a short whose price
    more than doubles. These are in the drawdown.

    Parameters
    ----------
    risk, execution
        Of the config.

    Returns
    -------
    float
        A fraction of equity, above 0; 1 is all of it.

    Examples
    --------
    >>> from hyprl_lab.engine.config import Execution
    >>> plain, lots = Execution(), Execution(lots=10, leverage=5)
    >>> share_at_risk(RiskPct(0.02), plain), share_at_risk(FixedFraction(0.25), plain)
    (0.02, 0.25)
    >>> share_at_risk(AllIn(), lots), share_at_risk(RiskPct(0.02), lots)
    (5.0, 5.0)
    """
    most = execution.leverage
    if execution.lots is not None:
        return most
    match risk:
        case RiskPct():
            return min(risk.risk_pct, most)
        case FixedFraction():
            return min(risk.fraction, most)
        case AllIn():
            return min(1.0, most)
        case FixedUnits() | VolatilityTarget() | KellyFraction():
            return most


def _risk_to_kelly(risk: Risk, execution: Execution, kelly: float | None, run: str) -> Measure:
    if execution.lots is not None:
        why = f"Execution lots={execution.lots} sizes each entry, not a risk model; leave lots out"
        return Measure(value=None, source=run, reason=why)
    if not isinstance(risk, RiskPct):
        why = f"{type(risk).__name__} states no risk per trade; size by RiskPct"
        return Measure(value=None, source=run, reason=why)
    if kelly is None or kelly <= 0.0:
        said = "undefined" if kelly is None else f"{kelly:.4f}"
        return Measure(value=None, source=run, reason=f"the Kelly fraction is {said}, not above 0")
    return Measure(value=share_at_risk(risk, execution) / kelly, source=run)


def _validated(metric: str, validation: Validation) -> Measure:
    source = f"validation {validation.hash}"
    for row in validation.rows:
        if row.name == metric:
            return Measure(
                value=row.value,
                source=source,
                reason=row.reason,
                inconclusive=_inconclusive(metric, validation) if row.reason is None else None,
            )
    why = f"the validation covers {validation.settings['checks']} only; validate again with all"
    return Measure(value=None, source=source, reason=why)


def _inconclusive(metric: str, validation: Validation) -> str | None:
    from hyprl_lab.research.validation.checks import check_of_row

    check = check_of_row(metric) if metric in MAY_BE_INCONCLUSIVE else None
    if check is None:
        return None
    found: str | None = getattr(validation.evidence.get(check.name), "inconclusive", None)
    return found


def _short_of_defaults(validation: Validation) -> list[str]:
    """Return which settings leave the gate with less, or another draw, than everyone gets."""
    from hyprl_lab.research.validation.settings import DEFAULTS as FULL

    wanted, found = asdict(FULL), validation.settings
    exact = ("seed", "windows")  # who may try several finds one that pleases
    return [
        f"{name} is {found.get(name)}; expected {'' if name in exact else 'at least '}{least}"
        for name, least in wanted.items()
        if not _enough(found.get(name), least, exact=name in exact)
    ]


def _enough(found: object, least: int, *, exact: bool) -> bool:
    return isinstance(found, int) and (found == least if exact else found >= least)


def _counted(metric: str, subject: Subject, validation: Validation) -> Measure:
    study, counted = subject.study, validation.ledger.trials
    source = f"ledger {validation.ledger.ledger_id[:12]}"
    if metric == "recorded":
        if subject.result is None:
            return Measure(value=None, source=source, reason=subject.reason)
        why = uncounted(subject, subject.result)
        return Measure(value=why is None, source=source, reason=why)
    short = None if study is None else gap(study)
    needed = 1 if study is None else study.total
    if short is None and counted < needed:
        short = f"the ledger counts {counted:,} of at least {needed:,} trials"
    return Measure(value=short is None, source=source, reason=short)


def _reserved(metric: str, subject: Subject) -> Measure:
    study = subject.study
    if study is None:
        alone = "a single run reserves no holdout; promote the study"
        return Measure(value=None, source="run", reason=alone)
    source, start = f"study {study.study_id[:12]}", study.holdout_start
    if metric == "holdout_reserved":
        wrong = None if start is None else moved(study)
        return Measure(value=start is not None and wrong is None, source=source, reason=wrong)
    held = 0 if start is None else int((study.bars.ts >= start).sum())
    share = round(held / len(study.bars), 2)  # bars are whole, so a fifth of 502 is 100
    return Measure(value=share, source=source)
