import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import close, high, low
from hyprl_lab.strategy.selection import maximum, minimum, where


def test_where_chooses_between_numbers_by_a_condition():
    up = close > 5
    made = where(up, high, 3)
    assert (made.op, made.kind) == ("where", "number")
    assert (made.args[0], made.args[1], made.args[2].value) == (up, high, 3.0)


@pytest.mark.parametrize(("choose", "op"), [(minimum, "minimum"), (maximum, "maximum")])
def test_the_smaller_and_the_larger_take_numbers_on_either_side(choose, op):
    assert [choose(low, 2).op, choose(2, low).op] == [op, op]
    assert choose(2, low).args[1] is low
    with pytest.raises(StrategyError, match=f"{op}, argument 2: found the boolean"):
        choose(low, close > 1)
    with pytest.raises(StrategyError, match="finite number"):
        choose(low, None)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((close, 1, 2), "where, argument 1: found the number close; expected a boolean"),
        ((True, 1, 2), "found True"),
        ((close > 1, close > 2, 2), "where, argument 2: found the boolean"),
        ((close > 1, 2, "x"), "found 'x'"),
    ],
)
def test_what_where_cannot_choose_is_refused(parts, message):
    with pytest.raises(StrategyError, match=message):
        where(*parts)
