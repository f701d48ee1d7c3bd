"""The published API: promoted presets behind keys, credits and limits."""

from __future__ import annotations

from api.application import create_app
from api.server import serve
from api.settings import Settings

__all__ = ["Settings", "create_app", "serve"]
