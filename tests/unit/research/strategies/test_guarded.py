import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.research.strategies.guarded import called, guarded, raised, user_error


def test_an_error_without_a_line():
    assert str(user_error("X()", ValueError("no"))) == "X() raised ValueError: no"


def fail(error):
    with guarded("X()"):
        raise error


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit("no"), RecursionError("no")])
def test_what_is_raised_is_told_with_its_line_and_chained(error):
    with pytest.raises(
        StrategyError, match=r"X\(\) raised \w+: no \(test_guarded\.py, line"
    ) as caught:
        fail(error)
    assert caught.value.__cause__ is error


def test_a_checks_own_error_passes_with_the_name_before_it():
    with pytest.raises(StrategyError, match=r"^X\(\): found 3$"):
        fail(StrategyError("found 3"))


def test_an_interrupt_passes():
    with pytest.raises(KeyboardInterrupt):
        fail(KeyboardInterrupt())


def test_an_error_that_can_not_be_told():
    class BrokenError(Exception):
        def __str__(self):
            raise ValueError("no")

    assert raised(BrokenError()) == "BrokenError, which can't be told"


def test_the_name_of_a_class_runs_nothing_of_it():
    class Meta(type):
        __name__ = property(lambda cls: 1 / 0)

    found = Meta("Found", (), {})
    assert called(found) == called(found()) == "Found"
