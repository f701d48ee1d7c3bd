from __future__ import annotations

import numpy as np

from hyprl_lab.data.quality.subject import STRETCHES


def test_pauses_and_nights(make_bars, minutes_of, subject_of):
    ts = np.delete(minutes_of("2024-01-02", "2024-01-04"), 5)
    subject = subject_of(make_bars(ts))
    assert subject.pauses.tolist() == [5, 12, 25]
    assert subject.nights.tolist() == [12, 25]


def test_days_have_no_pauses(make_bars, weekdays, subject_of):
    assert subject_of(make_bars(weekdays, "1d")).pauses.size == 0


def test_pauses_across_the_parts_of_long_series(make_bars, subject_of):
    ts = np.arange(200_000, dtype=np.int64)
    ts[65_536:] += 10
    ts[131_072:] += 10
    subject = subject_of(make_bars(ts * 60_000_000, "1m", "24/7"))
    assert subject.pauses.tolist() == [65_536, 131_072]


def test_a_finding_counts_its_rows_over_time(make_bars, weekdays, subject_of):
    subject = subject_of(make_bars(weekdays, "1d"))
    rows = np.array([0, 1, 299])
    found = subject.finding("flat_bar", "info", rows, "three")
    assert (found.count, found.first_ts) == (3, int(weekdays[0]))
    assert len(found.spread) == STRETCHES
    assert (found.spread[0], found.spread[-1], sum(found.spread)) == (2, 1, 3)


def test_a_finding_names_a_thousand_rows(make_bars, subject_of):
    ts = np.arange(3_000) * 60_000_000
    subject = subject_of(make_bars(ts, "1m", "24/7"))
    found = subject.finding("flat_bar", "info", np.arange(3_000), "all")
    assert (found.count, len(found.rows), sum(found.spread)) == (3_000, 1_000, 3_000)


def test_one_bar(make_bars, weekdays, subject_of):
    subject = subject_of(make_bars(weekdays[:1], "1d"))
    found = subject.finding("flat_bar", "info", np.array([0]), "one")
    assert sum(found.spread) == 1


def test_a_night_is_four_hours_from_stamp_to_stamp(make_bars, subject_of):
    minutes = np.concatenate([[0, 1, 2], 2 + 239 + np.arange(3), 2 + 239 + 2 + 240 + np.arange(3)])
    subject = subject_of(make_bars(minutes * 60_000_000, "1m", "24/7"))
    assert subject.pauses.tolist() == [3, 6]
    assert subject.nights.tolist() == [6]
