"""Names of what is in the making, in `warehouse/tmp`: they say who makes it.

So a sweep can tell what a dead process left from what a living one is still writing.
"""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Final

from hyprl_lab.store.control.writer import Writer, now_us, this_writer

__all__ = ["is_abandoned", "is_staged", "name"]

_NAME: Final = re.compile(
    r"^.+\.(?P<machine>[0-9a-f]{12})-(?P<boot>[0-9a-f]{12})-(?P<pid>\d+)-(?P<start>\d+)"
    r"-(?P<made>\d+)-[0-9a-f]{8}$"
)


def name(prefix: str) -> str:
    """Return a new name for a file or folder that this process is about to write.

    Parameters
    ----------
    prefix
        What it is, for who looks into the folder.

    Examples
    --------
    >>> name("run").startswith("run."), name("run") != name("run")
    (True, True)
    """
    writer = this_writer()
    who = f"{_short(writer.machine)}-{_short(writer.boot)}-{writer.pid}-{writer.process_start}"
    return f"{prefix}.{who}-{now_us()}-{uuid.uuid4().hex[:8]}"


def is_staged(name: str) -> bool:
    """Whether a name says who makes what has it, as those of `name` do.

    Examples
    --------
    >>> is_staged("run.0123456789ab-0123456789ab-1-2-3-01234567"), is_staged("photo.jpg")
    (True, False)
    """
    return _NAME.match(name) is not None


def is_abandoned(staged: str | Path) -> bool:
    """Whether what has this name was left by a process that is gone.

    A process of another machine is given up an hour after it made the name, or after it last
    changed what has it. A name that `name` did not make is never abandoned: it is not known
    whose it is.

    Parameters
    ----------
    staged
        The file or folder; a mere name is judged by when it was made.

    Examples
    --------
    >>> is_abandoned(name("run")), is_abandoned("photo.jpg")
    (False, False)
    """
    path = staged if isinstance(staged, Path) else None
    found = _NAME.match(Path(staged).name if path is not None else str(staged))
    if found is None:
        return False
    here = this_writer()
    # the same place has the same hash, and another one is only known to be another
    writer = Writer(
        here.machine if found["machine"] == _short(here.machine) else found["machine"],
        here.boot if found["boot"] == _short(here.boot) else found["boot"],
        int(found["pid"]),
        int(found["start"]),
    )
    made = int(found["made"])
    if not writer.is_dead(heartbeat_at=made):
        return False
    if path is None or writer.machine == here.machine:
        return True
    return writer.is_dead(heartbeat_at=max(made, _last_changed_us(path)))


def _last_changed_us(path: Path) -> int:
    """Return when a file, or the last of a folder's, was changed; 0 for what is gone."""
    last = 0
    inside = (
        Path(place, name) for place, folders, files in os.walk(path) for name in (*folders, *files)
    )
    for each in (path, *inside):
        with suppress(FileNotFoundError):
            last = max(last, each.lstat().st_mtime_ns // 1000)
    return last


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
