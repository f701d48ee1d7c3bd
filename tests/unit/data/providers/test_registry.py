from __future__ import annotations

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
