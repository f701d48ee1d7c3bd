from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from api import Settings, create_app
from api.problems import STATUS_OF_ERROR, status_of
from hyprl_lab import errors

KEYS = {"type", "title", "status", "detail", "instance", "code", "request_id"}


def check_problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert KEYS <= set(body) <= KEYS | {"errors"}
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == f"urn:hyprl:problem:{code}"
    assert body["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["api-version"] == "2.0"
    assert answer.headers["x-content-type-options"] == "nosniff"
    return body


@pytest.fixture
def post(client: TestClient, make_key: Callable[..., str]) -> Callable[..., Any]:
    key = make_key()

    def send(raw: bytes | Iterator[bytes], **headers: str) -> Any:
        given = {"X-API-Key": key, "Content-Type": "application/json", **headers}
        return client.post("/v2/predict", content=raw, headers=given)

    return send


@pytest.mark.parametrize("path", ["/nope", "/v2/nope", "/v2/presets/", "/docs"])
def test_404(client: TestClient, path: str) -> None:
    body = check_problem(client.get(path), 404, "not_found")
    assert body["instance"] == path


def test_405_names_the_methods(client: TestClient) -> None:
    answer = client.delete("/v2/predict")
    check_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


def test_401_comes_before_the_body_is_looked_at(client: TestClient) -> None:
    answer = client.post("/v2/predict", content=b"{{{", headers={"X-API-Key": "x"})
    check_problem(answer, 401, "unauthorised")
    assert answer.headers["www-authenticate"] == "ApiKey"
    assert answer.headers["cache-control"] == "no-store"


def test_415(post: Callable[..., Any]) -> None:
    check_problem(
        post(b"preset=x", **{"Content-Type": "text/plain"}), 415, "unsupported_media_type"
    )


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "invalid_json"),
        (b"{", "invalid_json"),
        (b'{"preset": "x"} trailing', "invalid_json"),
        (b'{"preset": "x", "preset": "y"}', "duplicate_key"),
        (b'{"bars": [{"open": 1, "open": 2}]}', "duplicate_key"),
        (b'{"preset": NaN}', "not_finite"),
        (b'{"preset": Infinity}', "not_finite"),
        (b'{"preset": -Infinity}', "not_finite"),
        (b'{"preset": 1e999}', "not_finite"),
        (b'{"preset": ' + b"9" * 5000 + b"}", "number_too_long"),
        (b"[" * 100_000, "too_deep"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "too_deep"),
        (b'{"preset": "\xff"}', "not_utf8"),
        (b"[]", "invalid_request"),
        (b"null", "invalid_request"),
        (b"{}", "invalid_request"),
        (b'{"preset": "../etc/passwd"}', "invalid_request"),
        (b'{"preset": "\\ud800"}', "invalid_request"),
        (b'{"preset": "x", "path": "/etc/passwd"}', "invalid_request"),
        (b'{"preset": "x", "symbol": "TEST", "bars": [{}]}', "invalid_request"),
        (b'{"preset": "x", "bars": []}', "invalid_request"),
    ],
)
def test_422_never_500(post: Callable[..., Any], raw: bytes, code: str) -> None:
    body = check_problem(post(raw), 422, code)
    assert body["errors"]
    for error in body["errors"]:
        assert set(error) == {"pointer", "code", "message"}
    assert "passwd" not in body["detail"]


def test_pointers_lead_to_the_fault_and_the_input_is_not_echoed(post: Callable[..., Any]) -> None:
    row = {"ts": "2020-01-01T00:00:00Z", "open": "secret-1", "high": 1, "low": -2, "close": 1}
    body = post(json.dumps({"preset": "x", "bars": [row]}).encode()).json()
    assert {e["pointer"] for e in body["errors"]} == {"/bars/0/open", "/bars/0/low"}
    assert "secret-1" not in json.dumps(body)


@pytest.mark.parametrize("given", [True, "10", None, [1], {}])
@pytest.mark.parametrize("name", ["open", "high", "low", "close", "volume"])
def test_a_price_is_a_number_and_nothing_like_one(
    post: Callable[..., Any], name: str, given: object
) -> None:
    row = {"ts": "2020-01-01T00:00:00Z", "open": 1, "high": 1, "low": 1.0, "close": 1, name: given}
    body = check_problem(
        post(json.dumps({"preset": "x", "bars": [row]}).encode()), 422, "invalid_request"
    )
    assert {e["pointer"] for e in body["errors"]} == {f"/bars/0/{name}"}


@pytest.mark.parametrize(
    "ts", [1577836800, "1577836800", 1.5, True, None, "2020-01-01", "2020-01-01T00:00:00", "now"]
)
def test_a_time_is_text_with_a_zone(post: Callable[..., Any], ts: object) -> None:
    row = {"ts": ts, "open": 1, "high": 1, "low": 1, "close": 1}
    body = check_problem(
        post(json.dumps({"preset": "x", "bars": [row]}).encode()), 422, "invalid_request"
    )
    assert {e["pointer"] for e in body["errors"]} == {"/bars/0/ts"}
    for good in ("2020-01-01T00:00:00Z", "2020-01-01T02:00:00.5+02:00"):
        answer = post(json.dumps({"preset": "x", "bars": [{**row, "ts": good}]}).encode())
        check_problem(answer, 404, "preset_not_found")


def test_an_unknown_field_and_a_long_path_are_not_echoed(
    post: Callable[..., Any], client: TestClient
) -> None:
    body = check_problem(
        post(json.dumps({"preset": "x", "s3cret" * 9_000: 1, "bars": [{"s3cret": 1}]}).encode()),
        422,
        "invalid_request",
    )
    assert {"/?", "/bars/0/?"} <= {e["pointer"] for e in body["errors"]}
    assert "s3cret" not in json.dumps(body)
    path = "/" + "x" * 50_000
    assert check_problem(client.get(path), 404, "not_found")["instance"] == path[:200]


def test_head_tells_whether_it_lives(client: TestClient) -> None:
    for path in ("/health", "/ready"):
        answer = client.head(path)
        assert answer.status_code == 200
        assert answer.headers["api-version"] == "2.0"


def test_brackets_inside_strings_are_not_nesting(post: Callable[..., Any]) -> None:
    check_problem(post(b'{"preset": "' + b"[" * 500 + b'"}'), 422, "invalid_request")
    check_problem(post(b'{"preset": "\\"' + b"{" * 500 + b'"}'), 422, "invalid_request")


def test_a_string_without_an_end_is_read_once(post: Callable[..., Any]) -> None:
    """Half a million escaped quotes; anything but linear time would take hours."""
    check_problem(post(b'"' + b'\\"' * 500_000), 422, "invalid_json")


def test_413_declared_and_streamed(settings: Settings, make_key: Callable[..., str]) -> None:
    small = settings.model_copy(update={"max_body_bytes": 1_000})
    headers = {"X-API-Key": make_key(), "Content-Type": "application/json"}
    with TestClient(create_app(small), raise_server_exceptions=False) as client:
        declared = client.post("/v2/predict", content=b" " * 1_001, headers=headers)
        check_problem(declared, 413, "content_too_large")
        streamed = client.post(
            "/v2/predict", content=(b" " * 100 for _ in range(11)), headers=headers
        )
        check_problem(streamed, 413, "content_too_large")
        exact = client.post("/v2/predict", content=b" " * 1_000, headers=headers)
        check_problem(exact, 422, "invalid_json")


def test_query_faults_are_problems(client: TestClient, make_key: Callable[..., str]) -> None:
    headers = {"X-API-Key": make_key()}
    answer = client.get("/v2/presets?limit=101", headers=headers)
    assert check_problem(answer, 422, "invalid_request")["errors"][0]["pointer"] == "/query/limit"
    answer = client.get("/v2/presets?cursor=%21%21", headers=headers)
    check_problem(answer, 422, "invalid_request")


def test_500_hides_the_reason_from_the_caller_only(
    settings: Settings, make_key: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import api.routes.usage as route

    def broken(*_args: object) -> None:
        raise RuntimeError("a private reason")

    monkeypatch.setattr(route, "history", broken)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        answer = client.get("/v2/usage", headers={"X-API-Key": make_key()})
    check_problem(answer, 500, "internal")
    assert "private" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_a_request_id_is_kept_only_if_it_is_one(client: TestClient) -> None:
    assert (
        client.get("/health", headers={"X-Request-ID": "abc-12345"}).headers["x-request-id"]
        == "abc-12345"
    )
    for bad in ("short", "x" * 65, "white space", "a/b/c/d/e/f"):
        got = client.get("/health", headers={"X-Request-ID": bad}).headers["x-request-id"]
        assert got != bad
        assert len(got) == 32


def test_every_error_of_the_lab_has_a_status() -> None:
    expected = {
        errors.LabError: 500,
        errors.InputError: 422,
        errors.BarsError: 422,
        errors.QualityError: 422,
        errors.UnknownSymbolError: 422,
        errors.ProviderError: 500,
        errors.StrategyError: 422,
        errors.ConfigError: 422,
        errors.UnknownAttributeError: 422,
        errors.SpaceError: 422,
        errors.WarehouseError: 503,
        errors.NotFoundError: 404,
        errors.IntegrityError: 500,
        errors.PromotionError: 403,
        errors.ReportError: 500,
        errors.EngineUnavailableError: 503,
        errors.ClusterError: 503,
        errors.CancelledError: 503,
    }
    named = {getattr(errors, name) for name in errors.__all__}
    assert named == set(expected)
    for kind, status in expected.items():
        report = (None,) if kind is errors.QualityError else ()
        assert status_of(kind("x", *report))[0] == status
    order = [kind for kind, _, _ in STATUS_OF_ERROR]
    for place, kind in enumerate(order):
        assert not any(issubclass(later, kind) for later in order[place + 1 :])


def test_no_secret_reaches_the_log(
    settings: Settings, make_key: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    from api.auth import load_peppers

    key = make_key()
    caplog.set_level(logging.DEBUG)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        client.get("/v2/usage", headers={"X-API-Key": key})
        client.get("/v2/usage", headers={"X-API-Key": key[:-1]})
        client.get(f"/v2/{key}")
        client.post("/v2/predict", content=key.encode(), headers={"X-API-Key": key})
    ours = [r for r in caplog.records if r.name.startswith(("hyprl", "api", "sqlalchemy"))]
    assert len(ours) >= 4
    secret, pepper = key.split("_")[3], load_peppers(settings).current.secret.decode()
    for record in ours:
        assert secret not in record.getMessage()
        assert pepper not in record.getMessage()


def test_cors_answers_exact_origins_only(settings: Settings) -> None:
    allowed = settings.model_copy(update={"cors_origins": ("https://desk.example",)})
    with TestClient(create_app(allowed)) as client:
        ours = client.get("/health", headers={"Origin": "https://desk.example"})
        other = client.get("/health", headers={"Origin": "https://evil.example"})
        asked = {"Access-Control-Request-Method": "POST"}
        preflight = client.options(
            "/v2/predict", headers={"Origin": "https://desk.example", **asked}
        )
        refused = client.options("/v2/predict", headers={"Origin": "https://evil.example", **asked})
    assert preflight.status_code == 200
    check_problem(refused, 400, "cors_refused")
    assert "access-control-allow-origin" not in refused.headers
    assert ours.headers["access-control-allow-origin"] == "https://desk.example"
    assert "access-control-allow-origin" not in other.headers
