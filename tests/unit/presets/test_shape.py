"""One bad file takes down one name, and nothing else."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from hyprl_lab.errors import InputError, IntegrityError, NotFoundError, WarehouseError
from hyprl_lab.hashing import digest
from hyprl_lab.presets.document import dump, parse
from hyprl_lab.presets.preset import read_preset, signed_bytes
from hyprl_lab.presets.shelf import add, promoted, verify
from hyprl_lab.store.signing import sign


def only_cross(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    """`cross` is served, `zz` is not, and one line says so, soon."""
    begun = time.perf_counter()
    with caplog.at_level(logging.WARNING, logger="hyprl_lab"):
        assert [preset.name for preset in promoted(home)] == ["cross"]
    assert time.perf_counter() - begun < 3.0
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 1
    assert lines[0].startswith("preset zz is not served: ")
    assert lines[0].isprintable()
    assert len(lines[0]) < 500
    with pytest.raises(IntegrityError, match=r"preset zz\.v1\.yaml"):
        read_preset(home / "presets" / "zz.v1.yaml", home)


def signed(home: Path, parts: dict[str, Any], change: Callable[[dict[str, Any]], object]) -> None:
    """Write `zz`, changed and signed by the trusted key."""
    document: dict[str, Any] = parse(
        (home / "presets" / "cross.v1.yaml").read_text("utf-8"), source="test"
    )
    document["name"] = document["evidence"]["verdict"]["name"] = "zz"
    change(document)
    document["digests"] = {part: digest(document[part]) for part in ("config", "evidence")}
    _, document["signature"] = sign(home, signed_bytes(document))
    (home / "presets" / "zz.v1.yaml").write_text(dump(document), "utf-8")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a: 2020-13-45\n",
        b"? [a]\n: b\n",
        b"{{a: b}: c}\n",
        b"a: " + b"1" * 5_000,
        b"a: !!int x\n",
        b"a: !!float x\n",
        b"a: !!bool zz\n",
        b"a: !!timestamp zz\n",
        b"".join(b" " * level + b"a:\n" for level in range(600)),
        b"a: " + b"[" * 4_000,
        b"a: &x 1\nb: *x\n",
        b'a: "\\UFFFFFFFF"\n',
        b'"\\e[31m\\n": 1\n',
        b"\xff\xfe\x00",
        b"\x00",
        b"a: " + b"x" * 300_000,
        b"".join(b"k%d: 1\n" % number for number in range(2_000)),
    ],
)
def test_content(
    home: Path, parts: dict[str, Any], caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    add(home, **parts)
    (home / "presets" / "zz.v1.yaml").write_bytes(content)
    only_cross(home, caplog)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", ["pipe", "folder", "link", "dangling", "unreadable"])
def test_no_regular_file(
    home: Path, parts: dict[str, Any], caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    path = home / "presets" / "zz.v1.yaml"
    add(home, **parts)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(path.with_name("cross.v1.yaml"))
    elif kind == "dangling":
        path.symlink_to(path.with_name("nothing"))
    else:
        path.touch(0o000)
    only_cross(home, caplog)


def remove_row_key(document: dict[str, Any]) -> None:
    del document["evidence"]["verdict"]["checks"][0]["metric"]


def verdict(value: object) -> Callable[[dict[str, Any]], object]:
    return lambda document: document["evidence"].update(verdict=value)


def row(**fields: object) -> Callable[[dict[str, Any]], object]:
    return lambda document: document["evidence"]["verdict"]["checks"][2].update(fields)


def config(**fields: object) -> Callable[[dict[str, Any]], object]:
    return lambda document: document["config"].update(fields)


@pytest.mark.parametrize(
    "change",
    [
        verdict({}),
        verdict([1]),
        verdict(None),
        lambda document: document["evidence"]["verdict"].update(checks=[1]),
        lambda document: document["evidence"]["verdict"].update(checks={}),
        remove_row_key,
        row(operator="~"),
        row(operator=[]),
        row(threshold=[1]),
        row(value={}),
        row(value="31", required=False, passed=False),
        row(passed=1),
        row(name=[]),
        lambda document: document["evidence"].update(run={}),
        lambda document: document["evidence"].update(oos_start="then"),
        config(params={"fast": "ten"}),
        config(params=[]),
        config(cash=True),
        config(symbol=None),
    ],
)
def test_signed_by_the_trusted_key(
    home: Path,
    parts: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    change: Callable[[dict[str, Any]], object],
) -> None:
    add(home, **parts)
    signed(home, parts, change)
    only_cross(home, caplog)


def test_the_signed_one_without_a_change_is_served(home: Path, parts: dict[str, Any]) -> None:
    """Else the refusals above could be for another reason."""
    add(home, **parts)
    signed(home, parts, lambda document: None)
    assert [preset.name for preset in promoted(home)] == ["cross", "zz"]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", ["bytes", "long", "folder", "pipe"])
def test_a_bad_public_key(
    home: Path, parts: dict[str, Any], caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    """`zz` is signed by a key whose trusted file is bad; `cross` by a good one."""
    other = home.parent / "other"
    other.mkdir()
    foreign = deepcopy(parts) | {"name": "zz"}
    foreign["evidence"]["verdict"]["name"] = "zz"
    made = add(other, **foreign)
    add(home, **parts)
    (home / "presets" / "zz.v1.yaml").write_bytes(made.path.read_bytes())
    key = home / "trusted" / f"{made.key_id}.pub"
    if kind == "bytes":
        key.write_bytes(b"\xff" * 64)
    elif kind == "long":
        key.write_bytes(b"0" * 10_000)
    elif kind == "folder":
        key.mkdir()
    else:
        os.mkfifo(key)
    only_cross(home, caplog)


@pytest.mark.parametrize("path", ["x" * 5_000 + ".yaml", "a\0b.yaml", "x" * 5_000, "no/such.yaml"])
def test_verify_of_an_impossible_path(home: Path, path: str) -> None:
    with pytest.raises((NotFoundError, InputError)):
        verify(path, home=home)
    with pytest.raises(NotFoundError, match="no preset file"):
        verify(Path(path), home=home)


def test_a_folder_that_cannot_be_read_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(WarehouseError, match="Permission denied"):
        promoted(home)


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ({"fast": float("inf")}, "finite"),
        ({f"p{number}": 1.0 for number in range(30_000)}, "characters"),
        ({"fast": "ten"}, "params.fast is str"),
    ],
)
def test_what_would_not_be_read_back_is_not_written(
    home: Path, parts: dict[str, Any], part: dict[str, object], named: str
) -> None:
    parts["config"]["params"] = part
    with pytest.raises(InputError, match=named):
        add(home, **parts)
    assert [path.name for path in (home / "presets").iterdir()] == [".lock"]
