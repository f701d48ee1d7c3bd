from __future__ import annotations

from typing import Any

import pytest

import hyprl_lab as hl
from hyprl_lab.data.providers import registry
from hyprl_lab.errors import BarsError


class Mine:
    """The whole of a provider."""

    name = "mine"

    def __init__(self, *, rows: int = 10) -> None:
        self.rows = rows

    def datasets(self) -> list[str]:
        return ["TEST"]

    def bars(
        self, dataset: str, *, timeframe: object = None, start: object = None, end: object = None
    ) -> hl.Bars:
        return hl.load_bars(dataset).take(0, self.rows)


def test_a_provider_of_ones_own() -> None:
    hl.providers.register("mine", Mine)
    hl.providers.register("mine", Mine)  # again is no harm
    try:
        assert "mine" in hl.providers.list()
        assert len(hl.providers.get("mine", rows=7).bars("TEST")) == 7
        with pytest.raises(BarsError, match=r"found settings \['lines'\] for 'mine'"):
            hl.providers.get("mine", lines=3)
        for name in ("mine", "arch"):
            with pytest.raises(BarsError, match="a second time"):
                hl.providers.register(name, hl.providers.Arch)
    finally:
        hl.providers.unregister("mine")
    assert "mine" not in hl.providers.list()


@pytest.mark.parametrize("name", ["arch", "coingecko", "skfolio", "synthetic"])
def test_what_ships_is_found_by_its_name(name: str) -> None:
    assert hl.providers.get(name).name == name
    assert name in registry.names()


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(BarsError, match=r"found 'nope'.*'arch', 'coingecko', 'files'"):
        hl.providers.get("nope")


def test_what_a_provider_needs_is_said() -> None:
    with pytest.raises(
        BarsError, match=r"found no settings for 'files'; expected .*get\('files', folder=…\); tz=…"
    ):
        hl.providers.get("files")
    with pytest.raises(BarsError, match=r"found settings \['x'\] for 'arch'; .*get\('arch'\)$"):
        hl.providers.get("arch", x=1)


def test_an_error_inside_a_provider_is_its_own() -> None:
    class Broken(Mine):
        def __init__(self) -> None:
            super().__init__()
            self.rows = len(self.rows)  # type: ignore[arg-type]

    hl.providers.register("broken", Broken)
    try:
        with pytest.raises(TypeError, match=r"object of type 'int' has no len"):
            hl.providers.get("broken")
    finally:
        hl.providers.unregister("broken")


@pytest.mark.parametrize("name", [None, 5, []])
def test_a_name_of_another_type(name: Any) -> None:
    with pytest.raises(BarsError, match="expected one of"):
        hl.providers.get(name)


@pytest.mark.parametrize("name", ["arch", "skfolio", "synthetic"])
@pytest.mark.parametrize("dataset", [None, 5, ["TEST"]])
def test_a_data_set_of_another_type(name: str, dataset: Any) -> None:
    with pytest.raises(BarsError, match="expected one of"):
        hl.providers.get(name).bars(dataset)
