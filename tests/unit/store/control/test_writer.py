from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

from hyprl_lab.store.control.writer import FOREIGN_LEASE_US, now_us, this_writer


def child() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
    )


def test_a_living_process_is_not_dead() -> None:
    with child() as process:
        from hyprl_lab.store.control.writer import _state_and_start

        seen = _state_and_start(process.pid)
        assert seen is not None
        writer = replace(this_writer(), pid=process.pid, process_start=seen[1])
        assert not writer.is_dead(heartbeat_at=0)
        assert replace(writer, process_start=seen[1] - 1).is_dead(heartbeat_at=now_us())
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert writer.is_dead(heartbeat_at=now_us())  # a zombie writes no more
    assert writer.is_dead(heartbeat_at=now_us())


def test_a_reboot_ends_every_process() -> None:
    assert replace(this_writer(), boot="another").is_dead(heartbeat_at=now_us())


def test_another_machines_writer_is_judged_by_its_heartbeat() -> None:
    foreign = replace(this_writer(), machine="elsewhere")
    assert not foreign.is_dead(heartbeat_at=now_us() - FOREIGN_LEASE_US + 60_000_000)
    assert foreign.is_dead(heartbeat_at=now_us() - FOREIGN_LEASE_US - 1)
