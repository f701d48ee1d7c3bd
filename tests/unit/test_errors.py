"""The tree of errors is the one that is drawn at the top of its file."""

from __future__ import annotations

import pickle
import re

import pytest

from hyprl_lab import errors
from hyprl_lab.data import Quality

NAMES = errors.__all__


def test_the_drawing_is_the_tree() -> None:
    drawn = re.findall(
        r"^ +((?:│   )*)[├└]── (\w+)(?: \(also (\w+)\))?", errors.__doc__ or "", re.MULTILINE
    )
    parents = ["LabError"]
    for bars, name, also in drawn:
        depth = len(bars) // 4 + 1
        parents[depth:] = [name]
        bases = [base.__name__ for base in getattr(errors, name).__bases__]
        assert bases == [parents[depth - 1], *([also] if also else [])], name
    assert {name for _, name, _ in drawn} | {"LabError"} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_one_except_catches_them_all(name: str) -> None:
    report = (None,) if name == "QualityError" else ()
    with pytest.raises(errors.LabError, match=r"^found 1; expected 2$"):
        raise getattr(errors, name)("found 1; expected 2", *report)


def test_a_refused_import_keeps_its_report_when_it_is_sent_between_processes() -> None:
    quality = Quality.of([], rows_in=2, rows_kept=1, title="spy.csv")
    sent = pickle.loads(pickle.dumps(errors.QualityError("2 rows", quality)))
    assert (str(sent), sent.quality) == ("2 rows", quality)


def test_bad_input_is_a_value_error_too() -> None:
    bad = {name for name in NAMES if issubclass(getattr(errors, name), ValueError)}
    assert bad == {
        "InputError",
        "BarsError",
        "QualityError",
        "UnknownSymbolError",
        "StrategyError",
        "UnknownAttributeError",
        "ConfigError",
        "SpaceError",
    }
    assert issubclass(errors.NotFoundError, LookupError)
    assert not issubclass(errors.PromotionError, ValueError)
