"""A walk-forward on any market of the same bars, in no ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.engine import native
from hyprl_lab.engine.backtest import inputs
from hyprl_lab.engine.period import Period
from hyprl_lab.metrics import Equity
from hyprl_lab.research.null.given import asked_of
from hyprl_lab.research.null.search import Search
from hyprl_lab.research.settled import settled
from hyprl_lab.research.stats import return_moments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Self

    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.kernels import Setup
    from hyprl_lab.research.study import Study
    from hyprl_lab.types import FloatArray, IntArray

    Watch = Callable[[int, int], bool]

__all__ = ["Stretch", "Walk"]

_HELD: Final = 64
"""Setups that are kept: a search over settings may choose others on every market."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretch:
    """One training stretch, and the test that follows it.

    Parameters
    ----------
    first
        The first bar of the training stretch.
    rows
        The last bar of the training stretch, then the bars at which the test's returns end.
    search
        Of the training bars.
    """

    first: int
    rows: IntArray
    search: Search


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Walk:
    """What `walk_forward` does with a study, without a record of it.

    Parameters
    ----------
    study
        What is repeated.
    stretches
        In the order of time.
    setups
        What the kernel reads of each test, by the stretch and the settings: facts of the calendar,
        the same on every market. The first ones that are asked for are kept.
    """

    study: Study
    stretches: tuple[Stretch, ...]
    setups: dict[tuple[int, Risk, Execution], Setup]

    @classmethod
    def of(cls, study: Study, spans: Sequence[tuple[int, int, int]], *, seed: int) -> Self:
        """Prepare the searches of all windows.

        Parameters
        ----------
        study
            What is repeated.
        spans
            What `split_windows` returned.
        seed
            Of the searches.

        Raises
        ------
        SpaceError, ConfigError, BarsError, StrategyError
            As `supersearch`: a training stretch may be too short.
        """
        bars = study.search_bars
        headline = np.asarray(bars.headline)
        asked = asked_of(study, seed=seed)
        stretches = []
        for begin, middle, stop in spans:
            first = int(headline[begin - 1]) + 1 if begin else 0
            training = bars.take(first, int(headline[middle - 1]) + 1)
            stretches.append(
                Stretch(
                    first=first,
                    rows=headline[middle - 1 : stop],
                    search=Search.of(training, asked),
                )
            )
        return cls(study=study, stretches=tuple(stretches), setups={})

    @property
    def kept(self) -> int:
        """Bars up to the first test: they are the same on every market."""
        return int(self.stretches[0].rows[0]) + 1

    @property
    def learns(self) -> bool:
        """Whether points depend on the scores before them."""
        return self.stretches[0].search.learns

    def returns(
        self, columns: Mapping[str, FloatArray], *, threads: int, watch: Watch | None = None
    ) -> FloatArray:
        """Return the stitched headline returns of all tests, on one market.

        Parameters
        ----------
        columns
            As long as the study's search part.
        threads, watch
            As for `Search.best`.

        Raises
        ------
        CancelledError
            `watch` said stop.
        """
        pieces = []
        for place, stretch in enumerate(self.stretches):
            training = slice(stretch.first, int(stretch.rows[0]) + 1)
            best = stretch.search.best(
                {name: values[training] for name, values in columns.items()},
                threads=threads,
                watch=watch,
            )
            if best is None:
                pieces.append(np.zeros(len(stretch.rows) - 1))
            else:
                pieces.append(self._traded(place, best.params, columns))
        return np.concatenate(pieces)

    def sharpe(
        self, columns: Mapping[str, FloatArray], *, threads: int, watch: Watch | None = None
    ) -> float:
        """Return the annualised Sharpe ratio of `returns`; -inf where they do not vary."""
        moments = return_moments(self.returns(columns, threads=threads, watch=watch))
        if moments is None:
            return -np.inf
        return moments.sharpe * float(np.sqrt(self.study.search_bars.periods_per_year))

    def _traded(
        self, place: int, params: Mapping[str, float], columns: Mapping[str, FloatArray]
    ) -> FloatArray:
        """Return a test's headline returns, indicators warmed by all bars before it."""
        from hyprl_lab import kernels

        study, rows = self.study, self.stretches[place].rows
        chosen = settled(params, study.risk, study.execution)
        bound = study.strategy.bind(chosen.params)
        key = (place, chosen.risk, chosen.execution)
        setup = self.setups.get(key)
        if setup is None:
            setup = self._setup(rows, bound, chosen.risk, chosen.execution)
            if len(self.setups) < _HELD:
                self.setups[key] = setup
        found = kernels.backtest(
            {name: values[: len(setup.ts)] for name, values in columns.items()},
            setup,
            [value for _, value in sorted(bound.items())],
        )
        points = found["equity"][rows[1:] - rows[0]]
        return Equity(np.concatenate(([study.cash], points)), cash=study.cash).returns().values

    def _setup(
        self, rows: IntArray, params: Mapping[str, float], risk: Risk, execution: Execution
    ) -> Setup:
        bars, study = self.study.search_bars, self.study
        period = Period(int(bars.ts[rows[0]]), int(bars.ts[rows[-1]]) + 1)
        return native.setup(
            inputs(
                bars,
                study.strategy,
                params,
                risk=risk,
                execution=execution,
                cash=study.cash,
                window=period.window(bars),
            )
        )
