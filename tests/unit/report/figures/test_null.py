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


def test_equal_scores_have_a_bin():
    found = replace(FOUND, scores=np.ones(4))
    assert sum(null_figure(found).data[1].y) == 4


def test_a_real_score_that_is_undefined_is_not_marked():
    assert not null_figure(replace(FOUND, real=-np.inf)).layout.shapes


def test_without_scores_there_is_nothing_to_draw():
    with pytest.raises(InputError, match="no market has a score"):
        null_figure(replace(FOUND, scores=np.full(3, -np.inf)))
