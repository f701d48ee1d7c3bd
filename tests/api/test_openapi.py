from __future__ import annotations

import json
from pathlib import Path

from api.openapi import render


def test_the_committed_document_is_the_generated_one(root: Path) -> None:
    committed = (root / "docs" / "openapi.json").read_text(encoding="utf-8")
    assert committed == render(), "run python -m api.openapi, and read what changed"


def test_every_reference_resolves_and_every_failure_is_a_problem() -> None:
    document = json.loads(render())
    schemas = document["components"]["schemas"]
    assert "HTTPValidationError" not in schemas

    def references(node: object) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*(references(v) for v in node.values()))
        if isinstance(node, list):
            return set().union(*(references(v) for v in node))
        return set()

    for reference in references(document):
        assert reference.removeprefix("#/components/schemas/") in schemas
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["description"], path
            failure = operation["responses"]["default"]["content"]
            assert list(failure) == ["application/problem+json"]
            if path.startswith("/v2/"):
                assert operation["security"] == [{"APIKeyHeader": []}]


def test_every_route_is_documented() -> None:
    assert sorted(json.loads(render())["paths"]) == [
        "/health",
        "/metrics",
        "/ready",
        "/v2/backtest/summary",
        "/v2/predict",
        "/v2/presets",
        "/v2/presets/{name}",
        "/v2/usage",
    ]
