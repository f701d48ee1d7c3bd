"""The names, units and meaning of the metrics of a run, and why one may be missing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NoReturn

from hyprl_lab.errors import InputError
from hyprl_lab.metrics.kelly_criterion import kelly, r_multiples

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from hyprl_lab.metrics.kelly_criterion import TradeOutcomes

__all__ = ["TRIAL_METRICS", "UNITS", "Metrics"]

UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "total_return": "fraction",
        "cagr": "fraction a year",
        "annualised_volatility": "fraction a year",
        "sharpe_per_period": "ratio",
        "sharpe": "ratio, annualised",
        "sortino": "ratio, annualised",
        "calmar": "ratio",
        "max_drawdown": "fraction",
        "max_drawdown_bars": "bars",
        "max_drawdown_intrabar": "fraction",
        "trades": "count",
        "open_trades": "count",
        "win_rate": "fraction",
        "profit_factor": "ratio",
        "average_trade_return": "fraction",
        "exposure": "fraction",
        "turnover": "times a year",
        "edge_bps": "basis points",
        "pnl_per_10k": "money",
        "sqn": "ratio",
        "skewness": "ratio",
        "kurtosis": "ratio, normal = 3",
        "final_equity": "money",
        "fees_paid": "money",
        "kelly": "fraction",
    }
)
"""The unit of each metric; a fraction of 0.01 is 1 %."""

TRIAL_METRICS: Final[tuple[str, ...]] = tuple(name for name in UNITS if name != "kelly")
"""What both engines compute for every trial, in the engine's order."""

_COUNTS: Final = ("max_drawdown_bars", "trades", "open_trades")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """What a run achieved. Undefined is `None`, with its reason in `reasons`; never infinite.

    The formulas are in `docs/execution.md`; `kelly` is the log-optimal fraction on R-multiples
    (`hyprl_lab.metrics.kelly_criterion`). Units are in `units`.

    Parameters
    ----------
    reasons
        For each metric that is `None`, why.
    periods_per_year
        What annualised metrics were annualised with.

    Examples
    --------
    >>> from hyprl_lab.engine.simulation import TradeColumns
    >>> values = dict.fromkeys(TRIAL_METRICS, 0.0) | {"sharpe": float("nan")}
    >>> metrics = Metrics.from_values(values, trades=TradeColumns.empty(), periods_per_year=252.0)
    >>> metrics.sharpe, metrics.reasons["sharpe"]
    (None, 'headline returns do not vary')
    """

    total_return: float | None
    cagr: float | None
    annualised_volatility: float | None
    sharpe_per_period: float | None
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    max_drawdown: float | None
    max_drawdown_bars: int
    max_drawdown_intrabar: float | None
    trades: int
    open_trades: int
    win_rate: float | None
    profit_factor: float | None
    average_trade_return: float | None
    exposure: float | None
    turnover: float | None
    edge_bps: float | None
    pnl_per_10k: float | None
    sqn: float | None
    skewness: float | None
    kurtosis: float | None
    final_equity: float | None
    fees_paid: float | None
    kelly: float | None
    reasons: Mapping[str, str]
    periods_per_year: float

    @classmethod
    def from_values(
        cls,
        values: Mapping[str, float],
        *,
        trades: TradeOutcomes | None,
        periods_per_year: float,
        point_value: float = 1.0,
    ) -> Metrics:
        """Build from an engine's numbers.

        Parameters
        ----------
        values
            Every name of `TRIAL_METRICS`; NaN, or beyond float64, counts as undefined.
        trades
            The run's trades, for Kelly; `None` for a trial of a search, which keeps none.
        periods_per_year
            Headline periods in a year.
        point_value
            Money per point and unit, for R: multiplier times option delta.

        Raises
        ------
        InputError
            A metric is missing or unknown, or one that always exists is undefined.
        """
        if set(values) != set(TRIAL_METRICS):
            raise InputError(
                f"metrics missing {sorted(set(TRIAL_METRICS) - set(values))}, "
                f"unknown {sorted(set(values) - set(TRIAL_METRICS))}; expected TRIAL_METRICS"
            )
        fraction = None
        if trades is not None:
            fraction = kelly(r_multiples(trades, point_value=point_value))
        numbers = {
            name: value if math.isfinite(value) else math.nan for name, value in values.items()
        } | {"kelly": math.nan if fraction is None else fraction}
        reasons = {name: _why(name, numbers) for name in UNITS if math.isnan(numbers[name])}
        if trades is None:
            reasons["kelly"] = "a trial keeps no trades; run hl.backtest with its parameters"
        fields: dict[str, float | None] = {
            name: None if name in reasons else float(number) for name, number in numbers.items()
        }
        counts = {name: int(numbers[name]) for name in _COUNTS}
        return cls(
            **(fields | counts),  # type: ignore[arg-type]  # names are checked above
            reasons=MappingProxyType(reasons),
            periods_per_year=float(periods_per_year),
        )

    def __reduce__(self) -> tuple[Callable[..., Metrics], tuple[object, ...]]:
        # A read-only mapping can't be copied between processes; a plain one makes it again.
        return _restored, (self.to_dict(), dict(self.reasons), self.periods_per_year)

    def __getitem__(self, name: object) -> NoReturn:
        known = name if isinstance(name, str) and name in UNITS else "sharpe"
        raise InputError(
            f"metrics are attributes: write metrics.{known}, or metrics.to_dict() for all of them "
            "by name"
        )

    @property
    def units(self) -> Mapping[str, str]:
        """The unit of each metric."""
        return UNITS

    def to_dict(self) -> dict[str, float | int | None]:
        """Return each metric by name; `None` where undefined."""
        return {name: getattr(self, name) for name in UNITS}

    def table(self) -> pd.DataFrame:
        """Return one row a metric: `value` (NaN where undefined), `unit`, `reason` it is undefined.

        Examples
        --------
        >>> values = dict.fromkeys(TRIAL_METRICS, 0.0) | {"cagr": 0.25, "sharpe": float("nan")}
        >>> table = Metrics.from_values(values, trades=None, periods_per_year=252.0).table()
        >>> float(table.loc["cagr", "value"]), table.loc["cagr", "unit"]
        (0.25, 'fraction a year')
        >>> table.loc["sharpe", "reason"]
        'headline returns do not vary'
        """
        import pandas as pd

        found = self.to_dict()
        return pd.DataFrame(
            {
                "value": [math.nan if value is None else float(value) for value in found.values()],
                "unit": list(UNITS.values()),
                "reason": [self.reasons.get(name, "") for name in found],
            },
            index=pd.Index(list(found), name="metric"),
        )

    def __str__(self) -> str:
        """One metric a line, with its unit or the reason it is missing."""
        width = max(map(len, UNITS))
        return "\n".join(f"{name:<{width}}  {shown}  {note}" for name, shown, note in self._rows())

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><th style='text-align:left'>{escape(name.replace('_', ' '))}</th>"
            f"<td style='text-align:right'>{escape(shown)}</td>"
            f"<td style='text-align:left'>{escape(note)}</td></tr>"
            for name, shown, note in self._rows()
        )
        head = "<tr><th>metric</th><th>value</th><th>unit</th></tr>"
        return f"<table><thead>{head}</thead><tbody>{cells}</tbody></table>"

    def _rows(self) -> list[tuple[str, str, str]]:
        return [
            (name, "none", self.reasons[name]) if value is None else (name, f"{value:,.6g}", unit)
            for (name, value), unit in zip(self.to_dict().items(), UNITS.values(), strict=True)
        ]


def _restored(
    values: Mapping[str, Any], reasons: Mapping[str, str], periods_per_year: float
) -> Metrics:
    """Build again what was taken apart to be copied or pickled."""
    read_only = MappingProxyType(dict(reasons))
    return Metrics(**values, reasons=read_only, periods_per_year=periods_per_year)


def _why(name: str, values: Mapping[str, float]) -> str:
    """Say why a metric is undefined, from what the others show."""
    few_returns = math.isnan(values["annualised_volatility"])
    no_time = math.isnan(values["cagr"])
    trades = values["trades"]
    spread = "fewer than two headline returns" if few_returns else "headline returns do not vary"
    time = "no time passes between the first and the last bar, or too little to annualise"
    beyond = "the ratio is beyond a float"
    known = {
        "cagr": time,
        "annualised_volatility": spread,
        "sharpe_per_period": spread,
        "sharpe": spread,
        "skewness": spread,
        "kurtosis": spread,
        "sortino": "no headline return is negative by more than rounding",
        "calmar": time if no_time else "equity never fell below its peak by more than rounding",
        "win_rate": "no trades",
        "average_trade_return": beyond if trades else "no trades",
        "profit_factor": "no trade lost money" if trades else "no trades",
        "kelly": "no trade lost, so no fraction is too large" if trades else "no trades",
        "sqn": "fewer than two trades" if trades < 2 else "all trades have the same P&L",
        "turnover": time if no_time else "mean equity is not above 0",
        "edge_bps": beyond if trades or values["open_trades"] else "no fills",
    }
    if name not in known:
        raise InputError(f"metric {name} is NaN; it is always defined, so the engine is at fault")
    return known[name]
