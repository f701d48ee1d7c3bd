"""The app as ASGI servers import it, and `python -m api.main`."""

from __future__ import annotations

from api.application import create_app
from api.server import serve

__all__ = ["app", "create_app"]

app = create_app()

if __name__ == "__main__":
    serve()
