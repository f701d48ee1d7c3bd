"""Candles of crypto currencies from CoinGecko's HTTP interface.

What its documentation says of `/coins/{id}/ohlc` (docs.coingecko.com, "Coin OHLC Chart by ID"): a
row is the time in milliseconds, open, high, low, close; the time is the candle's CLOSE; the length
of a candle follows from the days asked for: 30 minutes up to 2 days, 4 hours up to 30, 4 days
beyond; without a paid plan the last 365 days can be asked for. There is no volume.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn
from urllib.parse import urlencode

import numpy as np

from hyprl_lab.data.bars import Bars
from hyprl_lab.data.instant import microseconds
from hyprl_lab.data.lineage import Lineage
from hyprl_lab.data.providers.fetching import Patience, fetch
from hyprl_lab.data.providers.provider import part_of
from hyprl_lab.data.providers.response_cache import ResponseCache
from hyprl_lab.data.providers.settings import (
    checked_address,
    checked_folder,
    checked_key,
    checked_number,
)
from hyprl_lab.data.timeframe import DAY_US, MINUTE_US, Timeframe, stamp
from hyprl_lab.errors import BarsError, ConfigError, ProviderError

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.data.providers.provider import Moment
    from hyprl_lab.data.providers.response_cache import Response
    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["CoinGecko"]

_DAYS: Final = {"30m": 1, "4h": 30, "4d": 365}
"""Days to ask for, by the candles that come: the longest stretch of each without a paid plan."""

_GRID_US: Final = {"30m": 30 * MINUTE_US, "4h": 240 * MINUTE_US, "4d": DAY_US}
"""What the close of a finished candle is a multiple of; four days have no known first one."""

_AHEAD_US: Final = 5 * MINUTE_US
"""How far a close may lie ahead of this machine's clock, which may be slow."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_KEYS: Final = {"demo": "x-cg-demo-api-key", "pro": "x-cg-pro-api-key"}


@dataclass(frozen=True, kw_only=True)
class CoinGecko:
    """Candles of the last day (30m), 30 days (4h) or 365 days (4d) of a coin, calendar 24/7.

    Bars bear the time of their open, so a candle's length is taken off its close; where the candle
    before ends later than that, the bar opens there. A last candle that was not finished when the
    server answered is left out; an earlier one that closes in the future is refused. Nothing is
    filled, and whatever breaks a rule of bars is refused.

    Parameters
    ----------
    cache
        A folder where answers are kept; `None` asks each time.
    ttl_seconds
        How long a kept answer stands; the server makes new candles every 15 minutes.
    versus
        The currency of the prices.
    key, plan
        Of an account; the key goes into a header, and is never kept or shown.
    base_url
        Where the interface is; without a user's name and password, for it is kept and shown.
    patience
        Timeouts, attempts, lengths.

    Raises
    ------
    ConfigError
        A setting is out of range.

    Examples
    --------
    >>> CoinGecko(versus="eur").name
    'coingecko'
    """

    cache: Path | str | None = None
    ttl_seconds: float = 900.0
    versus: str = "usd"
    key: str | None = field(default=None, repr=False)
    plan: Literal["demo", "pro"] = "demo"
    base_url: str = "https://api.coingecko.com/api/v3"
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        checked_address("base_url", self.base_url)
        if self.cache is not None:
            checked_folder("cache", self.cache)
        if self.key is not None:
            checked_key("key", self.key)
        if self.plan not in list(_KEYS):
            raise ConfigError(f"plan: found {self.plan!r}; expected one of {sorted(_KEYS)}")
        checked_number("ttl_seconds", self.ttl_seconds, least=0)
        if not isinstance(self.patience, Patience):
            raise ConfigError(f"patience: found {self.patience!r}; expected Patience(…)")
        _check_name("versus", self.versus)

    @property
    def name(self) -> str:
        """`"coingecko"`."""
        return "coingecko"

    def datasets(self) -> list[str]:
        """Return the ids of all coins, thousands of them.

        Raises
        ------
        ProviderError
            The server does not answer, or with something else.
        """
        answer = self._ask("coins/list", {})
        coins = _json(answer.body)
        if not isinstance(coins, list):
            _refuse(f"a {type(coins).__name__}", "a list of coins")
        for place, coin in enumerate(coins):
            if not isinstance(coin, dict) or not isinstance(coin.get("id"), str):
                _refuse(f"{str(coin)[:80]!r} as coin {place}", "an object with an id")
        return sorted(coin["id"] for coin in coins)

    def bars(
        self,
        dataset: str,
        *,
        timeframe: str | None = None,
        start: Moment = None,
        end: Moment = None,
    ) -> Bars:
        """Return a coin's bars; see `Provider.bars`.

        Parameters
        ----------
        dataset
            A coin's id, such as `"bitcoin"`.
        timeframe
            `"30m"`, `"4h"` or `"4d"`.
        start, end
            Within the stretch that candles of that length reach back.

        Raises
        ------
        BarsError
            Another timeframe, a start before the first candle, or candles that are no bars.
        ProviderError
            The server does not answer, or with something else.
        """
        _check_name("dataset", dataset)
        wanted = "" if timeframe is None else str(Timeframe.parse(timeframe))
        if wanted not in _DAYS:
            raise BarsError(
                f"timeframe: found {timeframe!r}; expected one of {list(_DAYS)}, the candles that "
                "CoinGecko makes. For a longer one: bars.resample(…)"
            )
        days = _DAYS[wanted]
        params = {"vs_currency": self.versus, "days": str(days), "precision": "full"}
        answer = self._ask(f"coins/{dataset}/ohlc", params)
        ts, columns, unfinished = _candles(answer, wanted)
        lineage = Lineage().then(
            "fetch",
            provider=self.name,
            dataset=dataset,
            versus=self.versus,
            days=days,
            fetched_at=datetime.fromtimestamp(answer.fetched_at, UTC).isoformat(),
            sha256=answer.sha256,
            unfinished_candles_left_out=unfinished,
        )
        symbol = f"{dataset}-{self.versus}".upper()
        bars = Bars(symbol, wanted, "24/7", ts, columns, lineage=lineage)
        if start is not None and microseconds(start) < int(ts[0]) - _GRID_US[wanted]:
            raise BarsError(
                f"start: found {start}; expected {stamp(ts[0])} or later: CoinGecko gives the last "
                f"{days} days in candles of {wanted}"
            )
        return part_of(bars, timeframe=None, start=start, end=end)

    def _ask(self, path: str, params: dict[str, str]) -> Response:
        url = f"{self.base_url.rstrip('/')}/{path}"
        question = f"GET {url}?{urlencode(sorted(params.items()))}"
        folder = None if self.cache is None else checked_folder("cache", self.cache)
        cache = ResponseCache(folder, self.ttl_seconds, most_bytes=self.patience.most_bytes)
        kept = cache.get(question)
        if kept is not None:
            return kept
        headers = {} if self.key is None else {_KEYS[self.plan]: self.key}
        body = fetch(url, params=params, headers=headers, patience=self.patience)
        _json(body)  # what is no JSON is not kept
        return cache.put(question, body)


def _candles(answer: Response, timeframe: str) -> tuple[IntArray, dict[str, FloatArray], int]:
    """Return opens in microseconds UTC, prices, and how many unfinished candles were left out."""
    rows = _json(answer.body)
    if not isinstance(rows, list):
        _refuse(f"a {type(rows).__name__}", "a list of candles")
    for place, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != 5 or not all(map(_is_number, row)):
            _refuse(f"{str(row)[:80]} as candle {place}", "[milliseconds, open, high, low, close]")
        if row[0] != int(row[0]) or not 0 < row[0] < 2**43:
            _refuse(f"the time {row[0]} in candle {place}", "whole milliseconds since the epoch")
    grid = _GRID_US[timeframe]
    closes = np.array([int(row[0]) * 1_000 for row in rows], dtype=np.int64)
    asked = int(answer.fetched_at * 1e6)  # a kept answer's last candle does not finish by waiting
    ahead = closes[:-1] > asked + _AHEAD_US
    if ahead.any():
        place = int(np.argmax(ahead))
        raise ProviderError(
            f"coingecko: found the close {stamp(closes[place])} in candle {place} of {len(rows)}, "
            f"asked for at {stamp(asked)}; expected the last candle alone in the future. Check "
            "this machine's clock"
        )
    unfinished = 0
    if closes.size and (closes[-1] % grid or closes[-1] > asked):
        unfinished, rows, closes = 1, rows[:-1], closes[:-1]
    if not closes.size:
        _refuse(f"{unfinished} candles, none finished", "one finished candle or more")
    for bad, expected in (
        (np.diff(closes, prepend=closes[0] - 1) <= 0, "a time after the candle before"),
        (closes % grid != 0, f"a close on the grid of {timeframe} candles"),
    ):
        if bad.any():
            place = int(np.argmax(bad))
            _refuse(f"the close {stamp(closes[place])} in candle {place}", expected)
    opens = closes - Timeframe.parse(timeframe).shortest_us
    opens[1:] = np.maximum(opens[1:], closes[:-1])
    prices = np.array([row[1:] for row in rows], dtype=np.float64)
    names = ("open", "high", "low", "close")
    return opens, {name: prices[:, place] for place, name in enumerate(names)}, unfinished


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _json(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=lambda word: _refuse(word, "finite numbers"))
    except (ValueError, RecursionError) as error:
        text = body[:80].decode("utf-8", errors="replace")
        raise ProviderError(
            f"coingecko: found {len(body):,} bytes that are no JSON ({error}), beginning "
            f"{text!r}; expected JSON. Try again later"
        ) from error


def _refuse(found: str, expected: str) -> NoReturn:
    raise ProviderError(f"coingecko: found {found}; expected {expected}. The interface has changed")


def _check_name(what: str, name: Any) -> None:
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        found = f"{name!r:.100}"
        raise BarsError(f"{what}: found {found}; expected an id, such as 'bitcoin' or 'usd'")
