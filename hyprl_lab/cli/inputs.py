"""What people type, turned into what the library takes: bars, strategies, parameters, settings."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hyprl_lab.cli.files import is_file
from hyprl_lab.cli.strict_json import parse, read_json
from hyprl_lab.errors import (
    BarsError,
    ConfigError,
    InputError,
    NotFoundError,
    StrategyError,
)
from hyprl_lab.strategy.wording import listed, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hyprl_lab.data import Bars
    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.research.strategies import Discovered
    from hyprl_lab.strategy import Strategy
    from hyprl_lab.types import JsonValue

__all__ = [
    "bars_from",
    "discovered",
    "execution_from",
    "number",
    "only_for_files",
    "parameters_from",
    "read_json",
    "risk_from",
    "runnable_from",
    "strategy_from",
]

_MOST_DIGITS: Final = 18


def bars_from(
    source: str,
    *,
    symbol: str | None = None,
    timeframe: str | None = None,
    tz: str | None = None,
    calendar: str | None = None,
    start: str | None = None,
    end: str | None = None,
) -> Bars:
    """Return the bars a name or a file stands for.

    Parameters
    ----------
    source
        A data set that ships (`sp500`), the path of a CSV or Parquet file, or the symbol or the
        first characters of the fingerprint of bars that were imported.
    symbol, timeframe, calendar, tz
        Say what a file does not; all but `tz`, the zone of a file's naive timestamps, say which of
        several imported sets is meant.
    start, end
        Timestamps in UTC that cut the bars, the end exclusive.

    Raises
    ------
    InputError
        The file can't be used; there is nothing under that name, or several imported sets are,
        and the message lists what there is; or something is said that does not apply.
    """
    from hyprl_lab.data import dataset_names, load_bars, read_bars
    from hyprl_lab.store import default

    if is_file(source):
        bars = read_bars(Path(source), symbol=symbol, timeframe=timeframe, calendar=calendar, tz=tz)
    elif source in dataset_names():
        said = {"symbol": symbol, "timeframe": timeframe, "calendar": calendar, "tz": tz}
        _refuse(source, "is a data set that ships and says so itself", said)
        bars = load_bars(source)
    else:
        only_for_files(source, tz=tz)
        try:
            bars = default().get_bars(source, timeframe, symbol=symbol, calendar=calendar)
        except NotFoundError as error:
            raise BarsError(
                f"{shown(source)} is no file, and no data set that ships {dataset_names()}; {error}"
            ) from error
    return bars if start is None and end is None else bars.slice(start, end)


def only_for_files(source: str, **options: object) -> None:
    """Refuse options that say how a file is read where the source is none.

    Parameters
    ----------
    source
        A data set or imported bars.
    options
        By name; `None` and an empty list were not given.

    Raises
    ------
    InputError
        One was given; the message names all that were.

    Examples
    --------
    >>> only_for_files("sp500", dates=None, repair=[])
    """
    _refuse(source, "is no file", options)


def _refuse(source: str, why: str, options: Mapping[str, object]) -> None:
    given = [f"--{name}" for name, value in options.items() if value not in (None, [])]
    if given:
        raise InputError(
            f"{', '.join(given)}: does not apply to {shown(source)}, which {why}; leave it out"
        )


def strategy_from(source: str) -> Strategy:
    """Return a built-in strategy by name, or the one whose JSON form a file holds."""
    from hyprl_lab.strategy import Strategy, builtin

    if Path(source).suffix.lower() == ".json":
        data = read_json(source)
        if not isinstance(data, dict):
            raise StrategyError(f"{source} holds {type(data).__name__}; expected a JSON object")
        return Strategy.from_json(data)
    return builtin.get(source)


def runnable_from(source: str, folder: Path | None = None) -> Strategy | type:
    """Return what `hl.backtest` runs: a strategy as `strategy_from` has it, or a class.

    Parameters
    ----------
    source
        A built-in strategy, a JSON file, or the name of a class.
    folder
        Where the class is; without, the folder `strategies` of `HYPRL_HOME`, where that is set.
        No file of either is run for a built-in strategy or a JSON file.

    Raises
    ------
    StrategyError
        There is none; the message tells which files of the folder were not taken, and why.
    """
    from hyprl_lab.research import strategies
    from hyprl_lab.strategy import builtin

    if Path(source).suffix.lower() == ".json" or source in builtin.names():
        return strategy_from(source)
    found = discovered(folder)
    if source not in found.names:
        failed = "".join(f"; not taken: {failure}" for failure in found.errors)
        raise StrategyError(
            f"no strategy {shown(source)}; built in are {builtin.names()}, and the folder of "
            f"classes holds {list(found.names)}{failed}"
        )
    return strategies.get(source)


def discovered(folder: Path | None) -> Discovered:
    """Return the strategy classes of a folder, known by name from then on.

    `None` is the folder of `HYPRL_HOME`, where that is set; a home that is found by looking upward
    from the working folder runs nothing.
    """
    from hyprl_lab.research import strategies

    return strategies.discover(folder)


def risk_from(source: str) -> Risk:
    """Return a risk model, in words, as JSON text, or from a JSON file.

    In words it is the model's name and its settings in their order: `all_in`, `risk_pct=0.01`,
    `volatility_target=0.15,20`. They may be named: `kelly_fraction=0.5,window=50,fallback=0.1`.

    Raises
    ------
    ConfigError
        No such model, or not its settings; the message shows how it is written.

    Examples
    --------
    >>> risk_from("fixed_fraction=0.5")
    FixedFraction(fraction=0.5)
    >>> risk_from("volatility_target=0.15,20")
    VolatilityTarget(annual=0.15, window=20)
    >>> risk_from('{"model": "fixed_units", "units": 100}')
    FixedUnits(units=100.0)
    """
    from hyprl_lab.engine.config import risk_from_json

    if source.lstrip().startswith("{") or Path(source).suffix.lower() == ".json":
        return risk_from_json(_settings("--risk", source))
    model, equals, values = source.partition("=")
    return risk_from_json(_in_words(model.strip(), values.split(",") if equals else [], source))


def execution_from(source: str | None, **options: JsonValue) -> Execution:
    """Return execution settings: those of their own options, and JSON text or a file of others.

    Parameters
    ----------
    source
        A JSON object or the path of a file that holds one; `None` without.
    options
        What options of their own said. JSON may repeat one that was left at its default.

    Raises
    ------
    ConfigError
        A setting is said twice, unknown, or out of range.

    Examples
    --------
    >>> execution_from('{"spread_pct": 0.001, "leverage": 2}', fee_bps=5).leverage
    2.0
    """
    from hyprl_lab.engine.config import DEFAULTS, Execution

    more = {} if source is None else _settings("--execution", source)
    usual = DEFAULTS.execution.to_json()
    twice = sorted(name for name in more if name in options and options[name] != usual[name])
    if twice:
        raise ConfigError(
            f"--execution holds {listed(twice)}, which have options of their own; say it once"
        )
    return Execution.from_json({**options, **more})


def _settings(option: str, source: str) -> dict[str, JsonValue]:
    if source.lstrip().startswith("{"):
        data = parse(source, option, ConfigError)
    else:
        data = read_json(source)
    if not isinstance(data, dict):
        raise ConfigError(f"{shown(source)} holds {type(data).__name__}; expected a JSON object")
    return data


def _in_words(model: str, values: Sequence[str], source: str) -> dict[str, JsonValue]:
    """Return the JSON form of `model=value,name=value`."""
    from dataclasses import fields

    from hyprl_lab.engine.risk import RISK_MODELS

    if model not in RISK_MODELS:
        raise ConfigError(
            f"--risk {shown(source)}: no such model; choose one of {sorted(RISK_MODELS)}"
        )
    names = [item.name for item in fields(RISK_MODELS[model])]
    written = f"{model}={','.join(names)}" if names else model
    settings: dict[str, JsonValue] = {"model": model}
    for place, text in enumerate(values):
        name, equals, value = text.rpartition("=")
        if not equals:
            name = names[place] if place < len(names) else ""
        if name.strip() not in names or name.strip() in settings:
            raise ConfigError(
                f"--risk {shown(source)}: {shown(text)} does not fit; write {written}"
            )
        settings[name.strip()] = number("--risk", value)
    if len(settings) != len(names) + 1:
        missing = [name for name in names if name not in settings]
        raise ConfigError(f"--risk {shown(source)} misses {missing}; write {written}")
    return settings


def parameters_from(assignments: Iterable[str]) -> dict[str, int | float]:
    """Return parameters written as `name=value`.

    Raises
    ------
    StrategyError
        An assignment is malformed, or a name is given twice.

    Examples
    --------
    >>> parameters_from(["fast=10", "k=2.5"])
    {'fast': 10, 'k': 2.5}
    """
    found: dict[str, int | float] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals or not name.strip():
            raise StrategyError(f"--param {shown(assignment)}: expected name=value, as in fast=10")
        if name.strip() in found:
            raise StrategyError(f"--param {shown(name.strip())} is given twice; give it once")
        found[name.strip()] = number(f"--param {shown(name.strip())}", value)
    return found


def number(where: str, value: str) -> int | float:
    """Return a finite number, whole where it is written so.

    Raises
    ------
    InputError
        The text is no finite number, or a whole one of more than 18 digits.
    """
    try:
        found = float(value)
    except ValueError:
        raise InputError(f"{where}: {shown(value)} is no number") from None
    if not math.isfinite(found):
        raise InputError(f"{where}: {shown(value)} is not finite")
    digits = value.strip().lstrip("+-")
    if not digits.isdecimal():
        return found
    if len(digits) > _MOST_DIGITS:
        raise InputError(f"{where}: {shown(value)} has more than {_MOST_DIGITS} digits; round it")
    return int(value)
