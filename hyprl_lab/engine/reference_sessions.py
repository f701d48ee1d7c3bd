"""The twin's intraday rules: square-off, daily target, daily loss limit (rule 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.engine.config import Money
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from hyprl_lab.engine.config import Percent
    from hyprl_lab.engine.simulation import SimulationInputs
    from hyprl_lab.types import Reason

__all__ = ["Sessions"]


class Sessions:
    """Where sessions begin, what closes a position in them, and what keeps entries out.

    Parameters
    ----------
    inputs
        `session` is needed by `intraday` and daily limits, `square_off` by `intraday`.

    Raises
    ------
    BarsError
        One of them is missing, or of another length than the bars.
    """

    def __init__(self, inputs: SimulationInputs) -> None:
        execution = inputs.execution
        self.intraday = execution.intraday
        self.target, self.limit = execution.daily_target, execution.daily_loss_limit
        limited = self.target is not None or self.limit is not None
        bars = len(inputs.columns["close"])
        self.session: list[int] | None = None
        self.cutoff = [False] * bars
        if self.intraday or limited:
            if inputs.session is None or len(inputs.session) != bars:
                raise BarsError("intraday and daily limits need the session of each bar")
            self.session = [int(number) for number in inputs.session]
        if self.intraday:
            if inputs.square_off is None or len(inputs.square_off) != bars:
                raise BarsError("intraday needs to know of each bar whether the cutoff has come")
            self.cutoff = [bool(late) for late in inputs.square_off]
        self.start = inputs.start
        self.base = float(inputs.cash)
        self.reached: Reason | None = None  # the daily limit that this session has reached
        self.reached_at = -1
        self.overdue: Reason | None = None  # one reached at the very end of the session before

    def begins(self, t: int) -> bool:
        """Whether bar t is the first simulated one of its session."""
        if self.session is None:
            return False
        return t == self.start or self.session[t] != self.session[t - 1]

    def open(self, t: int, equity: float) -> None:
        """Begin a session where bar t does; `equity` is that of the last mark."""
        self.overdue = None
        if self.begins(t):
            if self.reached_at == t - 1:
                self.overdue = self.reached
            self.base, self.reached = equity, None

    def blocked(self, t: int) -> bool:
        """Whether entries on bar t are kept out."""
        return self.cutoff[t] or self.reached is not None

    def closing(self, t: int) -> Reason | None:
        """Why a position held into bar t closes at its open, if these rules say so."""
        if self.intraday and (self.cutoff[t] or self.begins(t)):
            return "session"
        return self.reached or self.overdue

    def mark(self, t: int, equity: float) -> None:
        """Test the daily limits at the close of bar t; the first one reached stands."""
        if self.reached is not None:
            return
        gain = equity - self.base
        if self.limit is not None and -gain >= _money(self.limit, self.base):
            self.reached, self.reached_at = "daily_loss", t
        elif self.target is not None and gain >= _money(self.target, self.base):
            self.reached, self.reached_at = "daily_target", t


def _money(limit: Money | Percent, base: float) -> float:
    return limit.amount if isinstance(limit, Money) else limit.fraction * base
