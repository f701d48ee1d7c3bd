from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.hashing import digest
from hyprl_lab.store.runs.proof import check_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from tampering import Hand

    from hyprl_lab.store.runs.proof import State

pytestmark = pytest.mark.sqlite_only

NAMES = (
    *("config.json", "metrics.json", "trades.parquet", "equity.parquet", "orders.parquet"),
    *("manifest.json", "report.html"),
)
WHOLE = digest(7)
"""A run that has all its files."""


@pytest.fixture
def found(hand: Hand, state: Callable[[], State]) -> Callable[..., list[str]]:
    def findings(run_hash: str | None = None) -> list[str]:
        return [
            f"{finding.kind}: {finding.message}"
            for finding in check_files(state(), hand.runs, run_hash)
        ]

    return findings


def test_every_file_is_there(hand: Hand, found: Callable[..., list[str]]) -> None:
    assert found() == []
    assert {path.name for path in (hand.runs / WHOLE).iterdir()} == set(NAMES)


def test_a_changed_file_is_named(hand: Hand, found: Callable[..., list[str]]) -> None:
    says = {"flip": "was changed", "cut": "was changed", "remove": "is missing", "link": "can't"}
    for name, how in product(NAMES, says):
        path = hand.runs / WHOLE / name
        data = bytearray(path.read_bytes())
        path.unlink()
        if how == "flip":
            data[len(data) // 2] ^= 1
        if how == "link":
            (hand.home / "aside").write_bytes(data)
            path.symlink_to(hand.home / "aside")
        elif how != "remove":
            path.write_bytes(data[:-1] if how == "cut" else data)
        (message,) = found()
        assert message.startswith(f"file: {name} {says[how]}")
        assert found(digest(8)) == []
        assert len(found(WHOLE)) == 1
        hand.restore()


def test_strangers_are_named(hand: Hand, found: Callable[..., list[str]]) -> None:
    for name in (".hidden", "report-2.html"):
        (hand.runs / WHOLE / name).write_text("x")
    (hand.runs / WHOLE / "more").mkdir()
    assert found() == [
        f"file: {name} is in the run's folder, and was not stored there"
        for name in (".hidden", "more", "report-2.html")
    ]


def test_a_folder_without_a_run_is_no_finding(hand: Hand, found: Callable[..., list[str]]) -> None:
    """A writer that is killed before its commit leaves one; the same run takes its place."""
    (hand.runs / "orphan").mkdir()
    assert found() == []


def test_a_folder_that_is_none(hand: Hand, found: Callable[..., list[str]]) -> None:
    folder = hand.runs / WHOLE
    for how in ("gone", "file", "link"):
        folder.rename(hand.runs / "aside")
        if how == "file":
            folder.write_text("x")
        elif how == "link":
            folder.symlink_to(hand.runs / "aside")
        (message,) = found()
        assert message.startswith("file: ")
        assert ("can't be read" if how == "gone" else "is not a folder") in message
        folder.unlink(missing_ok=True)
        hand.restore()


def test_changed_metrics_are_found(hand: Hand, found: Callable[..., list[str]]) -> None:
    row = hand.rows["runs"][7]
    hand.update("runs", row, metrics=row["metrics"].replace("8", "9"))
    assert found() == ["run: column metrics is not what metrics.json holds"]


def test_a_file_that_was_unlinked_stays_away(hand: Hand, found: Callable[..., list[str]]) -> None:
    gone = next(row for row in hand.rows["removals"] if row["unlinked_at"] is not None)
    folder = hand.runs / hand.rows["runs"][gone["run_seq"]]["folder"]
    (folder / gone["file"]).write_text("x")
    assert found() == [f"file: {gone['file']} was given up and unlinked, and is there"]


def test_a_file_that_is_about_to_go_may_be_gone_and_not_changed(
    hand: Hand, found: Callable[..., list[str]]
) -> None:
    going = [row for row in hand.rows["removals"] if row["unlinked_at"] is None]
    folder = hand.runs / hand.rows["runs"][going[0]["run_seq"]]["folder"]
    (folder / going[0]["file"]).unlink()
    assert found() == []
    (folder / going[1]["file"]).write_text("x")
    (message,) = found()
    assert f"{going[1]['file']} was changed" in message


def test_a_leftover_that_a_sweep_clears_meanwhile_is_no_stranger(
    hand: Hand, state: Callable[[], State], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is unlinked, announcement and all, between the listing and the asking."""
    before = state()
    left = hand.runs / hand.rows["runs"][8]["folder"] / "left.html"
    left.write_text("of a dead writer")

    def cleared(claims: object, run: object) -> set[str]:
        left.unlink()
        return set()

    with monkeypatch.context() as patch:
        patch.setattr("hyprl_lab.store.runs.proof.files._being_added", cleared)
        assert list(check_files(before, hand.runs)) == []
