from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from hyprl_lab.data import Bars
from hyprl_lab.data.display import CELL, table


class Balanced(HTMLParser):
    """Fails on a tag that is closed out of order; keeps the text."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag != "br":
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_text_says_what_the_bars_are(make_frame):
    bars = Bars.from_pandas(make_frame(), symbol="ACME", timeframe="1d")
    lines = repr(bars).splitlines()
    assert lines[0] == "Bars ACME 1d, calendar XNYS (inferred)"
    assert lines[1] == "  12 rows from 2020-01-06T00:00:00Z to 2020-01-21T00:00:00Z"
    assert lines[2] == "  columns open, high, low, close, volume"
    assert lines[3] == f"  fingerprint {bars.fingerprint[:12]}"
    assert lines[4].split() == ["ts", "open", "high", "low", "close", "volume"]
    assert lines[5].split() == ["2020-01-06T00:00:00Z", "100", "102", "98", "101", "1,000"]
    assert set(lines[8].split()) == {"…"}
    assert lines[11].split()[0] == "2020-01-21T00:00:00Z"
    assert len(lines) == 12


def test_few_rows_are_all_shown_and_missing_is_said(make_frame):
    df = make_frame(2).assign(rsi=[np.nan, 1.5])
    lines = repr(Bars.from_pandas(df, symbol="A", timeframe="1d", calendar="24/5")).splitlines()
    assert lines[0] == "Bars A 1d, calendar 24/5"
    assert [line.split()[-1] for line in lines[4:]] == ["rsi", "missing", "1.5"]


def test_html_is_balanced_and_escaped(make_frame):
    name = "<script>alert('x')</script>&"
    bars = Bars.from_pandas(make_frame(), symbol=name, timeframe="1d")
    html = bars._repr_html_()
    assert "<script" not in html
    parser = Balanced()
    parser.feed(html)
    parser.close()
    assert parser.stack == []
    assert f"Bars {name} 1d, calendar XNYS (inferred)" in "".join(parser.text)
    assert html.count("<tr ") == 1 + 7
    assert html.count(CELL) == 6 * (1 + 7)
    assert bars.fingerprint[:12] in html


@pytest.mark.parametrize(
    ("volume", "shown"),
    [
        (11_176_870_000.0, "11,176,870,000"),
        (11_176_870_000.5, "11,176,870,000"),
        (9_999_999_999.0, "9,999,999,999"),
        (2.0**57, "144,115,188,075,855,872"),
        (1e20, "1e+20"),
        (1234.5, "1,234.5"),
        (0.000012345, "1.2345e-05"),
    ],
)
def test_numbers_are_shown_whole(make_frame, volume, shown):
    df = make_frame(2).assign(volume=volume)
    lines = repr(Bars.from_pandas(df, symbol="A", timeframe="1d", calendar="24/5")).splitlines()
    assert lines[-1].split()[-1] == shown


def test_a_table_is_escaped_and_cells_stand_apart():
    made = table(["a<b", "n"], [["&", "1"]], left=1)
    assert "a&lt;b" in made
    assert "&amp;" in made
    cells = re.findall(r'<t[dh] style="([^"]*)"', made)
    assert len(cells) == 4
    assert all(CELL in style for style in cells)
    assert ["text-align:left" in style for style in cells] == [True, False, True, False]
