from __future__ import annotations

import gc
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import InputError, NotFoundError
from hyprl_lab.store import ShardHeldError, ShardHeldHereError, ShardLiveError
from hyprl_lab.store.trials.reservations import Reservation, Reservations

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from hyprl_lab.store import Warehouse

    Make = Callable[..., pa.Table]


@pytest.fixture
def reservations(warehouse: Warehouse, study: str) -> Reservations:
    assert study
    return Reservations(warehouse.control, warehouse._parts)


def test_a_reservation_is_two_pending_parts(
    warehouse: Warehouse, reservations: Reservations
) -> None:
    with pytest.raises(NotFoundError, match="open_study comes first"):
        reservations.reserve("nobody", 0, 4, blocks=True)
    plain = reservations.reserve("study", 0, 4, blocks=False)
    both = reservations.reserve("study", 1, 4, blocks=True)
    assert (len(plain.part_ids), len(both.part_ids)) == (1, 2)
    assert warehouse.status().pending_parts == 3
    with pytest.raises(ShardHeldError, match="shard 0 of study study is reserved by process"):
        reservations.reserve("study", 0, 4, blocks=True)
    reservations.abandon(plain)
    assert warehouse.status().pending_parts == 2
    assert reservations.reserve("study", 0, 4, blocks=True).shard == 0


def test_who_holds_a_shard_is_told_apart(reservations: Reservations) -> None:
    held = reservations.reserve("study", 0, 4, blocks=False)
    assert held.thread == threading.get_ident()
    with pytest.raises(ShardHeldHereError, match="by this very thread, which would wait for"):
        reservations.reserve("study", 0, 4, blocks=False)

    def other() -> None:
        with pytest.raises(ShardHeldError) as error:
            reservations.reserve("study", 0, 4, blocks=False)
        assert not isinstance(error.value, ShardHeldHereError)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(other).result()
    child = os.fork()
    if child == 0:  # it inherits the object, and did not reserve the shard
        with suppress(BaseException):
            other()
            os._exit(0)
        os._exit(1)
    assert os.waitpid(child, 0)[1] == 0


def test_a_shard_is_committed_once(
    reservations: Reservations, make_trials: Make, make_blocks: Make
) -> None:
    held = reservations.reserve("study", 1, 4, blocks=True)
    with pytest.raises(InputError, match="blocks=True; blocks are False"):
        reservations.commit(held, make_trials("study", 4, 4), None)
    reservations.commit(held, make_trials("study", 4, 4), make_blocks("study", 4, 4))
    with pytest.raises(ShardLiveError, match="is live; skip it"):
        reservations.reserve("study", 1, 4, blocks=True)


@pytest.mark.parametrize("how", ["dropped", "refused", "interrupted"])
def test_a_dropped_reservation_is_swept(
    warehouse: Warehouse,
    reservations: Reservations,
    make_trials: Make,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    def evaluate() -> None:
        held = reservations.reserve("study", 0, 4, blocks=False)
        if how == "refused":
            reservations.commit(held, make_trials("study", 0, 3), None)
        elif how == "interrupted":

            def stop(*_: object) -> None:
                raise KeyboardInterrupt

            with monkeypatch.context() as patch:
                patch.setattr(warehouse._parts, "commit", stop)
                reservations.commit(held, make_trials("study", 0, 4), None)

    with suppress(InputError, KeyboardInterrupt):
        evaluate()
    gc.collect()
    kept = reservations.reserve("study", 1, 4, blocks=True)
    assert warehouse.status().pending_parts == 3
    assert len(warehouse._parts.folder.names()) == (1 if how == "interrupted" else 0)
    assert warehouse._parts.sweep() == 1
    assert warehouse.status().pending_parts == len(kept.part_ids) == 2
    assert warehouse._parts.folder.names() == set()
    assert isinstance(kept, Reservation)
