from dataclasses import replace

import numpy as np
import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.report.figures.null import null_figure
from hyprl_lab.research.null.result import SearchNull

FOUND = SearchNull(
    form="search",
    kind="permutation",
    statistic="sharpe",
    real=1.0,
    scores=np.array([0.2, 0.4, 1.0, 1.4, -np.inf]),
    markets=5,
    stop_after=None,
    trials=9,
    seed=0,
)


def test_every_market_with_a_score_is_counted_on_its_side():
    figure = null_figure(FOUND)
    below, above = figure.data
    assert (sum(below.y), sum(above.y)) == (2, 2)
    assert "1 without a score" in figure.layout.yaxis.title.text
    (line,) = figure.layout.shapes
    assert line.x0 == line.x1 == 1.0
    assert figure.layout.title.text.endswith("50.0% of cases")
    assert figure.layout.xaxis.title.text == "Annual Sharpe ratio of the search"
    assert figure.layout.yaxis.dtick == 1
    least, most = figure.layout.xaxis.range
    assert least < 0.2
    assert most > 1.4


def test_many_markets_have_more_bins_and_ticks_as_they_come():
    figure = null_figure(replace(FOUND, scores=np.zeros(1_000), markets=1_000))
    assert len(figure.data[0].x) == 40
    assert figure.layout.yaxis.dtick is None
    assert len(null_figure(FOUND).data[0].x) == 8


def test_equal_scores_have_a_bin():
    found = replace(FOUND, scores=np.ones(4))
    assert sum(null_figure(found).data[1].y) == 4


def test_a_real_score_that_is_undefined_is_not_marked():
    assert not null_figure(replace(FOUND, real=-np.inf)).layout.shapes


def test_without_scores_there_is_nothing_to_draw():
    with pytest.raises(InputError, match="no market has a score"):
        null_figure(replace(FOUND, scores=np.full(3, -np.inf)))
