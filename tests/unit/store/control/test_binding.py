from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import ConfigError, IntegrityError
from hyprl_lab.store import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hyprl_lab.data import Bars


@pytest.fixture(autouse=True)
def _no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HYPRL_DATABASE_URL", raising=False)
    monkeypatch.delenv("HYPRL_CONTROL_URL", raising=False)


def test_a_home_of_its_own_has_no_mark(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "one")
    assert warehouse.control.path == tmp_path / "one" / "warehouse" / "control.sqlite"
    assert not (tmp_path / "one" / "warehouse" / "ledger_id").exists()
    warehouse.close()


@pytest.mark.parametrize("variable", ["HYPRL_DATABASE_URL", "HYPRL_CONTROL_URL"])
def test_a_second_home_on_one_database_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make_bars: Callable[..., Bars],
    variable: str,
) -> None:
    monkeypatch.setenv(variable, f"sqlite:///{tmp_path}/shared.sqlite")
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
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Warehouse(tmp_path / "own")
    own.status()
    own.close()
    monkeypatch.setenv("HYPRL_CONTROL_URL", f"sqlite:///{tmp_path}/shared.sqlite")
    with pytest.raises(ConfigError, match="has a control database of its own"):
        Warehouse(tmp_path / "own").status()
    bound = Warehouse(tmp_path / "bound")
    ledger = bound.status().ledger_id
    (tmp_path / "bound" / "warehouse" / "parts" / "x.parquet").touch()
    bound.close()
    monkeypatch.delenv("HYPRL_CONTROL_URL")
    with pytest.raises(ConfigError, match=f"holds no ledger; expected ledger {ledger}"):
        Warehouse(tmp_path / "bound").status()
    monkeypatch.setenv("HYPRL_CONTROL_URL", f"sqlite:///{tmp_path}/shared.sqlite")
    assert Warehouse(tmp_path / "bound").status().ledger_id == ledger


def test_a_kill_between_the_mark_and_the_commit_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYPRL_CONTROL_URL", f"sqlite:///{tmp_path}/shared.sqlite")
    place = tmp_path / "one" / "warehouse"
    place.mkdir(parents=True)
    (place / "ledger_id").write_text("ab" * 16)
    assert Warehouse(tmp_path / "one").ledger_id == "ab" * 16
    with pytest.raises(ConfigError, match="of another home"):
        Warehouse(tmp_path / "two").status()


def test_many_that_open_one_home_at_once_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYPRL_CONTROL_URL", f"sqlite:///{tmp_path}/shared.sqlite")
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: Warehouse(tmp_path / "one").ledger_id, range(8)))
    assert len(found) == 1


def test_accounts_and_warehouse_share_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.accounts import Database, migrate

    url = f"sqlite:///{tmp_path}/all.sqlite"
    monkeypatch.setenv("HYPRL_DATABASE_URL", url)
    accounts = Database(url)
    migrate(accounts)
    warehouse = Warehouse(tmp_path / "one")
    assert warehouse.status().runs == 0
    migrate(accounts)
    accounts.ping()
    accounts.close()
    warehouse.close()


def test_the_warehouse_may_have_an_address_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYPRL_DATABASE_URL", "postgresql://localhost/lab")
    with pytest.raises(ConfigError, match=r"not supported yet by the warehouse.*HYPRL_CONTROL_URL"):
        Warehouse(tmp_path / "one").status()
    monkeypatch.setenv("HYPRL_CONTROL_URL", f"sqlite:///{tmp_path}/control.sqlite")
    assert Warehouse(tmp_path / "one").status().runs == 0


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
