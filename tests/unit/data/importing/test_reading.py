from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data.importing.asked import Asked
from hyprl_lab.data.importing.reading import Reading
from hyprl_lab.data.importing.source import Source
from hyprl_lab.errors import BarsError

HEADER = "date,open,high,low,close,volume,ticker\n"


@pytest.fixture
def read(tmp_path):
    def read(rows: str, header: str = HEADER, **said):
        file = tmp_path / "acme.csv"
        file.write_text(header + rows)
        with Source(file) as source:
            reading = Reading(source, Asked.checked(**said), spill=None, spill_bytes=1 << 20)
            return reading, *reading.read()

    return read


def day(text: str, close: str = "2", volume: str = "5", ticker: str = "A") -> str:
    return f"{text},1,3,1,{close},{volume},{ticker}\n"


def test_a_volume_without_any_value_is_none(read):
    _, arrays, _ = read(day("2024-01-02", volume="") + day("2024-01-03", volume="NaN"))
    assert "volume" not in arrays
    _, arrays, _ = read(day("2024-01-02", volume="") + day("2024-01-03", volume="1"))
    assert np.isnan(arrays["volume"]).tolist() == [True, False]


def test_an_order_proved_late_exchanges_what_came_before(read):
    several_blocks = day("01/02/2024") * 300_000
    reading, arrays, meaning = read(several_blocks + day("01/31/2024"))
    assert 0 < meaning.exchanged_rows < 300_000
    assert reading.reader.order == "month_first"
    ts, _ = meaning.moments(arrays["ts"], np.arange(arrays["ts"].size))
    assert np.unique(ts).astype("M8[us]").astype(str).tolist() == [
        "2024-01-02T00:00:00.000000",
        "2024-01-31T00:00:00.000000",
    ]


@pytest.mark.parametrize(
    ("rows", "said", "message"),
    [
        (day("01/02/2024"), {}, "day 1 of month 2 or day 2 of month 1.*dates="),
        (day("2024-01-02 09:30"), {}, r"row 0 \(2024-01-02T09:30:00\), column date.*Pass tz="),
        (day("2024-01-02T00:00Z"), {"tz": "UTC"}, "times that carry a zone. Leave tz= out"),
        (day("1704153600"), {"tz": "UTC"}, "counts since 1970, which are UTC"),
        (day("1704153600"), {}, "row 0, column date: found the number 1704153600"),
        (
            day("2024-01-02") + day("2024-01-02", ticker="B"),
            {},
            r"2 texts, such as 'A', 'B'.*hl\.Panel\.read\(path, by='ticker'\)",
        ),
    ],
)
def test_what_stays_open_is_refused(read, rows, said, message):
    with pytest.raises(BarsError, match=message):
        read(rows, **said)


def test_stated_units_are_taken(read):
    _, arrays, meaning = read(day("1704153600") + day("1704153601.5"), dates="epoch_s")
    assert meaning.unit == "epoch_us"
    assert arrays["ts"].tolist() == [1_704_153_600_000_000, 1_704_153_601_500_000]
    assert read(day("1704153600000"), dates="epoch_ms")[2].unit == "epoch_ms"
