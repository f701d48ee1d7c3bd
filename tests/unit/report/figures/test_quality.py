import dataclasses

import numpy as np

from hyprl_lab.data import load_bars, read_bars
from hyprl_lab.data.bars import Bars
from hyprl_lab.data.findings import Finding
from hyprl_lab.data.lineage import Lineage
from hyprl_lab.report.figures.quality import quality_figure


def spoilt(rows=400):
    moves = np.random.default_rng(4).uniform(-0.01, 0.01, rows)
    close = 100.0 * np.exp(np.cumsum(moves))
    columns = {"open": close, "high": close * 1.001, "low": close * 0.999, "close": close}
    columns = {name: values.copy() for name, values in columns.items()}
    columns["high"][100] *= 1.6
    columns["low"][200] *= 0.5
    ts = np.delete(np.arange(rows) * 86_400_000_000, 50)
    there = {name: np.delete(values, 50) for name, values in columns.items()}
    return Bars("A<B", "1d", "24/7", ts, there)


def test_each_finding_is_marked_at_its_rows():
    bars = spoilt()
    close, gap, outlier = quality_figure(bars).data
    assert len(close.x) == len(bars)
    assert gap.name == "Gap before, warning (1)"
    assert list(gap.x) == ["1970-02-21"]
    assert list(gap.y) == [bars.close[50]]
    assert outlier.name == "Outlier, warning (2)"
    assert list(outlier.y) == [bars.high[99], bars.low[199]]  # the price that is off
    assert list(outlier.text) == ["row 99", "row 199"]
    assert gap.marker.symbol != outlier.marker.symbol


def test_information_is_marked_by_open_shapes():
    bars = spoilt()
    report = bars.quality()
    info = dataclasses.replace(report.by_kind("gap"), severity="info")
    figure = quality_figure(bars, dataclasses.replace(report, findings=(info,)))
    assert figure.data[1].marker.symbol == "triangle-left-open"


def test_rows_of_a_file_are_not_drawn():
    found = Finding(
        kind="duplicate_time", severity="repaired", count=1, first_ts=0, detail="x", rows=(900,)
    )
    lineage = Lineage().then("import", findings=[found.to_json()])
    bars = dataclasses.replace(load_bars("TEST"), lineage=lineage)
    assert len(quality_figure(bars).data) == 1


def test_the_legend_says_how_many_of_a_kind_there_are():
    ts = np.arange(1_500) * 60_000_000
    price = np.linspace(10.0, 11.0, 1_500)
    flat = Bars("X", "1m", "24/7", ts, dict.fromkeys(("open", "high", "low", "close"), price))
    names = [trace.name for trace in quality_figure(flat).data]
    assert "Flat bar, info (first 1,000 of 1,500)" in names


def test_a_name_is_text_and_every_mark_is_within_the_axis():
    figure = quality_figure(spoilt())
    assert figure.layout.title.text == "Quality of A&lt;B 1d, calendar 24/7"
    first, last = figure.layout.xaxis.range
    assert first < figure.data[0].x[0]
    assert last > figure.data[0].x[-1]


def test_what_was_repaired_has_a_mark_where_it_is_a_bar(tmp_path):
    file = tmp_path / "a.csv"
    days = [f"2020-01-{day:02d},1,3,1,2\n" for day in range(1, 11)]
    days[2] = "2020-01-03,1,1,1,2\n"  # a high below its close
    days[5] = "2020-01-06,1,3,1,\n"
    days.insert(8, days[7])
    file.write_text("date,open,high,low,close\n" + "".join(days))
    repair = {"ohlc_violation": "widen", "missing_value": "drop", "duplicate_time": "first"}
    bars = read_bars(file, symbol="A", timeframe="1d", calendar="24/7", repair=repair)
    marks = {trace.name: trace for trace in quality_figure(bars).data}
    widened = marks["Range widened, repaired (1)"]
    assert (list(widened.x), list(widened.text)) == (["2020-01-03"], ["row 2"])
    assert list(marks["Duplicate time, repaired (1)"].x) == ["2020-01-08"]
    assert not any("missing" in name.lower() for name in marks)
    symbols = [trace.marker.symbol for name, trace in marks.items() if name != "Close"]
    assert len(set(symbols)) == len(symbols)
    part = [trace.name for trace in quality_figure(bars.take(1, 9)).data]
    assert "Range widened, repaired (1)" in part


def test_the_title_says_what_was_done_to_the_prices():
    bars = load_bars("sp500")
    done = bars.adjusted().slice("2005").resample("1mo").resample("3mo")
    title = quality_figure(done).layout.title.text
    assert title == "Quality of SP500 3mo, calendar XNYS, adjusted, resampled"
    assert quality_figure(bars).layout.title.text == "Quality of SP500 1d, calendar XNYS"
