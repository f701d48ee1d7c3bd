"""What a caller gives as `progress=` decides who is told."""

from __future__ import annotations

from typing import Any

import pytest

from hyprl_lab.errors import ConfigError
from hyprl_lab.progress import ProgressBar, Reporter, SearchBoard, reporter
from hyprl_lab.types import Progress

STEP = Progress(done=1, total=2, seconds=0.5)


@pytest.mark.parametrize("leaders", [False, True])
def test_a_function_is_called(leaders: bool) -> None:
    seen: list[Progress] = []
    with reporter(seen.append, "Search", leaders=leaders) as report:
        report(STEP)
    assert seen == [STEP]


@pytest.mark.parametrize("leaders", [False, True])
def test_false_tells_nobody(leaders: bool, capsys: pytest.CaptureFixture[str]) -> None:
    with reporter(progress=False, title="Search", leaders=leaders) as report:
        report(STEP)
    assert type(report) is Reporter
    assert capsys.readouterr() == ("", "")


def test_true_draws_a_bar_or_a_board() -> None:
    assert isinstance(reporter(progress=True, title="Search"), ProgressBar)
    assert isinstance(reporter(progress=True, title="Search", leaders=True), SearchBoard)


@pytest.mark.parametrize("given", [5, 0, "bar", None])
def test_what_is_neither_a_flag_nor_a_function_is_refused(given: Any) -> None:
    with pytest.raises(ConfigError, match="expected True, False or a function"):
        reporter(given, "search")
