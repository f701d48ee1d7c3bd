"""`hyprl lab` and `hyprl dashboard`: JupyterLab and Voila on this project's home."""

import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from hyprl_lab.cli.options import AsJson
from hyprl_lab.cli.output import emit

__all__ = ["dashboard", "lab"]


def lab(
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Where JupyterLab listens.")] = 8888,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
    allow_root: Annotated[
        bool, typer.Option("--allow-root", help="Run as root, as in a container.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Open JupyterLab on the notebooks, until stopped."""
    from hyprl_lab.store import home

    folder = Path("notebooks") if Path("notebooks").is_dir() else Path.cwd()
    command = [sys.executable, "-m", "jupyterlab", f"--port={port}", f"--notebook-dir={folder}"]
    if no_browser:
        command.append("--no-browser")
    if allow_root:
        command.append("--allow-root")
    emit({"folder": folder.resolve(), "port": port, "home": home()}, as_json=as_json)
    environment = {**os.environ, "HYPRL_HOME": str(home())}
    done = subprocess.run(command, env=environment, check=False, stdout=sys.stderr)  # noqa: S603  # our own words
    raise typer.Exit(done.returncode)


def dashboard(
    name: Annotated[str, typer.Argument(help="Which page.")] = "control_panel",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Where Voila listens.")] = 8866,
    as_json: AsJson = False,
) -> None:
    """Serve a Voila dashboard, until stopped (Ctrl-C, SIGTERM)."""
    from hyprl_lab.nb import serve_dashboard, voila_server
    from hyprl_lab.store import home

    token = secrets.token_urlsafe(32)
    url = voila_server(name, port=port, token=token).url
    emit({"dashboard": name, "url": url, "home": home()}, as_json=as_json)
    raise typer.Exit(serve_dashboard(name, port, token, home=home()))
