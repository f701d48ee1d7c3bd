"""The tree of commands: who is in it, and that each file of a group is."""

from __future__ import annotations

from hyprl_lab.cli.app import COMMANDS, GROUPS, app, command


def test_the_tree_holds_every_command_once() -> None:
    tree = command()
    groups = [group.info.name for group in GROUPS]
    assert sorted(tree.commands) == sorted([*(f.__name__ for f in COMMANDS), *groups])
    assert {"demo", "backtest", "search", "report", "promote", "serve"} <= set(tree.commands)
    assert sorted(tree.commands["token"].commands) == ["create", "list", "revoke"]


def test_the_tree_is_built_once() -> None:
    assert command() is command()
    assert app.info.name == "hyprl"


def test_help_is_the_first_line_of_the_function() -> None:
    for function in COMMANDS:
        help_text = command().commands[function.__name__].help
        assert help_text.splitlines()[0] == (function.__doc__ or "").splitlines()[0]
