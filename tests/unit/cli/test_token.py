"""`hyprl token`: shown once, revoked for good."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from hyprl_lab.cli.exits import DONE, FAILED


def test_a_key_is_shown_once_and_revoked(hyprl: Any, home: Path) -> None:
    code, made = hyprl("token", "create", "--name", "desk", "--credits", "7")
    assert code == DONE
    assert made["key"].startswith(f"hl_live_{made['id']}_")
    assert made["credits_daily_limit"] == 7
    _, listed = hyprl("token", "list")
    assert [item["id"] for item in listed["tokens"]] == [made["id"]]
    assert made["key"] not in json.dumps(listed)
    with sqlite3.connect(home / "accounts.db") as database:
        stored = "\n".join(database.iterdump())
    assert made["key"].rsplit("_", 2)[1] not in stored
    _, revoked = hyprl("token", "revoke", made["id"])
    assert not revoked["active"]
    assert hyprl("token", "revoke", "nobody")[0] == FAILED
