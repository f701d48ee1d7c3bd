from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

from hyprl_lab.data import Bars
from hyprl_lab.engine import Execution, FixedFraction
from hyprl_lab.errors import CancelledError
from hyprl_lab.research.null.given import asked_of
from hyprl_lab.research.null.markets import Markets
from hyprl_lab.research.null.search import Search
from hyprl_lab.research.search import Halving, supersearch
from hyprl_lab.research.stats.permutation import BarMoves
from hyprl_lab.research.study import Study
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma

Searching: TypeAlias = Callable[..., Study]
Making: TypeAlias = Callable[..., Bars]

KINDS: dict[str, dict[str, Any]] = {
    "grid": {},
    "full ledger": {"ledger": "full"},
    "summary": {"ledger": "summary"},
    "random": {"sampler": "random", "max_trials": 7, "seed": 3},
    "sobol": {"sampler": "sobol", "max_trials": 7, "seed": 3},
    "halving": {"halving": Halving(factor=2, rungs=2), "constraints": []},
    "several objectives": {"objective": ["total_return", "trades"]},
    "an expression": {"objective": "sharpe - max_drawdown", "where": "fast * 2 < slow"},
    "settings": {
        "space": {"fast": [2, 3], "slow": [6, 9], "execution.fee_bps": [0.0, 5.0, 20.0]},
        "execution": Execution(slippage_bps=1),
        "risk": FixedFraction(0.5),
    },
    "tpe": {"sampler": "tpe", "max_trials": 24, "seed": 5},
}


def kind_of(name: str) -> dict[str, Any]:
    if name == "tpe":
        pytest.importorskip("optuna")
    space = {"fast": range(2, 8), "slow": range(9, 20)} if name == "tpe" else None
    return KINDS[name] | ({} if space is None else {"space": space})


@pytest.mark.parametrize("name", list(KINDS))
def test_the_real_market_scores_what_the_study_says(name: str, search: Searching) -> None:
    """To the bit: real and permuted markets are scored by the same code."""
    study = search(**kind_of(name))
    assert study.best is not None
    again = Search.of(study.search_bars, asked_of(study))
    for threads in (1, 2, 7):
        found = again.best(study.search_bars.columns, threads=threads)
        assert found is not None
        assert found.score == study.best.objective
        assert found.params == study.best.params


@pytest.mark.parametrize("name", ["grid", "halving", "settings"])
def test_the_identity_permutation_scores_what_the_study_says(name: str, search: Searching) -> None:
    """On bars whose moves are powers of two, which products give back to the bit."""
    draws = np.random.Generator(np.random.PCG64(8))
    gap, inner, up, down = 2.0 ** draws.integers(-1, 2, (4, 400))
    path = np.cumprod(np.stack((gap, inner), axis=1).ravel())
    opened, closed = path[0::2], path[1::2]
    columns = {
        "open": opened,
        "high": np.maximum(opened, closed) * np.maximum(up, 1.0),
        "low": np.minimum(opened, closed) * np.minimum(down, 1.0),
        "close": closed,
        "volume": np.ones(400),
    }
    ts = np.arange(400, dtype=np.int64) * 86_400_000_000
    bars = Bars.from_arrays(ts, columns, symbol="TWO", timeframe="1d", calendar="24/7")
    study = search(bars, holdout=0.0, **kind_of(name))
    assert study.best is not None
    same = np.arange(399)
    made = BarMoves.of(bars.columns).rebuilt(same, same)
    for column, values in bars.columns.items():
        assert np.array_equal(made[column], values)
    found = Search.of(bars, asked_of(study)).best(made, threads=1)
    assert found is not None
    assert found.score == study.best.objective


@pytest.mark.parametrize("name", list(KINDS))
def test_a_market_scores_what_a_search_of_it_would(
    name: str, search: Searching, walk_bars: Making, tmp_path: Path
) -> None:
    """Against `supersearch` on bars made of the market's columns, in a warehouse of its own."""
    bars = walk_bars(300, 3)
    settings = kind_of(name)
    study = search(bars, holdout=0.0, **settings)
    markets = Markets.of(bars, kind="permutation", seed=1)
    again = Search.of(bars, asked_of(study))
    for path in range(2):
        columns = markets.columns(path)
        market = Bars.from_arrays(
            bars.ts, columns, symbol="P", timeframe=bars.timeframe, calendar=bars.calendar
        )
        arguments: dict[str, Any] = {"constraints": ["trades >= 5"]} | settings
        space = arguments.pop("space", study.space)
        expected = supersearch(
            market, dual_sma(), space, holdout=0.0,
            warehouse=Warehouse(tmp_path / str(path)), **arguments,
        )  # fmt: skip
        found = again.best(columns, threads=2)
        if expected.best is None:
            assert found is None
        else:
            assert found is not None
            assert (found.score, found.params) == (
                expected.best.objective,
                expected.best.params,
            )


def test_nothing_ranked_is_nothing(search: Searching) -> None:
    study = search(constraints=["trades >= 100000"])
    assert study.best is None
    again = Search.of(study.search_bars, asked_of(study))
    assert again.best(study.search_bars.columns, threads=1) is None


def test_large_spaces_are_made_anew_in_pieces(
    search: Searching, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Points that are not kept, and shards of four: the best is the same, the first of equals."""
    study = search()
    assert study.best is not None
    import hyprl_lab.research.null.search as module
    import hyprl_lab.research.search.plan as planned

    monkeypatch.setattr(module, "_HELD", 0)
    monkeypatch.setattr(planned, "shard_size", lambda _bars: 4)
    again = Search.of(study.search_bars, asked_of(study))
    assert again.batches is None
    found = again.best(study.search_bars.columns, threads=1)
    assert found is not None
    assert (found.score, found.params) == (study.best.objective, study.best.params)


def test_a_front_over_several_pieces_has_the_studys_best(
    search: Searching, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ties in the first objective are broken by what dominates, across pieces as within one."""
    import hyprl_lab.research.search.plan as planned

    study = search(objective=["trades - trades", "sharpe", "-max_drawdown"])
    assert study.best is not None
    monkeypatch.setattr(planned, "shard_size", lambda _bars: 2)
    found = Search.of(study.search_bars, asked_of(study)).best(study.search_bars.columns, threads=1)
    assert found is not None
    assert found.params == study.best.params


def test_watch_stops_it(search: Searching) -> None:
    study = search()
    token = threading.Event()
    token.set()
    with pytest.raises(CancelledError, match="after 0 of 9 trials"):
        Search.of(study.search_bars, asked_of(study)).best(
            study.search_bars.columns, threads=1, watch=lambda _done, _total: token.is_set()
        )
