from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from hyprl_lab.errors import (
    ConfigError,
    InputError,
    IntegrityError,
    NotFoundError,
    PromotionError,
)
from hyprl_lab.hashing import digest
from hyprl_lab.presets.deciding import claim_of, demote, live, reinstate
from hyprl_lab.presets.history import read_history
from hyprl_lab.presets.shelf import add, get, promoted
from hyprl_lab.store import Warehouse


def shelve(home: Path, parts: dict[str, Any], count: int) -> None:
    for seed in range(count):
        add(home, **{**parts, "config": {**parts["config"], "seed": seed}})


def test_live_is_the_newest_until_it_is_set(home: Path, parts: dict[str, Any]) -> None:
    shelve(home, parts, 2)
    assert live("cross").version == 2
    assert live("cross", 1, reason="the new one is slow").version == 1
    assert get("cross").version == 1
    assert [preset.version for preset in promoted(home)] == [1]
    shelve(home, parts, 3)  # nothing new in the first two; the third is a version of its own
    assert get("cross").version == 1
    assert live("cross", "newest").version == max(read_versions(home))
    (first, last) = read_history(home, "cross").decisions
    assert (first.version, first.reason, first.sha256) == (
        1,
        "the new one is slow",
        get("cross", 1).sha256,
    )
    assert (last.version, last.reason) == (None, None)


def read_versions(home: Path) -> list[int]:
    return sorted(int(path.name.split(".")[1][1:]) for path in (home / "presets").glob("*.yaml"))


def test_setting_what_is_set_records_nothing(home: Path, parts: dict[str, Any]) -> None:
    shelve(home, parts, 2)
    live("cross", "newest")
    assert read_history(home, "cross").decisions == ()
    live("cross", 1)
    live("cross", 1)
    assert len(read_history(home, "cross").decisions) == 1


def test_a_demoted_version_is_served_no_more(home: Path, parts: dict[str, Any]) -> None:
    shelve(home, parts, 2)
    decision = demote("cross", reason="  its costs\nwere wrong ")
    assert (decision.version, decision.reason) == (2, "its costs were wrong")
    assert get("cross").version == 1
    with pytest.raises(NotFoundError, match=r"was demoted at .* \(its costs were wrong\)"):
        get("cross", 2)
    assert get("cross", 2, demoted=True).version == 2
    assert read_versions(home) == [1, 2]
    with pytest.raises(PromotionError, match="reinstate it first"):
        live("cross", 2)
    with pytest.raises(InputError, match="it is so already"):
        demote("cross", 2, reason="again")
    demote("cross", 1, reason="this too")
    assert promoted(home) == []
    with pytest.raises(NotFoundError, match="no version of preset 'cross' is live"):
        get("cross")
    with pytest.raises(NotFoundError, match="all are demoted"):
        demote("cross", reason="what else")


def test_the_chosen_one_demoted_gives_way_to_the_newest(home: Path, parts: dict[str, Any]) -> None:
    shelve(home, parts, 3)
    live("cross", 1)
    demote("cross", reason="bad fills")
    assert get("cross").version == 3
    assert reinstate("cross", 1, reason="the fills were right").version == 1
    assert get("cross").version == 3
    assert live("cross", 1).version == 1
    with pytest.raises(InputError, match="is not demoted"):
        reinstate("cross", 1, reason="once more")


def test_the_same_by_the_same_verdict_is_not_promoted_again(
    home: Path, parts: dict[str, Any]
) -> None:
    add(home, **parts)
    demote("cross", reason="no edge")
    with pytest.raises(PromotionError, match=r"was demoted at .* \(no edge\), and this says the"):
        add(home, **parts)
    assert read_versions(home) == [1]
    moved = deepcopy(parts)
    moved["evidence"]["verdict"] |= {"ledger_head": {"links": 9, "chain_hash": "ab"}}
    with pytest.raises(PromotionError, match="the same verdict"):
        add(home, **moved)
    again = add(home, **parts, reinstate="the data were at fault")
    assert (again.version, get("cross").version) == (1, 1)
    assert [each.action for each in read_history(home, "cross").decisions] == [
        "demote",
        "reinstate",
    ]


def test_another_verdict_is_another_version(home: Path, parts: dict[str, Any]) -> None:
    add(home, **parts)
    demote("cross", reason="no edge")
    judged = deepcopy(parts)
    judged["evidence"]["verdict"]["checks"][2]["value"] = 45
    assert add(home, **judged).version == 2
    assert get("cross").version == 2


def test_a_number_that_was_decided_about_is_not_given_again(
    home: Path, parts: dict[str, Any]
) -> None:
    shelve(home, parts, 2)
    demote("cross", 2, reason="no edge")
    (home / "presets" / "cross.v2.yaml").unlink()
    other = {**parts, "config": {**parts["config"], "seed": 9}}
    assert add(home, **other).version == 3
    same = {**parts, "config": {**parts["config"], "seed": 1}}
    with pytest.raises(PromotionError):
        add(home, **same)


def test_a_version_that_does_not_verify_may_be_demoted_and_not_made_live(
    home: Path, parts: dict[str, Any]
) -> None:
    shelve(home, parts, 2)
    (home / "presets" / "cross.v2.yaml").write_text("format: 1\n")
    with pytest.raises(IntegrityError):
        get("cross")
    with pytest.raises(IntegrityError):
        live("cross", 2)
    assert demote("cross", 2, reason="it was tampered with").content is None
    assert get("cross").version == 1
    (home / "presets" / "cross.v1.yaml").unlink()
    (home / "presets" / "cross.v1.yaml").mkdir()
    assert demote("cross", 1, reason="gone").sha256 is None


def test_a_live_version_without_its_file_is_not_replaced_unasked(
    home: Path, parts: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    shelve(home, parts, 3)
    live("cross", 2)
    (home / "presets" / "cross.v2.yaml").unlink()
    assert promoted(home) == []
    assert "version 2 is live, its file is gone" in caplog.text
    with pytest.raises(NotFoundError, match="no version 2, which is live"):
        get("cross")


def test_nothing_moves_without_the_key(home: Path, parts: dict[str, Any]) -> None:
    shelve(home, parts, 2)
    live("cross", 1)
    (home / "keys" / "promotion.ed25519").unlink()
    for act in (
        lambda: live("cross", 2),
        lambda: demote("cross", reason="x"),
        lambda: reinstate("cross", 1, reason="x"),
    ):
        with pytest.raises((ConfigError, InputError)):
            act()
    assert get("cross").version == 1
    assert len(read_history(home, "cross").decisions) == 1


def test_a_changed_history_serves_nothing_and_is_not_built_upon(
    home: Path, parts: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    shelve(home, parts, 2)
    live("cross", 1)
    path = home / "presets" / "cross.history.json"
    path.write_bytes(path.read_bytes().replace(b'"version":1', b'"version":2'))
    assert promoted(home) == []
    assert "preset cross is not served" in caplog.text
    for act in (
        lambda: get("cross"),
        lambda: get("cross", 2),
        lambda: live("cross", 1),
        lambda: demote("cross", 1, reason="x"),
        lambda: add(home, **parts),
    ):
        with pytest.raises(IntegrityError, match="signature by key"):
            act()


@pytest.mark.parametrize("version", [0, -1, True, 1.0, "1", "latest"])
def test_a_version_is_a_whole_number(home: Path, parts: dict[str, Any], version: Any) -> None:
    add(home, **parts)
    with pytest.raises(InputError, match="version is"):
        live("cross", version)


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 501, "a\x1bb", None, 7])
def test_a_demotion_has_a_reason(home: Path, parts: dict[str, Any], reason: Any) -> None:
    add(home, **parts)
    with pytest.raises(InputError, match="reason"):
        demote("cross", reason=reason)


def test_names_and_versions_that_are_not_there(home: Path, parts: dict[str, Any]) -> None:
    with pytest.raises(NotFoundError, match="no promoted preset 'cross'"):
        demote("cross", reason="x")
    assert not (home / "presets").exists()
    add(home, **parts)
    for act in (
        lambda: live("cross", 7),
        lambda: demote("cross", 7, reason="x"),
        lambda: reinstate("cross", 7, reason="x"),
    ):
        with pytest.raises(NotFoundError, match="no version 7"):
            act()


def test_every_decision_is_a_link_of_the_chain_even_after_a_kill(
    home: Path, parts: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    shelve(home, parts, 2)
    with monkeypatch.context() as patch:
        patch.setattr("hyprl_lab.presets.deciding._claim", lambda *_: None)
        live("cross", 1)
    demote("cross", 1, reason="no edge")
    warehouse = Warehouse(home)
    for decision in read_history(home, "cross").decisions:
        claim = claim_of("cross", decision)
        assert warehouse.verdict(digest(claim)) == claim
    assert warehouse.head()[0] == 2
    assert warehouse.verify().ok


ACTS = """
import sys
from pathlib import Path
import json
from hyprl_lab.errors import LabError
from hyprl_lab.presets.deciding import demote, live
from hyprl_lab.presets.shelf import add
home, what, parts = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[4])):
    try:
        if what == "promote":
            parts["config"]["seed"] = 100 + number + int(sys.argv[5]) * 1000
            print("promoted", add(home, **parts).version, flush=True)
        elif what == "live":
            live("cross", 1 + number % 2, home=home)
        else:
            demote("cross", 3 + number, reason=f"number {number}", home=home)
            print("demoted", 3 + number, flush=True)
    except LabError as error:
        print(type(error).__name__, error, flush=True)
"""


def start(home: Path, what: str, parts: dict[str, Any], times: int, who: int) -> Any:
    import json

    return subprocess.Popen(
        [sys.executable, "-c", ACTS, str(home), what, json.dumps(parts), str(times), str(who)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_processes_that_promote_move_live_and_demote_at_once_lose_nothing(
    home: Path, parts: dict[str, Any]
) -> None:
    shelve(home, parts, 6)
    works = [
        start(home, what, parts, 6 if what != "demote" else 4, who)
        for who, what in enumerate(["promote", "promote", "live", "demote", "demote"])
    ]
    for work in works:
        assert work.stdout.readline() == "ready\n"
    for work in works:
        work.stdin.write("go\n")
        work.stdin.flush()
    said = [work.communicate(timeout=120)[0].splitlines() for work in works]
    assert [work.returncode for work in works] == [0] * 5
    versions = sorted(int(line.split()[1]) for lines in said[:2] for line in lines)
    assert versions == list(range(7, 19))
    assert read_versions(home) == list(range(1, 19))
    for version in range(1, 19):
        get("cross", version, demoted=True)
    history = read_history(home, "cross")
    assert [each.number for each in history.decisions] == list(range(1, len(history.decisions) + 1))
    assert set(history.demoted) == {3, 4, 5, 6}
    demotions = [line for lines in said[3:] for line in lines]
    assert sorted(line for line in demotions if line.startswith("demoted")) == [
        f"demoted {version}" for version in (3, 4, 5, 6)
    ]
    assert sum("it is so already" in line for line in demotions) == 4
    assert history.chosen == 2
    assert sum(each.action == "live" for each in history.decisions) == 6
    names = {path.name for path in (home / "presets").iterdir()}
    assert not [name for name in names if name.endswith(".tmp")]


@pytest.mark.parametrize("delay", [0.0, 0.03, 0.11])
def test_a_kill_at_any_moment_leaves_a_whole_history(
    home: Path, parts: dict[str, Any], delay: float
) -> None:
    shelve(home, parts, 2)
    work = start(home, "live", parts, 10_000, 0)
    assert work.stdout.readline() == "ready\n"
    work.stdin.write("go\n")
    work.stdin.flush()
    deadline = time.monotonic() + 60
    while not (home / "presets" / "cross.history.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.001)
    time.sleep(delay)
    os.kill(work.pid, signal.SIGKILL)
    work.communicate()
    before = read_history(home, "cross")
    assert before.decisions
    wanted = 3 - (before.chosen or 0)
    assert live("cross", wanted).version == wanted
    after = read_history(home, "cross")
    assert after.decisions[:-1] == before.decisions
    assert not list((home / "presets").glob(".*.tmp"))
    warehouse = Warehouse(home)
    assert warehouse.head()[0] == len(after.decisions)
    assert warehouse.verify().ok
