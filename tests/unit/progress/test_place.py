"""Where a drawing would go."""

from __future__ import annotations

import io
import sys

import pytest

from hyprl_lab.progress.place import in_notebook, on_terminal


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pipe_is_no_terminal_and_a_missing_stream_neither(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not on_terminal()
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert on_terminal()
    monkeypatch.setattr(sys, "stderr", None)
    assert not on_terminal()


def test_a_test_is_no_notebook() -> None:
    assert not in_notebook()
