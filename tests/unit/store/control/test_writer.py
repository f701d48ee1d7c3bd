from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from hyprl_lab.store.control import writer
from hyprl_lab.store.control.writer import FOREIGN_LEASE_US, Writer, now_us, this_writer

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def child() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
    )


def test_a_living_process_is_not_dead() -> None:
    with child() as process:
        from hyprl_lab.store.control.writer import _state_and_start

        seen = _state_and_start(process.pid)
        assert seen is not None
        there = replace(this_writer(), pid=process.pid, process_start=seen[1])
        assert not there.is_dead(heartbeat_at=0)
        assert replace(there, process_start=seen[1] - 1).is_dead(heartbeat_at=now_us())
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert there.is_dead(heartbeat_at=now_us())  # a zombie writes no more
    assert there.is_dead(heartbeat_at=now_us())


def test_a_reboot_ends_every_process() -> None:
    assert replace(this_writer(), boot="another").is_dead(heartbeat_at=now_us())


def test_another_machines_writer_is_judged_by_its_heartbeat() -> None:
    foreign = replace(this_writer(), machine="elsewhere")
    assert not foreign.is_dead(heartbeat_at=now_us() - FOREIGN_LEASE_US + 60_000_000)
    assert foreign.is_dead(heartbeat_at=now_us() - FOREIGN_LEASE_US - 1)


def test_two_machines_of_one_name_are_two(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def seen(machine_id: str, boot: str, namespace: str = writer._FIRST_NAMESPACE) -> Writer:
        (tmp_path / "id").write_text(machine_id)
        identity = writer._identity(namespace, boot)
        return replace(this_writer(), machine=f"localhost/{namespace}/{identity}", boot=boot)

    monkeypatch.setattr(writer, "_MACHINE_IDS", (tmp_path / "none", tmp_path / "id"))
    now = now_us()
    here = seen("a" * 32, "boot 1")
    monkeypatch.setattr(writer, "_writer", lambda pid: here)
    assert not here.is_dead(heartbeat_at=0)
    assert seen("a" * 32, "boot 0").is_dead(heartbeat_at=now)
    for other in (
        seen("b" * 32, "boot 2"),
        seen("", "boot 2"),
        seen("uninitialized", "boot 2"),
        seen("a" * 32, "boot 2", "pid:[4026532000]"),
    ):
        assert not other.is_dead(heartbeat_at=now)
        assert other.is_dead(heartbeat_at=now - FOREIGN_LEASE_US - 1)
    container = seen("a" * 32, "boot 1", "pid:[4026532000]")
    monkeypatch.setattr(writer, "_writer", lambda pid: container)
    assert not seen("a" * 32, "boot 2", "pid:[4026532000]").is_dead(heartbeat_at=now)
    assert "a" * 12 not in here.machine
