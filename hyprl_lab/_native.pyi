from typing import Protocol, TypedDict

import numpy as np
from numpy.typing import NDArray

__all__ = ["METRIC_NAMES", "__version__", "backtest", "graph_parameters", "search", "trial_keys"]

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

class _Backtest(TypedDict):
    entry_bar: NDArray[np.int64]
    exit_bar: NDArray[np.int64]
    side: NDArray[np.int64]
    entry_price: NDArray[np.float64]
    exit_price: NDArray[np.float64]
    quantity: NDArray[np.float64]
    pnl: NDArray[np.float64]
    trade_return: NDArray[np.float64]
    stop_price: NDArray[np.float64]
    reason: NDArray[np.int64]
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
) -> _Backtest: ...
def search(
    columns: list[tuple[str, NDArray[np.float64]]],
    setup: _Setup,
    values: NDArray[np.float64],
    threads: int,
) -> _Search: ...
def trial_keys(
    prefix: bytes, names: list[str], values: NDArray[np.float64]
) -> NDArray[np.uint8]: ...
def graph_parameters(graph: str) -> list[str]: ...
