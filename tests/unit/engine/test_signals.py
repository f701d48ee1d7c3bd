import numpy as np
import pytest

from hyprl_lab.engine.signals import SIGNALS, check_signals, signals_name
from hyprl_lab.errors import BarsError

VALUES = np.array([0.0, 1.0])


def test_names_and_missing_values_are_part_of_the_content():
    names = {
        signals_name({"long_entry": VALUES}),
        signals_name({"short_entry": VALUES}),
        signals_name({"long_entry": np.array([np.nan, 1.0])}),
        signals_name({"long_entry": VALUES, "long_exit": VALUES}),
    }
    assert len(names) == 4
    assert all(SIGNALS.fullmatch(f"{name}_long_entry") for name in names)


def test_what_is_missing_at_the_end_does_not_count():
    longer = np.array([0.0, 1.0, np.nan, np.nan])
    assert signals_name({"long_entry": longer}) == signals_name({"long_entry": VALUES})
    both = {"long_entry": longer, "long_exit": np.array([0.0, 0.0, 1.0, np.nan])}
    assert signals_name(both) != signals_name({name: part[:2] for name, part in both.items()})


def test_content_has_to_be_that_of_the_name():
    signals = {"long_entry": VALUES, "long_exit": 1 - VALUES}
    stem = signals_name(signals)
    columns = {f"{stem}_{name}": values for name, values in signals.items()}
    check_signals({**columns, "close": VALUES}, [*columns, "close"])
    entry, leave = columns
    for wrong in (
        {**columns, entry: 1 - VALUES},
        {**columns, leave: VALUES},
        {entry: VALUES},
        {name: values[:1] for name, values in columns.items()},
    ):
        with pytest.raises(BarsError, match="run the strategy class on these bars"):
            check_signals(wrong, [entry])
        check_signals(wrong, ["close"])  # what is not read does not matter
