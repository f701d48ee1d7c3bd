"""Run the app under uvicorn."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from sqlalchemy.exc import SQLAlchemyError

from api.application import create_app
from api.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from fastapi import FastAPI

    from api.state import Lab

__all__ = ["serve"]

DRAIN_SECONDS: Final = 2
REFUND_SECONDS: Final = 2.6
LEAVE_SECONDS: Final = 3.8
KILL_SECONDS: Final = 4.4
BUSY_SWITCH_SECONDS: Final = 0.0002

logger = logging.getLogger("hyprl.api")


def serve(
    settings: Settings | None = None, host: str | None = None, port: int | None = None
) -> None:
    """Serve until SIGTERM or Ctrl-C.

    After the signal requests have two seconds to end; those that don't are answered with 503
    `shutting_down`, and what they paid is refunded; the process is gone within five.

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
    app = create_app(settings)
    _Server(uvicorn.Config(app, **options), app).run()


class _Server(uvicorn.Server):
    """Leaves within five seconds of the first signal, even where a thread is deep in a backtest.

    Busy threads share one interpreter, and the event loop gets its turn late. So a thread refunds
    and another leaves, whatever the loop has come to; last, the system's own alarm ends the
    process without Python.
    """

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self.should_exit:
            if hasattr(signal, "setitimer"):
                signal.setitimer(signal.ITIMER_REAL, KILL_SECONDS)
            sys.setswitchinterval(BUSY_SWITCH_SECONDS)  # short turns for the busy threads
            _later(REFUND_SECONDS, self._refund)
            _later(LEAVE_SECONDS, lambda: os._exit(0))
        super().handle_exit(sig, frame)

    def _refund(self) -> None:
        lab: Lab | None = getattr(self._app.state, "lab", None)
        if lab is None:
            return
        try:
            lab.meter.close()
        except SQLAlchemyError as error:
            logger.exception("open debits could not be refunded", exc_info=error)


def _later(seconds: float, call: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()
