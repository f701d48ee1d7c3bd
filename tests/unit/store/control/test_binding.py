from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import ConfigError, IntegrityError, WarehouseError
from hyprl_lab.store import Warehouse, disk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from postgres import Chosen

    from hyprl_lab.data import Bars


def shared(database: Chosen, folder: Path) -> str:
    """The address of one database that is nobody's own."""
    return database.url or f"sqlite:///{folder}/shared.sqlite"


@pytest.mark.sqlite_only
def test_a_home_of_its_own_has_no_mark(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "one")
    assert warehouse.control.path == tmp_path / "one" / "warehouse" / "control.sqlite"
    assert not (tmp_path / "one" / "warehouse" / "ledger_id").exists()
    warehouse.close()


@pytest.mark.sqlite_only
def test_a_warehouse_may_lie_on_another_disk(
    tmp_path: Path, make_bars: Callable[..., Bars]
) -> None:
    (tmp_path / "big").mkdir()
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "warehouse").symlink_to(tmp_path / "big")
    for first in (0, 9):
        warehouse = Warehouse(tmp_path / "one")
        warehouse.save_bars(make_bars(first, first + 9))
        warehouse.close()
    assert len(list((tmp_path / "big" / "parts").iterdir())) == 2
    assert not (tmp_path / "big" / "ledger_id").exists()


def test_a_mark_that_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Chosen
) -> None:
    monkeypatch.setenv("HYPRL_CONTROL_URL", shared(database, tmp_path))
    warehouse = Warehouse(tmp_path / "one")
    ledger = warehouse.ledger_id
    mark = tmp_path / "one" / "warehouse" / "ledger_id"
    for content in (b"", b"\xff\xfe", b"no ledger", ledger.encode() + b"0"):
        mark.write_bytes(content)
        with pytest.raises(IntegrityError, match=rf"{mark} is damaged; expected the 32"):
            Warehouse(tmp_path / "one").status()
    mark.unlink()
    mark.mkdir()
    with pytest.raises(IntegrityError, match="ledger_id can't be read"):
        Warehouse(tmp_path / "one").status()
    mark.rmdir()
    os.mkfifo(mark)
    with pytest.raises(IntegrityError, match="ledger_id can't be read"):
        Warehouse(tmp_path / "one").status()


def test_a_home_that_takes_no_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Chosen
) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setenv("HYPRL_CONTROL_URL", shared(database, tmp_path))
    monkeypatch.setattr(disk, "write", full)
    with pytest.raises(WarehouseError, match=r"ledger_id.* \(No space left on device\)"):
        Warehouse(tmp_path / "one").status()


@pytest.mark.parametrize("variable", ["HYPRL_DATABASE_URL", "HYPRL_CONTROL_URL"])
def test_a_second_home_on_one_database_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make_bars: Callable[..., Bars],
    variable: str,
    database: Chosen,
) -> None:
    url = shared(database, tmp_path)
    monkeypatch.delenv("HYPRL_DATABASE_URL", raising=False)
    monkeypatch.setenv(variable, url)
    first = Warehouse(tmp_path / "one")
    root, ledger = first.lineage_root(make_bars(0, 9)), first.ledger_id
    first.close()
    assert (tmp_path / "one" / "warehouse" / "ledger_id").read_text() == ledger
    again = Warehouse(tmp_path / "one")
    assert (again.ledger_id, again.lineage_root(make_bars(0, 9))) == (ledger, root)
    again.close()
    with pytest.raises(ConfigError, match=rf"holds ledger {ledger} of another home; expected"):
        Warehouse(tmp_path / "two").lineage_root(make_bars(0, 9))
    assert not (tmp_path / "two" / "warehouse" / "ledger_id").exists()


def test_a_home_does_not_change_its_database_unseen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Chosen
) -> None:
    url = shared(database, tmp_path)
    monkeypatch.delenv("HYPRL_DATABASE_URL", raising=False)
    own = Warehouse(tmp_path / "own")
    own.status()
    own.close()
    monkeypatch.setenv("HYPRL_CONTROL_URL", url)
    with pytest.raises(ConfigError, match="has a control database of its own"):
        Warehouse(tmp_path / "own").status()
    bound = Warehouse(tmp_path / "bound")
    ledger = bound.status().ledger_id
    (tmp_path / "bound" / "warehouse" / "parts" / "x.parquet").touch()
    bound.close()
    monkeypatch.delenv("HYPRL_CONTROL_URL")
    with pytest.raises(ConfigError, match=f"holds no ledger; expected ledger {ledger}"):
        Warehouse(tmp_path / "bound").status()
    monkeypatch.setenv("HYPRL_CONTROL_URL", url)
    assert Warehouse(tmp_path / "bound").status().ledger_id == ledger


def test_a_kill_between_the_mark_and_the_commit_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Chosen
) -> None:
    monkeypatch.setenv("HYPRL_CONTROL_URL", shared(database, tmp_path))
    place = tmp_path / "one" / "warehouse"
    place.mkdir(parents=True)
    (place / "ledger_id").write_text("ab" * 16)
    assert Warehouse(tmp_path / "one").ledger_id == "ab" * 16
    with pytest.raises(ConfigError, match="of another home"):
        Warehouse(tmp_path / "two").status()


def test_many_that_open_one_home_at_once_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Chosen
) -> None:
    monkeypatch.setenv("HYPRL_CONTROL_URL", shared(database, tmp_path))
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: Warehouse(tmp_path / "one").ledger_id, range(8)))
    assert len(found) == 1


@pytest.mark.parametrize("first", ["accounts", "warehouse"])
def test_accounts_and_warehouse_share_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Chosen, first: str
) -> None:
    from api.accounts import Database, migrate

    database.fresh(migrated=False)
    url = shared(database, tmp_path)
    monkeypatch.setenv("HYPRL_DATABASE_URL", url)
    accounts, warehouse = Database(url), Warehouse(tmp_path / "one")
    if first == "accounts":
        migrate(accounts)
    assert warehouse.status().runs == 0
    migrate(accounts)
    accounts.ping()
    accounts.close()
    warehouse.close()
    again = Warehouse(tmp_path / "one")
    assert again.ledger_id == warehouse.ledger_id
    again.close()


def test_a_mark_is_whole_or_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Chosen
) -> None:
    monkeypatch.setenv("HYPRL_CONTROL_URL", shared(database, tmp_path))
    ledger = Warehouse(tmp_path / "one").ledger_id
    place = tmp_path / "one" / "warehouse"
    assert (place / "ledger_id").read_text() == ledger
    assert list((place / "tmp").iterdir()) == []


@pytest.mark.sqlite_only
@pytest.mark.parametrize("lost", ["deleted", "truncated", "another home's"])
def test_a_database_that_was_lost_takes_no_part_with_it(
    tmp_path: Path, make_bars: Callable[..., Bars], lost: str
) -> None:
    kept = Warehouse(tmp_path / "home")
    kept.save_bars(make_bars(0, 9))
    kept.close()
    place = tmp_path / "home" / "warehouse"
    before = {part: part.read_bytes() for part in (place / "parts").iterdir()}
    backup = (place / "control.sqlite").rename(tmp_path / "backup.sqlite")
    for beside in place.glob("control.sqlite-*"):
        beside.unlink()
    if lost == "truncated":
        (place / "control.sqlite").touch()
    elif lost == "another home's":
        other = Warehouse(tmp_path / "other")
        other.save_bars(make_bars(0, 20))
        other.close()
        (tmp_path / "other" / "warehouse" / "control.sqlite").rename(place / "control.sqlite")
    for _ in range(2):
        with pytest.raises(IntegrityError, match=r"knows none of the 1 parts in .* backup"):
            Warehouse(tmp_path / "home").save_bars(make_bars(20, 30))
    assert {part: part.read_bytes() for part in (place / "parts").iterdir()} == before
    for beside in place.glob("control.sqlite*"):
        beside.unlink()
    backup.rename(place / "control.sqlite")
    assert Warehouse(tmp_path / "home").get_bars("SPY") == make_bars(0, 9)
