"""What long work calls: it tells, and it ends with the work."""

from __future__ import annotations

import pytest

from hyprl_lab.progress import Reporter
from hyprl_lab.types import Progress

STEP = Progress(done=1, total=2, seconds=0.5)


class Closing(Reporter):
    closed = 0

    def close(self) -> None:
        self.closed += 1


def test_it_tells_each_step_and_nobody_without_a_listener() -> None:
    seen: list[Progress] = []
    with Reporter(seen.append) as report:
        report(STEP)
        report(STEP)
    Reporter()(STEP)
    assert seen == [STEP, STEP]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_it_ends_with_the_work_and_lets_its_error_through(error: type[BaseException]) -> None:
    report = Closing()
    with pytest.raises(error), report:
        raise error
    assert report.closed == 1
