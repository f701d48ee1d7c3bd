import numpy as np
import pytest

from hyprl_lab.report.figures.walk_forward import walk_forward_figure
from hyprl_lab.research.walk_forward import WalkForward, Window

DAY = 86_400_000_000


def window(start: int) -> Window:
    return Window(
        train_start=0,
        test_start=start * DAY,
        test_end=(start + 2) * DAY,
        trials=4,
        params={"fast": 2.0},
        train_sharpe=1.0,
        test_sharpe=0.5,
        test_return=0.0,
        trades=1,
        reason=None,
    )


def found(returns: list[float]) -> WalkForward:
    return WalkForward(
        windows=(window(10), window(12)),
        anchored=False,
        train=10,
        test=2,
        ts=np.arange(10, 10 + len(returns)) * DAY,
        returns=np.array(returns),
        periods_per_year=252.0,
        seed=0,
    )


def test_the_tests_are_compounded_and_windows_marked():
    figure = walk_forward_figure(found([0.1, -0.05, 0.0, 0.2]))
    line, legend = figure.data
    assert list(line.y) == pytest.approx([1.1, 1.045, 1.045, 1.254])
    assert line.x[0] == "1970-01-11"
    assert (legend.name, legend.line.dash) == ("A new choice", figure.layout.shapes[0].line.dash)
    assert [shape.x0[:10] for shape in figure.layout.shapes[:2]] == ["1970-01-11", "1970-01-13"]
    assert "Sharpe ratio of" in figure.layout.title.text


def test_a_record_that_does_not_vary_says_so():
    assert "does not vary" in walk_forward_figure(found([0.0] * 4)).layout.title.text
