"""Arguments and options that several commands share, each written once."""

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from hyprl_lab.types import AtEnd, EngineName, Fill

__all__ = [
    "AsJson",
    "AtEndPolicy",
    "BarsSource",
    "Calendar",
    "Cash",
    "Columns",
    "Dates",
    "Decimal",
    "End",
    "Engine",
    "ExecutionSettings",
    "FeeBps",
    "FillPolicy",
    "Parameter",
    "Repair",
    "RiskModel",
    "Skip",
    "SlippageBps",
    "StampOf",
    "Start",
    "StrategyFolder",
    "StrategySource",
    "Symbol",
    "Thousands",
    "Timeframe",
    "Timezone",
    "WholeUnits",
]

Stamp: TypeAlias = Literal["open", "close"]

AsJson: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print exactly one JSON object on standard output.")
]
BarsSource: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="BARS",
        help="A data set that ships, such as sp500; a CSV or Parquet file; or the symbol or "
        "fingerprint of imported bars.",
    ),
]
StrategySource: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="STRATEGY", help="A built-in strategy, such as dual_sma, or a JSON file."
    ),
]
StrategyFolder: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--strategies",
        metavar="FOLDER",
        help="A folder of strategy classes, of which STRATEGY may name one; its files are run.",
    ),
]
Parameter: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--param", metavar="NAME=VALUE", help="A parameter; repeat for each."),
]
Symbol: TypeAlias = Annotated[str | None, typer.Option(help="The symbol, where a file names none.")]
Calendar: TypeAlias = Annotated[
    str | None, typer.Option(help="Whose sessions: XNYS, 24/5, 24/7, or another exchange's code.")
]
Columns: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES",
        help="Names by position (ts,open,high,low,close), or ours=theirs (open=Price,close=3).",
    ),
]
Dates: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="iso, day_first, month_first, year_first, epoch_s, epoch_ms, epoch_us, epoch_ns, or a "
        "format such as %d.%m.%Y."
    ),
]
Repair: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(metavar="KIND=WAY", help="As in duplicate_time=last; repeat for each."),
]
Skip: TypeAlias = Annotated[
    int, typer.Option(metavar="LINES", help="How many lines come before the names of the columns.")
]
Decimal: TypeAlias = Annotated[
    str | None, typer.Option(help="What stands before decimals: . or a comma.")
]
Thousands: TypeAlias = Annotated[
    str | None,
    typer.Option(help="What stands between thousands: a comma, a point, a space, ' or _."),
]
StampOf: TypeAlias = Annotated[
    Stamp, typer.Option("--stamp", help="Whether times are when bars open or when they close.")
]
Timeframe: TypeAlias = Annotated[
    str | None, typer.Option(help="The timeframe (1d, 1h, 5m), where a file names none.")
]
Timezone: TypeAlias = Annotated[
    str | None, typer.Option("--tz", help="The zone of a file's naive timestamps, such as UTC.")
]
Start: TypeAlias = Annotated[str | None, typer.Option(help="First timestamp to use, UTC.")]
End: TypeAlias = Annotated[str | None, typer.Option(help="Timestamp to stop before, UTC.")]
RiskModel: TypeAlias = Annotated[
    str,
    typer.Option(
        "--risk",
        help="all_in, fixed_fraction=0.5, fixed_units=100, risk_pct=0.01, "
        "volatility_target=ANNUAL,WINDOW, kelly_fraction=FRACTION,WINDOW,FALLBACK, or JSON (text "
        "or a file) of a model.",
    ),
]
ExecutionSettings: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--execution",
        metavar="JSON",
        help="Further execution settings, JSON text or a file, such as "
        '\'{"spread_pct": 0.001, "daily_loss_limit": {"percent": 0.02}}\'.',
    ),
]
FeeBps: TypeAlias = Annotated[float, typer.Option(help="Fee of a fill, in basis points.")]
SlippageBps: TypeAlias = Annotated[float, typer.Option(help="Slippage of a fill, in basis points.")]
FillPolicy: TypeAlias = Annotated[
    Fill, typer.Option("--fill", help="Fill at the next open, or at the same close.")
]
WholeUnits: TypeAlias = Annotated[
    bool, typer.Option("--whole-units", help="Round quantities down to whole units.")
]
AtEndPolicy: TypeAlias = Annotated[
    AtEnd, typer.Option("--at-end", help="Close what is open at the last bar, or mark it.")
]
Cash: TypeAlias = Annotated[float, typer.Option(help="Money at the first bar.")]
Engine: TypeAlias = Annotated[
    EngineName, typer.Option(help="Which engine computes: the compiled one or its Python twin.")
]
