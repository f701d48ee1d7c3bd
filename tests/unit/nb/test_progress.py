import sys

from hyprl_lab.nb import progress_bar
from hyprl_lab.types import Progress


class Terminal:
    """An error stream that says it is a terminal."""

    encoding = "utf-8"

    def __init__(self):
        self.written = ""

    def isatty(self):
        return True

    def write(self, text):
        self.written += text
        return len(text)

    def flush(self):
        pass


def test_a_terminal_sees_the_count_and_the_best(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress_bar("Search") as advance:
        advance(Progress(done=25, total=100, seconds=0.5))
        advance(Progress(done=100, total=100, seconds=1.0, best=1.23456))
    assert "Search:" in terminal.written
    assert "25/100" in terminal.written
    assert "100/100" in terminal.written
    assert "best 1.235" in terminal.written


def test_a_log_stays_clean(capsys):
    with progress_bar("Search") as advance:
        advance(Progress(done=1, total=2, seconds=0.1))
    assert capsys.readouterr().err == ""
