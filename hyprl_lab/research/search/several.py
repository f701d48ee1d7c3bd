"""One search over several series: a study a series, all checked before the first runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hyprl_lab.data.bars import Bars
from hyprl_lab.data.panel import Panel
from hyprl_lab.data.split import Split, Window
from hyprl_lab.errors import BarsError
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.research.search.plan import Plan
    from hyprl_lab.research.search.running import Running
    from hyprl_lab.research.study import Study
    from hyprl_lab.types import Progress

__all__ = ["run_each", "series_of"]


def series_of(bars: object) -> list[Bars]:
    """Return the series that are searched.

    Parameters
    ----------
    bars
        A panel (its symbols in order), or a sequence of bars; of the windows that `bars.windows`
        gives, the stretch to train on is searched.

    Raises
    ------
    BarsError
        There are none, one stands twice, or one is no bars.
    """
    if isinstance(bars, Split | Window):
        raise BarsError(
            f"bars is a {type(bars).__name__}, parts that are not to be searched together; "
            "expected one of them, such as its .train"
        )
    if isinstance(bars, Panel):
        return list(bars.values())
    if not isinstance(bars, Sequence) or isinstance(bars, str | bytes):
        raise BarsError(
            f"bars is {shown(bars)}; expected hl.Bars, a Panel, or a list of bars (a frame "
            "becomes bars by hl.Bars.from_pandas(df, symbol=, timeframe=))"
        )
    found = [one.train if isinstance(one, Window) else one for one in bars]
    if not found:
        raise BarsError("bars is an empty list; expected at least one series")
    for one in found:
        if not isinstance(one, Bars):
            raise BarsError(f"bars holds {shown(one)}; expected bars alone")
    seen: set[tuple[str, str, str]] = set()
    for one in found:
        name = (one.symbol, one.timeframe, one.fingerprint)
        if name in seen:
            raise BarsError(f"bars holds {one.symbol} {one.timeframe} twice; expected each once")
        seen.add(name)
    return found


def run_each(
    running: Running, plans: list[Plan], report: Callable[[Progress], None]
) -> list[Study]:
    """Run one plan after the other; once asked to stop the rest is opened, and not evaluated.

    Progress counts the trials of all of them.
    """
    total = sum(plan.points.size for plan in plans)
    studies: list[Study] = []
    before = 0
    for plan in plans:
        studies.append(running.run(plan, _Shifted(report, before, total)))
        before += plan.points.size
    return studies


@dataclass(frozen=True, slots=True)
class _Shifted:
    """Tells the progress of one search as a part of all; what ran before is not in its rate."""

    report: Callable[[Progress], None]
    before: int
    total: int

    def __call__(self, step: Progress) -> None:
        done, before = self.before + step.done, self.before + step.before
        self.report(replace(step, done=done, total=self.total, before=before))
