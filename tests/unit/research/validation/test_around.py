from __future__ import annotations

import math

import pytest

import hyprl_lab as hl
from hyprl_lab.research.space import Space, read_space
from hyprl_lab.research.validation.around import DRAWN, around
from hyprl_lab.strategy.builtin import dual_sma


def five() -> hl.Strategy:
    """A strategy of five windows."""
    lines = [hl.ta.sma(hl.close, hl.param(f"w{n}", 2, 300)) for n in range(5)]
    return hl.Strategy(
        "five", long_entry=(lines[0] > lines[1]) & (lines[2] > lines[3]) & (hl.close > lines[4])
    )


def pairs(found: tuple[object, ...]) -> set[tuple[float, float]]:
    return {(point["fast"], point["slow"]) for point in found}  # type: ignore[index]


def space(**given: object) -> Space:
    where = given.pop("where", None)
    return read_space(dual_sma(), given, where)  # type: ignore[arg-type]


def test_one_step_in_every_direction() -> None:
    found = around(space(fast=range(2, 20, 3), slow=[20, 30, 50, 90]), {"fast": 8.0, "slow": 30.0})
    assert found.way == "steps"
    assert pairs(found.points) == {
        (5, 20), (5, 30), (5, 50), (8, 20), (8, 50), (11, 20), (11, 30), (11, 50),
    }  # fmt: skip
    assert (found.moved, found.fixed, found.edges) == (("fast", "slow"), (), ())


def test_at_an_edge_there_are_fewer() -> None:
    found = around(space(fast=range(2, 20), slow=[90, 50, 20]), {"fast": 2.0, "slow": 90.0})
    assert pairs(found.points) == {(2, 50), (3, 90), (3, 50)}
    assert found.edges == ("fast", "slow")


def test_what_where_drops_is_no_neighbour_and_no_edge() -> None:
    found = around(
        space(fast=range(2, 40), slow=range(2, 40), where="fast < slow"),
        {"fast": 10.0, "slow": 11.0},
    )
    assert pairs(found.points) == {(9, 10), (9, 11), (9, 12), (10, 12), (11, 12)}
    assert found.edges == ()


@pytest.mark.parametrize("values", [hl.choice([50, 20, 200]), hl.choice([20])])
def test_choices_have_no_neighbours(values: object) -> None:
    found = around(space(fast=[3, 4, 5], slow=values), {"fast": 4.0, "slow": 20.0})
    assert found.fixed == ("slow",)
    assert pairs(found.points) == {(3, 20), (5, 20)}
    assert found.edges == ()
    nothing = around(space(fast=[3], slow=values), {"fast": 3.0, "slow": 20.0})
    assert (nothing.points, nothing.moved) == ((), ())


def test_yes_and_no_are_no_neighbours() -> None:
    chosen = {"fast": 4.0, "slow": 20.0, "risk.fraction": 0.5, "execution.fee_bps": 0.0}
    given = {
        "fast": [3, 4],
        "slow": [20],
        "risk.fraction": hl.floats(0.1, 0.9, step=0.2),
        "execution.fee_bps": [0, 1],
    }
    known = read_space(dual_sma(), given, risk=hl.FixedFraction(0.5))
    found = around(known, chosen)
    assert found.moved == ("fast", "risk.fraction")
    assert {point["risk.fraction"] for point in found.points} == {0.3, 0.5, 0.7}
    assert {point["execution.fee_bps"] for point in found.points} == {0.0}


def test_geometric_axes_step_by_their_own_values() -> None:
    axis = hl.floats(1, 100, count=3, log=True)
    rise = hl.Strategy("rise", long_entry=hl.close > hl.param("level", 0.5, 200.0))
    found = around(read_space(rise, {"level": axis}), {"level": 10.0})
    assert [point["level"] for point in found.points] == [1.0, 100.0]


def test_a_parameter_that_does_not_count_stays() -> None:
    given = {
        "slow": hl.ints(20, 40, step=10),
        "fast": hl.ints(3, 9, when="slow > 25", otherwise=3),
    }
    known = read_space(dual_sma(), given)
    off = around(known, {"slow": 20.0, "fast": 3.0})
    assert off.moved == ("slow",)
    on = around(known, {"slow": 30.0, "fast": 5.0})
    assert on.moved == ("fast", "slow")
    beside = pairs(on.points)
    assert {fast for fast, slow in beside if slow == 20} == {3}  # there it does not count
    assert len(beside) == 6


def test_a_parameter_is_not_woken_with_the_value_of_its_sleep() -> None:
    rise = hl.Strategy(
        "rise",
        long_entry=hl.close > hl.param("level", 0.0, 9.0) + hl.param("more", 0.0, 9.0),
    )
    given = {
        "level": hl.ints(1, 5),
        "more": hl.floats(2, 4, step=1, when="level > 2", otherwise=0.5),
    }
    found = around(read_space(rise, given), {"level": 2.0, "more": 0.5})
    assert found.points == ({"level": 1.0, "more": 0.5},)


def test_of_more_than_four_a_hypercube_within_a_tenth() -> None:
    given = {f"w{n}": hl.ints(2, 300) for n in range(5)}
    chosen = {"w0": 100.0, "w1": 200.0, "w2": 4.0, "w3": 295.0, "w4": 2.0}
    known = read_space(five(), given)
    found = around(known, chosen, seed=1)
    assert found.way == "latin_hypercube"
    assert 50 <= len(found.points) <= DRAWN
    for name, value in chosen.items():
        values = [point[name] for point in found.points]
        reach = max(1, math.floor(0.1 * value))
        assert all(number.is_integer() for number in values)
        assert max(2, value - reach) <= min(values) < max(values) <= min(300, value + reach)
    assert {point["w0"] for point in found.points} == set(range(90, 111))  # strata leave none out
    assert found.edges == ("w4",)
    assert around(known, chosen, seed=1) == found
    assert around(known, chosen, seed=2) != found


def test_an_axis_without_steps_is_drawn_from() -> None:
    rise = hl.Strategy(
        "rise",
        long_entry=hl.close > hl.param("level", -5.0, 9.0),
        stop_loss=hl.stop.percent(hl.param("stop", 0.01, 0.5)),
    )
    given = {"level": hl.floats(-5, 9), "stop": hl.floats(0.01, 0.1)}
    found = around(read_space(rise, given), {"level": 0.0, "stop": 0.1}, seed=3)
    assert found.way == "latin_hypercube"
    levels = sorted(point["level"] for point in found.points)
    assert -1.4 <= levels[0] < -1.3  # a tenth of the axis, where the value is 0
    assert 1.3 < levels[-1] <= 1.4
    strata = [math.floor((level + 1.4) / 2.8 * DRAWN) for level in levels]
    assert strata == list(range(DRAWN))
    assert max(point["stop"] for point in found.points) == 0.1
    assert found.edges == ("stop",)
