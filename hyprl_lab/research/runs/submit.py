"""`hl.runs.submit`: a run is computed once, whoever asks for it, and from how many processes."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Final

from hyprl_lab.data.given import checked_bars
from hyprl_lab.engine.agreement import check_agreement
from hyprl_lab.engine.backtest import checked_period, engine_version
from hyprl_lab.engine.checks import above_zero, choice, flag
from hyprl_lab.engine.config import DEFAULTS, Execution, Risk, checked_cash, checked_seed
from hyprl_lab.engine.identity import run_config, run_hash
from hyprl_lab.engine.watch import Watcher
from hyprl_lab.errors import CancelledError, IntegrityError, LabError, WarehouseError
from hyprl_lab.progress import reporter
from hyprl_lab.research.recording import backtest, store_result
from hyprl_lab.research.strategies.classes import is_strategy_class
from hyprl_lab.store.runs.run_state import AttemptLostError, RunHeldError, RunKey, Submitted
from hyprl_lab.strategy.given import checked_strategy
from hyprl_lab.strategy.strategy import Strategy
from hyprl_lab.types import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.engine.period import Moment, Period
    from hyprl_lab.engine.result import Result
    from hyprl_lab.progress import Reporter
    from hyprl_lab.research.strategies.classes import StrategyClass
    from hyprl_lab.store import StoredRun, Warehouse
    from hyprl_lab.store.runs.run_state import Attempt, RunState
    from hyprl_lab.store.runs.states import RunStates
    from hyprl_lab.types import CancelToken, EngineName, JsonValue, ProgressCallback

__all__ = ["submit"]

_TELL_SECONDS: Final = 0.25
"""At least so much time lies between two progress events of a run."""

_FIRST_WAIT_SECONDS: Final = 0.02
_LONGEST_WAIT_SECONDS: Final = 0.5
"""How often one asks whether another process is done: seldom, after a while."""


def submit(
    bars: Bars,
    strategy: Strategy | StrategyClass | type[StrategyClass],
    *,
    params: Mapping[str, float] | None = None,
    risk: Risk = DEFAULTS.risk,
    execution: Execution = DEFAULTS.execution,
    cash: float = DEFAULTS.cash,
    engine: EngineName = DEFAULTS.engine,
    period: Period | tuple[Moment | None, Moment | None] | None = None,
    seed: int = DEFAULTS.seed,
    periods_per_year: float | None = None,
    retry: bool = False,
    wait: bool = True,
    progress: bool | ProgressCallback = False,
    cancel: CancelToken | None = None,
    warehouse: Warehouse | None = None,
) -> StoredRun:
    """Return the stored run of a config; compute, count and store it where there is none.

    The same submission from many processes at once is computed by one of them: the others wait,
    and one of them takes over if it dies. A run of this engine and version that is stored is
    returned as it is, and nothing is computed. Its states and what happened are kept as events
    (see `docs/warehouse.md`).

    Parameters
    ----------
    bars, strategy, params, risk, execution, cash, engine, period, seed, periods_per_year
        As in `hl.backtest`. The signals of a strategy class are computed in any case: they are
        part of the run's hash.
    retry
        Compute it again where it has failed, or was cancelled.
    wait
        `False` raises where another process is computing it, rather than wait for its end.
    progress
        `True` draws a bar, a callable is called with each `Progress`, in bars; of another
        process's work too.
    cancel
        Anything with `is_set()`, such as `threading.Event`; once it is set a run that this call
        computes is cancelled, and waiting for another process ends.
    warehouse
        Where it is stored; the one of `HYPRL_HOME` where `None`.

    Raises
    ------
    ConfigError, BarsError, StrategyError, EngineUnavailableError
        As `hl.backtest`. What fails while it is computed leaves the run `failed`, with the
        error's words.
    WarehouseError
        The run failed before, or in another process; the message says why. Or nothing can be
        stored.
    RunHeldError
        Another process is computing it, and `wait` is `False`.
    CancelledError
        The token was set, or the run was cancelled (from elsewhere too).

    Examples
    --------
    >>> import tempfile
    >>> import hyprl_lab as hl
    >>> from hyprl_lab.research.runs.submit import submit
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> warehouse = hl.Warehouse(tempfile.mkdtemp())
    >>> given = {"params": {"fast": 5, "slow": 20}, "warehouse": warehouse}
    >>> first = submit(hl.load_bars("TEST"), dual_sma(), **given)
    >>> submit(hl.load_bars("TEST"), dual_sma(), **given) == first
    True
    """
    flag("submit", "retry", retry)
    flag("submit", "wait", wait)
    choice("submit", "engine", engine, ("native", "python"))
    Watcher(None, cancel).check_token()
    period = checked_period(period)
    window = period.window(checked_bars(bars))
    if not isinstance(strategy, Strategy) and is_strategy_class(strategy):
        from hyprl_lab.research.strategies.compiled import compiled

        bars, strategy = compiled(bars, strategy, params, stop=window.stop)
        params = {}
    graph = checked_strategy(strategy)
    bound = graph.bind(params)
    check_agreement(graph, risk, execution, columns=bars.columns, bars=window.stop)
    annual = bars.periods_per_year
    if periods_per_year is not None:
        annual = above_zero("backtest", "periods_per_year", periods_per_year)
    config = run_config(
        bars,
        graph,
        params=bound,
        risk=risk,
        execution=execution,
        cash=checked_cash(cash),
        seed=checked_seed(seed),
        period=window.period(bars),
        periods_per_year=annual,
    )
    store = warehouse
    if store is None:
        from hyprl_lab.store import default

        store = default()

    def compute(tell: ProgressCallback) -> Result:
        return backtest(
            bars,
            graph,
            params=bound,
            risk=risk,
            execution=execution,
            cash=cash,
            engine=engine,
            period=period,
            seed=seed,
            periods_per_year=periods_per_year,
            progress=tell,
            cancel=cancel,
            warehouse=store,
        )

    submitted = _submitted(bars, graph, config, engine)
    with reporter(progress, "run") as report:
        call = _Submission(store, compute, report if progress else None, cancel)
        return call.run(submitted, retry=retry, wait=wait)


def _submitted(
    bars: Bars, strategy: Strategy, config: Mapping[str, JsonValue], engine: EngineName
) -> Submitted:
    return Submitted(
        run_hash=run_hash(config, strategy, bars.fingerprint),
        engine=engine,
        engine_version=engine_version(engine),
        config=config,
        symbol=bars.symbol,
        timeframe=bars.timeframe,
        fingerprint=bars.fingerprint,
        strategy_hash=strategy.hash,
        strategy_name=strategy.name,
    )


class _Submission:
    """One call of `submit`: work on the run while nobody else does, wait while somebody does."""

    def __init__(
        self,
        warehouse: Warehouse,
        compute: Callable[[ProgressCallback], Result],
        report: Reporter | None,
        cancel: CancelToken | None,
    ) -> None:
        self._warehouse = warehouse
        self._states = warehouse.run_states
        self._compute = compute
        self._report = report
        self._cancel = cancel

    def run(self, submitted: Submitted, *, retry: bool, wait: bool) -> StoredRun:
        state = self._states.submit(submitted, retry=retry)
        key, pause, seen = state.key, _FIRST_WAIT_SECONDS, state.last_event
        started = time.monotonic()
        while not state.ended:
            attempt = self._states.start(key)
            if attempt is not None:
                with contextlib.suppress(AttemptLostError):  # its state says who has it now
                    self._work(attempt)
            elif not wait:
                raise RunHeldError(
                    f"run {key.run_hash} is being computed by {_who(state)}; wait for it with "
                    "wait=True, or read its events"
                )
            else:
                self._sleep(key, pause)
                pause = min(2 * pause, _LONGEST_WAIT_SECONDS)
                seen = self._relay(key, seen, started)
            state = self._states.get(key)
        return self._stored(state)

    def _work(self, attempt: Attempt) -> None:
        with _Work(self._states, attempt, self._report) as work:
            try:
                result = self._compute(work.tell)
            finally:
                self._warehouse.flush()  # a trial is counted before its run can be found
            if result.run_hash != attempt.key.run_hash:
                raise IntegrityError(
                    f"run {attempt.key.run_hash} came out as {result.run_hash}; nothing was "
                    "stored. The bars or the strategy were changed while it was computed"
                )
            store_result(result, self._warehouse, attempt=attempt.number)

    def _sleep(self, key: RunKey, seconds: float) -> None:
        if self._cancel is not None and self._cancel.is_set():
            raise CancelledError(
                f"stopped waiting for run {key.run_hash}, which another process goes on computing"
            )
        time.sleep(seconds)

    def _relay(self, key: RunKey, seen: int, started: float) -> int:
        """Tell of another process's progress since event `seen`; return the last one's number."""
        if self._report is None:
            return seen
        found = self._states.events(key, after=seen)
        for event in found.events:
            if event.kind == "progress":
                done, total = int(str(event.body["done"])), int(str(event.body["total"]))
                self._report(Progress(done, total, time.monotonic() - started))
        return found.next_after

    def _stored(self, state: RunState) -> StoredRun:
        if state.state == "failed":
            raise WarehouseError(
                f"run {state.run_hash} failed: {state.error}; submit it with retry=True to have "
                "it computed again"
            )
        if state.state == "cancelled":
            raise CancelledError(
                f"run {state.run_hash} was cancelled; submit it with retry=True to have it computed"
            )
        return self._warehouse.get_run(state.run_hash, state.engine_version, state.engine)


class _Work:
    """An attempt under way: tells how far it is, and how it ended if the run is not stored."""

    def __init__(self, states: RunStates, attempt: Attempt, report: Reporter | None) -> None:
        self._states = states
        self._attempt = attempt
        self._report = report
        self._told = time.monotonic()

    def tell(self, step: Progress) -> None:
        """Tell the caller at once, and the events a few times a second."""
        if self._report is not None:
            self._report(step)
        now = time.monotonic()
        if now - self._told >= _TELL_SECONDS:
            self._told = now
            self._states.progress(self._attempt, step.done, step.total)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None or isinstance(error, AttemptLostError):
            return
        try:
            if isinstance(error, CancelledError | KeyboardInterrupt):
                self._states.cancel(self._attempt.key, self._attempt)
            else:
                self._states.fail(self._attempt, f"{type(error).__name__}: {error}")
        except AttemptLostError:
            return  # another attempt, or a cancelling, says how the run ended
        except LabError as refused:
            error.add_note(f"that the run ended could not be recorded: {refused}")
            self._states.drop(self._attempt)  # a kept traceback would hold it for ever


def _who(state: RunState) -> str:
    return "another process" if state.owner is None else f"process {state.owner.pid}"
