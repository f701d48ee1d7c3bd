"""A search on a Dask cluster fills the ledger as one here does, to the bit, whoever dies meanwhile.

Each search is made once on threads of this process and once on two worker processes, of which one
is killed with SIGKILL in the middle of a shard, or all of them one after the other.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from dask_cluster import die_once, killed, running
from distributed import Client, LocalCluster, Security

from hyprl_lab.data import load_bars
from hyprl_lab.research import supersearch
from hyprl_lab.research.search import Halving
from hyprl_lab.research.search import plan as plan_module
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hyprl_lab.research.study import Study
    from hyprl_lab.types import Progress

pytestmark = pytest.mark.sqlite_only  # the cluster knows no database

SHARD = 32

GRID: dict[str, Any] = {
    "space": {
        "fast": range(2, 22),
        "slow": range(20, 60, 5),
        "execution.fee_bps": [0.0, 5.0],
    },
    "where": "fast < slow",
}
SEARCHES: dict[str, dict[str, Any]] = {
    "grid": GRID,
    "halving": {**GRID, "halving": Halving(factor=3, rungs=2)},
    "tpe": {**GRID, "sampler": "tpe", "max_trials": 96},
}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    with running(tmp_path_factory.mktemp("dask")) as started:
        yield started


@pytest.fixture
def client(cluster: LocalCluster) -> Iterator[Client]:
    with Client(cluster) as opened:
        opened.wait_for_workers(2, timeout=30)
        yield opened


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_module, "shard_size", lambda bars: SHARD)


def search(home: Path, name: str, **options: Any) -> Study:
    settings = {"holdout": 0.2, "progress": False, **SEARCHES[name], **options}
    return supersearch(load_bars("TEST"), dual_sma(), warehouse=Warehouse(home), **settings)


def ledger(study: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every column of every trial and of its blocks."""
    return tuple(
        study.warehouse.sql(f"select * from {view} order by trial_index")
        for view in ("trials", "trial_blocks")
    )


def check_equal(found: Study, expected: Study) -> None:
    assert found.study_id == expected.study_id
    assert found.complete
    assert expected.complete
    for ours, theirs in zip(ledger(found), ledger(expected), strict=True):
        assert len(ours) == expected.total
        lists = [name for name in ours if isinstance(ours[name].iloc[0], np.ndarray)]
        for name in lists:
            np.testing.assert_array_equal(np.stack(ours[name]), np.stack(theirs[name]))
        pd.testing.assert_frame_equal(
            ours.drop(columns=lists), theirs.drop(columns=lists), check_exact=True
        )


@pytest.mark.parametrize("name", SEARCHES)
def test_a_worker_killed_in_the_middle_changes_nothing(
    name: str, client: Client, tmp_path: Path
) -> None:
    expected = search(tmp_path / "here", name)
    client.run(die_once, str(tmp_path / "mark"))
    found = search(tmp_path / "there", name, client=client)
    assert (tmp_path / "mark").exists()  # one did die
    assert found.evaluated == expected.total
    check_equal(found, expected)


def test_all_workers_killed_one_after_the_other_change_nothing(
    client: Client, tmp_path: Path
) -> None:
    dead: list[int] = []

    def kill(now: Progress) -> None:
        if len(dead) < 3 and now.done >= (len(dead) + 1) * 2 * SHARD:
            dead.extend(killed(client, 1))

    found = search(tmp_path / "there", "grid", client=client, progress=kill)
    assert len(set(dead)) == 3
    check_equal(found, search(tmp_path / "here", "grid"))


def test_a_search_begun_there_ends_here(client: Client, tmp_path: Path) -> None:
    stop = threading.Event()

    def look(now: Progress) -> None:
        if now.done >= 3 * SHARD:
            stop.set()

    begun = search(tmp_path / "both", "grid", client=client, progress=look, cancel=stop)
    assert not begun.complete
    assert 3 * SHARD <= begun.evaluated < begun.total
    ended = search(tmp_path / "both", "grid")
    assert begun.evaluated + ended.evaluated == ended.total
    check_equal(ended, search(tmp_path / "here", "grid"))


def test_ctrl_c_returns_what_there_is_and_stops_the_cluster(client: Client, tmp_path: Path) -> None:
    def interrupt(now: Progress) -> None:
        if now.done == 2 * SHARD:
            os.kill(os.getpid(), signal.SIGINT)

    begun = search(tmp_path / "there", "grid", client=client, progress=interrupt)
    assert not begun.complete
    assert begun.evaluated == 2 * SHARD
    assert len(begun.trials()) == 2 * SHARD
    ended = search(tmp_path / "there", "grid", client=client)
    assert ended.evaluated == ended.total - 2 * SHARD
    check_equal(ended, search(tmp_path / "here", "grid"))


def blocks_of(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def test_the_local_example_of_the_page_runs(
    root: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = (root / "docs" / "distributed.md").read_text(encoding="utf-8")
    example = blocks_of(page, "python")[0]
    names: dict[str, Any] = {"__name__": "__main__"}
    import dask

    with dask.config.set({"temporary-directory": str(tmp_path)}):
        exec(compile(example, "distributed.md", "exec"), names)
    study = names["study"]
    assert study.complete
    assert len(study.trials()) == 400
    assert "objective" in capsys.readouterr().out


AUTHORITY = """
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem
openssl req -newkey rsa:2048 -nodes -subj /CN=node -keyout node.key -out node.csr
openssl x509 -req -days 2 -in node.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out node.pem
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other -keyout other.key -out other.pem
"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make certificates")
def test_the_tls_commands_of_the_page_run_and_keep_strangers_out(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (root / "docs" / "distributed.md").read_text(encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])

    def here(text: str) -> str:
        for written, meant in {"10.0.0.5": "127.0.0.1", "10.0.0.11": "127.0.0.1"}.items():
            text = text.replace(written, meant)
        return text.replace("8786", port).replace("--nthreads 16", "--nthreads 2")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DASK_TEMPORARY_DIRECTORY", str(tmp_path))
    for command in AUTHORITY.strip().splitlines():
        subprocess.run(shlex.split(command), check=True, capture_output=True)
    (commands,) = [block for block in blocks_of(page, "sh") if "tls" in block]
    (connect,) = [block for block in blocks_of(page, "python") if "Security" in block]
    expected = search(tmp_path / "here", "grid")
    with contextlib.ExitStack() as stack:
        log = stack.enter_context((tmp_path / "log").open("wb"))
        for command in here(commands).replace("\\\n", " ").strip().splitlines():
            words = [f"{Path(sys.executable).parent}/dask", *shlex.split(command)[1:]]
            process = subprocess.Popen(words, stdout=log, stderr=log)
            stack.callback(process.wait, timeout=20)
            stack.callback(process.terminate)
        names: dict[str, Any] = {}
        exec(compile(here(connect), "distributed.md", "exec"), names)
        client = stack.enter_context(names["client"])
        client.wait_for_workers(1, timeout=60)
        check_equal(search(tmp_path / "there", "grid", client=client), expected)
        stranger = Security(
            require_encryption=True,
            tls_ca_file="ca.pem",
            tls_client_cert="other.pem",
            tls_client_key="other.key",
        )
        with (
            pytest.raises(OSError, match=r"Timed out|alert|refused|closed"),
            Client(client.scheduler.address, security=stranger, timeout=2),
        ):
            pass
