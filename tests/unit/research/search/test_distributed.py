"""Batches on a Dask cluster: what comes back, what is refused, what survives a worker's death."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
from dask_cluster import (
    DeadlyJob,
    FaultyJob,
    LargeJob,
    SleepyJob,
    SquareJob,
    give_the_lab_back,
    killed,
    running,
    set_engine_version,
    take_the_lab_away,
    worker_pids,
)
from distributed import Client, LocalCluster

from hyprl_lab.errors import ClusterError, ConfigError, StrategyError
from hyprl_lab.research.search import distributed as module
from hyprl_lab.research.search.distributed import DaskEvaluator, check_cluster
from hyprl_lab.research.space import Batch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WEIGHT = 3.0  # 0 + 1 + 2


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    with running(tmp_path_factory.mktemp("dask")) as started:
        yield started


@pytest.fixture
def client(cluster: LocalCluster) -> Iterator[Client]:
    """Two workers of one thread each, whatever the test before did to them."""
    with Client(cluster) as opened:
        opened.wait_for_workers(2, timeout=30)
        yield opened


def batch(first: int, *points: float) -> Batch:
    return Batch(first, np.array(points)[:, None])


def squares(evaluator: DaskEvaluator, count: int) -> None:
    """Evaluate batches of two points each, and check all of them."""
    promises = [
        evaluator.submit(shard, batch(2 * shard, float(shard), shard + 0.5))
        for shard in range(count)
    ]
    for shard, promise in enumerate(promises):
        found = promise.result()
        expected = [shard**2 + WEIGHT, (shard + 0.5) ** 2 + WEIGHT]
        assert found.metrics["sharpe"].tolist() == expected
        assert found.behaviour_hash.tolist() == [1, 1]  # a task uses one thread
        assert promise.done()


def test_results_come_back_from_several_processes(client: Client) -> None:
    with DaskEvaluator(client, SquareJob()) as evaluator:
        assert evaluator.width == 4
        squares(evaluator, 12)


def test_the_job_travels_once_and_arrives_as_the_engine_reads_it(client: Client) -> None:
    with DaskEvaluator(client, LargeJob()) as evaluator:
        assert [len(holders) for holders in client.who_has().values()] == [2]
        squares(evaluator, 4)
        many = np.arange(200_000.0)[:, None]
        found = evaluator.submit(4, Batch(8, many)).result()
        np.testing.assert_array_equal(found.metrics["sharpe"], many[:, 0] ** 2 + WEIGHT)


def test_workers_may_be_threads_of_this_process(tmp_path: Path) -> None:
    with (
        running(tmp_path, workers=1, processes=False) as near,
        Client(near) as client,
        DaskEvaluator(client, SquareJob()) as evaluator,
    ):
        squares(evaluator, 4)


def test_closing_leaves_nothing_on_the_cluster(client: Client) -> None:
    with DaskEvaluator(client, SquareJob()) as evaluator:
        squares(evaluator, 3)
        evaluator.submit(3, batch(6, 1.0))
    evaluator.close()  # once more changes nothing
    deadline = time.monotonic() + 10
    while client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert client.status == "running"  # it is the caller's
    with pytest.raises(ClusterError, match="closed"):
        evaluator.submit(4, batch(8, 1.0))


def test_a_result_may_be_waited_for_so_long(client: Client, tmp_path: Path) -> None:
    with DaskEvaluator(client, SleepyJob(folder=tmp_path)) as evaluator:
        promise = evaluator.submit(0, batch(0, 1.0))
        assert not promise.done()
        with pytest.raises(TimeoutError):
            promise.result(timeout=0.05)
        assert promise.result(timeout=20).metrics["sharpe"].tolist() == [1.0 + WEIGHT]


def test_closing_cancels_what_has_not_begun(client: Client, tmp_path: Path) -> None:
    evaluator = DaskEvaluator(client, SleepyJob(folder=tmp_path))
    for shard in range(20):
        evaluator.submit(shard, batch(shard, 1.0))
    evaluator.close()
    time.sleep(1.2)  # what had begun has ended, and others would have begun
    assert len(list(tmp_path.glob("began-*"))) <= 4


def test_a_worker_that_dies_costs_time_alone(client: Client, tmp_path: Path) -> None:
    before = worker_pids(client)
    with DaskEvaluator(client, DeadlyJob(folder=tmp_path, deaths={3.0: 1})) as evaluator:
        squares(evaluator, 8)
    assert (tmp_path / "3.0-0").exists()
    client.wait_for_workers(2, timeout=30)
    assert worker_pids(client) != before


def test_all_copies_of_the_job_may_be_lost(client: Client) -> None:
    with DaskEvaluator(client, SquareJob()) as evaluator:
        squares(evaluator, 2)
        assert len(killed(client, 2)) == 2
        squares(evaluator, 4)


def test_a_batch_whose_job_is_lost_every_time_ends_the_search(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOSSES", 0)
    with DaskEvaluator(client, DeadlyJob(folder=tmp_path, deaths={1.0: 99})) as evaluator:
        promise = evaluator.submit(5, batch(10, 1.0))
        with pytest.raises(ClusterError, match=r"shard 5 was lost again .* the same call goes on"):
            promise.result()


def test_a_batch_that_kills_its_workers_ends_the_search(
    cluster: LocalCluster, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster.scheduler, "allowed_failures", 0)
    with DaskEvaluator(client, DeadlyJob(folder=tmp_path, deaths={1.0: 99})) as evaluator:
        promise = evaluator.submit(5, batch(10, 1.0))
        with pytest.raises(ClusterError, match=r"shard 5 was lost again .* died while running it"):
            promise.result()


def test_an_error_is_tried_again_and_then_told(client: Client, tmp_path: Path) -> None:
    with DaskEvaluator(client, FaultyJob(folder=tmp_path)) as evaluator:
        assert evaluator.submit(0, batch(0, 2.0)).result().metrics["sharpe"].tolist() == [7.0]
        with pytest.raises(StrategyError, match=r"node 7 can't take -1\.0"):
            evaluator.submit(1, batch(1, -1.0)).result()


def test_a_client_that_is_closed_is_refused(cluster: LocalCluster) -> None:
    with Client(cluster) as client:
        evaluator = DaskEvaluator(client, SquareJob())
    with pytest.raises(ClusterError, match=r"client is closed.*goes on from what is committed"):
        evaluator.submit(0, batch(0, 1.0))
    evaluator.close()
    with pytest.raises(ConfigError, match="client is closed, expected an open one"):
        check_cluster(client)


def test_an_asynchronous_client_is_refused(cluster: LocalCluster) -> None:
    async def ask() -> None:
        async with Client(cluster.scheduler_address, asynchronous=True) as client:
            check_cluster(client)

    # in a thread: the browser tests leave a loop running in this one
    with (
        ThreadPoolExecutor(1) as pool,
        pytest.raises(ConfigError, match="client is asynchronous"),
    ):
        pool.submit(lambda: asyncio.run(ask())).result()


def test_a_lost_scheduler_ends_the_search(tmp_path: Path) -> None:
    with running(tmp_path, workers=1) as mortal, Client(mortal) as client:
        evaluator = DaskEvaluator(client, SleepyJob(folder=tmp_path))
        promise = evaluator.submit(0, batch(0, 1.0))
        mortal.close()
        with pytest.raises(ClusterError, match="connection to Dask's scheduler is lost"):
            promise.result()
        evaluator.close()


@pytest.mark.parametrize("client", ["tcp://127.0.0.1:8786", 4, object()], ids=type)
def test_what_is_no_client_is_refused(client: object) -> None:
    with pytest.raises(ConfigError, match=r"client is .*, expected an open .*Client\('tcp:"):
        DaskEvaluator(client, SquareJob())


def test_a_cluster_without_workers_is_refused(tmp_path: Path) -> None:
    with (
        running(tmp_path, workers=0) as empty,
        Client(empty) as client,
        pytest.raises(ConfigError, match="no workers, expected at least one; start `dask worker"),
    ):
        check_cluster(client)


def test_workers_with_another_lab_are_refused(client: Client) -> None:
    from hyprl_lab import kernels

    evaluator = DaskEvaluator(client, SquareJob())
    odd = sorted(client.nthreads())[1]
    client.run(set_engine_version, "0.0.1", workers=[odd])
    with pytest.raises(ConfigError) as refused:
        check_cluster(client)
    assert f"worker {odd} has hyprl_lab" in str(refused.value)
    assert "engine 0.0.1, expected" in str(refused.value)
    assert f"engine {kernels.VERSION} as here" in str(refused.value)
    client.run(set_engine_version, "0.0.1")
    with pytest.raises(ConfigError, match="a worker that joined has"):
        evaluator.submit(0, batch(0, 1.0)).result()
    client.run(set_engine_version, kernels.VERSION)
    squares(evaluator, 4)
    evaluator.close()


def test_workers_without_the_lab_are_refused(client: Client) -> None:
    odd = min(client.nthreads())
    check_cluster(client)
    client.run(take_the_lab_away, workers=[odd])
    try:
        with pytest.raises(ConfigError, match=f"worker {odd} has hyprl_lab missing"):
            check_cluster(client)
    finally:
        client.run(give_the_lab_back, workers=[odd])
    check_cluster(client)


NO_DASK = """
import sys
sys.modules["distributed"] = None
from hyprl_lab.errors import ConfigError
from hyprl_lab.research.search.distributed import check_cluster
try:
    check_cluster(None)
except ConfigError as error:
    print(error)
"""


def test_a_machine_without_dask_is_told_what_to_install() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", NO_DASK], capture_output=True, text=True, check=False
    )
    assert 'pip install "hyprl-lab[dask]"' in ran.stdout, ran.stderr


def test_dask_is_imported_for_a_client_alone() -> None:
    code = (
        "import sys, hyprl_lab.research.search, hyprl_lab.research.search.distributed as d;"
        "print(sorted({'dask', 'distributed'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
