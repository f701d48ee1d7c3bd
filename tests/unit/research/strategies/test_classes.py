import hashlib
import inspect

import pytest

import hyprl_lab as hl
from hyprl_lab.errors import StrategyError
from hyprl_lab.research.strategies.class_checks import class_report
from hyprl_lab.research.strategies.classes import (
    StrategyClass,
    instance_of,
    is_strategy_class,
)


def test_a_class_and_an_object_of_it(cross):
    assert is_strategy_class(cross)
    assert isinstance(cross(), StrategyClass)
    for found in (cross, cross()):
        instance = instance_of(found)
        assert instance.name == "cross"
        assert instance.description == "Long while the fast mean of closes is above the slow one."
        assert list(instance.options) == ["fast", "slow"]
        assert instance.titled({"fast": 3, "slow": 9}) == "cross(fast=3, slow=9)"
        text = inspect.getsource(cross)
        assert instance.source_hash == hashlib.sha256(text.encode()).hexdigest()


def test_source_that_is_nowhere_has_no_hash():
    names: dict[str, type] = {}
    exec(
        "class Bare:\n"
        "    def get_params_config(self): return {}\n"
        "    def generate_signals(self, bars): return {}\n",
        names,
    )
    assert instance_of(names["Bare"]).source_hash is None


@pytest.mark.parametrize("found", [None, 3, "x", object, dict])
def test_anything_else_is_refused(found):
    with pytest.raises(StrategyError, match="expected a class with get_params_config"):
        instance_of(found)


def test_what_its_code_raises_is_told_with_its_line():
    class Broken:
        def get_params_config(self):
            raise KeyError("fast")

        def generate_signals(self, bars):
            return {}

    class Needy(Broken):
        def __init__(self, needed):
            pass

    with pytest.raises(
        StrategyError, match=r"Broken raised KeyError: 'fast' \(test_classes\.py, line"
    ):
        instance_of(Broken)
    with pytest.raises(StrategyError, match="Needy raised TypeError") as caught:
        instance_of(Needy)
    assert isinstance(caught.value.__cause__, TypeError)


@pytest.mark.parametrize("name", ["x\n", "x" * 61, 5])
def test_a_name_has_to_be_one(cross, name):
    with pytest.raises(StrategyError, match="name is"):
        instance_of(type("Named", (cross,), {"name": name}))


def test_a_long_title_is_cut(cross):
    instance = instance_of(cross)
    title = instance.titled({f"parameter_{at}": 1.23456789 for at in range(9)})
    assert len(title) == 120
    assert title.endswith("…")


class Bare:
    def get_params_config(self):
        return {}

    def generate_signals(self, bars):
        return {"entry": bars.close > 100}


class Unnamed(Bare):
    @property
    def name(self):
        raise ValueError("no name")


class Untold(Bare):
    @property
    def description(self):
        raise ValueError("no description")


class Leaving(Bare):
    def __init__(self):
        raise SystemExit(3)


class Unread(dict):
    def items(self):
        raise RuntimeError("no items")


class Misconfigured(Bare):
    def get_params_config(self):
        return Unread()


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Unnamed, "Unnamed raised ValueError: no name"),
        (Untold, "Untold raised ValueError: no description"),
        (Leaving, "Leaving raised SystemExit: 3"),
        (Misconfigured, "Misconfigured raised RuntimeError: no items"),
    ],
)
def test_whatever_of_it_raises_is_told(found, said):
    with pytest.raises(StrategyError, match=said):
        instance_of(found)
    (error,) = class_report(found).errors
    assert said in error


class Meta(type):
    def __getattr__(cls, name):
        raise RuntimeError(f"no {name}")


def test_a_class_that_fails_where_its_methods_are_looked_up():
    class Closed(metaclass=Meta):
        pass

    with pytest.raises(StrategyError, match="Closed raised RuntimeError: no get_params_config"):
        is_strategy_class(Closed)
    (error,) = hl.strategies.validate(Closed).errors
    assert "no get_params_config" in error
