"""Candles over HTTP become bars, or the failure says what was found."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import hyprl_lab as hl
from hyprl_lab.data.providers import CoinGecko, Patience, response_cache
from hyprl_lab.errors import BarsError, ConfigError, LabError, ProviderError

if TYPE_CHECKING:
    from pathlib import Path

HOUR_MS = 3_600_000
# Closes at 04:00, 08:00 and 12:00 UTC on 2 January 2024.
CANDLES = [
    [1_704_168_000_000, 10, 12.5, 9, 11],
    [1_704_182_400_000, 11, 11.5, 10.25, 10.5],
    [1_704_196_800_000, 10.5, 13, 10.5, 12],
]


@pytest.fixture
def gecko(server: Any, patience: Patience, tmp_path: Path) -> CoinGecko:
    return CoinGecko(base_url=server.url, cache=tmp_path / "kept", patience=patience)


def test_the_time_of_a_candle_is_its_close(server: Any, reply: Any, gecko: CoinGecko) -> None:
    server.answers = [reply(json.dumps(CANDLES))]
    bars = gecko.bars("bitcoin", timeframe="4h")
    assert server.asked == ["/coins/bitcoin/ohlc?vs_currency=usd&days=30&precision=full"]
    assert (bars.symbol, bars.timeframe, bars.calendar) == ("BITCOIN-USD", "4h", "24/7")
    assert bars.ts.astype("M8[us]").astype(str).tolist() == [
        "2024-01-02T00:00:00.000000",
        "2024-01-02T04:00:00.000000",
        "2024-01-02T08:00:00.000000",
    ]
    assert bars.open.tolist() == [10.0, 11.0, 10.5]
    assert bars.high.tolist() == [12.5, 11.5, 13.0]
    assert bars.low.tolist() == [9.0, 10.25, 10.5]
    assert bars.close.tolist() == [11.0, 10.5, 12.0]
    assert "volume" not in bars.columns
    (step,) = bars.lineage
    assert step.operation == "fetch"
    assert (step.detail["provider"], step.detail["dataset"]) == ("coingecko", "bitcoin")
    assert len(str(step.detail["sha256"])) == 64
    assert gecko.bars("bitcoin", timeframe="240m", start="2024-01-02T04:00").ts.size == 2


def test_a_second_call_is_kept(server: Any, reply: Any, gecko: CoinGecko) -> None:
    server.answers = [reply(json.dumps(CANDLES))]
    first = gecko.bars("bitcoin", timeframe="4h")
    second = replace(gecko).bars("bitcoin", timeframe="4h")
    assert first == second
    assert first.lineage == second.lineage
    assert len(server.asked) == 1
    gecko.bars("ethereum", timeframe="4h")
    replace(gecko, versus="eur").bars("bitcoin", timeframe="4h")
    replace(gecko, ttl_seconds=float("inf")).bars("bitcoin", timeframe="4h")  # for ever
    assert len(server.asked) == 3
    replace(gecko, ttl_seconds=0.0).bars("bitcoin", timeframe="4h")
    replace(gecko, cache=None).bars("bitcoin", timeframe="4h")
    assert len(server.asked) == 5


def test_busy_then_there(server: Any, reply: Any, gecko: CoinGecko) -> None:
    server.answers = [reply("slow down", 429, Retry_After="0"), reply(json.dumps(CANDLES))]
    assert len(gecko.bars("bitcoin", timeframe="4h")) == 3
    assert len(server.asked) == 2


def test_a_failure_is_not_kept(server: Any, reply: Any, gecko: CoinGecko) -> None:
    server.answers = [reply("oops", 500)]
    with pytest.raises(ProviderError, match="HTTP 500"):
        gecko.bars("bitcoin", timeframe="4h")
    server.answers = [reply(json.dumps(CANDLES)[:-9])]
    with pytest.raises(ProviderError, match="bytes that are no JSON"):
        gecko.bars("bitcoin", timeframe="4h")
    server.answers = [reply(json.dumps(CANDLES))]
    assert len(gecko.bars("bitcoin", timeframe="4h")) == 3


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{}", "found a dict; expected a list of candles"),
        ("null", "found a NoneType"),
        ("[]", "found 0 candles, none finished"),
        ("[[1704168000000, 1, 2, 1]]", "as candle 0; expected .milliseconds, open"),
        ('[[1704168000000, 1, 2, 1, "2"]]', "as candle 0"),
        ("[[1704168000000, 1, 2, 1, null]]", "as candle 0"),
        ("[[1704168000000, 1, 2, 1, true]]", "as candle 0"),
        ("[[1704168000000, 1, 2, 1, NaN]]", "found NaN; expected finite"),
        ("[[1704168000000, 1, 1e400, 1, 1]]", "as candle 0"),
        ("[[1704168000000.5, 1, 1, 1, 1]]", "whole milliseconds"),
        ("[[1704168000, 1, 1, 1, 1], [1704182400, 1, 1, 1, 1]]", "1970.*on the grid of 4h"),
        ("[[1e99, 1, 1, 1, 1]]", "whole milliseconds"),
        ("[" * 100_000, "no JSON|bytes or more"),
        ("<html>", "no JSON .*<html>"),
        (b"\xff\xfe", "no JSON"),
        (json.dumps([CANDLES[1], CANDLES[0]]), "found the close .* expected a time after"),
        (json.dumps([CANDLES[0], CANDLES[0]]), "expected a time after the candle before"),
    ],
)
def test_what_is_no_candle_is_refused(
    server: Any, reply: Any, gecko: CoinGecko, body: str | bytes, said: str
) -> None:
    server.answers = [reply(body)]
    with pytest.raises(ProviderError, match=said):
        gecko.bars("bitcoin", timeframe="4h")


def test_candles_that_are_no_bars_are_refused(server: Any, reply: Any, gecko: CoinGecko) -> None:
    server.answers = [reply(json.dumps([[CANDLES[0][0], 10, 9, 11, 10], CANDLES[1]]))]
    with pytest.raises(BarsError, match=r"row 0 .*high"):
        gecko.bars("bitcoin", timeframe="4h")


def test_the_unfinished_candle_is_left_out(server: Any, reply: Any, gecko: CoinGecko) -> None:
    for last in (CANDLES[2][0] + 60_000, (int(time.time()) // 14_400 + 2) * 4 * HOUR_MS):
        server.answers = [reply(json.dumps([*CANDLES, [last, 12, 12, 12, 12]]))]
        bars = replace(gecko, cache=None).bars("bitcoin", timeframe="4h")
        assert len(bars) == 3
        assert bars.lineage.steps[0].detail["unfinished_candles_left_out"] == 1


def test_a_candle_in_the_future_is_refused_unless_it_is_the_last(
    server: Any, reply: Any, gecko: CoinGecko
) -> None:
    grid = 4 * HOUR_MS
    last = int(time.time() * 1e3) // grid * grid
    prices = [12, 12, 12, 12]
    finished = [[last - grid, *prices], [last, *prices]]
    ahead = [[last + 2 * grid, *prices], [last + 3 * grid, *prices]]
    server.answers = [reply(json.dumps([*finished, ahead[0]]))]
    assert len(replace(gecko, cache=None).bars("bitcoin", timeframe="4h")) == 2
    server.answers = [reply(json.dumps([*finished, *ahead]))]
    with pytest.raises(ProviderError, match=r"candle 2 of 4, .*last candle alone in the future"):
        replace(gecko, cache=None).bars("bitcoin", timeframe="4h")


def test_an_unfinished_candle_that_is_kept_does_not_become_finished(
    server: Any, reply: Any, gecko: CoinGecko, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = CANDLES[2][0] / 1e3 - 600.0  # ten minutes before the last close
    monkeypatch.setattr(response_cache.time, "time", lambda: asked)
    server.answers = [reply(json.dumps(CANDLES))]
    first = gecko.bars("bitcoin", timeframe="4h")
    monkeypatch.setattr(response_cache.time, "time", lambda: asked + 700.0)
    assert gecko.bars("bitcoin", timeframe="4h") == first
    assert (len(first), len(server.asked)) == (2, 1)


def test_a_candle_opens_where_the_one_before_closed(
    server: Any, reply: Any, gecko: CoinGecko
) -> None:
    days = [0, 4, 8, 12, 16, 18, 22]  # the sixth is shorter
    base = 1_704_153_600_000  # 2024-01-02
    server.answers = [reply(json.dumps([[base + day * 24 * HOUR_MS, 1, 2, 1, 2] for day in days]))]
    bars = gecko.bars("bitcoin", timeframe="4d")
    opens = (bars.ts // 1_000 - base) / (24 * HOUR_MS)
    assert opens.tolist() == [-4.0, 0.0, 4.0, 8.0, 12.0, 16.0, 18.0]
    assert server.asked[0].startswith("/coins/bitcoin/ohlc?vs_currency=usd&days=365")


def test_what_can_not_be_asked_for(server: Any, reply: Any, gecko: CoinGecko) -> None:
    server.answers = [reply(json.dumps(CANDLES))]
    for timeframe in (None, "1h", "1d"):
        with pytest.raises(BarsError, match=r"expected one of \['30m', '4h', '4d'\]"):
            gecko.bars("bitcoin", timeframe=timeframe)
    names: list[Any] = ["", "../list", "a/b", "a?b", "-x", "a" * 101, "bit coin", None, 5, ["a"]]
    for name in names:
        with pytest.raises(BarsError, match="expected an id"):
            gecko.bars(name, timeframe="4h")
    assert server.asked == []
    with pytest.raises(BarsError, match=r"expected 2024-01-02T00:00:00Z or later.*last 30 days"):
        gecko.bars("bitcoin", timeframe="4h", start="2023-06-01")


@pytest.mark.parametrize(
    "settings",
    [
        *({"base_url": "ftp://x"}, {"plan": "gold"}, {"ttl_seconds": -1.0}, {"versus": "u/s"}),
        *({"base_url": None}, {"plan": []}, {"ttl_seconds": "x"}, {"versus": 5}, {"patience": 3}),
        *({"base_url": f"http://{'a' * 300}.invalid"}, {"base_url": "http://u:secret@h"}),
        *({"key": "\u00e9"}, {"key": 5}, {"key": ""}, {"cache": "a\0b"}, {"cache": 5}),
    ],
)
def test_settings_are_checked(settings: dict[str, Any]) -> None:
    with pytest.raises((ConfigError, BarsError), match="found"):
        CoinGecko(**settings)


def test_a_key_goes_into_a_header_and_nowhere_else(
    server: Any, reply: Any, gecko: CoinGecko, tmp_path: Path
) -> None:
    server.answers = [reply(json.dumps(CANDLES))]
    keyed = replace(gecko, key="secret-7", plan="pro")
    bars = keyed.bars("bitcoin", timeframe="4h")
    assert server.headers[0]["x-cg-pro-api-key"] == "secret-7"
    kept = b"".join(path.read_bytes() for path in (tmp_path / "kept").iterdir())
    assert b"secret-7" not in kept
    assert "secret-7" not in repr(keyed) + repr(bars.lineage) + server.asked[0]
    server.answers = [reply("secret?", 401)]
    with pytest.raises(ProviderError) as refused:
        replace(keyed, cache=None).bars("bitcoin", timeframe="4h")
    assert "secret-7" not in str(refused.value)


def test_coins_are_listed(server: Any, reply: Any, gecko: CoinGecko) -> None:
    server.answers = [reply('[{"id": "zcash", "symbol": "z"}, {"id": "bitcoin"}]')]
    assert gecko.datasets() == ["bitcoin", "zcash"]
    assert gecko.datasets() == ["bitcoin", "zcash"]
    assert server.asked == ["/coins/list"]
    for body in ("{}", "[1]", '[{"id": 3}]'):
        server.answers = [reply(body)]
        with pytest.raises(ProviderError, match="expected"):
            replace(gecko, cache=None).datasets()


def test_it_is_found_by_name_and_its_bars_can_be_used(
    server: Any, reply: Any, patience: Patience
) -> None:
    rows = 200
    close = np.round(100 + 10 * np.sin(np.arange(rows) / 9), 2)
    server.answers = [
        reply(
            json.dumps(
                [
                    [CANDLES[0][0] + i * 4 * HOUR_MS, c, c + 1, c - 1, c]
                    for i, c in enumerate(close.tolist())
                ]
            )
        )
    ]
    gecko = hl.providers.get(
        "coingecko", base_url=server.url, patience=replace(patience, most_bytes=1 << 20)
    )
    bars = gecko.bars("bitcoin", timeframe="4h")
    trend = hl.Strategy("trend", long_entry=hl.close > hl.ta.sma(hl.close, 20))
    assert hl.backtest(bars, trend, record=False).bars.symbol == "BITCOIN-USD"
    assert hl.Warehouse().save_bars(bars) == bars.fingerprint
    with pytest.raises(LabError):
        hl.providers.get("coingecko", base_url="nowhere")
