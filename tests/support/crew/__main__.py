"""A process that has everything imported and forks workers, so that they can be many.

Run as `python -m crew HOME`: a line `duty output errors` forks one, and is answered by its process
id. The three are separated by tabs. The worker begins when another line has said that its process
is held, before which its number could become another's.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from importlib import import_module

from crew.duties import DUTIES
from hyprl_lab.environment import environment_hash
from hyprl_lab.store import Warehouse

BEFOREHAND = (
    *("duckdb", "filelock", "nacl.signing", "pandas", "pyarrow.compute", "pyarrow.parquet"),
    *("psycopg", "sqlalchemy.dialects.postgresql.psycopg"),
)


def main() -> None:
    """Fork a worker for each line."""
    for name in BEFOREHAND:
        import_module(name)
    environment_hash()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries them
    for line in sys.stdin:
        duty, said, errors = line.rstrip("\n").split("\t")
        begin, held = os.pipe()
        pid = os.fork()
        if pid:
            os.close(begin)
            print(pid, flush=True)
            sys.stdin.readline()
            os.close(held)
            continue
        os.close(held)
        os.read(begin, 1)
        os.close(begin)
        for path, descriptor in ((said, 1), (errors, 2)):
            opened = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            os.dup2(opened, descriptor)
            os.close(opened)
        os.close(0)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        try:
            DUTIES[duty](Warehouse(sys.argv[1]))
        except BaseException:  # noqa: BLE001 - whatever ends a worker is an error to be shown
            traceback.print_exc()
            sys.stderr.flush()
        os._exit(0)


if __name__ == "__main__":
    main()
