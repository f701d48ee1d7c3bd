"""An option that several commands share is spelt and explained in one way."""

from __future__ import annotations

from collections import defaultdict

from hyprl_lab.cli.app import command
from hyprl_lab.engine import defaults

EXECUTION = ("fee_bps", "slippage_bps", "fill", "whole_units", "at_end")


def parameters(name: str) -> dict[str, object]:
    return {parameter.name: parameter for parameter in command().commands[name].params}


def test_one_name_has_one_help_and_one_spelling() -> None:
    backtest, search = parameters("backtest"), parameters("search")
    shared = set(backtest) & set(search)
    assert len(shared) >= 14
    for name in shared:
        assert backtest[name].opts == search[name].opts, name  # type: ignore[attr-defined]
        assert backtest[name].default == search[name].default, name  # type: ignore[attr-defined]
    spoken = defaultdict(set)
    for found in (backtest, search):
        for name in shared:
            spoken[name].add(getattr(found[name], "help", None))
    assert all(len(texts) == 1 and texts != {None} for texts in spoken.values())


def test_the_defaults_are_the_librarys() -> None:
    said = defaults()
    for command_name in ("backtest", "search"):
        found = parameters(command_name)
        for name in EXECUTION:
            assert found[name].default == said["execution"][name], name  # type: ignore[attr-defined]
        assert found["cash"].default == said["cash"]  # type: ignore[attr-defined]
        assert found["risk"].default == said["risk"]["model"]  # type: ignore[attr-defined]
