import itertools
import time

import numpy as np
import pytest

from hyprl_lab.research.strategies.class_checks import class_report, corners, oddities
from hyprl_lab.research.strategies.classes import instance_of


def made(generate, config=None, **more):
    """A class whose signals are what a function makes of the bars."""
    body = {
        "get_params_config": lambda self: config or {},
        "generate_signals": lambda self, bars, **params: generate(bars, **params),
    }
    return type("Made", (), {**body, **more})


def up(bars):
    return {"entry": np.append([False], np.diff(bars.close) > 0), "exit": bars.close < 100}


def test_one_that_holds():
    assert class_report(made(up)).errors == class_report(made(up)).warnings == ()


def errors(found):
    report = class_report(found)
    assert not report.ok
    return "\n".join(report.errors)


def test_the_next_bar():
    def tomorrow(bars):
        rise = np.diff(bars.close) > 0
        return {"entry": np.append(rise, [False]), "exit": np.append(~rise, [True])}

    said = errors(made(tomorrow))
    assert "long_entry looks ahead: cut to" in said
    assert "long_exit looks ahead: cut to" in said


def test_it_can_not_be_made_or_is_malformed():
    class Needy:
        def __init__(self, x):
            pass

        def get_params_config(self):
            return {}

        def generate_signals(self, bars):
            return {}

    assert "Needy raised TypeError" in errors(Needy)
    assert "default is 9; expected int, 1 to 5" in errors(
        made(up, {"n": {"type": "int", "default": 9, "min": 1, "max": 5}})
    )
    assert "found 3 values; expected 500" in errors(made(lambda bars: {"entry": [0, 1, 0]}))
    assert "raised ZeroDivisionError" in errors(made(lambda bars: 1 / 0))


def test_it_fails_at_an_end_of_a_range():
    def picky(bars, n):
        if n == 1:
            raise ValueError("one is too few")
        return up(bars)

    said = errors(made(picky, {"n": {"type": "int", "default": 3, "min": 1, "max": 5}}))
    assert "Made(n=1) raised ValueError: one is too few" in said
    assert "n=5" not in said


def test_two_calls_differ():
    calls = itertools.count()

    def counted(bars):
        return {"entry": np.arange(len(bars)) % 7 == next(calls) % 7, "exit": bars.close < 0}

    assert "two calls differ in long_entry" in errors(made(counted))


def test_it_changes_the_bars():
    def writing(bars):
        signals = up(bars)
        bars.close.setflags(write=True)
        bars.close[5] = 1.0
        return signals

    assert "changes the bars" in errors(made(writing))


def test_what_is_odd(monkeypatch):
    def never(bars, k):
        return {"entry": bars.close < k, "exit": bars.close > 0}

    report = class_report(made(never, {"k": {"type": "float", "default": 0.0}}))
    assert report.ok
    assert [text.split(";")[0] for text in report.warnings] == [
        "parameter 'k' has no range, so its ends are not tried",
        "no entry on the sample",
    ]

    def slow(bars):
        time.sleep(0.02)
        return up(bars)

    monkeypatch.setattr("hyprl_lab.research.strategies.class_checks._SLOW_SECONDS", 0.01)
    assert any("took 0.0 s" in text for text in class_report(made(slow)).warnings)


@pytest.mark.parametrize(
    ("signals", "said"),
    [
        ({"long_entry": [0.0, 1.0]}, "long_entry is never left"),
        ({"long_entry": [0.0, 1.0], "long_exit": [0.0, 0.0]}, "long_entry is never left"),
        ({"long_entry": [1.0, 0.0], "short_entry": [0.0, 1.0]}, "true on the first bar"),
        ({"short_entry": [0.0, np.nan], "short_exit": [0.0, 1.0]}, "no entry on the sample"),
    ],
)
def test_oddities(signals, said):
    (text,) = oddities({name: np.array(values) for name, values in signals.items()})
    assert said in text


def test_corners_are_all_choices_or_one_end_at_a_time(cross):
    assert corners(instance_of(cross)) == [
        {"fast": fast, "slow": slow} for fast in (2, 20) for slow in (10, 60)
    ]
    config = {f"p{at}": {"type": "int", "default": 1, "min": 0, "max": 2} for at in range(5)}
    found = corners(instance_of(made(up, config)))
    assert len(found) == 10
    assert all(sum(value != 1 for value in chosen.values()) == 1 for chosen in found)
    assert corners(instance_of(made(up))) == []


def test_a_cache_filled_by_the_longest_call():
    kept = {"rise": np.zeros(0, dtype=bool)}

    def cheating(bars):
        if len(kept["rise"]) < len(bars):
            kept["rise"] = np.append(np.diff(bars.close) > 0, [False])
        rise = kept["rise"][: len(bars)]
        return {"entry": rise, "exit": ~rise}

    assert "long_entry looks ahead" in errors(made(cheating))


def test_one_that_refuses_fewer_bars():
    def refusing(bars, ahead=True):
        if len(bars) < 500:
            raise ValueError("needs 500")
        rise = np.append(np.diff(bars.close) > 0, [False])
        return {"entry": rise if ahead else np.append([False], rise[:-1]), "exit": ~rise}

    said = errors(made(refusing))
    assert "long_entry looks ahead: with other prices from bar" in said
    assert "look-ahead can't be told, for it can't be evaluated on fewer bars (fails on" in said
    assert "can't be told" in errors(made(lambda bars: refusing(bars, ahead=False)))


def test_looking_ahead_at_an_end_of_a_range():
    def sometimes(bars, ahead):
        rise = np.diff(bars.close) > 0
        rise = np.append(rise, [False]) if ahead else np.append([False], rise)
        return {"entry": rise, "exit": ~rise}

    said = errors(made(sometimes, {"ahead": {"type": "bool", "default": False}}))
    assert "Made(ahead=True): long_entry looks ahead" in said
    assert "ahead=False" not in said


def test_whatever_it_raises_is_a_finding():
    class Unread(dict):
        def items(self):
            raise RuntimeError("no items")

    def leaving(bars):
        raise SystemExit(3)

    assert "Made() raised SystemExit: 3" in errors(made(leaving))
    assert "Made() raised RuntimeError: no items" in errors(made(lambda bars: Unread()))
    assert "column entry: no array can be made of it" in errors(
        made(lambda bars: {"entry": [[1], [1, 2]]})
    )
    assert "min is 2.5; expected a whole number" in errors(
        made(up, {"n": {"type": "int", "default": 5, "min": 2.5, "max": 10}})
    )
