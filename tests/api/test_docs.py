from __future__ import annotations

import json
from pathlib import Path

import pytest

from api import Settings
from api.openapi import render


def test_every_route_and_setting_is_documented(root: Path) -> None:
    page = (root / "docs" / "api.md").read_text(encoding="utf-8")
    for path in json.loads(render())["paths"]:
        assert f"{path}`" in page, path
    for name in Settings.model_fields:
        assert f"`HYPRL_{name.upper()}`" in page, name


@pytest.mark.parametrize("variable", ["HYPRL_QUOTAS", "HYPRL_KEY_PEPPER_PREVIOUS"])
def test_json_settings_read_the_environment(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old = "an old pepper of at least 32 characters"
    value = {
        "HYPRL_QUOTAS": '{"lab": {"credits_daily": 7, "max_rpm": 1, "max_rpd": 2}}',
        "HYPRL_KEY_PEPPER_PREVIOUS": f'["{old}"]',
    }[variable]
    monkeypatch.setenv(variable, value)
    settings = Settings()
    if variable == "HYPRL_QUOTAS":
        assert settings.quota("lab").credits_daily == 7
    else:
        assert [s.get_secret_value() for s in settings.key_pepper_previous] == [old]
