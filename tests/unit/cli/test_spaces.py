"""Search spaces as people type them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import hyprl_lab as hl
from hyprl_lab.cli.spaces import space_from
from hyprl_lab.errors import InputError, SpaceError

if TYPE_CHECKING:
    from pathlib import Path


def test_both_ends_are_in() -> None:
    space = space_from(["fast=2:100", "slow=10:50:20", "k=0.1:0.5:0.1", "n=3,1.5"])
    assert space["fast"] == range(2, 101)
    assert list(space["slow"]) == [10, 30, 50]
    assert space["k"].values.tolist() == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert space["n"] == [3, 1.5]


def test_what_only_a_sampler_can_draw_from() -> None:
    space = space_from(["k=0.5:1.5", "n=5:500:log", "x=0.1:10:log", "m=1:1000:4:log"])
    assert space["k"] == hl.floats(0.5, 1.5)
    assert space["n"] == hl.ints(5, 500, log=True)
    assert space["x"] == hl.floats(0.1, 10, log=True)
    assert space["m"].values.tolist() == [1, 10, 100, 1000]


def test_settings_are_named_by_their_owner() -> None:
    assert space_from(["execution.fee_bps=0,5", "risk.fraction=0.1:0.3:0.1"]).keys() == {
        "execution.fee_bps",
        "risk.fraction",
    }


def test_json_says_what_words_can_not(tmp_path: Path) -> None:
    text = """{"use_stop": [0, 1],
        "stop": {"kind": "floats", "low": 0.01, "high": 0.1, "when": "use_stop > 0"}}"""
    path = tmp_path / "space.json"
    path.write_text(text)
    for given in (text, str(path)):
        space = space_from([given, "fast=5:9"])
        assert list(space) == ["use_stop", "stop", "fast"]
        assert space["stop"] == hl.floats(0.01, 0.1, when="use_stop > 0")


@pytest.mark.parametrize(
    "assignment",
    [
        *("fast", "fast=", "fast=5:2", "fast=1:9:0", "fast=1:2:3:4", "fast=1:x", "=1:2"),
        *("fast=1.5:0.5", "fast=0:9:log", "fast=1:9:2.5:log", "fast=1:9:1:log", "fast=1:9:2:3:log"),
        *("[1]", '{"fast": "odd"}', "nowhere.json"),
    ],
)
def test_what_is_no_space(assignment: str) -> None:
    with pytest.raises(InputError):
        space_from([assignment])


def test_a_json_file_holds_an_object(tmp_path: Path) -> None:
    path = tmp_path / "space.json"
    path.write_text("[1, 2]")
    with pytest.raises(SpaceError, match="expected an object"):
        space_from([str(path)])


@pytest.mark.parametrize("again", ["fast=5", '{"fast": [5]}'])
def test_a_name_is_given_once(again: str) -> None:
    with pytest.raises(SpaceError, match="'fast' is given twice"):
        space_from(["fast=2:9", again])


def test_no_assignment_is_an_empty_space() -> None:
    assert space_from([]) == {}


@pytest.mark.parametrize(
    "given",
    [
        "fast=5:1e12:1",
        "fast=5:1e12:1e-3",
        "fast=-1e308:1e308:1e-300",
        "fast=1:999999999999999999",
        "fast=0:10000001",
    ],
)
def test_a_huge_range_is_counted_not_built(given: str) -> None:
    with pytest.raises(SpaceError, match="take a wider step"):
        space_from([given])


@pytest.mark.parametrize("digits", ["9" * 400, "9" * 100_000])
def test_an_endless_number_is_refused_in_few_words(digits: str) -> None:
    for given in (f"fast={digits}", f"fast=1:{digits}"):
        with pytest.raises(InputError, match=r"more than 18 digits|is not finite") as caught:
            space_from([given])
        assert len(str(caught.value)) < 250
