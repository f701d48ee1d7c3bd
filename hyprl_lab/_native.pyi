from collections.abc import Callable
from typing import Protocol, TypedDict

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "METRIC_NAMES",
    "__version__",
    "backtest",
    "best_of_halves",
    "evaluate",
    "graph_parameters",
    "intrabar",
    "search",
    "standing_in_halves",
    "trial_keys",
]

__version__: str
METRIC_NAMES: list[str]

class _Setup(Protocol):
    @property
    def graph(self) -> str: ...
    @property
    def risk(self) -> str: ...
    @property
    def execution(self) -> str: ...
    @property
    def cash(self) -> float: ...
    @property
    def start(self) -> int: ...
    @property
    def headline(self) -> NDArray[np.int64]: ...
    @property
    def periods_per_year(self) -> float: ...
    @property
    def years(self) -> float: ...
    @property
    def ts(self) -> NDArray[np.int64]: ...
    @property
    def bars_per_year(self) -> float: ...
    @property
    def clock(self) -> list[tuple[str, NDArray[np.float64]]]: ...
    @property
    def longer(self) -> list[tuple[str, NDArray[np.int64], NDArray[np.bool_]]]: ...
    @property
    def session(self) -> NDArray[np.int64] | None: ...
    @property
    def square_off(self) -> NDArray[np.bool_] | None: ...

class _Backtest(TypedDict):
    entry_bar: NDArray[np.int64]
    exit_bar: NDArray[np.int64]
    side: NDArray[np.int8]
    entry_price: NDArray[np.float64]
    exit_price: NDArray[np.float64]
    quantity: NDArray[np.float64]
    pnl: NDArray[np.float64]
    trade_return: NDArray[np.float64]
    stop_price: NDArray[np.float64]
    reason: NDArray[np.int8]
    fees: NDArray[np.float64]
    financing: NDArray[np.float64]
    mae: NDArray[np.float64]
    mfe: NDArray[np.float64]
    order_bar: NDArray[np.int64]
    order_signal_bar: NDArray[np.int64]
    order_side: NDArray[np.int8]
    order_intent: NDArray[np.int8]
    order_kind: NDArray[np.int8]
    order_reason: NDArray[np.int8]
    order_status: NDArray[np.int8]
    order_why: NDArray[np.int8]
    order_asked: NDArray[np.float64]
    order_quantity: NDArray[np.float64]
    order_price: NDArray[np.float64]
    order_fee: NDArray[np.float64]
    values: NDArray[np.float64]
    equity: NDArray[np.float64]
    blocks: NDArray[np.float64]
    behaviour_hash: int
    ruined_bar: int | None
    deficit: float

class _Search(TypedDict):
    values: NDArray[np.float64]
    behaviour_hash: NDArray[np.uint64]
    failed: NDArray[np.bool_]
    first_error: str | None
    blocks: NDArray[np.float64]

def backtest(
    columns: list[tuple[str, NDArray[np.float64]]],
    setup: _Setup,
    params: NDArray[np.float64],
    watch: Callable[[int, int], bool] | None,
    portable: bool,
) -> _Backtest: ...
def intrabar(
    columns: list[tuple[str, NDArray[np.float64]]],
    setup: _Setup,
    params: NDArray[np.float64],
) -> list[_Backtest]: ...
def search(
    columns: list[tuple[str, NDArray[np.float64]]],
    setup: _Setup,
    values: NDArray[np.float64],
    threads: int,
    portable: bool,
    blocks: bool,
    settings: tuple[list[tuple[str, str]], NDArray[np.uint32]] | None,
    watch: Callable[[int, int], bool] | None,
) -> _Search: ...
def evaluate(
    columns: list[tuple[str, NDArray[np.float64]]],
    setup: _Setup,
    params: NDArray[np.float64],
    nodes: list[int],
) -> list[NDArray[np.float64]]: ...
def trial_keys(
    prefix: bytes, names: list[str], values: NDArray[np.float64]
) -> NDArray[np.uint8]: ...
def graph_parameters(graph: str) -> list[str]: ...
def best_of_halves(
    sums: NDArray[np.float64],
    squares: NDArray[np.float64],
    length: int,
    threads: int,
    portable: bool,
) -> tuple[NDArray[np.uint32], NDArray[np.float64], NDArray[np.float64]]: ...
def standing_in_halves(
    sums: NDArray[np.float64],
    squares: NDArray[np.float64],
    length: int,
    against: NDArray[np.float64],
    threads: int,
    portable: bool,
) -> list[NDArray[np.uint32]]: ...
