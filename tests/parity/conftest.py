"""Counters over all parity cases, printed when the tests are over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from engine_cases import Counts

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

_COUNTS = pytest.StashKey[Counts]()


@pytest.fixture(scope="session")
def counts(request: pytest.FixtureRequest) -> Counts:
    """What the cases of this run made happen."""
    return request.config.stash.setdefault(_COUNTS, Counts())


def pytest_terminal_summary(
    terminalreporter: TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    """Print how often each rule fired."""
    counts = config.stash.get(_COUNTS, None)
    if counts is None or not counts.cases:
        return
    terminalreporter.section("rules of docs/execution.md that fired in both engines")
    for line in counts.lines():
        terminalreporter.write_line(line)
