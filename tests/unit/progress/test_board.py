"""The board of a search: when it draws, and where."""

from __future__ import annotations

import io
import sys

import pytest

from hyprl_lab.progress import SearchBoard, reporter, search_board
from hyprl_lab.progress import board as module
from hyprl_lab.types import Leader, Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Called in the test itself: pytest takes standard error back between fixtures and test."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    return stream


def step(done: int, best: float | None = None) -> Progress:
    leaders = () if best is None else (Leader(best, {"fast": 5.0, "slow": 80.0}),)
    return Progress(done, 1_000, 0.5, best, 212_000_000, leaders)


def test_a_terminal_sees_count_rate_time_best_memory_and_leaders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = on_terminal(monkeypatch)
    with search_board("search") as advance:
        advance(step(250, best=1.23456))
        assert "250 of 1,000 trials (25 %)" in terminal.getvalue()  # drawn at once
        advance(step(1_000, best=1.5))
    written = terminal.getvalue()
    for part in ("search", "500 trials/s", "1.5 s left", "best 1.235", "212 MB", "slow", "80"):
        assert part in written
    assert "1,000 of 1,000 trials (100 %)" in written
    assert written.endswith(("\n", "\x1b[?25h"))  # the cursor is shown again


def test_a_log_stays_clean(capsys: pytest.CaptureFixture[str]) -> None:
    with search_board("search") as advance:
        advance(step(1, best=1.0))
    assert capsys.readouterr() == ("", "")


def test_nothing_is_drawn_before_the_first_step(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    with search_board("search"):
        pass
    assert terminal.getvalue() == ""


def test_steps_that_follow_too_soon_are_not_drawn_but_the_last_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_SECONDS_BETWEEN", 3_600.0)
    terminal = on_terminal(monkeypatch)
    with search_board("search") as advance:
        for done in (100, 200, 300):
            advance(step(done))
        assert "200 of" not in terminal.getvalue()
    written = terminal.getvalue()
    assert "100 of" in written
    assert "200 of" not in written
    assert "300 of 1,000 trials (30 %)" in written


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_a_board_ends_where_the_work_stopped(
    monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    terminal = on_terminal(monkeypatch)

    def work() -> None:
        with reporter(progress=True, title="search", leaders=True) as report:
            report(step(400))
            raise error

    with pytest.raises(error):
        work()
    assert "400 of 1,000" in terminal.getvalue()
    assert terminal.getvalue().count("\x1b[?25l") == terminal.getvalue().count("\x1b[?25h")


def test_a_board_that_is_done_may_be_ended_again(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    board = SearchBoard("search")
    board(step(1_000))
    board.close()
    ended = terminal.getvalue()
    board.close()
    board(step(1_000))
    assert terminal.getvalue() == ended
