"""The one progress bar: in a terminal, in a notebook, in a log, cancelled and failed."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from hyprl_lab import nb
from hyprl_lab.progress import ProgressBar, progress_bar, reporter
from hyprl_lab.types import Progress


class Terminal(io.StringIO):
    """An error stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Called in the test itself: pytest takes standard error back between fixtures and test."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def step(done: int, total: int = 100, best: float | None = None) -> Progress:
    return Progress(done=done, total=total, seconds=0.5, best=best)


def test_a_terminal_sees_the_count_and_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    with progress_bar("Search", "trials") as advance:
        advance(step(25))
        advance(step(100, best=1.23456))
    written = terminal.getvalue()
    for part in ("Search:", "25/100", "100/100", "trials", "best 1.235"):
        assert part in written
    assert written.endswith("\n")


def test_a_log_stays_clean(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("Search") as advance:
        advance(step(1, 2))
    assert capsys.readouterr() == ("", "")


def test_nothing_is_drawn_before_the_first_step(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    with progress_bar("Search"):
        pass
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_a_bar_ends_where_the_work_stopped(
    monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    terminal = on_terminal(monkeypatch)

    def work() -> None:
        with reporter(progress=True, title="Search") as report:
            report(step(40))
            raise error

    with pytest.raises(error):
        work()
    assert "40/100" in terminal.getvalue()
    assert terminal.getvalue().endswith("\n")  # what is written next gets a line of its own


def test_a_bar_that_is_done_may_be_ended_again(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    bar = ProgressBar("Search")
    bar(step(100))
    ended = terminal.getvalue()
    bar.close()
    bar.close()
    assert terminal.getvalue() == ended


def test_a_notebook_gets_a_widget() -> None:
    """With the shell class that Jupyter's kernels have; the widget shows itself as text here."""
    code = """
from IPython.core.interactiveshell import InteractiveShell
from ipykernel.zmqshell import ZMQInteractiveShell
import IPython
class Shell(InteractiveShell): pass
Shell.__name__ = ZMQInteractiveShell.__name__
shell = Shell.instance()
from hyprl_lab.progress import progress_bar
from hyprl_lab.progress.place import in_notebook
from hyprl_lab.types import Progress
assert in_notebook()
with progress_bar("Search") as advance:
    advance(Progress(done=1, total=2, seconds=0.1))
    print(type(advance._bar).__module__)
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "tqdm.notebook"


def test_notebooks_and_commands_have_the_same_bar() -> None:
    from hyprl_lab.cli.progress import progress_bar as of_commands

    assert nb.progress_bar is progress_bar
    assert isinstance(of_commands("search", "trials"), ProgressBar)
