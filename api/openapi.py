"""The committed OpenAPI document: `python -m api.openapi` writes `docs/openapi.json`."""

from __future__ import annotations

import json
from pathlib import Path

from api.application import create_app
from api.settings import Settings

__all__ = ["render"]


def render() -> str:
    """Return the document as it is committed: sorted keys, two spaces, a newline at the end."""
    document = create_app(Settings()).openapi()
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path("docs/openapi.json").write_text(render(), encoding="utf-8")
