from __future__ import annotations

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest

from hyprl_lab.environment import code_version, environment, environment_hash
from hyprl_lab.errors import InputError, NotFoundError, WarehouseError
from hyprl_lab.store import ShardHeldError, ShardLiveError, Warehouse, disk
from hyprl_lab.store.trials.digests import study_digest, table_digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa

    from hyprl_lab.data import Bars
    from hyprl_lab.strategy import Strategy

    Make = Callable[..., pa.Table]


def in_child(work: Callable[[], object]) -> int:
    """Run `work` in a forked process that ends at once, and return its exit status."""
    pid = os.fork()
    if not pid:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def fill(warehouse: Warehouse, root: str, trials: Make, blocks: Make, shard: int) -> None:
    reservation = warehouse.reserve_shard("study", shard, 4)
    warehouse.commit_shard(
        reservation, trials("study", 4 * shard, 4, root), blocks("study", 4 * shard, 4)
    )


def test_a_study_from_start_to_end(
    warehouse: Warehouse, study: str, make_trials: Make, make_blocks: Make
) -> None:
    assert warehouse.study("study").live == {}
    fill(warehouse, study, make_trials, make_blocks, 1)
    half = warehouse.study("study")
    assert (half.live, half.intended, half.committed, half.state) == ({1: 4}, {}, 4, "running")
    with pytest.raises(WarehouseError, match="4 of 8 trials committed"):
        warehouse.complete_study("study", {})
    fill(warehouse, study, make_trials, make_blocks, 0)
    warehouse.complete_study("study", {"best": 1.5})
    warehouse.complete_study("study", {"best": 2.5})
    done = warehouse.study("study")
    assert (done.state, done.summary, done.param_names) == (
        "completed", {"best": 1.5}, ("fast", "slow"),
    )  # fmt: skip
    found = warehouse.sql("select trial_index, sharpe, calmar, trial_key from trials order by 1")
    assert found["trial_index"].tolist() == list(range(8))
    assert found["sharpe"].tolist() == [float(i) for i in range(8)]
    assert found["calmar"].isna().all()
    assert found["trial_key"].tolist() == [i.to_bytes(16, "big") for i in range(8)]
    view = warehouse.sql("select study_id, state, total, param_names, symbol from studies")
    assert view.iloc[0, :3].tolist() == ["study", "completed", 8]
    assert view["param_names"].iloc[0].tolist() == ["fast", "slow"]


def test_arrays_and_frames_of_a_study(
    warehouse: Warehouse, study: str, make_trials: Make, make_blocks: Make
) -> None:
    for shard in (1, 0):
        fill(warehouse, study, make_trials, make_blocks, shard)
    blocks = warehouse.study_blocks("study")
    trial, block = np.meshgrid(np.arange(8), np.arange(17), indexing="ij")
    order = ("sum1", "sum2", "sum3", "sum4", "trades", "turnover")
    assert set(blocks) == set(order)
    for place, name in enumerate(order):
        np.testing.assert_array_equal(blocks[name], 1000.0 * trial + 10 * block + place)
        assert blocks[name].dtype == np.float64
    assert list(warehouse.study_blocks("study", ["sum2"])) == ["sum2"]
    with pytest.raises(InputError, match=r"\['nope'\]"):
        warehouse.study_blocks("study", ["nope"])
    columns = warehouse.trial_columns("study", ["trial_index", "sharpe", "calmar"])
    np.testing.assert_array_equal(columns["sharpe"], np.arange(8.0))
    assert np.isnan(columns["calmar"]).all()
    with pytest.raises(InputError, match="nope"):
        warehouse.trial_columns("study", ["nope"])
    frame = warehouse.trials_frame("study", [5, 2])
    assert frame.index.tolist() == [2, 5]
    assert frame["fast"].tolist() == [2.5, 5.5]
    assert frame["slow"].tolist() == [-2.0, -5.0]
    assert frame["behaviour_hash"].tolist() == [2**64 - 1] * 2
    assert len(warehouse.trials_frame("study")) == 8
    assert warehouse.trials_frame("study", []).empty


def test_opening_a_study_again_must_mean_the_same(
    warehouse: Warehouse, study: str, make_bars: Callable[..., Bars], strategy: Strategy
) -> None:
    same = {"bars": make_bars(0, 30), "lineage_root": study, "strategy": strategy, "total": 8}
    again = warehouse.open_study("study", spec={"kind": "search"}, **same)
    assert again == warehouse.study("study")
    with pytest.raises(InputError, match="with another spec;"):
        warehouse.open_study("study", spec={"kind": "other"}, **same)
    with pytest.raises(InputError, match="with another total and fingerprint"):
        warehouse.open_study(
            "study", spec={"kind": "search"}, **same | {"total": 9, "bars": make_bars(0, 31)}
        )


def test_a_live_shard_is_not_evaluated_again(
    warehouse: Warehouse, study: str, make_trials: Make, make_blocks: Make
) -> None:
    fill(warehouse, study, make_trials, make_blocks, 0)
    with pytest.raises(ShardLiveError, match="shard 0 of study study is live"):
        warehouse.reserve_shard("study", 0, 4)


def test_a_shard_belongs_to_one_living_writer(
    warehouse: Warehouse, study: str, make_trials: Make, make_blocks: Make
) -> None:
    reservation = warehouse.reserve_shard("study", 0, 4)
    with pytest.raises(ShardHeldError, match="which still runs"):
        warehouse.reserve_shard("study", 0, 4)

    def other() -> None:
        with pytest.raises(ShardHeldError):
            warehouse.reserve_shard("study", 0, 4)

    assert in_child(other) == 0
    warehouse.commit_shard(reservation, make_trials("study", 0, 4), make_blocks("study", 0, 4))
    with pytest.raises(WarehouseError, match="not pending any more"):
        warehouse.commit_shard(reservation, make_trials("study", 0, 4), make_blocks("study", 0, 4))
    assert warehouse.sql("select count(*) as n from trials")["n"].iloc[0] == 4


def test_one_of_many_gets_the_shard(warehouse: Warehouse, study: str) -> None:
    def reserve(_: int) -> object:
        try:
            return warehouse.reserve_shard("study", 0, 4)
        except ShardHeldError:
            return None

    with ThreadPoolExecutor(8) as pool:
        found = [got for got in pool.map(reserve, range(16)) if got is not None]
    assert len(found) == 1


def test_a_dead_writers_shard_is_taken_over(
    warehouse: Warehouse, study: str, make_trials: Make, make_blocks: Make
) -> None:
    assert in_child(lambda: warehouse.reserve_shard("study", 0, 4)) == 0
    assert warehouse.study("study").intended == {0: 4}
    fill(warehouse, study, make_trials, make_blocks, 0)
    status = warehouse.status()
    assert (status.live_parts, status.pending_parts, status.dead_parts) == (2, 0, 2)


def test_a_dropped_reservation_is_free_again(warehouse: Warehouse, study: str) -> None:
    reservation = warehouse.reserve_shard("study", 0, 4)
    del reservation
    again = warehouse.reserve_shard("study", 0, 4)
    warehouse.abandon_shard(again)
    third = warehouse.reserve_shard("study", 0, 4, blocks=False)
    assert third.blocks_part is None
    assert warehouse.study("study").intended == {0: 4}


def test_what_was_swept_cannot_be_committed(
    warehouse: Warehouse, study: str, make_trials: Make, make_blocks: Make
) -> None:
    reservation = warehouse.reserve_shard("study", 0, 4)
    with warehouse.control.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE parts SET boot = 'an earlier one'")
    assert warehouse.sweep().parts == 2
    with pytest.raises(WarehouseError, match="taken for dead"):
        warehouse.commit_shard(reservation, make_trials("study", 0, 4), make_blocks("study", 0, 4))
    assert list((warehouse.home / "warehouse" / "parts").iterdir()) == []
    assert warehouse.sql("select * from trials").empty


def test_sweeping_leaves_what_is_wanted(
    warehouse: Warehouse, study: str, make_trials: Make, make_blocks: Make
) -> None:
    fill(warehouse, study, make_trials, make_blocks, 0)
    reservation = warehouse.reserve_shard("study", 1, 4)
    stranger = warehouse.home / "warehouse" / "parts" / f"{'0' * 32}.parquet"
    stranger.write_bytes(b"no row names it: it may be of a database that was lost")
    given_up = warehouse.reserve_shard("study", 2, 4)
    warehouse.abandon_shard(given_up)
    with warehouse.control.read() as transaction:
        dead = transaction.rows("parts.dead")[0]["id"]
    left = stranger.with_name(f"{dead}.parquet")
    for _ in range(2):
        left.write_bytes(b"left by a power cut between the row and the file, or by a slow writer")
        swept = warehouse.sweep()
        assert (swept.parts, swept.files) == (0, 1)
        assert not left.exists()
    assert warehouse.sweep().files == 0
    assert stranger.exists()
    warehouse.commit_shard(reservation, make_trials("study", 4, 4), make_blocks("study", 4, 4))
    assert warehouse.sql("select count(*) as n from trial_blocks")["n"].iloc[0] == 8


def test_a_full_disk_makes_nothing_visible(
    warehouse: Warehouse,
    study: str,
    make_trials: Make,
    make_blocks: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    reservation = warehouse.reserve_shard("study", 0, 4)
    with monkeypatch.context() as patch:
        patch.setattr(disk, "write", full)
        with pytest.raises(WarehouseError, match="No space left"):
            warehouse.commit_shard(
                reservation, make_trials("study", 0, 4), make_blocks("study", 0, 4)
            )
    assert warehouse.sql("select * from trials").empty
    warehouse.commit_shard(reservation, make_trials("study", 0, 4), make_blocks("study", 0, 4))
    assert len(warehouse.sql("select * from trials")) == 4


def test_tables_that_do_not_fit_are_refused(
    warehouse: Warehouse, study: str, make_trials: Make, make_blocks: Make
) -> None:
    reservation = warehouse.reserve_shard("study", 0, 4)
    good, blocks = make_trials("study", 0, 4), make_blocks("study", 0, 4)
    with pytest.raises(InputError, match="reserved with blocks=True; blocks are False"):
        warehouse.commit_shard(reservation, good)
    with pytest.raises(InputError, match="trials have 3 rows; 4 were reserved"):
        warehouse.commit_shard(reservation, make_trials("study", 0, 3), blocks)
    with pytest.raises(InputError, match=r"trials are of studies \['other'\]"):
        warehouse.commit_shard(reservation, make_trials("other", 0, 4), blocks)
    for rows in ([0, 2, 1, 3], [0, 1, 2, 2]):
        with pytest.raises(InputError, match=r"trials have other indices than 0 … 3 in order"):
            warehouse.commit_shard(reservation, good.take(rows), blocks)
    with pytest.raises(InputError, match=r"blocks have other indices than 0 … 3 in order"):
        warehouse.commit_shard(reservation, good, make_blocks("study", 1, 4))
    with pytest.raises(InputError, match="trials have schema"):
        warehouse.commit_shard(reservation, good.drop_columns("sharpe"), blocks)
    warehouse.commit_shard(reservation, good, blocks)


def test_unknown_studies(warehouse: Warehouse) -> None:
    for call in (
        lambda: warehouse.study("nope"),
        lambda: warehouse.reserve_shard("nope", 0, 1),
        lambda: warehouse.complete_study("nope", {}),
    ):
        with pytest.raises(NotFoundError, match="no study 'nope'"):
            call()


def test_every_distinct_trial_counts_once_and_intents_count(
    warehouse: Warehouse,
    study: str,
    make_bars: Callable[..., Bars],
    make_trials: Make,
    strategy: Strategy,
) -> None:
    reservation = warehouse.reserve_shard("study", 0, 4, blocks=False)
    assert warehouse.trial_count(study) == 4  # announced: the results may have been seen
    warehouse.commit_shard(reservation, make_trials("study", 0, 4, study))
    assert warehouse.trial_count(study) == 4
    bars = make_bars(0, 30)
    warehouse.open_study(
        "second", spec={}, bars=bars, lineage_root=study, strategy=strategy, total=6
    )
    second = warehouse.reserve_shard("second", 0, 6, blocks=False)
    warehouse.commit_shard(second, make_trials("second", 0, 6, study))  # 4 of them known
    assert warehouse.trial_count(study) == 6
    together, *each = warehouse.trial_sharpes(study)
    np.testing.assert_array_equal(together, np.arange(6.0))
    assert sorted(part.tolist() for part in each) == [[*range(4)], [*range(6)]]
    apart = warehouse.lineage_root(make_bars(60, 90))
    warehouse.open_study(
        "third", spec={}, bars=make_bars(60, 90), lineage_root=apart, strategy=strategy, total=2
    )
    third = warehouse.reserve_shard("third", 0, 2, blocks=False)
    warehouse.commit_shard(third, make_trials("third", 0, 2, apart, key_from=1000))
    assert (warehouse.trial_count(study), warehouse.trial_count(apart)) == (6, 2)
    assert warehouse.lineage_root(make_bars(20, 70)) == study
    assert (warehouse.trial_count(study), warehouse.trial_count(apart)) == (8, 8)
    assert warehouse.trial_count("unknown root") == 0
    dropped = warehouse.reserve_shard("third", 1, 5)
    warehouse.abandon_shard(dropped)
    assert warehouse.trial_count(study) == 13


def test_a_trial_has_one_index(
    warehouse: Warehouse, study: str, make_trials: Make, make_blocks: Make
) -> None:
    fill(warehouse, study, make_trials, make_blocks, 0)
    reservation = warehouse.reserve_shard("study", 1, 4)
    with pytest.raises(InputError, match=r"trials 3 … 6 of shard 1 are, .* in shard 0 of study"):
        warehouse.commit_shard(reservation, make_trials("study", 3, 4), make_blocks("study", 3, 4))
    assert warehouse.study("study").live == {0: 4}
    warehouse.commit_shard(reservation, make_trials("study", 4, 4), make_blocks("study", 4, 4))
    assert warehouse.study("study").live == {0: 4, 1: 4}


def test_a_study_says_what_it_was_made_with(warehouse: Warehouse, study: str) -> None:
    with warehouse.control.read() as transaction:
        row = transaction.row("studies.get", study_id="study")
        kept = transaction.row("runs.environment", hash=environment_hash())
    assert row is not None
    assert (row["code_version"], row["environment_hash"]) == (code_version(), environment_hash())
    assert kept is not None
    assert json.loads(kept["body"]) == environment()


def test_a_finished_study_is_a_link_of_the_chain(
    warehouse: Warehouse, study: str, make_trials: Make, make_blocks: Make
) -> None:
    for shard in (1, 0):
        fill(warehouse, study, make_trials, make_blocks, shard)
    assert warehouse.head()[0] == 0
    warehouse.complete_study("study", {"best": 1.5})
    head = warehouse.head()
    assert head[0] == 1
    warehouse.complete_study("study", {"best": 2.5})
    assert warehouse.head() == head
    with warehouse.control.read() as transaction:
        (link,) = transaction.rows("studies.claims")
    body = json.loads(link["body"])
    digests = [
        (i, 4 * i, 4, table_digest(make_trials("study", 4 * i, 4, study)),
         table_digest(make_blocks("study", 4 * i, 4)))
        for i in range(2)
    ]  # fmt: skip
    assert body["digest"] == study_digest("study", digests)
    assert (body["total"], body["summary_sha256"]) == (
        8,
        hashlib.sha256(b'{"best":1.5}').hexdigest(),
    )
    assert warehouse._ledger.verify() == ()
