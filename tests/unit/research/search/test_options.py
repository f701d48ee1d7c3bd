"""The type of the options names what `supersearch` takes."""

from __future__ import annotations

from inspect import signature

from hyprl_lab.research.search.options import Options
from hyprl_lab.research.search.supersearch import supersearch


def test_the_keywords_are_those_of_supersearch() -> None:
    keywords = list(signature(supersearch).parameters)
    assert keywords[:3] == ["bars", "strategy", "space"]
    assert set(keywords[3:]) == set(Options.__annotations__)
    assert Options.__total__ is False
