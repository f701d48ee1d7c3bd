from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from hyprl_lab.data.importing.times import TimeReader, check_dates
from hyprl_lab.errors import BarsError


def us(text: str) -> int:
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1_000_000)


def read(texts: list[str], dates: str | None = None, reader: TimeReader | None = None):
    reader = reader or TimeReader.of_sample("when", dates, texts)
    times, unreadable = reader.read(pa.array(texts), np.arange(len(texts)))
    return [None if bad else int(one) for one, bad in zip(times, unreadable, strict=True)], reader


@pytest.mark.parametrize(
    ("text", "dates", "expected"),
    [
        ("2024-01-31", None, "2024-01-31"),
        (" 2024-01-31T09:30 ", None, "2024-01-31T09:30"),
        ("2024-01-31 09:30:15.25", None, "2024-01-31T09:30:15.250000"),
        ("2024-01-31 09:30:15,123456000", None, "2024-01-31T09:30:15.123456"),
        ("2024-01-31T09:30:00Z", None, "2024-01-31T09:30"),
        ("2024-01-31T09:30:00+05:30", None, "2024-01-31T04:00"),
        ("2024-01-31 09:30:00-0500", None, "2024-01-31T14:30"),
        ("2024-01-31 09:30 UTC", None, "2024-01-31T09:30"),
        ("2024.1.3 9:05", None, "2024-01-03T09:05"),
        ("20240131", None, "2024-01-31"),
        ("20240131 093015", None, "2024-01-31T09:30:15"),
        ("1/3/2014", "month_first", "2014-01-03"),
        ("1/3/2014", "day_first", "2014-03-01"),
        ("31.12.2024 22:00:00.000", None, "2024-12-31T22:00"),
        ("12/31/2024 12:05 AM", None, "2024-12-31T00:05"),
        ("12/31/2024 12:05 PM", None, "2024-12-31T12:05"),
        ("12/31/2024 11:59:59pm", None, "2024-12-31T23:59:59"),
        ("03 Feb 24", "%d %b %y", "2024-02-03"),
        ("2024-02-03T01:00:00+0100", "%Y-%m-%dT%H:%M:%S%z", "2024-02-03"),
        ("1704067200.5", "epoch_s", "2024-01-01T00:00:00.500000"),
    ],
)
def test_a_time_is_read_as_it_is_written(text, dates, expected):
    assert read([text], dates)[0] == [us(expected)]


@pytest.mark.parametrize(
    "text",
    [
        *("2024-02-30", "2024-13-01", "2024-01-01 24:00", "2024-01-01 09:60", "1699-12-31"),
        *("2300-01-01", "2024-01-01 09:30:00.1234567", "31/12/2024", "1704067200", "", "soon"),
        *("2024-01-01 13:00 PM", "2024-01-01T00:00+19:00", "2024-01-01T00:00+01:75", "x" * 60),
        "\uff12024-01-01",
    ],
)
def test_a_time_that_is_none_is_told(text):
    assert read(["2024-01-01", text, "2024-01-02"])[0][1] is None


def test_the_way_most_are_written_is_the_way():
    texts = ["17", "soon", "2024-01-02", "2024-01-03"]
    assert read(texts)[0] == [None, None, us("2024-01-02"), us("2024-01-03")]


def test_only_what_iso_allows_is_iso():
    assert read(["2024-01-02", "2024/01/03", "20240104"], "iso")[0] == [
        us("2024-01-02"),
        None,
        us("2024-01-04"),
    ]


@pytest.mark.parametrize(
    ("proof", "order", "expected"),
    [("13/01/2024", "day_first", "2024-02-01"), ("01/13/2024", "month_first", "2024-01-02")],
)
def test_a_field_over_twelve_proves_the_order(proof, order, expected):
    times, reader = read(["01/02/2024", proof])
    assert (reader.order, times[0]) == (order, us(expected))


def test_an_order_stays_open_until_a_later_block_proves_it():
    _, reader = read(["01/02/2024", "03/04/2024"])
    assert reader.needs_order
    told = "row 0, column when: found '01/02/2024', which is day 1 of month 2 or day 2 of month 1"
    assert told in str(reader.open_order())
    times, _ = read(["05/31/2024"], reader=reader)
    assert times == [us("2024-05-31")]
    assert (reader.needs_order, reader.order) == (False, "month_first")


def test_two_orders_in_one_file_are_refused():
    texts = ["13/01/2024", "01/14/2024"]
    with pytest.raises(BarsError, match=r"row \d, column when: found .*contradicts row"):
        read(texts)
    _, reader = read(texts[:1])
    with pytest.raises(BarsError, match=r"row 7.*'01/14/2024', which contradicts row 0"):
        reader.read(pa.array(texts[1:]), np.array([7]))


def test_where_the_order_is_stated_the_other_is_unreadable():
    assert read(["13/01/2024", "01/14/2024"], "day_first")[0] == [us("2024-01-13"), None]


def test_an_offset_in_some_rows_alone_is_refused():
    with pytest.raises(BarsError, match=r"row 1.*a time without an offset, unlike row 0"):
        read(["2024-01-01T00:00Z", "2024-01-02T00:00"])
    _, reader = read(["2024-01-01T00:00"])
    with pytest.raises(BarsError, match="a time with an offset, unlike row 0, '2024-01-01T00:00'"):
        read(["2024-01-02T00:00Z"], reader=reader)


def test_offsets_are_remembered():
    _, reader = read(["2024-01-01T00:00+01:00", "2024-07-01T00:00+02:00", "2024-07-02T00:00Z"])
    assert (reader.offsets, reader.zoned) == ({0, 60, 120}, True)


def test_counts_are_counts():
    times, reader = read(["1704067200000", "-5", "1.0", "1.5", "9" * 19, "9" * 20])
    assert times == [1_704_067_200_000, -5, 1, None, None, None]
    assert reader.is_epoch
    eight, reader = read(["17040672"], "epoch_s")
    assert eight == [17_040_672_000_000]


def test_a_sample_without_times_is_refused():
    with pytest.raises(BarsError, match=r"row 0, column when: found 'soon'.*dates="):
        TimeReader.of_sample("when", None, ["soon", ""])
    assert TimeReader.of_sample("when", None, []).family == "year_first"


@pytest.mark.parametrize(
    ("dates", "message"),
    [
        ("dmy", "found 'dmy'; expected one of"),
        ("%d %b", "without a year"),
        ("%Y %Q", "no strptime format"),
        ("%Y %Y", "no strptime format"),
        (7, "expected one of"),
    ],
)
def test_words_and_formats_are_checked(dates, message):
    with pytest.raises(BarsError, match=message):
        check_dates(dates)


@pytest.mark.parametrize(
    "text", ["13/01/0000", "13/02/2024 99:99", "31/02/2024", "13/02/2024 10:00+25:00"]
)
def test_what_is_no_time_proves_no_order(text):
    reader = TimeReader(column="when", dates=None, family="day_month")
    times, _ = read([text, "01/02/2024"], reader=reader)
    assert (times[0], reader.order, reader.needs_order) == (None, None, True)
    assert "row 1, column when: found '01/02/2024'" in str(reader.open_order())


def test_what_is_no_time_contradicts_no_order():
    times, reader = read(["01/31/2024", "13/01/0000"])
    assert (times, reader.order) == ([us("2024-01-31"), None], "month_first")
    with pytest.raises(BarsError, match="contradicts row 0"):
        read(["01/31/2024", "13/01/0000", "13/02/2024"])
    times, reader = read(["13/01/0000", "02/01/2024"], "month_first")
    assert (times, reader.contradiction()) == ([None, us("2024-02-01")], None)
