from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from hyprl_lab.errors import InputError, IntegrityError, NotFoundError
from hyprl_lab.hashing import digest
from hyprl_lab.presets.document import dump, parse
from hyprl_lab.presets.preset import signed_bytes
from hyprl_lab.presets.shelf import add, get, promoted, verify
from hyprl_lab.store.signing import sign


def test_what_is_added_is_read_back(home: Path, parts: dict[str, Any]) -> None:
    made = add(home, **parts)
    found = get("cross", home=home)
    assert found.path == made.path == home / "presets" / "cross.v1.yaml"
    assert (found.name, found.version, found.visibility, found.profile) == (
        "cross",
        1,
        "private",
        "demo",
    )
    assert dict(found.config) == parts["config"]
    assert dict(found.evidence) == parts["evidence"]
    assert found.params == {"fast": 10.0, "slow": 1e-05}
    assert found.oos_start == 1_400_000_000_000_000
    assert found.run_hash == "ab" * 32
    assert found.metrics["trades"] == 31
    assert sorted(path.name for path in (home / "presets").iterdir()) == [".lock", "cross.v1.yaml"]


def test_the_same_again_is_the_same_version(home: Path, parts: dict[str, Any]) -> None:
    first = add(home, **parts)
    before = first.path.read_bytes()
    assert add(home, **parts).version == 1
    assert first.path.read_bytes() == before


@pytest.mark.parametrize("part", ["config", "evidence"])
def test_other_content_is_the_next_version(home: Path, parts: dict[str, Any], part: str) -> None:
    add(home, **parts)
    changed = deepcopy(parts)
    changed[part]["seed" if part == "config" else "study_id"] = 7 if part == "config" else "s"
    assert add(home, **changed).version == 2
    assert [preset.version for preset in promoted(home)] == [2]
    assert get("cross", 1, home=home).version == 1


def test_concurrent_promotions_lose_none(home: Path, parts: dict[str, Any]) -> None:
    variants = []
    for seed in range(8):
        variants.append(deepcopy(parts))
        variants[-1]["config"]["seed"] = seed
    with ThreadPoolExecutor(8) as pool:
        versions = sorted(p.version for p in pool.map(lambda v: add(home, **v), variants))
    assert versions == list(range(1, 9))
    seeds = {get("cross", version, home=home).config["seed"] for version in versions}
    assert seeds == set(range(8))


def set_(document: dict[str, Any], *keys: str, value: Any) -> None:
    for key in keys[:-1]:
        document = document[key]
    document[keys[-1]] = value


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda d: set_(d, "config", "params", "fast", value=11.0), "config is not what was"),
        (lambda d: set_(d, "evidence", "oos_start", value=1), "evidence is not what was signed"),
        (lambda d: set_(d, "visibility", value="public"), "other content"),
        (lambda d: set_(d, "promoted_at", value="2030-01-01T00:00:00"), "other content"),
        (lambda d: set_(d, "digests", "config", value="00"), "config is not what was signed"),
        (lambda d: set_(d, "digests", value={}), "digests"),
        (lambda d: set_(d, "signature", value="00" * 64), "other content"),
        (lambda d: set_(d, "key_id", value="0" * 16), "not trusted"),
        (lambda d: d.pop("signature"), r"misses \['signature'\]"),
        (lambda d: set_(d, "note", value="hello"), r"unknown \['note'\]"),
        (lambda d: set_(d, "config", "leverage", value=5), r"unknown \['leverage'\]"),
        (lambda d: set_(d, "version", value=2), "it says it is cross.v2.yaml"),
        (lambda d: set_(d, "version", value=True), "version is bool"),
        (lambda d: set_(d, "name", value="other"), "it says it is other.v1.yaml"),
        (lambda d: set_(d, "state", value="draft"), "state 'draft'"),
        (lambda d: set_(d, "profile", value="none"), "profile 'none'"),
        (lambda d: set_(d, "config", value=[]), "config is list"),
    ],
)
def test_a_tampered_file_is_refused_and_what_differs_is_named(
    home: Path, parts: dict[str, Any], change: Callable[[dict[str, Any]], object], named: str
) -> None:
    path = add(home, **parts).path
    document = parse(path.read_text(), source="test")
    change(document)
    path.write_text(dump(document))
    for ask in (lambda: verify("cross", home=home), lambda: verify(path, home=home)):
        with pytest.raises(IntegrityError, match=named):
            ask()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda v: set_(v, "passed", value=False), "did not pass"),
        (lambda v: set_(v, "profile", value="strict"), "verdict is for profile 'strict'"),
        (lambda v: set_(v, "visibility", value="public"), "verdict is for visibility"),
        (lambda v: v["checks"][2].update(value=29), "did not pass"),
        (lambda v: v["checks"][2].update(value=29, passed=False), "did not pass"),
        (lambda v: v["checks"].pop(0), "did not pass"),
    ],
)
def test_even_signed_a_verdict_must_follow_from_its_rows(
    home: Path, parts: dict[str, Any], change: Callable[[dict[str, Any]], object], named: str
) -> None:
    path = add(home, **parts).path
    document: dict[str, Any] = parse(path.read_text(), source="test")
    change(document["evidence"]["verdict"])
    document["digests"]["evidence"] = digest(document["evidence"])
    _, document["signature"] = sign(home, signed_bytes(document))
    path.write_text(dump(document))
    with pytest.raises(IntegrityError, match=named):
        verify(path, home=home)


def test_a_broken_latest_version_is_not_served_and_not_replaced_by_an_older(
    home: Path, parts: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    add(home, **parts)
    add(home, **{**parts, "visibility": "private", "config": {**parts["config"], "seed": 1}})
    other = deepcopy(parts) | {"name": "other"}
    other["evidence"]["verdict"]["name"] = "other"
    add(home, **other)
    (home / "presets" / "cross.v2.yaml").write_text("format: 1\n")
    with caplog.at_level(logging.WARNING):
        assert [preset.name for preset in promoted(home)] == ["other"]
    assert "cross is not served" in caplog.text
    with pytest.raises(IntegrityError):
        add(home, **parts)


def test_a_file_under_another_name_is_refused(home: Path, parts: dict[str, Any]) -> None:
    path = add(home, **parts).path
    copy = path.with_name("better.v1.yaml")
    copy.write_text(path.read_text())
    with pytest.raises(IntegrityError, match="it says it is cross"):
        verify(copy, home=home)


def test_what_is_not_there_is_said(home: Path, parts: dict[str, Any]) -> None:
    assert promoted(home) == []
    with pytest.raises(NotFoundError, match="no promoted preset 'cross'"):
        get("cross", home=home)
    add(home, **parts)
    with pytest.raises(NotFoundError, match="no version 9"):
        get("cross", 9, home=home)
    with pytest.raises(NotFoundError, match="no preset file"):
        verify(home / "presets" / "nothing.v1.yaml", home=home)


@pytest.mark.parametrize("name", ["", "Cross", "a b", "../x", "a.b", "x" * 65, "a\n"])
def test_names_are_plain(home: Path, parts: dict[str, Any], name: str) -> None:
    with pytest.raises(InputError, match="preset name"):
        add(home, **{**parts, "name": name})
    with pytest.raises(InputError, match="preset name"):
        get(name, home=home)
