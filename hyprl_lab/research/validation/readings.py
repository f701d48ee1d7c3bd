"""From statistics to sentences: each check becomes rows that a person can read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from hyprl_lab.research import stats
from hyprl_lab.research.validation.validation import LedgerFacts, ValidationRow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hyprl_lab.research.stats import ReturnMoments
    from hyprl_lab.research.stats.bootstrap import Bootstrap
    from hyprl_lab.research.validation.subject import Subject
    from hyprl_lab.research.walk_forward import WalkForward

__all__ = ["READERS"]

_NO_SEARCH = "a single run has no space to search again; validate the study it came from"
_NO_SPREAD = "the headline returns do not vary, so there is no Sharpe ratio"


def _missing(name: str, reason: str) -> ValidationRow:
    return ValidationRow(name=name, value=None, reading=f"Undefined: {reason}.", reason=reason)


def _row(name: str, value: float | None, reading: str) -> ValidationRow:
    return ValidationRow(name=name, value=value, reading=reading)


def _walk_forward(
    _subject: Subject, _m: ReturnMoments | None, _ledger: LedgerFacts, found: WalkForward | None
) -> list[ValidationRow]:
    if found is None:
        names = ("walk_forward_sharpe", "walk_forward_return", "walk_forward_efficiency")
        return [_missing(name, _NO_SEARCH) for name in names]
    count, flat = len(found.windows), found.flat_windows
    idle = f"; {flat} of them flat, nothing met the constraints" if flat else ""
    sharpe, efficiency = found.out_of_sample_sharpe, found.efficiency
    rows = [
        _missing("walk_forward_sharpe", "the out-of-sample returns do not vary")
        if sharpe is None
        else _row(
            "walk_forward_sharpe",
            sharpe,
            f"Searched anew {count} times and traded on unseen bars{idle}: "
            f"annual Sharpe ratio {sharpe:.2f}.",
        ),
        _row(
            "walk_forward_return",
            found.total_return,
            f"The stitched unseen record returned {found.total_return:+.1%} "
            f"over {len(found.returns):,} periods.",
        ),
    ]
    if efficiency is None:
        rows.append(_missing("walk_forward_efficiency", str(found.efficiency_reason)))
    else:
        rows.append(
            _row(
                "walk_forward_efficiency",
                efficiency,
                f"{efficiency:.0%} of the Sharpe ratio seen while choosing "
                f"({found.mean_train_sharpe:.2f}) was left on unseen bars.",
            )
        )
    return rows


def _bootstrap(
    subject: Subject, _m: ReturnMoments | None, _ledger: LedgerFacts, found: Bootstrap | None
) -> list[ValidationRow]:
    names = ("bootstrap_sharpe_low", "bootstrap_sharpe_high", "bootstrap_drawdown_95")
    if found is None:
        why = subject.reason or "fewer than 8 headline returns, or they do not vary"
        return [_missing(name, why) for name in (*names, "bootstrap_p_value")]
    if found.sharpe is None:
        rows = [_missing(name, "some resampled path does not vary") for name in names[:2]]
    else:
        low, high = found.sharpe
        said = f"With {found.confidence:.0%} confidence the annual Sharpe ratio lies "
        rows = [
            _row(names[0], low, f"{said}above {low:.2f} (lower end)."),
            _row(names[1], high, f"{said}below {high:.2f} (upper end)."),
        ]
    return [
        *rows,
        _row(
            names[2],
            found.max_drawdown_95,
            f"One resampled history in 20 fell by {found.max_drawdown_95:.1%} or more.",
        ),
        _row(
            "bootstrap_p_value",
            found.p_value,
            f"Returns without any edge would average as much in {found.p_value:.1%} of "
            f"{found.resamples:,} resampled histories (one strategy, no search counted).",
        ),
    ]


def _psr(
    subject: Subject, m: ReturnMoments | None, _ledger: LedgerFacts, _found: None
) -> list[ValidationRow]:
    name = "probabilistic_sharpe_ratio"
    if m is None:
        return [_missing(name, subject.reason or _NO_SPREAD)]
    value = stats.probabilistic_sharpe_ratio(m.sharpe, m.n, m.skew, m.kurtosis)
    text = f"Were this the only strategy tried, one could be {value:.1%} sure of a positive Sharpe."
    return [_row(name, value, text)]


def _dsr(
    subject: Subject, m: ReturnMoments | None, ledger: LedgerFacts, _found: None
) -> list[ValidationRow]:
    names = ("deflated_sharpe_ratio", "deflated_sharpe_ratio_floored")
    reason = subject.reason if m is None else None
    if m is None:
        reason = reason or _NO_SPREAD
    elif ledger.trials < 1:
        reason = "the ledger holds no trial on these bars; record the run"
    elif ledger.sharpe_variance is None and ledger.trials > 1:
        reason = "fewer than two trials in the ledger have a Sharpe ratio"
    if m is None or reason is not None:
        return [_missing(name, str(reason)) for name in names]
    variance = ledger.sharpe_variance or 0.0
    tried = f"{ledger.trials:,} {'trial' if ledger.trials == 1 else 'trials'} on these bars"
    rows = []
    for name, floor in zip(names, (False, True), strict=True):
        value = stats.deflated_sharpe_ratio(
            m.sharpe, m.n, m.skew, m.kurtosis, ledger.trials, variance, floor
        )
        note = ", with near-duplicate trials allowed for" if floor else ""
        rows.append(
            _row(
                name,
                value,
                f"After {tried}, one can be {value:.1%} sure that this beats the best that "
                f"luck would show{note}.",
            )
        )
    return rows


def _min_trl(
    subject: Subject, m: ReturnMoments | None, _ledger: LedgerFacts, _found: None
) -> list[ValidationRow]:
    name = "minimum_track_record_length"
    surplus = "track_record_surplus"
    if m is None:
        return [_missing(n, subject.reason or _NO_SPREAD) for n in (name, surplus)]
    needed = stats.minimum_track_record_length(m.sharpe, m.skew, m.kurtosis)
    if math.isinf(needed):
        why = "the Sharpe ratio is not above 0, so no record is long enough"
        return [_missing(n, why) for n in (name, surplus)]
    return [
        _row(
            name, needed, f"Being 95% sure of a positive Sharpe ratio takes {needed:,.0f} periods."
        ),
        _row(
            surplus, m.n - needed, f"There are {m.n:,} periods: {_spare(m.n - needed, 'periods')}."
        ),
    ]


def _min_btl(
    subject: Subject, m: ReturnMoments | None, ledger: LedgerFacts, _found: None
) -> list[ValidationRow]:
    name, surplus = "minimum_backtest_length", "backtest_length_surplus"
    if m is None:
        return [_missing(n, subject.reason or _NO_SPREAD) for n in (name, surplus)]
    annual = m.sharpe * math.sqrt(subject.periods_per_year)
    needed = stats.minimum_backtest_length(max(ledger.trials, 1), annual)
    if math.isinf(needed):
        why = "the Sharpe ratio is not above 0, so no back-test is long enough"
        return [_missing(n, why) for n in (name, surplus)]
    spare = subject.years - needed
    return [
        _row(
            name,
            needed,
            f"In fewer than {needed:.1f} years, the best of {ledger.trials:,} worthless trials "
            f"would show this annual Sharpe ratio of {annual:.2f}.",
        ),
        _row(surplus, spare, f"There are {subject.years:.1f} years: {_spare(spare, 'years')}."),
    ]


def _spare(surplus: float, unit: str) -> str:
    amount = f"{abs(surplus):,.1f}" if unit == "years" else f"{abs(surplus):,.0f}"
    return f"{amount} {unit} {'to spare' if surplus >= 0.0 else 'short'}"


READERS: Final[Mapping[str, Callable[..., list[ValidationRow]]]] = {
    "walk_forward": _walk_forward,
    "bootstrap": _bootstrap,
    "psr": _psr,
    "dsr": _dsr,
    "min_trl": _min_trl,
    "min_btl": _min_btl,
}
"""For each check, (subject, moments, ledger, what was computed) to rows."""
