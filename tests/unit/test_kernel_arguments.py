"""Single arguments of the kernels: what is taken, what is copied, and how the rest is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hyprl_lab import kernel_arguments as checks
from hyprl_lab.errors import ConfigError, InputError

TWO = np.array([[5.0, 20.0], [10.0, 30.0]])


def at_odd_addresses(values: Any) -> Any:
    found = np.frombuffer(b"\0" + values.tobytes(), dtype=values.dtype, offset=1)
    assert not found.flags.aligned
    return found.reshape(values.shape)


def test_numbers_come_out_contiguous_and_aligned() -> None:
    given = (at_odd_addresses(TWO), TWO[:, ::-1], TWO.tolist(), TWO.astype(np.int32))
    for values in given:
        found = checks.numbers_of("values", values, ("trials", "parameters"))
        assert found.flags.c_contiguous
        assert found.flags.aligned
        assert found.dtype == np.float64
        np.testing.assert_array_equal(found, np.asarray(values))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (None, "values is None"),
        ("x", "values is a str"),
        (["a", "b"], "values is <U1"),
        ([[1.0], [1.0, 2.0]], "values is a list"),
        ([5, 10**400], "values is object"),
        (TWO.astype(complex), "values is complex128"),
        (TWO > 7.0, "values is bool"),
        (TWO.astype("M8[s]"), r"values is datetime64\[s\]"),
    ],
)
def test_what_holds_no_real_numbers_is_refused(values: Any, said: str) -> None:
    with pytest.raises(InputError, match=f"{said}, expected an array of real numbers"):
        checks.numbers_of("values", values, ("trials", "parameters"))


def test_other_dimensions_are_refused() -> None:
    with pytest.raises(InputError, match=r"1 dimensions, expected 2: \(trials, parameters\)"):
        checks.numbers_of("values", [5.0, 20.0], ("trials", "parameters"))


@pytest.mark.parametrize("threads", [0, 1025, 1.5, "2", None, True, float("nan"), 10**400])
def test_threads_are_a_whole_number(threads: Any) -> None:
    with pytest.raises(InputError, match=r"threads is .*expected a whole number from 1 to 1,024"):
        checks.threads_of(threads)
    assert checks.threads_of(np.int64(7)) == 7


PAIR = ("{}", "{}")


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        (5, InputError, "settings is an int, expected a pair"),
        ((), InputError, "expected a pair"),
        ((None, np.zeros(2, np.uint32)), InputError, r"settings is None.*\(risk, execution\)"),
        (([("{}",)], np.zeros(2, np.uint32)), InputError, "settings holds a tuple"),
        (([(1, 2)], np.zeros(2, np.uint32)), ConfigError, "risk is an int, expected text"),
        (([("{}", "\ud800")], np.zeros(2, np.uint32)), ConfigError, "execution holds '.ud800'"),
        (([PAIR], [0, 0]), InputError, "settings name a list, expected uint32"),
        (([PAIR], np.zeros(3, np.uint32)), InputError, r"expected uint32 of shape \(2,\)"),
    ],
)
def test_refused_settings(settings: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        checks.trial_settings_of(settings, 2)


def test_the_index_of_settings_is_realigned() -> None:
    odd = at_odd_addresses(np.array([0, 1, 0], np.uint32))
    pairs, index = checks.trial_settings_of(([PAIR, PAIR], odd), 3)
    assert pairs == [PAIR, PAIR]
    assert index.flags.aligned
    assert index.tolist() == [0, 1, 0]


@pytest.mark.parametrize("nodes", [5, None, "ab", ["a"], [1.5], [-1], [True], [None], [2**63]])
def test_nodes_are_indices(nodes: Any) -> None:
    with pytest.raises(InputError, match=r"^nodes .*expected .*indices of the graph's nodes"):
        checks.indices_of(nodes)
    assert checks.indices_of([np.int64(3), 0]) == [3, 0]


@pytest.mark.parametrize("columns", [5, None, [("close", TWO[0])]])
def test_columns_are_a_mapping(columns: Any) -> None:
    with pytest.raises(InputError, match=r"columns is .*expected arrays by name"):
        checks.columns_of(columns)


@pytest.mark.parametrize("name", [5, "\ud800"])
def test_names_are_texts_that_can_be_written(name: Any) -> None:
    with pytest.raises(InputError, match="column name"):
        checks.columns_of({name: TWO[0]})
    with pytest.raises(InputError, match="name"):
        checks.names_of(["fast", name], 2)


@pytest.mark.parametrize("names", ["ab", ["a"], ["a", "a"], None])
def test_names_are_one_a_column(names: Any) -> None:
    with pytest.raises(InputError, match="names"):
        checks.names_of(names, 2)


@pytest.mark.parametrize("prefix", [5, "x" * 32, b"", bytearray(32)])
def test_a_prefix_is_a_sha256(prefix: Any) -> None:
    with pytest.raises(InputError, match=r"prefix is .*expected the 32 bytes of a SHA-256"):
        checks.prefix_of(prefix)


def test_flags_and_watches() -> None:
    with pytest.raises(InputError, match="portable is 1, expected True or False"):
        checks.flag_of("portable", 1)
    with pytest.raises(InputError, match="watch is a str, expected a function"):
        checks.watch_of("x")  # type: ignore[arg-type]  # what is refused
    assert checks.watch_of(None) is None


@pytest.mark.parametrize("value", [0, -5, float("nan"), float("inf"), "x", None, True, 10**400])
def test_numbers_of_money_and_time_are_finite_and_above_0(value: Any) -> None:
    with pytest.raises(ConfigError, match=r"cash is .*expected a finite number above 0"):
        checks.finite_of("cash", value)
    assert checks.finite_of("years", 0, zero=True) == 0.0


def test_a_value_is_shown_short() -> None:
    assert len(checks.said("x" * 10_000_000)) < 60
    assert checks.said(10**5000) == "an int"
    assert checks.said("\ud800") == r"'\ud800'"
