"""A command's bar is the library's, and a pipe sees none."""

from __future__ import annotations

import pytest

from hyprl_lab.cli.progress import progress_bar, search_board
from hyprl_lab.progress import ProgressBar, SearchBoard
from hyprl_lab.types import Progress


def test_it_is_the_one_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("search", "trials") as advance:
        assert isinstance(advance, ProgressBar)
        advance(Progress(done=1, total=2, seconds=0.1))
    out, err = capsys.readouterr()
    assert (out, err) == ("", "")


def test_a_search_has_its_board(capsys: pytest.CaptureFixture[str]) -> None:
    with search_board("search") as advance:
        assert isinstance(advance, SearchBoard)
        advance(Progress(done=1, total=2, seconds=0.1))
    assert capsys.readouterr() == ("", "")
