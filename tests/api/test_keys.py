from __future__ import annotations

import re
import stat
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from starlette.testclient import TestClient

from api import Settings
from api.accounts import Database, tokens
from api.auth import generate_key, load_peppers, parse_key_id
from hyprl_lab.errors import ConfigError, NotFoundError

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def base62(value: int) -> str:
    digits = ""
    while value:
        value, digit = divmod(value, 62)
        digits = BASE62[digit] + digits
    return digits.rjust(6, "0")


def test_a_key_has_the_stated_form() -> None:
    key_id, key = generate_key()
    match = re.fullmatch(r"hl_live_([0-9A-Za-z]{12})_([0-9A-Za-z]{43})_([0-9A-Za-z]{6})", key)
    assert match is not None
    assert match[1] == key_id
    assert match[3] == base62(zlib.crc32(key.rpartition("_")[0].encode()))
    assert generate_key()[1] != key


@pytest.mark.parametrize("position", [8, 25, -1])
def test_a_mistyped_key_is_known_without_the_database(position: int) -> None:
    _, key = generate_key()
    letters = list(key)
    letters[position] = "a" if letters[position] != "a" else "b"
    assert parse_key_id("".join(letters)) is None


def test_the_stored_row_does_not_hold_the_key(settings: Settings) -> None:
    record, key = tokens.create(settings, name="desk")
    pepper = load_peppers(settings).current
    secret = key.split("_")[3]
    database = Database(settings.accounts_url)
    with database.read() as connection:
        row = connection.execute(text("SELECT * FROM api_tokens")).one()
    database.close()
    assert secret not in repr(row)
    assert row.id == record.id
    assert row.pepper_id == pepper.id
    assert len(row.key_hash) == 64
    for file in (settings.folder / "accounts.db", settings.folder / "accounts.db-wal"):
        if file.exists():
            assert secret.encode() not in file.read_bytes()


def test_the_pepper_file_is_made_once_and_private(settings: Settings) -> None:
    first = load_peppers(settings).current
    path = settings.folder / "keys" / "api_pepper"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_peppers(settings).current == first
    assert repr(first.secret) not in repr(first)
    assert first.secret.decode() not in repr(load_peppers(settings))
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        load_peppers(settings)


def test_a_key_outlives_a_rotated_pepper(
    tmp_path: Path, client_of: Callable[[Settings], TestClient]
) -> None:
    old, new = "first pepper " + "x" * 32, "second pepper " + "y" * 32
    _, key = tokens.create(Settings(home=tmp_path, key_pepper=old), name="desk")
    for settings, status in (
        (Settings(home=tmp_path, key_pepper=new, key_pepper_previous=(old,)), 200),
        (Settings(home=tmp_path, key_pepper=new), 401),
    ):
        answer = client_of(settings).get("/v2/usage", headers={"X-API-Key": key})
        assert answer.status_code == status


@pytest.fixture
def client_of():
    opened = []

    def make(settings: Settings) -> TestClient:
        from api import create_app

        client = TestClient(create_app(settings), raise_server_exceptions=False)
        client.__enter__()
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.__exit__(None, None, None)


def test_every_bad_key_gets_the_same_answer(client: TestClient, settings: Settings) -> None:
    record, inactive = tokens.create(settings, name="gone")
    tokens.revoke(settings, record.id)
    _, good = tokens.create(settings, name="good")
    _, unknown = generate_key()
    head, _, check = good.rpartition("_")
    wrong_secret = head[:-1] + ("a" if head[-1] != "a" else "b")
    forged = f"{wrong_secret}_{base62(zlib.crc32(wrong_secret.encode()))}"
    assert parse_key_id(forged) is not None
    bad_check = f"{head}_{'0' * 6 if check != '0' * 6 else '1' * 6}"
    bodies, headers = set(), set()
    for key in (None, "", "nonsense", bad_check, unknown, forged, inactive, "é" * 20, "x" * 5000):
        given = {"X-Request-ID": "the-same-id"}
        if key is not None:
            given["X-API-Key"] = key.encode("latin-1")
        answer = client.get("/v2/usage", headers=given)
        assert answer.status_code == 401
        bodies.add(answer.content)
        headers.add(tuple(sorted(answer.headers.items())))
    assert len(bodies) == 1
    assert len(headers) == 1
    assert client.get("/v2/usage", headers={"X-API-Key": good}).status_code == 200
    for pair in ((good, good), (good, unknown), (unknown, good)):
        answer = client.get(
            "/v2/usage",
            headers=[("X-Request-ID", "the-same-id"), *(("X-API-Key", key) for key in pair)],
        )
        assert answer.status_code == 401
        assert {answer.content} == bodies


def test_a_revoked_key_stops_at_once(client: TestClient, settings: Settings) -> None:
    record, key = tokens.create(settings, name="desk")
    assert client.get("/v2/usage", headers={"X-API-Key": key}).status_code == 200
    gone = tokens.revoke(settings, record.id)
    assert not gone.active
    assert gone.revoked_at is not None
    assert tokens.revoke(settings, record.id).revoked_at == gone.revoked_at
    assert client.get("/v2/usage", headers={"X-API-Key": key}).status_code == 401
    assert [t.active for t in tokens.list_(settings)] == [False]


def test_token_operations_refuse_what_is_not_one(settings: Settings) -> None:
    with pytest.raises(ConfigError, match="no tier 'gold'"):
        tokens.create(settings, name="desk", tier="gold")
    with pytest.raises(ConfigError, match="no scope 'all'"):
        tokens.create(settings, name="desk", scopes=["all"])
    with pytest.raises(ConfigError, match="name"):
        tokens.create(settings, name="")
    with pytest.raises(ConfigError, match="credits_daily_limit"):
        tokens.create(settings, name="desk", credits_daily_limit=-1)
    with pytest.raises(NotFoundError, match="no token"):
        tokens.revoke(settings, "nobody")


def test_tiers_fill_in_the_limits(settings: Settings) -> None:
    free, _ = tokens.create(settings, name="a")
    pro, _ = tokens.create(settings, name="b", tier="pro", max_rpm=7)
    assert (free.credits_daily_limit, free.max_rpm, free.max_rpd) == (50, 60, 1_000)
    assert (pro.credits_daily_limit, pro.max_rpm, pro.max_rpd) == (2_000, 7, 20_000)
    assert free.to_json()["scopes"] == ["read"]


def test_settings_never_print_secrets() -> None:
    settings = Settings(
        key_pepper="p" * 40,
        key_pepper_previous=("q" * 40,),
        database_url="postgresql://lab:hunter2@db/accounts",
        redis_url="redis://:hunter3@cache",
    )
    shown = repr(settings) + str(settings) + str(settings.model_dump())
    for secret in ("p" * 40, "q" * 40, "hunter2", "hunter3"):
        assert secret not in shown
    with pytest.raises(ValidationError) as caught:
        Settings(key_pepper="short-secret")
    assert "short-secret" not in str(caught.value)


def test_settings_refuse_what_is_unsafe(monkeypatch: pytest.MonkeyPatch) -> None:
    for origin in (
        "*",
        "https://*.desk.example",
        "https://desk.example/",
        "https://desk.example/path",
        "https://user@desk.example",
        "https://desk.example?x",
        "https://",
        "desk.example",
        "https://desk.example:port",
    ):
        with pytest.raises(ValidationError, match="exact origin"):
            Settings(cors_origins=origin)
    assert Settings(cors_origins="http://[::1]:3000,http://localhost:80").cors_origins
    for name in ("cost_predict", "cost_backtest_summary"):
        assert getattr(Settings(**{name: 1_000_000}), name) == 1_000_000
        with pytest.raises(ValidationError, match="less than or equal"):
            Settings(**{name: 1_000_001})
    with pytest.raises(ValidationError, match="at least 32") as caught:
        Settings(key_pepper_previous=("a short secret",))
    assert "a short secret" not in str(caught.value)
    with pytest.raises(ValidationError, match="HYPRL_REDIS_URL"):
        Settings(workers=2)
    assert Settings(workers=2, redis_url="redis://cache").workers == 2
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    with pytest.raises(ValidationError, match="3 workers"):
        Settings()
    monkeypatch.delenv("WEB_CONCURRENCY")
    monkeypatch.setenv("HYPRL_CORS_ORIGINS", "https://a.example, https://b.example")
    assert Settings().cors_origins == ("https://a.example", "https://b.example")
