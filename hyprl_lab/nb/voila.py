"""Serve a dashboard of `notebooks/dashboards` with Voila, to this machine, behind a token."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hyprl_lab.errors import ConfigError
from hyprl_lab.resources import notebook_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["VoilaServer", "serve_dashboard", "voila_server"]


@dataclass(frozen=True, slots=True)
class VoilaServer:
    """How to start one dashboard, and where it then is.

    Parameters
    ----------
    command
        Program and arguments. The token is not among them, for other users can read those.
    environment
        The whole environment of the process.
    url
        The page, with its token.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str]
    url: str


def voila_server(
    name: str = "control_panel",
    *,
    port: int = 8866,
    token: str | None = None,
    home: Path | None = None,
) -> VoilaServer:
    """Return how to serve a dashboard on the loopback address.

    Parameters
    ----------
    name
        File name in `notebooks/dashboards`, without its ending.
    port
        TCP port, 1 to 65535.
    token
        What a visitor must show once; `None` makes a random one of 32 bytes.
    home
        `HYPRL_HOME` of the dashboard's kernels; `None` leaves the environment's.

    Raises
    ------
    NotFoundError
        No such dashboard ships with the lab.
    ConfigError
        The port is out of range, or the token is empty.

    Examples
    --------
    >>> server = voila_server(port=8870, token="secret")
    >>> server.url
    'http://127.0.0.1:8870/?token=secret'
    >>> any("secret" in part for part in server.command)
    False
    """
    if not 1 <= port <= 65535:
        raise ConfigError(f"port is {port}; expected 1 to 65535")
    shown = secrets.token_urlsafe(32) if token is None else token
    if not shown.strip():
        raise ConfigError("the token is empty; give a secret, or None for a random one")
    notebook = notebook_path(f"dashboards/{name}.ipynb")
    environment = dict(os.environ) | {
        "JUPYTER_TOKEN": shown,
        "JUPYTER_PATH": os.pathsep.join(
            filter(
                None,
                [str(notebook_path("dashboards/jupyter")), os.environ.get("JUPYTER_PATH", "")],
            )
        ),
    }
    if home is not None:
        environment["HYPRL_HOME"] = str(home)
    command = (
        sys.executable,
        "-m",
        "voila",
        str(notebook),
        "--no-browser",
        "--Voila.ip=127.0.0.1",
        f"--port={port}",
        "--Voila.port_retries=0",
        # The token then comes from JUPYTER_TOKEN instead of the command line.
        "--Voila.auto_token=True",
        "--template=hyprl",
        "--strip_sources=True",
        "--show_tracebacks=False",
    )
    return VoilaServer(command, environment, f"http://127.0.0.1:{port}/?token={shown}")


def serve_dashboard(
    name: str = "control_panel",
    port: int = 8866,
    token: str | None = None,
    *,
    home: Path | None = None,
) -> int:
    """Serve a dashboard until it is interrupted; print its address; return the exit code.

    Parameters are those of `voila_server`.

    Raises
    ------
    NotFoundError
        No such dashboard ships with the lab.
    ConfigError
        The port is out of range, or the token is empty.
    """
    server = voila_server(name, port=port, token=token, home=home)
    sys.stderr.write(f"{name}: {server.url}\nCtrl-C stops it.\n")
    command, environment = list(server.command), dict(server.environment)
    with subprocess.Popen(command, env=environment) as process:  # noqa: S603  # our own arguments
        try:
            return process.wait()
        except KeyboardInterrupt:
            # Ctrl-C reaches Voila too; it ends its kernels and then itself.
            process.wait()
            return 130
