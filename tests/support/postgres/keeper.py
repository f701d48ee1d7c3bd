"""Makes a server, runs it until its standard input is closed, and removes it.

The tests hold the other end of that pipe, so nothing is left behind when they are killed.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ATTEMPTS = 10


def main(binaries: str, folder: str, port: str, password: str, *options: str) -> None:
    """Make, run and remove the server; the file `port` says where it listens.

    Another process may take a port before the server does, which then ends; another is tried.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests
    data = Path(folder) / "data"
    secret = Path(folder) / "password"
    secret.write_text(password)
    owner = _owner(folder)
    subprocess.run(
        [
            f"{binaries}/initdb",
            f"--pgdata={data}",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            *_collation(binaries),
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            f"--pwfile={secret}",
            "--no-sync",
        ],
        check=True,
        **owner,
    )
    for attempt in range(ATTEMPTS):
        chosen = int(port) if attempt == 0 and port != "0" else _free_port()
        server = subprocess.Popen(
            [
                *(f"{binaries}/postgres", f"-D{data}", f"-k{folder}"),
                *("-h127.0.0.1", f"-p{chosen}", *options),
            ],
            stdin=subprocess.DEVNULL,
            **owner,
        )
        if _listens(server, data):
            break
    else:
        sys.exit(f"none of {ATTEMPTS} ports could be had")
    aside = Path(folder) / "port.new"
    aside.write_text(str(chosen))
    aside.rename(Path(folder) / "port")
    sys.stdin.read()
    server.send_signal(signal.SIGQUIT)  # at once, as a crash would be
    server.wait(timeout=20)
    shutil.rmtree(folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(server: subprocess.Popen[bytes], data: Path) -> bool:
    """Wait until the server is ready, or gone."""
    state = data / "postmaster.pid"
    while server.poll() is None:
        lines = state.read_text().splitlines() if state.exists() else []
        if len(lines) > 7 and lines[7].strip() == "ready":
            return True
        time.sleep(0.02)
    return False


def _collation(binaries: str) -> list[str]:
    """Sort text as people do, not by bytes as SQLite does, where this PostgreSQL can (from 15)."""
    told = subprocess.run([f"{binaries}/initdb", "--help"], check=True, capture_output=True)
    return ["--locale-provider=icu", "--icu-locale=en"] if b"--icu-locale" in told.stdout else []


def _owner(folder: str) -> dict[str, Any]:
    """Whom to run it as, as arguments of `subprocess`: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    for path in (Path(folder), *Path(folder).iterdir()):
        os.chown(path, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


if __name__ == "__main__":
    main(*sys.argv[1:])
