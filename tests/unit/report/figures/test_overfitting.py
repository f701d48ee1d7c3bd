from dataclasses import replace

import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.report.figures.overfitting import overfitting_figure
from hyprl_lab.research.validation.search_overfitting import SearchOverfitting

FOUND = SearchOverfitting(
    trials=9,
    pruned=0,
    failed=0,
    repeated=0,
    probability=0.25,
    mean_logit=1.0,
    splits=20,
    logit_edges=(-2.0, -1.0, 0.0, 1.0, 2.0),
    logit_counts=(2, 3, 5, 10),
)


def test_both_sides_of_the_median_hold_every_half_of_time():
    figure = overfitting_figure(FOUND)
    low, high = figure.data
    assert (list(low.x), list(low.y)) == ([-1.5, -0.5], [2, 3])
    assert (list(high.x), list(high.y)) == ([0.5, 1.5], [5, 10])
    assert figure.layout.title.text.startswith("25% of the choices")


def test_an_inconclusive_one_says_so_first():
    found = replace(FOUND, inconclusive="no choice was made")
    assert overfitting_figure(found).layout.title.text.startswith("Inconclusive: 25% of")


def test_without_a_probability_there_is_nothing_to_draw():
    with pytest.raises(InputError, match="there was no choice"):
        overfitting_figure(replace(FOUND, probability=None, reason="there was no choice"))
