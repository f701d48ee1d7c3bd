"""Walk-forward: search, choose, trade the next stretch, move on.

Every window runs the whole search again on its training bars alone, so what is stitched together
was chosen without knowing it. Source: Pardo, "The Evaluation and Optimization of Trading
Strategies" (2008), chapter 11; efficiency as the ratio of Sharpe ratios.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.errors import CancelledError, InputError
from hyprl_lab.metrics import Equity
from hyprl_lab.progress import reporter
from hyprl_lab.research.settled import settled
from hyprl_lab.research.stats import return_moments
from hyprl_lab.research.stats.checks import whole
from hyprl_lab.types import Progress

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.research.study import Study
    from hyprl_lab.types import CancelToken, FloatArray, IntArray, JsonValue, ProgressCallback

__all__ = ["VERSION", "WalkForward", "Window", "split_windows", "walk_forward"]

VERSION: Final = 1
"""Of the method: it changes whenever the same arguments would give another `WalkForward`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One training stretch and the test that follows it.

    Parameters
    ----------
    train_start, test_start, test_end
        Microseconds since the epoch, UTC; training ends where the test starts; `test_end` is
        the open of the last test bar.
    trials
        Parameter sets the window's search evaluated.
    params
        The chosen ones, `None` where no trial met the constraints: the window is flat.
    train_sharpe, test_sharpe
        Annualised; `None` where undefined.
    test_return
        Fraction of the money at the window's start.
    trades
        In the test.
    reason
        Why the window is flat, `None` where it traded.
    """

    train_start: int
    test_start: int
    test_end: int
    trials: int
    params: Mapping[str, float] | None
    train_sharpe: float | None
    test_sharpe: float | None
    test_return: float
    trades: int
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WalkForward:
    """The windows and the out-of-sample record stitched from their tests.

    Parameters
    ----------
    windows
        In the order of time.
    anchored
        Whether every training stretch starts at the first bar.
    train, test
        Headline periods of the first training stretch and of each test.
    ts
        Opens of the bars at which the stitched returns end, microseconds since the epoch, UTC.
    returns
        Stitched headline returns, one for each of `ts`; a flat window gives zeros.
    periods_per_year
        Headline periods in a year.
    seed
        Of the searches.
    """

    windows: tuple[Window, ...]
    anchored: bool
    train: int
    test: int
    ts: IntArray
    returns: FloatArray
    periods_per_year: float
    seed: int

    @property
    def out_of_sample_sharpe(self) -> float | None:
        """Annualised Sharpe ratio of the stitched returns, `None` where they do not vary."""
        return _annual_sharpe(self.returns, self.periods_per_year)

    @property
    def mean_train_sharpe(self) -> float | None:
        """Mean annualised in-sample Sharpe ratio of the windows that traded, else `None`."""
        known = [w.train_sharpe for w in self.windows if w.train_sharpe is not None]
        return float(np.mean(known)) if known else None

    @property
    def efficiency(self) -> float | None:
        """Out-of-sample over mean in-sample Sharpe ratio; `None`, see `efficiency_reason`."""
        outside, inside = self.out_of_sample_sharpe, self.mean_train_sharpe
        if outside is None or inside is None or inside <= 0.0:
            return None
        return outside / inside

    @property
    def efficiency_reason(self) -> str | None:
        """Why there is no efficiency, `None` where there is one."""
        if self.mean_train_sharpe is None:
            return "no window's search met the constraints"
        if self.out_of_sample_sharpe is None:
            return "the out-of-sample returns do not vary"
        if self.mean_train_sharpe <= 0.0:
            return f"the mean in-sample Sharpe ratio is {self.mean_train_sharpe:.2f}, not above 0"
        return None

    @property
    def total_return(self) -> float:
        """Compounded out-of-sample return, a fraction."""
        return float(np.prod(1.0 + self.returns) - 1.0)

    @property
    def flat_windows(self) -> int:
        """Windows in which no trial met the constraints."""
        return sum(window.params is None for window in self.windows)

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values, from which `from_dict` makes the same object."""
        return {
            "windows": [asdict(window) for window in self.windows],
            "anchored": self.anchored,
            "train": self.train,
            "test": self.test,
            "ts": self.ts.tolist(),
            "returns": self.returns.tolist(),
            "periods_per_year": self.periods_per_year,
            "seed": self.seed,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> WalkForward:
        """Read back what `to_dict` gave."""
        return cls(
            **{
                **data,
                "windows": tuple(Window(**window) for window in data["windows"]),
                "ts": np.asarray(data["ts"], dtype=np.int64),
                "returns": np.asarray(data["returns"], dtype=np.float64),
            }
        )


def split_windows(
    periods: int,
    *,
    windows: int = 5,
    train: int | None = None,
    test: int | None = None,
    anchored: bool = False,
) -> list[tuple[int, int, int]]:
    """Return (training start, test start, test stop) of each window, counted in headline periods.

    Tests follow one another without a gap, and the last ends with the series.

    Parameters
    ----------
    periods
        Length of the series.
    windows
        Number of tests, at least 1.
    train
        Periods of the first training stretch; by default what the tests leave over.
    test
        Periods of each test; by default half the series, divided among the windows.
    anchored
        Let every training stretch start at the first period, instead of moving along.

    Raises
    ------
    InputError
        The windows do not fit, or a stretch would be shorter than 2 periods.

    Examples
    --------
    >>> split_windows(100, windows=2, train=40, test=20)
    [(20, 60, 80), (40, 80, 100)]
    """
    count = whole("windows", windows, least=1)
    each = whole("test", periods // (2 * count) if test is None else test, least=2)
    left = periods - count * each
    first = whole("train", left if train is None else train, least=2)
    if first > left:
        raise InputError(
            f"{count} tests of {each} and a training stretch of {first} need "
            f"{count * each + first} periods; there are {periods}. Ask for fewer or shorter ones"
        )
    starts = range(periods - count * each, periods, each)
    origin = left - first
    return [(origin if anchored else start - first, start, start + each) for start in starts]


def walk_forward(
    study: Study,
    *,
    windows: int = 5,
    train: int | None = None,
    test: int | None = None,
    anchored: bool = False,
    threads: int | None = None,
    progress: bool | ProgressCallback = False,
    cancel: CancelToken | None = None,
    seed: int = 0,
) -> WalkForward:
    """Search again in every window of a study's search part, and trade what follows.

    Each window searches as the study did (space, sampler, halving, objective, constraints) on the
    training bars, and its best trial trades the test bars, indicators warmed by all earlier bars.
    Tests lie before the holdout boundary. The trials count in the ledger as what they are: repeats.

    Parameters
    ----------
    study
        What `supersearch` returned.
    windows, train, test, anchored
        As in `split_windows`; periods are bars of daily and longer series, sessions of intraday
        ones.
    threads
        Of each search, by default all.
    progress
        `True` draws a bar; a function is called after each window.
    cancel
        Stops between windows and within a search.
    seed
        Of the searches.

    Raises
    ------
    InputError
        It is no study, or a group of them; the windows do not fit into the search part.
    CancelledError
        `cancel` was set.

    Examples
    --------
    >>> import tempfile
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.research.search import supersearch
    >>> from hyprl_lab.store import Warehouse
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> study = supersearch(
    ...     load_bars("TEST"), dual_sma(), {"fast": [2, 3], "slow": [5, 6]},
    ...     warehouse=Warehouse(tempfile.mkdtemp()))
    >>> found = walk_forward(study, windows=2, test=50)
    >>> len(found.windows), len(found.returns)
    (2, 100)
    """
    from hyprl_lab.research.search import search_again
    from hyprl_lab.research.study import one_study

    study = one_study(study)
    bars = study.search_bars
    headline = np.asarray(bars.headline)
    spans = split_windows(len(headline), windows=windows, train=train, test=test, anchored=anchored)
    started = time.perf_counter()
    done: list[Window] = []
    pieces: list[FloatArray] = []
    with reporter(progress, "walk-forward") as report:
        for begin, middle, stop in spans:
            if cancel is not None and cancel.is_set():
                raise CancelledError(
                    f"walk-forward stopped after {len(done)} of {len(spans)} windows"
                )
            first = int(headline[begin - 1]) + 1 if begin else 0
            found = search_again(
                study,
                bars.take(first, int(headline[middle - 1]) + 1),
                ledger="summary",
                seed=seed,
                threads=threads,
                cancel=cancel,
            )
            if not found.complete:
                raise CancelledError(
                    f"walk-forward stopped in window {len(done) + 1} of {len(spans)}"
                )
            rows = headline[middle - 1 : stop]
            returns, trades = _traded(study, found, rows, seed)
            moments_sharpe = _annual_sharpe(returns, bars.periods_per_year)
            done.append(
                Window(
                    train_start=int(bars.ts[first]),
                    test_start=int(bars.ts[rows[0] + 1]),
                    test_end=int(bars.ts[rows[-1]]),
                    trials=found.total,
                    params=None if found.best is None else dict(found.best.params),
                    train_sharpe=None if found.best is None else found.best.metrics.sharpe,
                    test_sharpe=moments_sharpe,
                    test_return=float(np.prod(1.0 + returns) - 1.0),
                    trades=trades,
                    reason=None if found.best else "no trial of the window met the constraints",
                )
            )
            pieces.append(returns)
            report(Progress(len(done), len(spans), time.perf_counter() - started))
    return WalkForward(
        windows=tuple(done),
        anchored=anchored,
        train=spans[0][1] - spans[0][0],
        test=spans[0][2] - spans[0][1],
        ts=np.asarray(bars.ts)[headline[spans[0][1] :]],
        returns=np.concatenate(pieces),
        periods_per_year=float(bars.periods_per_year),
        seed=seed,
    )


def _traded(study: Study, found: Study, rows: IntArray, seed: int) -> tuple[FloatArray, int]:
    """Return the test's headline returns and its number of trades.

    The simulation starts on the last training bar, whose signal may fill at the first test open.
    """
    if found.best is None:
        return np.zeros(len(rows) - 1), 0
    from hyprl_lab.engine.backtest import run

    bars = study.search_bars
    chosen = settled(found.best.params, study.risk, study.execution)
    result = run(
        bars,
        study.strategy,
        params=chosen.params,
        risk=chosen.risk,
        execution=chosen.execution,
        cash=study.cash,
        engine="native",
        period=(int(bars.ts[rows[0]]), int(bars.ts[rows[-1]]) + 1),
        seed=seed,
    )
    points = result.simulation.equity[rows[1:] - rows[0]]
    # From the cash, not from the first close: a same-close entry there has already paid its fee.
    returns = Equity(np.concatenate(([study.cash], points)), cash=study.cash).returns().values
    return returns, len(result.simulation.trades)


def _annual_sharpe(returns: FloatArray, periods_per_year: float) -> float | None:
    moments = return_moments(returns)
    return None if moments is None else moments.sharpe * float(np.sqrt(periods_per_year))
