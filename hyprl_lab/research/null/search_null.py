"""The best of the same search, on markets without anything to find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.engine.backtest import engine_version
from hyprl_lab.errors import CancelledError, InputError
from hyprl_lab.hashing import digest
from hyprl_lab.progress import reporter
from hyprl_lab.research.null.draws import Draws
from hyprl_lab.research.null.given import asked_of, checked_study
from hyprl_lab.research.null.kept import Kept
from hyprl_lab.research.null.markets import Markets
from hyprl_lab.research.null.result import VERSION, SearchNull
from hyprl_lab.research.null.search import Search
from hyprl_lab.research.search.given import checked_cancel, threads_of
from hyprl_lab.research.stats.checks import whole
from hyprl_lab.research.stats.permutation import VERSION as PERMUTATION_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.research.null.result import Kind
    from hyprl_lab.research.study import Study
    from hyprl_lab.types import CancelToken, JsonValue, ProgressCallback

__all__ = ["checked_counts", "market_inputs", "search_null"]


def search_null(
    study: Study,
    *,
    markets: int = 1000,
    seed: int = 0,
    stop_after: int | None = None,
    kind: Kind = "permutation",
    threads: int | None = None,
    progress: bool | ProgressCallback = False,
    cancel: CancelToken | None = None,
) -> SearchNull:
    """Search permuted markets as the study searched the real one, and compare the best scores.

    Each market is the study's search part with its moves in another order (`hl.stats.permute_bars`;
    intraday bars within the places of their sessions). The whole search is done again on it:
    the same points, halving, constraints and ranking; a sampler that learns starts anew with the
    study's seed. So the comparison knows what it is to choose the best of many. Nothing of it
    enters the ledger: nobody learns anything about the real bars.

    What is done is kept in the study's warehouse every two seconds and at the end: a call that was
    cancelled or killed goes on, and one that asks for more markets computes only these.

    Parameters
    ----------
    study
        What `supersearch` returned, complete and with a best trial.
    markets
        How many, at least 1.
    seed
        Market i is a function of (seed, i); results do not depend on threads.
    stop_after
        Stop once so many markets scored at least as much as the real one, for then the answer is
        plain (Besag and Clifford 1991); `None` searches all.
    kind
        `"permutation"`, or `"bootstrap"`: moves are drawn in blocks, with what follows them, which
        keeps clusters of volatility, and short trends too.
    threads
        Markets at a time, by default one a core; with a sampler that learns, threads of a search.
    progress
        `True` draws a bar; a function is called with the markets done.
    cancel
        Stops the work, within a search too.

    Raises
    ------
    InputError
        A group of studies, or no study; one that is not complete or ranked no trial; an argument
        out of range; a strategy of signals that were made in advance.
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
    >>> found = search_null(study, markets=19)
    >>> found.done, 0.05 <= found.p_value <= 1.0
    (19, True)
    """
    markets, stop_after, seed = checked_counts(markets, stop_after, seed)
    workers = threads_of(threads)
    cancel = checked_cancel(cancel)
    study = checked_study(study)
    if study.best is None:
        raise InputError(
            "no trial of the study is ranked, so there is no best score to compare; "
            + (study.remarks[0] if study.remarks else "expected a study with a best trial")
        )
    bars = study.search_bars
    made = Markets.of(bars, kind=kind, seed=seed)
    search = Search.of(bars, asked_of(study))
    kernel_threads = 1
    if search.learns:  # a sampler's Python code would only wait for its own kind
        workers, kernel_threads = 1, workers

    def score(number: int, watch: Callable[[int, int], bool]) -> float:
        if watch(0, 0):
            raise CancelledError("the search of a market was cancelled")
        best = search.best(made.columns(number), threads=kernel_threads, watch=watch)
        return -np.inf if best is None else best.score

    draws = Draws(
        score=score,
        real=study.best.objective,
        markets=markets,
        stop_after=stop_after,
        workers=workers,
        kept=Kept(
            warehouse=study.warehouse,
            key=digest({**market_inputs(study, made), "form": "search"}),
        ),
    )
    with reporter(progress, "markets searched") as report:
        scores = draws.run(report, cancel)
    return SearchNull(
        form="search",
        kind=kind,
        statistic=study.ranking.objective.text,
        real=draws.real,
        scores=scores,
        markets=markets,
        stop_after=stop_after,
        trials=study.total,
        seed=seed,
        block_length=made.block_length,
    )


def checked_counts(
    markets: object, stop_after: object, seed: object
) -> tuple[int, int | None, int]:
    """Return the three as whole numbers, or raise `InputError` naming the first that is none."""
    return (
        whole("markets", markets, least=1),
        None if stop_after is None else whole("stop_after", stop_after, least=1),
        whole("seed", seed, least=0),
    )


def market_inputs(study: Study, markets: Markets) -> dict[str, JsonValue]:
    """Return what a score depends on, besides the number of its market and the form of the null."""
    return {
        "version": VERSION,
        "permutation_version": PERMUTATION_VERSION,
        "engine_version": engine_version("native"),
        "study_id": study.study_id,
        "fingerprint": study.search_bars.fingerprint,
        "kind": markets.kind,
        "block_length": markets.block_length,
        "kept": markets.moves.kept,
        "seed": markets.seed,
    }
