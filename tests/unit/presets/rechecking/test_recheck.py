from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from hyprl_lab.errors import InputError, NotFoundError
from hyprl_lab.hashing import digest
from hyprl_lab.presets.deciding import demote, live, reinstate
from hyprl_lab.presets.document import dump
from hyprl_lab.presets.preset import signed_bytes
from hyprl_lab.presets.rechecking.recheck import recheck
from hyprl_lab.presets.shelf import add
from hyprl_lab.store import Warehouse
from hyprl_lab.store.signing import sign


@pytest.fixture
def history(shelf: Path) -> Iterator[Path]:
    path = shelf / "presets" / "cross.history.json"
    yield path
    path.unlink(missing_ok=True)


def test_a_promoted_preset_has_no_findings(shelf: Path) -> None:
    found = recheck("cross", home=shelf)
    assert found.ok, str(found)
    assert (found.name, found.version, found.state, found.live) == ("cross", 1, "promoted", True)
    assert str(found).splitlines()[0] == "cross version 1: nothing found"
    assert len(str(found).splitlines()) == len(found.lines) + 1
    assert found.to_dict()["findings"] == []
    parts = {line.part for line in found.lines}
    assert {"signature", "verdict hash", "ledger", "validation", "holdout start"} <= parts
    assert recheck("cross", 1, home=shelf, warehouse=Warehouse(shelf)).ok


def test_one_changed_value_is_named(shelf: Path, file: Path, document: dict[str, Any]) -> None:
    document["config"]["cash"] = 20_000.0
    file.write_text(dump(document), encoding="utf-8")
    found = recheck("cross", home=shelf)
    assert not found.ok
    assert {"digest of config", "signature", "run config"} <= {line.part for line in found.findings}
    assert str(found).splitlines()[0].endswith("findings")


def test_signed_anew_with_the_home_s_own_key_it_is_found_still(
    shelf: Path, file: Path, document: dict[str, Any]
) -> None:
    changes = (
        lambda d: d["evidence"]["verdict"]["checks"][7].update(threshold=1),
        lambda d: d["evidence"]["verdict"]["checks"][7].update(value=500),
        lambda d: d["evidence"]["verdict"].update(trials=3),
        lambda d: d["evidence"]["verdict"]["ledger_head"].update(links=1),
        lambda d: d["evidence"]["validation"]["rows"][0].update(reading="it is excellent"),
        lambda d: d["evidence"]["run"]["config"].update(cash=7.0),
        lambda d: d["config"].update(periods_per_year=365.0),
    )
    for change in changes:
        changed = deepcopy(document)
        change(changed)
        verdict = changed["evidence"]["verdict"]
        verdict["hash"] = digest({key: part for key, part in verdict.items() if key != "hash"})
        changed["digests"] = {part: digest(changed[part]) for part in ("config", "evidence")}
        _, changed["signature"] = sign(shelf, signed_bytes(changed))
        file.write_text(dump(changed), encoding="utf-8")
        found = recheck("cross", home=shelf)
        assert not found.ok
        assert "signature" not in {line.part for line in found.findings}


def test_a_malformed_file_is_a_finding_and_no_error(
    shelf: Path, file: Path, document: dict[str, Any]
) -> None:
    for path in (("evidence", "verdict", "checks"), ("evidence", "verdict"), ("evidence", "run")):
        for value in (None, [], {}, [None], [{}], "x", 7):
            changed = deepcopy(document)
            part = changed
            for key in path[:-1]:
                part = part[key]
            part[path[-1]] = value
            file.write_text(dump(changed), encoding="utf-8")
            assert not recheck("cross", home=shelf).ok
    file.write_bytes(b"\x00")
    assert [line.part for line in recheck("cross", home=shelf).findings][:1] == ["file"]
    file.unlink()
    file.symlink_to("/dev/zero")
    assert not recheck("cross", home=shelf).ok
    file.unlink()


def test_decisions_are_checked_too(shelf: Path, file: Path, history: Path) -> None:
    decision = demote("cross", reason="no edge", home=shelf)
    assert decision.number == 1
    found = recheck("cross", home=shelf)
    assert (found.ok, found.state, found.live) == (True, "demoted", False)
    demoted = history.read_bytes()
    reinstate("cross", 1, reason="it was one", home=shelf)
    assert live("cross", 1, home=shelf).version == 1
    assert recheck("cross", home=shelf).ok
    whole = history.read_bytes()
    for content, part in (
        (demoted, "history"),  # an old one put back
        (whole[:-1] + b" ", "history"),
        (None, "history"),
    ):
        history.unlink() if content is None else history.write_bytes(content)
        assert part in {line.part for line in recheck("cross", home=shelf).findings}
    history.write_bytes(whole)
    file.write_bytes(file.read_bytes() + b"\n")
    parts = [line.part for line in recheck("cross", home=shelf).findings]
    assert parts == ["file", *(f"file, as at decision {number}" for number in (1, 2, 3))]


def test_by_default_the_live_version_else_the_newest(home: Path, parts: dict[str, Any]) -> None:
    for seed in range(3):
        add(home, **{**parts, "config": {**parts["config"], "seed": seed}})
    live("cross", 1)
    assert (recheck("cross").version, recheck("cross").live) == (1, True)
    for version in (1, 2, 3):
        demote("cross", version, reason="x")
    assert (recheck("cross").version, recheck("cross").state) == (3, "demoted")
    assert recheck("cross", 2).version == 2


def test_what_is_not_there(home: Path, parts: dict[str, Any]) -> None:
    with pytest.raises(NotFoundError, match="no promoted preset 'cross'"):
        recheck("cross")
    assert not (home / "presets").exists()
    add(home, **parts)
    with pytest.raises(NotFoundError, match="no version 2"):
        recheck("cross", 2)
    with pytest.raises(InputError, match="preset name"):
        recheck("../cross")
    with pytest.raises(InputError, match="key_id"):
        recheck("cross", key_id="mine")
