"""Settings come from the environment; a wrong one is named, its value never."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hyprl_lab.cli.exits import USAGE
from hyprl_lab.cli.settings import api_settings
from hyprl_lab.errors import ConfigError


def test_a_setting_out_of_range_is_named(hyprl: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYPRL_PORT", "99999")
    code, answer = hyprl("token", "list")
    assert code == USAGE
    assert "HYPRL_PORT" in answer["error"]["message"]


def test_settings_are_the_environments(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("HYPRL_PORT", "8123")
    settings = api_settings()
    assert settings.port == 8123
    assert Path(settings.folder) == home


def test_no_value_is_ever_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYPRL_PORT", "secret-words")
    with pytest.raises(ConfigError, match="HYPRL_PORT") as caught:
        api_settings()
    assert "secret-words" not in str(caught.value)
