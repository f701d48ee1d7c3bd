from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data import Factors, Panel
from hyprl_lab.data.quality.splits import Split, find_splits, unadjusted_split


@pytest.fixture
def split_bars(make_bars, weekdays):
    """Calm daily bars divided by a ratio before a row; opens are a little off the close before."""

    def make(ratio: float, row: int = 150, **given: np.ndarray):
        calm = {name: v.copy() for name, v in make_bars(weekdays, "1d").columns.items()}
        calm["open"] *= 1.0 + np.random.default_rng(9).uniform(-0.004, 0.004, 300)
        for name in ("open", "high", "low", "close"):
            calm[name][:row] *= ratio
        calm["high"] = np.maximum(calm["high"], calm["open"])
        calm["low"] = np.minimum(calm["low"], calm["open"])
        calm.update(given)
        return make_bars(weekdays, "1d", **calm)

    return make


@pytest.mark.parametrize(
    ("ratio", "new", "old"),
    [(2.0, 2, 1), (1.5, 3, 2), (7.0, 7, 1), (1.25, 5, 4), (20.0, 20, 1), (0.1, 1, 10), (0.5, 1, 2)],
)
def test_a_split_is_found_with_its_ratio(split_bars, subject_of, ratio, new, old):
    subject = subject_of(split_bars(ratio))
    splits = find_splits(subject)
    assert splits == [Split(150, new, old)]
    (found,) = unadjusted_split(subject, splits)
    assert (found.severity, found.count, found.rows) == ("warning", 1, (150,))
    assert f"2019-08-05 {new}:{old}" in found.detail  # the 151st weekday from 7 January 2019


def test_calm_bars_have_none(split_bars, subject_of):
    subject = subject_of(split_bars(1.0))
    assert find_splits(subject) == []
    assert unadjusted_split(subject, []) == []


@pytest.mark.parametrize("ratio", [1.1, 1.42, 2.2])
def test_other_jumps_are_no_splits(split_bars, subject_of, ratio):
    assert find_splits(subject_of(split_bars(ratio))) == []


def test_a_jump_that_reverts_is_none(split_bars, subject_of):
    columns = {name: v.copy() for name, v in split_bars(1.0).columns.items()}
    for name in ("open", "high", "low", "close"):
        columns[name][150:152] /= 2.0
    assert find_splits(subject_of(split_bars(1.0, **columns))) == []


def test_a_fall_in_heavy_trading_is_news(split_bars, subject_of):
    volume = np.full(300, 1000.0)
    volume[150] = 9000.0  # 4.5 times the money at half the price
    assert find_splits(subject_of(split_bars(2.0, volume=volume))) == []


@pytest.mark.parametrize("ratio", [2.0, 0.1])
@pytest.mark.parametrize("adjusted", [True, False])
def test_units_may_be_adjusted_or_not(split_bars, subject_of, ratio, adjusted):
    """A tenth of the shares trades after 1:10, unless volume was adjusted already."""
    volume = np.full(300, 1000.0)
    if not adjusted:
        volume[150:] *= ratio
    assert len(find_splits(subject_of(split_bars(ratio, volume=volume)))) == 1


def test_a_column_of_coefficients_is_quoted_and_is_no_rule(split_bars, subject_of):
    stated = np.ones(300)
    stated[[150, 200]] = [2.0, 3.0]
    subject = subject_of(split_bars(2.0, split_coefficient=stated))
    splits = find_splits(subject)
    assert [split.row for split in splits] == [150]
    assert "column split_coefficient says 2 there" in unadjusted_split(subject, splits)[0].detail


def test_without_volume_the_detail_says_so(split_bars, subject_of):
    subject = subject_of(split_bars(2.0, volume=np.zeros(300)))
    (found,) = unadjusted_split(subject, find_splits(subject))
    assert "without volume a fall on news can't be told from it" in found.detail


def test_a_split_on_the_last_bar(split_bars, subject_of):
    assert find_splits(subject_of(split_bars(2.0, row=299))) == [Split(299, 2, 1)]


def test_a_night_between_minutes(make_bars, minutes_of, subject_of):
    ts = minutes_of("2024-01-02", "2024-06-28")
    calm = {name: v.copy() for name, v in make_bars(ts).columns.items()}
    night = 13 * 60
    for name in ("open", "high", "low", "close"):
        calm[name][:night] *= 4.0
    assert find_splits(subject_of(make_bars(ts, **calm))) == [Split(night, 4, 1)]
    # The same jump inside a session is none: no share splits there.
    for name in ("open", "high", "low", "close"):
        calm[name][night : night + 3] *= 4.0
    assert find_splits(subject_of(make_bars(ts, **calm))) == []


def test_bars_too_few_to_know_a_usual_night(make_bars, weekdays, subject_of):
    close = np.array([100.0, 101.0, 50.0, 50.5])
    few = dict.fromkeys(("open", "high", "low", "close"), close)
    bars = make_bars(weekdays[:4], "1d", volume=np.ones(4), **few)
    assert find_splits(subject_of(bars)) == []


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("AAPL", ["2000-06-21 2:1", "2005-02-28 2:1", "2014-06-09 7:1", "2020-08-31 4:1"]),
        ("HD", ["1999-12-31 3:2"]),
        ("GE", ["2000-05-08 3:1"]),
        ("UNH", ["2000-12-26 2:1", "2003-06-19 2:1", "2005-05-31 2:1"]),
        ("MRK", []),  # fell by a quarter on 30 September 2004, on news
        ("AMZN", []),
    ],
)
def test_real_splits(shared, subject_of, symbol, expected):
    subject = subject_of(shared("us_equity_panel_1d", "1d", symbol=symbol))
    splits = find_splits(subject)
    dates = subject.ts[[split.row for split in splits]].astype("M8[us]").astype("M8[D]")
    assert [f"{date} {split}" for date, split in zip(dates, splits, strict=True)] == expected


def factors_in(detail):
    """The rows that a detail ends with, as a factor file has them."""
    return detail.split("date,price_factor,split_factor: ")[1].replace("; ", "\n") + "\n"


@pytest.mark.parametrize(
    ("ratio", "row"),
    [
        (2.0, "2019-08-02,1,0.5"),  # the Friday before 5 August
        (1.5, "2019-08-02,1,0.6666666666666666"),
        (0.1, "2019-08-02,1,10"),
    ],
)
def test_the_rows_of_the_detail_undo_the_split(split_bars, tmp_path, ratio, row):
    bars = split_bars(ratio)
    found = bars.quality().by_kind("unadjusted_split")
    assert found.detail.endswith(f"with the row date,price_factor,split_factor: {row}")
    file = tmp_path / "acme.csv"
    file.write_text(factors_in(found.detail))
    adjusted = bars.adjusted(factors=file)
    assert adjusted.quality().by_kind("unadjusted_split") is None
    assert np.allclose(adjusted.close, split_bars(1.0).close, rtol=1e-12)


def test_the_rows_of_several_splits_have_the_product_of_those_after(split_bars, tmp_path):
    calm = split_bars(1.0)
    columns = {name: calm.columns[name].copy() for name in ("open", "high", "low", "close")}
    for values in columns.values():
        values[:200] *= 3.0
        values[:100] *= 2.0
    bars = split_bars(1.0, **columns)
    found = bars.quality().by_kind("unadjusted_split")
    assert found.count == 2
    # The Fridays of the 20th and the 40th week from Monday 7 January 2019 on: rows 99 and 199.
    rows = "2019-05-24,1,0.16666666666666666\n2019-10-11,1,0.3333333333333333\n"
    assert factors_in(found.detail) == rows
    file = tmp_path / "acme.csv"
    file.write_text(rows)
    adjusted = bars.adjusted(factors=file)
    assert adjusted.quality().by_kind("unadjusted_split") is None
    assert np.allclose(adjusted.close, calm.close, rtol=1e-12)


def test_the_row_of_a_night_is_of_the_session_before(make_bars, minutes_of, tmp_path):
    ts = minutes_of("2024-01-02", "2024-06-28")
    calm = {name: v.copy() for name, v in make_bars(ts).columns.items()}
    night = 13 * 60
    for name in ("open", "high", "low", "close"):
        calm[name][:night] *= 4.0
    bars = make_bars(ts, **calm)
    found = bars.quality().by_kind("unadjusted_split")
    session = str(np.datetime64(int(ts[night - 1]), "us"))[:10]  # New York's days are those of UTC
    assert factors_in(found.detail) == f"{session},1,0.25\n"
    file = tmp_path / "acme.csv"
    file.write_text(factors_in(found.detail))
    assert bars.adjusted(factors=file).quality().by_kind("unadjusted_split") is None


def test_no_rows_where_a_date_has_bars_of_both_scales(make_bars, subject_of):
    """Around the clock a pause within a day may look like a night, and a date can't tell."""
    hours = np.array([0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17])
    ts = (np.arange(40)[:, None] * 24 + hours).ravel() * 3_600_000_000
    calm = {name: v.copy() for name, v in make_bars(ts, "1h", "24/7").columns.items()}
    for name in ("open", "high", "low", "close"):
        calm[name][:246] *= 2.0  # 12:00 of the 21st day
    subject = subject_of(make_bars(ts, "1h", "24/7", **calm))
    splits = find_splits(subject)
    assert [split.row for split in splits] == [246]
    (found,) = unadjusted_split(subject, splits)
    assert found.detail.endswith("bars.adjusted(factors=…)")


def test_no_rows_for_more_splits_than_are_named(split_bars, subject_of):
    subject = subject_of(split_bars(2.0))
    splits = [Split(row, 2, 1) for row in range(100, 111)]
    assert unadjusted_split(subject, splits)[0].detail.endswith("bars.adjusted(factors=…)")


@pytest.mark.parametrize("symbol", ["AAPL", "INTC", "UNH"])
def test_the_rows_undo_real_splits(shared, symbol):
    bars = shared("us_equity_panel_1d", "1d", symbol=symbol)
    detail = bars.quality().by_kind("unadjusted_split").detail
    rows = [line.split(",") for line in factors_in(detail).split()]
    factors = Factors.from_rows([(day, float(one), float(other)) for day, one, other in rows])
    assert bars.adjusted(factors=factors).quality().by_kind("unadjusted_split") is None


TWO = np.log(2.0)


@pytest.fixture
def still_days(flat_days):
    """Daily bars at 100 that open `jump` (a logarithm) lower on row 150 and stay there.

    `gaps` are how much each bar opens above the close before, `closes` replaces closes by row.
    """

    def make(jump, *, gaps=None, closes=None, volume=None):
        close = np.where(np.arange(300) < 150, 0.0, -jump)
        for row, value in (closes or {}).items():
            close[row] = value
        open_ = np.concatenate([[0.0], close[:-1]]) + (0.0 if gaps is None else gaps)
        open_[150] = close[149] - jump
        prices = {"open": open_, "high": np.maximum(open_, close), "low": np.minimum(open_, close)}
        given = {name: 100.0 * np.exp(logs) for name, logs in prices.items()}
        return flat_days(
            close, **given, volume=np.full(300, 1000.0) if volume is None else volume
        )  # fmt: skip

    return make


RATIOS_TOLD = [
    *((whole, 1) for whole in (*range(2, 11), 12, 15, 20, 25, 30, 40, 50, 100)),
    *((1, whole) for whole in (*range(2, 11), 12, 15, 20, 25, 30, 40, 50, 100)),
    *((3, 2), (4, 3), (5, 2), (5, 3), (5, 4), (7, 2)),
]


@pytest.mark.parametrize(("new", "old"), RATIOS_TOLD)
def test_each_ratio_is_looked_for(still_days, subject_of, new, old):
    assert find_splits(subject_of(still_days(np.log(new / old)))) == [Split(150, new, old)]


@pytest.mark.parametrize(
    ("new", "old"), [(6, 5), (11, 10), (7, 5), (9, 2), (11, 1), (13, 1), (18, 1), (22, 1), (35, 1),
                     (45, 1), (60, 1), (90, 1), (200, 1), (2, 3), (3, 4), (4, 5), (1, 11), (1, 200)]
)  # fmt: skip
def test_other_ratios_are_not(still_days, subject_of, new, old):
    assert find_splits(subject_of(still_days(np.log(new / old)))) == []


@pytest.mark.parametrize(
    ("gap", "besides", "found"),
    [
        # Prices rest overnight, so 1 %.
        (0.0, 0.0098, 1),
        (0.0, 0.0102, 0),
        (0.0, -0.0098, 1),
        (0.0, -0.0102, 0),
        # Ten usual moves of 1.4826 times 0.2 %: 2.965 %.
        (0.002, 0.0294, 1),
        (0.002, 0.0299, 0),
        # Ten usual moves of 1.4826 times 1 % are far more than 5 %.
        (0.01, 0.0485, 1),
        (0.01, 0.0515, 0),
    ],
)
def test_how_near_a_ratio_is(still_days, subject_of, gap, besides, found):
    bars = still_days(TWO + besides, gaps=np.full(300, gap))
    assert len(find_splits(subject_of(bars))) == found


@pytest.mark.parametrize(("gap", "found"), [(0.0149, 1), (0.0152, 0)])
def test_a_split_is_ten_usual_moves_or_more(still_days, subject_of, gap, found):
    """5:4 is 22.314 % by logarithm, ten times 1.4826 times 1.505 %."""
    bars = still_days(np.log(1.25), gaps=np.full(300, gap))
    assert len(find_splits(subject_of(bars))) == found


@pytest.mark.parametrize(("far", "found"), [(64, 0), (65, 1)])
def test_the_usual_night_is_of_64_on_each_side(still_days, subject_of, far, found):
    """The 32 nights furthest off, on each side, are wild: with the jump 65 of 129, just a majority.

    One night further two of them are out of reach.
    """
    gaps = np.zeros(300)
    gaps[150 - far : 150 - far + 32] = 0.02
    gaps[150 + far - 31 : 150 + far + 1] = 0.02
    assert len(find_splits(subject_of(still_days(np.log(1.25), gaps=gaps)))) == found


@pytest.mark.parametrize(
    ("stays", "found"), [(0.65, 0), (0.68, 1), (1.32, 1), (1.35, 0)]
)  # fmt: skip
def test_two_to_four_thirds_of_a_split_stay(still_days, subject_of, stays, found):
    closes = dict.fromkeys(range(150, 300), -stays * TWO)
    assert len(find_splits(subject_of(still_days(TWO, closes=closes)))) == found


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        # Of five closes three stay; with the sixth, or without the fifth, half of them would.
        ("=====", "--===-", 1),
        ("-=--==", "=====", 1),
        # Three of five don't; with the sixth half of them would.
        ("=====", "---===", 0),
        ("===---", "=====", 0),
    ],
)
def test_five_closes_on_each_side_say_what_stays(still_days, subject_of, before, after, found):
    """`=` is a close at the price of its side, `-` one at that of the other."""
    closes = {150 - len(before) + k: -TWO for k, mark in enumerate(before) if mark == "-"}
    closes |= {150 + k: 0.0 for k, mark in enumerate(after) if mark == "-"}
    bars = still_days(TWO, closes=closes)
    assert (Split(150, 2, 1) in find_splits(subject_of(bars))) is bool(found)


@pytest.mark.parametrize(
    ("jump", "units", "found"),
    [
        # Half the price, so half as many times the money: this says less.
        (TWO, 7_900.0, 1),
        (TWO, 8_100.0, 0),
        # Twice the price: units say less.
        (-TWO, 3_950.0, 1),
        (-TWO, 4_050.0, 0),
    ],
)
def test_a_split_has_no_more_than_four_times_the_usual_trading(
    still_days, subject_of, jump, units, found
):
    volume = np.full(300, 1_000.0)
    volume[150] = units
    assert len(find_splits(subject_of(still_days(jump, volume=volume)))) == found


@pytest.mark.parametrize(("units", "found"), [(11_900.0, 1), (12_100.0, 0)])
def test_usual_trading_is_of_the_twenty_days_before(still_days, subject_of, units, found):
    """Ten of 2,000 units and ten of 1,000: a median of 1,500, and of 1,000 a day more or less."""
    volume = np.full(300, 1_000.0)
    volume[130:140] = 2_000.0
    volume[150] = units
    assert len(find_splits(subject_of(still_days(TWO, volume=volume)))) == found


@pytest.mark.parametrize(("nights", "found"), [(5, 0), (6, 1)])
def test_six_nights_are_judged(make_bars, weekdays, subject_of, nights, found):
    close = np.where(np.arange(nights + 1) < 3, 100.0, 50.0)
    still = dict.fromkeys(("open", "high", "low", "close"), close)
    bars = make_bars(weekdays[: nights + 1], "1d", volume=np.ones(nights + 1), **still)
    assert len(find_splits(subject_of(bars))) == found


@pytest.mark.parametrize(("days", "found"), [(5, 1), (6, 0)])
def test_five_nights_before_tell_heavy_trading(make_bars, weekdays, subject_of, days, found):
    """No night comes before the first day."""
    close = np.where(np.arange(20) < days, 100.0, 50.0)
    still = dict.fromkeys(("open", "high", "low", "close"), close)
    volume = np.where(np.arange(20) == days, 90.0, 1.0)
    bars = make_bars(weekdays[:20], "1d", volume=volume, **still)
    assert len(find_splits(subject_of(bars))) == found


@pytest.mark.parametrize(("count", "rows"), [(10, True), (11, False)])
def test_ten_splits_have_rows(split_bars, subject_of, count, rows):
    splits = [Split(100 + place, 2, 1) for place in range(count)]
    (found,) = unadjusted_split(subject_of(split_bars(1.0)), splits)
    assert ("price_factor" in found.detail) is rows


def test_the_splits_of_a_real_panel(shared_file):
    """What the documentation claims: 22 of 25 stated splits, three spin-offs not, two by error."""
    panel = Panel.read(shared_file("us_equity_panel_1d"), timeframe="1d")
    assert len(panel) == 30
    stated, told = {}, set()
    for symbol, bars in panel.items():
        values = bars.columns["split_coefficient"]
        days = bars.ts.astype("M8[us]").astype("M8[D]").astype(str)
        stated |= {(symbol, days[row]): values[row] for row in np.flatnonzero(values != 1.0)}
        finding = bars.quality().by_kind("unadjusted_split")
        told |= {(symbol, days[row]) for row in (finding.rows if finding else ())}
    assert len(stated) == 25
    assert len(told & set(stated)) == 22
    assert all(stated[split] >= 1.5 for split in told & set(stated))
    missed = set(stated) - told
    assert len(missed) == 3
    assert all(stated[split] < 1.06 for split in missed)
    false = {day[:4] for _, day in told - set(stated)}
    assert (len(told - set(stated)), false) == (2, {"2001", "2002"})
