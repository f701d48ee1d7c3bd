"""`hyprl lab` and `hyprl dashboard`: what they refuse, and that a real one answers."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from hyprl_lab.cli.exits import FAILED, USAGE

MAIN = "from hyprl_lab.cli import main; main()"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(home: Path, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, *arguments, "--json"],
        cwd=folder,
        env={**os.environ, "HYPRL_HOME": str(home), "JUPYTER_CONFIG_DIR": str(folder / "config")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def stopped(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def test_lab_opens_on_the_folder_it_names(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    (folder / "notebooks").mkdir(parents=True)
    port = free_port()
    process = started(home, folder, "lab", f"--port={port}", "--no-browser", "--allow-root")
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told == {
            "folder": str((folder / "notebooks").resolve()),
            "port": port,
            "home": str(home),
        }
        deadline = time.monotonic() + 90
        while True:
            try:
                answer = httpx2.get(f"http://127.0.0.1:{port}/lab", trust_env=False)
                break
            except httpx2.TransportError:
                assert time.monotonic() < deadline
                assert process.poll() is None
                time.sleep(0.2)
        assert answer.status_code in {302, 403}  # there is someone, and it wants a token
    finally:
        stopped(process)


def test_a_dashboard_is_behind_a_token_of_its_own(home: Path, tmp_path: Path) -> None:
    tokens = []
    for _ in range(2):
        process = started(home, tmp_path, "dashboard", f"--port={free_port()}")
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
        finally:
            stopped(process)
        assert told["dashboard"] == "control_panel"
        assert urlsplit(told["url"]).hostname in {"127.0.0.1", "localhost"}
        tokens += parse_qs(urlsplit(told["url"]).query)["token"]
    assert len(set(tokens)) == 2
    assert min(map(len, tokens)) >= 32


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["dashboard", "no_such_page"], FAILED), (["lab", "--port", "0"], USAGE)],
)
def test_refused(hyprl: Any, arguments: list[str], code: int) -> None:
    found, answer = hyprl(*arguments)
    assert found == code
    assert answer["error"]["message"]
