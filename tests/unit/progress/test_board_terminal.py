"""The board on a terminal: what its last picture holds."""

from __future__ import annotations

import io
import sys

import pytest

from hyprl_lab.progress.board_terminal import TerminalPane
from hyprl_lab.types import Leader, Progress


def drawn(monkeypatch: pytest.MonkeyPatch, *steps: Progress) -> str:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("COLUMNS", "80")
    pane = TerminalPane("a [bold] search")
    for step in steps:
        pane.draw(step)
    pane.close()
    pane.close()
    return stream.getvalue()


def test_where_pictures_can_not_be_replaced_only_the_last_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leaders = (Leader(1.5, {"fast": 5.0}), Leader(1.25, {"fast": 6.0}))
    written = drawn(
        monkeypatch,
        Progress(1, 4, 0.5),
        Progress(4, 4, 2.0, 1.5, 90_000_000, leaders),
    )
    lines = [line.split() for line in written.splitlines() if line.strip()]
    assert lines[0][:3] == ["a", "[bold]", "search"]  # a title is text, no markup
    assert lines[0][-6:] == ["4", "of", "4", "trials", "(100", "%)"]
    assert " ".join(lines[1]) == "2.0 trials/s · took 2.0 s · best 1.5 · 90 MB"
    assert lines[2] == ["#", "objective", "fast"]
    assert lines[-2:] == [["1", "1.5", "5"], ["2", "1.25", "6"]]
    assert "1 of 4" not in written
