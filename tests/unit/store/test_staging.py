from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from hyprl_lab.store import staging
from hyprl_lab.store.control.writer import FOREIGN_LEASE_US, now_us

if TYPE_CHECKING:
    from pathlib import Path


def test_the_maker_lives() -> None:
    names = {staging.name("run") for _ in range(100)}
    assert len(names) == 100
    assert not any(staging.is_abandoned(name) for name in names)
    assert all(name.startswith("run.") and os.sep not in name for name in names)


def test_a_name_says_who_made_it() -> None:
    name = staging.name("journal.7")
    assert staging.is_staged(name)
    for other in ("", "journal.7", name[:-1], f"{name}.copy", name.removeprefix("journal.7")):
        assert not staging.is_staged(other)


def test_the_maker_is_gone() -> None:
    code = "from hyprl_lab.store import staging; print(staging.name('part.with.dots'))"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert staging.is_abandoned(said.strip())


def test_another_boot_of_this_machine_is_over() -> None:
    prefix, _, who = staging.name("run").partition(".")
    machine, _, *rest = who.split("-")
    assert staging.is_abandoned(f"{prefix}.{'-'.join([machine, '0' * 12, *rest])}")


def test_another_machine_is_given_up_after_an_hour() -> None:
    prefix, _, who = staging.name("run").partition(".")
    _, boot, pid, start, made, salt = who.split("-")
    for age, gone in ((0, False), (FOREIGN_LEASE_US + 60_000_000, True)):
        name = f"{prefix}.{'0' * 12}-{boot}-{pid}-{start}-{now_us() - age}-{salt}"
        assert staging.is_abandoned(name) is gone
    assert int(made) <= now_us()


def test_what_a_foreign_maker_still_changes_is_left_alone(tmp_path: Path) -> None:
    prefix, _, who = staging.name("backup").partition(".")
    _, boot, pid, start, _, salt = who.split("-")
    made = now_us() - 2 * FOREIGN_LEASE_US
    folder = tmp_path / f"{prefix}.{'0' * 12}-{boot}-{pid}-{start}-{made}-{salt}"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "part").write_bytes(b"")
    assert staging.is_abandoned(folder.name)
    assert not staging.is_abandoned(folder)
    long_ago = made * 1000
    for path in (folder / "deep", folder):
        os.utime(path, ns=(long_ago, long_ago))
    assert not staging.is_abandoned(folder)
    os.utime(folder / "deep" / "part", ns=(long_ago, long_ago))
    assert staging.is_abandoned(folder)


def test_a_name_that_says_nothing_is_left_alone() -> None:
    for name in ("run-0123456789abcdef", "photo.jpg", "0" * 32 + ".parquet", ""):
        assert not staging.is_abandoned(name)
