from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.errors import ConfigError, IntegrityError
from hyprl_lab.hashing import canonical_json
from hyprl_lab.presets.folder import locked
from hyprl_lab.presets.history import Decision, History, now, read_history, write_history
from hyprl_lab.store.signing import sign, signing_key

Act = tuple[Literal["live", "demote", "reinstate"], int | None]


def decided(*acts: Act) -> History:
    decisions = [
        Decision(
            number=number,
            action=action,
            version=version,
            sha256=None,
            content=None,
            reason=f"because {number}",
            at="2026-11-01T00:00:00+00:00",
        )
        for number, (action, version) in enumerate(acts, 1)
    ]
    return History(name="cross", decisions=tuple(decisions))


def written(home: Path, *acts: Act) -> Path:
    signing_key(home)
    history = History(name="cross")
    with locked(home) as folder:
        for decision in decided(*acts).decisions:
            history = write_history(home, history, decision)
    return folder / "cross.history.json"


@pytest.mark.parametrize(
    ("acts", "live"),
    [
        ([], 3),
        ([("live", 1)], 1),
        ([("live", 1), ("live", None)], 3),
        ([("demote", 3)], 2),
        ([("demote", 3), ("demote", 2)], 1),
        ([("demote", 3), ("demote", 2), ("demote", 1)], None),
        ([("demote", 3), ("reinstate", 3)], 3),
        ([("live", 1), ("demote", 1)], 3),
        ([("live", 1), ("demote", 2)], 1),
        ([("live", 2), ("demote", 2), ("reinstate", 2)], 3),
        ([("live", 9)], 9),
    ],
)
def test_what_is_live(acts: list[Act], live: int | None) -> None:
    assert decided(*acts).live([1, 2, 3]) == live


VERSIONS = st.integers(1, 4)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("live"), st.none() | VERSIONS),
        st.tuples(st.sampled_from(["demote", "reinstate"]), VERSIONS),
    ),
    max_size=12,
)


@given(ACTS)
def test_live_is_what_replaying_one_by_one_gives(acts: list[Act]) -> None:
    """Against a plain reading that keeps sets and goes through the acts."""
    out: set[int] = set()
    choice: int | None = None
    for action, version in acts:
        if action == "live":
            choice = version
        elif action == "demote":
            out.add(version or 0)
            choice = None if choice == version else choice
        else:
            out.discard(version or 0)
    rest = [version for version in (1, 2, 3, 4) if version not in out]
    history = decided(*acts)
    assert set(history.demoted) == out
    assert history.live([1, 2, 3, 4]) == (choice or (rest[-1] if rest else None))


def test_what_is_written_is_read_back(home: Path) -> None:
    path = written(home, ("live", 1), ("demote", 2))
    found = read_history(home, "cross")
    assert found.decisions == decided(("live", 1), ("demote", 2)).decisions
    assert found.key_id is not None
    assert found.last_version == 2
    assert found.why_demoted(2) == (
        "version 2 was demoted at 2026-11-01T00:00:00+00:00 (because 2)"
    )
    assert found.why_demoted(1) is None
    assert canonical_json(json.loads(path.read_bytes())) == path.read_bytes()
    assert read_history(home, "other") == History(name="other")


def test_no_byte_of_it_can_be_changed_added_or_cut(home: Path) -> None:
    path = written(home, ("demote", 1))
    whole = path.read_bytes()
    changed = [
        whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :]
        for at in range(len(whole))
        for bit in (1, 32)
    ]
    changed += [whole[:-1], whole + b" ", b"", b"[]", b"null", b"\xff", b"[" * 10_000]
    for content in changed:
        path.write_bytes(content)
        with pytest.raises(IntegrityError, match=r"preset cross: cross.history.json"):
            read_history(home, "cross")
    path.write_bytes(whole)
    assert len(read_history(home, "cross").decisions) == 1


def test_the_history_of_another_name_or_by_an_untrusted_key_is_refused(
    home: Path, tmp_path: Path
) -> None:
    path = written(home, ("demote", 1))
    path.with_name("other.history.json").write_bytes(path.read_bytes())
    with pytest.raises(IntegrityError, match="expected 1 of 'other'"):
        read_history(home, "other")
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    path.write_bytes(written(stranger, ("live", 1)).read_bytes())
    with pytest.raises(IntegrityError, match="not trusted here"):
        read_history(home, "cross")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"number": 2}, "calls itself number 2"),
        ({"number": True}, "number is a bool"),
        ({"action": "delete"}, "is 'delete'"),
        ({"version": None}, "names no version"),
        ({"version": 1.5}, "version is a float"),
        ({"extra": 1}, r"unknown \['extra'\]|unknown"),
    ],
)
def test_even_signed_a_decision_has_its_parts(
    home: Path, change: dict[str, Any], named: str
) -> None:
    path = written(home, ("demote", 1))
    document = json.loads(path.read_bytes())
    document.pop("signature")
    document["decisions"][0].update(change)
    _, signature = sign(home, canonical_json(document))
    path.write_bytes(canonical_json({**document, "signature": signature}))
    with pytest.raises(IntegrityError, match=named):
        read_history(home, "cross")


def test_a_home_without_a_signing_key_decides_nothing(home: Path) -> None:
    path = written(home, ("live", 1))
    before = path.read_bytes()
    (home / "keys" / "promotion.ed25519").unlink()
    history = read_history(home, "cross")
    with pytest.raises(ConfigError, match="holds no promotion key"), locked(home):
        write_history(home, history, decided(("live", 1), ("demote", 1)).decisions[1])
    assert path.read_bytes() == before
    assert not (home / "keys" / "promotion.ed25519").exists()


def test_a_link_or_a_folder_in_its_place_is_refused(home: Path, tmp_path: Path) -> None:
    path = written(home, ("demote", 1))
    aside = tmp_path / "aside.json"
    path.rename(aside)
    path.symlink_to(aside)
    with pytest.raises(IntegrityError, match="regular file"):
        read_history(home, "cross")
    path.unlink()
    path.mkdir()
    with pytest.raises(IntegrityError, match="regular file"):
        read_history(home, "cross")


def test_the_time_is_utc_by_the_second() -> None:
    assert now().endswith("+00:00")
    assert len(now()) == len("2026-11-01T00:00:00+00:00")
