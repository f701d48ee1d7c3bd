"""Run the app under uvicorn."""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING, Any, Final

import uvicorn

from api.application import create_app
from api.settings import Settings

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["serve"]

DRAIN_SECONDS: Final = 3
GIVE_UP_SECONDS: Final = 4.5


def serve(
    settings: Settings | None = None, host: str | None = None, port: int | None = None
) -> None:
    """Serve until SIGTERM or Ctrl-C.

    After the signal requests have three seconds to end; what is still paid for and not answered
    is refunded; the process is gone within five.

    Parameters
    ----------
    settings
        By default those of the environment.
    host, port
        By default those of the settings. Port 0 lets the system choose; the log says which.
    """
    settings = settings or Settings()
    logging.basicConfig(level=settings.log_level.upper())
    options: dict[str, Any] = {
        "host": host if host is not None else settings.host,
        "port": port if port is not None else settings.port,
        "log_level": settings.log_level,
        "access_log": False,
        "server_header": False,
        "timeout_graceful_shutdown": DRAIN_SECONDS,
    }
    if settings.workers > 1:
        uvicorn.run("api.application:create_app", factory=True, workers=settings.workers, **options)
        return
    _Server(uvicorn.Config(create_app(settings), **options)).run()


class _Server(uvicorn.Server):
    """Leaves within five seconds of the first signal, even where a thread is deep in a backtest."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        timer = threading.Timer(GIVE_UP_SECONDS, os._exit, args=(0,))
        timer.daemon = True
        timer.start()
        super().handle_exit(sig, frame)
