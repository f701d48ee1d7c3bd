"""The same walk-forward, on markets whose tests hold nothing to find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hyprl_lab.errors import CancelledError, InputError
from hyprl_lab.hashing import digest
from hyprl_lab.progress import reporter
from hyprl_lab.research.null.draws import Draws
from hyprl_lab.research.null.given import checked_study
from hyprl_lab.research.null.kept import Kept
from hyprl_lab.research.null.markets import Markets
from hyprl_lab.research.null.result import SearchNull
from hyprl_lab.research.null.search_null import checked_counts, market_inputs
from hyprl_lab.research.null.walk import Walk
from hyprl_lab.research.search.given import checked_cancel, threads_of
from hyprl_lab.research.walk_forward import VERSION as WALK_FORWARD_VERSION
from hyprl_lab.research.walk_forward import WalkForward, split_windows, walk_forward
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.research.null.result import Kind
    from hyprl_lab.research.study import Study
    from hyprl_lab.types import CancelToken, ProgressCallback

__all__ = ["walk_forward_null"]


def walk_forward_null(
    study: Study,
    *,
    found: WalkForward | None = None,
    windows: int = 5,
    train: int | None = None,
    test: int | None = None,
    anchored: bool = False,
    markets: int = 200,
    seed: int = 0,
    stop_after: int | None = None,
    kind: Kind = "permutation",
    threads: int | None = None,
    progress: bool | ProgressCallback = False,
    cancel: CancelToken | None = None,
) -> SearchNull:
    """Do a walk-forward again on markets permuted behind its first training stretch.

    Every window of every market searches its training bars as the study did and trades what
    follows, as `hl.walk_forward` does; nothing of it enters the ledger. Compared is the annualised
    Sharpe ratio of the stitched tests, -inf where it is undefined. The first training stretch is
    that of the real bars, so each market is what could have followed it by chance. Source: Masters,
    "Permutation and Randomization Tests for Trading System Development" (2020).

    Parameters
    ----------
    study
        What `supersearch` returned, complete.
    found
        The walk-forward of the real bars, whose windows and seed are taken; where `None` it is
        done first, and its trials count in the ledger.
    windows, train, test, anchored
        As for `hl.walk_forward`; not read where it is given.
    markets, stop_after, kind, threads, progress, cancel
        As for `search_null`.
    seed
        Of the markets, and of the searches where no walk-forward is given.

    Raises
    ------
    InputError
        As `search_null` and `hl.walk_forward`; `found` is of other bars.
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
    >>> null = walk_forward_null(study, windows=2, test=50, markets=9)
    >>> null.done, 0.1 <= null.p_value <= 1.0
    (9, True)
    """
    markets, stop_after, seed = checked_counts(markets, stop_after, seed)
    workers = threads_of(threads)
    cancel = checked_cancel(cancel)
    study = checked_study(study)
    if found is None:
        found = walk_forward(
            study,
            windows=windows,
            train=train,
            test=test,
            anchored=anchored,
            threads=threads,
            cancel=cancel,
            seed=seed,
        )
    spans = _spans(study, found)
    walk = Walk.of(study, spans, seed=found.seed)
    made = Markets.of(study.search_bars, kind=kind, seed=seed, start=walk.kept)
    kernel_threads = 1
    if walk.learns:
        workers, kernel_threads = 1, workers

    def score(number: int, watch: Callable[[int, int], bool]) -> float:
        if watch(0, 0):
            raise CancelledError("the walk-forward of a market was cancelled")
        return walk.sharpe(made.columns(number), threads=kernel_threads, watch=watch)

    inputs = {
        **market_inputs(study, made),
        "form": "walk_forward",
        "walk_forward_version": WALK_FORWARD_VERSION,
        "spans": [list(span) for span in spans],
        "search_seed": found.seed,
    }
    real = found.out_of_sample_sharpe
    draws = Draws(
        score=score,
        real=-np.inf if real is None else real,
        markets=markets,
        stop_after=stop_after,
        workers=workers,
        kept=Kept(warehouse=study.warehouse, key=digest(inputs)),
    )
    with reporter(progress, "markets walked") as report:
        scores = draws.run(report, cancel)
    return SearchNull(
        form="walk_forward",
        kind=kind,
        statistic="out-of-sample Sharpe ratio",
        real=draws.real,
        scores=scores,
        markets=markets,
        stop_after=stop_after,
        trials=study.total * len(spans),
        seed=seed,
        block_length=made.block_length,
    )


def _spans(study: Study, found: Any) -> list[tuple[int, int, int]]:  # whatever a caller hands in
    """Return the windows of a walk-forward of this study.

    Raises
    ------
    InputError
        It is none, or of other bars.
    """
    if not isinstance(found, WalkForward):
        raise InputError(f"found is {shown(found)}; expected what hl.walk_forward returned")
    bars = study.search_bars
    headline = np.asarray(bars.headline)
    spans = split_windows(
        len(headline),
        windows=len(found.windows),
        train=found.train,
        test=found.test,
        anchored=found.anchored,
    )
    if not np.array_equal(np.asarray(bars.ts)[headline[spans[0][1] :]], found.ts):
        raise InputError(
            "the walk-forward is of other bars than the study's search part; "
            "give that of this study, or none"
        )
    return spans
