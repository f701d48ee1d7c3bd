"""Studies as a line and as a page."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pandas as pd

from hyprl_lab.research.study.display import table_html

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.research.study import Study

    Write = Callable[..., Study]


def test_what_was_said_at_the_end_is_shown_and_escaped(study: Study) -> None:
    told = dataclasses.replace(study, remarks=("trades <= 3 failed for 5",))
    assert "<li>trades &lt;= 3 failed for 5</li>" in told._repr_html_()
    assert "<ul>" not in study._repr_html_()


def test_the_facts_of_a_study(written: Write) -> None:
    study = written(
        {"fast": [5, 6], "slow": [20, 30]},
        {"sharpe": [1, 2, 3, 4]},
        name="facts",
        states=["completed", "completed", "pruned", "failed"],
        constraints=["sharpe > 1"],
        sampler="sobol",
        holdout_start=None,
    )
    page = study._repr_html_()
    assert "4 trials · 1 pruned · 1 failed · sampler sobol · with sharpe &gt; 1" in page
    assert "no holdout" in page
    assert page.count("<tr") == 2  # the head, and the one trial that is ranked


def test_a_study_that_met_nothing_has_no_table(written: Write) -> None:
    study = written(
        {"fast": [5], "slow": [20]}, {}, name="nothing", constraints=["trades > 9"],
        remarks=("nothing met trades > 9",),
    )  # fmt: skip
    page = study._repr_html_()
    assert "<table" not in page
    assert "<li>nothing met trades &gt; 9</li>" in page


def test_tables_have_four_digits_and_a_dash_for_nan() -> None:
    frame = pd.DataFrame({"a": [1.23456, float("nan")]}, index=pd.Index([7, 8], name="trial"))
    page = table_html(frame)
    assert "<td>1.235</td>" in page
    assert "<td>—</td>" in page
    assert "<td>7</td>" in page
    assert "<th>trial</th>" not in table_html(frame, index=False)


def test_a_table_that_is_cut_says_so(study: Study, written: Write) -> None:
    assert f"the best 10 of {study.total:,}; study.top(n) lists more" in study._repr_html_()
    few = written({"fast": [5], "slow": [20]}, {}, name="few")
    assert "lists more" not in few._repr_html_()
