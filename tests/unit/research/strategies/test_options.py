import numpy as np
import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.research.strategies.options import Option, bound, options_of

CONFIG = {
    "fast": {"type": "int", "default": 5, "min": 2, "max": 50, "description": "bars"},
    "k": {"type": "float", "default": 1},
    "on": {"type": "bool", "default": False},
}


def test_values_take_the_type_and_defaults_are_filled_in():
    found = bound(options_of(CONFIG), {"fast": np.float64(7.0), "on": 1}, "X")
    assert found == {"fast": 7, "k": 1.0, "on": True}
    assert [type(value) for value in found.values()] == [int, float, bool]
    assert bound(options_of(CONFIG), None, "X") == {"fast": 5, "k": 1.0, "on": False}


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"fast": 1}, "'fast': value is 1; expected int, 2 to 50, whole"),
        ({"fast": 2.5}, "'fast': value is 2.5"),
        ({"fast": True}, "'fast': value is True"),
        ({"fast": "5"}, "'fast': value is '5'"),
        ({"k": float("nan")}, "'k': value is nan; expected float, any number"),
        ({"k": 10**400}, "'k': value is an integer of"),
        ({"on": 2}, "'on': value is 2; expected bool, true or false"),
        ({"slow": 3}, r"X has no parameters \['slow'\]; there are \['fast', 'k', 'on'\]"),
        (3, "params is 3"),
    ],
)
def test_what_is_out_of_place_is_named(params, message):
    with pytest.raises(StrategyError, match=message):
        bound(options_of(CONFIG), params, "X")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (None, "get_params_config returned None"),
        ([1], "get_params_config returned a list of 1"),
        ({"fast": 5}, "'fast' is 5; expected a mapping"),
        ({"fast": {"type": "int"}}, r"missing keys \['default'\]"),
        ({"fast": {"type": "int", "default": 5, "step": 1}}, r"unknown keys \['step'\]"),
        ({"fast": {"type": "str", "default": "x"}}, "type is 'str'"),
        ({"fast": {"type": ["int"], "default": 1}}, "type is a list of 1"),
        ({"fast": {"type": "int", "default": 1, "min": 2}}, "default is 1; expected int, from 2"),
        ({"fast": {"type": "int", "default": 1, "max": 0}}, "expected int, up to 0"),
        ({"fast": {"type": "int", "default": 3, "min": 5, "max": 1}}, "min 5 is above max 1"),
        ({"fast": {"type": "int", "default": 3, "min": "a"}}, "min is 'a'"),
        ({"on": {"type": "bool", "default": True, "min": 0}}, "none of a bool"),
        ({"bars": {"type": "int", "default": 3}}, "parameter 'bars'"),
        ({"a b": {"type": "int", "default": 3}}, "parameter 'a b'"),
        ({"if": {"type": "int", "default": 3}}, "parameter 'if'"),
        ({3: {"type": "int", "default": 3}}, "parameter 3"),
        ({"x": {"type": "int", "default": 3, "description": 4}}, "description is 4"),
    ],
)
def test_a_malformed_config_is_refused(config, message):
    with pytest.raises(StrategyError, match=message):
        options_of(config)


def test_ends_and_schema():
    fast, k, on = options_of(CONFIG).values()
    assert fast.ends == (2, 50)
    assert k.ends == ()
    assert on.ends == (False, True)
    assert fast.schema() == {
        "type": "integer",
        "default": 5,
        "minimum": 2,
        "maximum": 50,
        "description": "bars",
    }
    assert on.schema() == {"type": "boolean", "default": False}


def test_a_range_of_floats_for_an_int_is_read():
    assert Option(name="n", type="int", default=4.0, low=2.0, high=8.0).ends == (2, 8)


def test_ends_of_an_int_are_whole():
    for end in ("min", "max"):
        config = {"n": {"type": "int", "default": 5, end: 5.5}}
        with pytest.raises(StrategyError, match=f"{end} is 5.5; expected a whole number"):
            options_of(config)
    assert options_of({"n": {"type": "int", "default": 5, "min": 2.0}})["n"].low == 2.0


def test_whole_numbers_are_exact_or_refused():
    big = 2**60 + 1
    whole = options_of({"n": {"type": "int", "default": 1}})["n"]
    assert whole.checked(big) == whole.checked(np.int64(big)) == big
    assert whole.checked(2.0**53) == 2**53
    with pytest.raises(StrategyError, match=r"beyond 2\^53.*give an int"):
        whole.checked(float(big))
    number = options_of({"x": {"type": "float", "default": 1.0}})["x"]
    assert number.checked(2**60) == 2.0**60
    with pytest.raises(StrategyError, match=r"beyond 2\^53"):
        number.checked(big)
