"""Who is reading: a file that a reader may have listed is kept until that reader is done.

A reader pins the generation it starts in, and lists its files after that. A file whose row died
in generation g can be on the list of a reader that pinned an earlier one only; so it may go when
every living reader pinned g or later. The row's death is committed before the pins are looked at:
a reader that pins after the look doesn't find the row any more.

On SQLite, which serves one machine, a pin is a file with the generation in its name, under an
exclusive `flock` of its owner; the kernel drops the lock with the process. On PostgreSQL it is a
shared advisory lock of a session, which the server drops with the session, on whatever machine. A
session may be lost while its reader goes on (the server was restarted, a router forgot it): what
the reader then misses is said to be missed for that reason.
"""

from __future__ import annotations

import fcntl
import os
import re
import uuid
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store import disk
from hyprl_lab.store.parts import generations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hyprl_lab.store.control.database import Control

__all__ = ["Pin", "PinLostError", "Pins"]

_NAME: Final = re.compile(r"(?P<generation>\d+)-[0-9a-f]{32}\.pin")


class PinLostError(WarehouseError):
    """What was read may have been swept meanwhile, for the server dropped the reader's session."""


@dataclass(frozen=True, slots=True)
class Pin:
    """What one reader holds.

    Parameters
    ----------
    generation
        That is pinned.
    is_lost
        Asks whether the pin went before its reader was done.
    """

    generation: int
    is_lost: Callable[[], bool]

    def check(self) -> None:
        """Make sure that whatever was missing was not missing because the pin was lost.

        Raises
        ------
        PinLostError
            The pin was lost.
        """
        if self.is_lost():
            raise PinLostError(
                "the server dropped the session that kept what is read here from being swept (it "
                "was restarted, or the connection to it was lost), so some of it may be gone; the "
                "warehouse is whole: ask again"
            )


def _never() -> bool:
    return False


UNPINNED: Final = Pin(0, _never)
"""Of a reader that reads no files, and has nothing to lose."""


class Pins:
    """The pins of one warehouse.

    Parameters
    ----------
    control
        Its control database.
    folder
        Where pins are files; made when first needed.
    """

    def __init__(self, control: Control, folder: Path) -> None:
        self._control = control
        self._folder = folder

    @contextmanager
    def hold(self) -> Iterator[int]:
        """Keep every file that is live now, or later, until the block is left.

        Returns
        -------
        The generation that is pinned. List files inside the block, never before it.

        Raises
        ------
        WarehouseError
            The home can't be written, so nobody would know of this reader.
        PinLostError
            In place of another `WarehouseError` of the block, where the pin was lost.
        """
        with self.pin() as pin:
            yield pin.generation

    @contextmanager
    def pin(self) -> Iterator[Pin]:
        """Do as `hold`, and return what tells whether the pin was lost."""
        with self._control.read() as transaction:
            generation = generations.current(transaction)
        with ExitStack() as held:
            is_lost = _never
            if self._control.backend == "postgresql":
                is_lost = held.enter_context(self._control.shared_lock(generation))
            else:
                held.callback(_release, *self._locked(generation))
            owner = os.getpid()
            pin = Pin(generation, is_lost)
            try:
                yield pin
            except WarehouseError as error:
                try:
                    pin.check()
                except PinLostError as lost:
                    raise lost from error
                raise
            finally:
                if os.getpid() != owner:  # a forked child must not end its parent's pin
                    _of_parent.append(held.pop_all())

    def oldest(self) -> int | None:
        """Return the earliest generation that a living reader holds, `None` where none does."""
        if self._control.backend == "postgresql":
            return min(self._control.shared_locks(), default=None)
        return min(self._living(), default=None)

    def held(self) -> list[int]:
        """Return the generations that living readers hold, in ascending order.

        On SQLite one for each reader; on PostgreSQL each once.
        """
        if self._control.backend == "postgresql":
            return self._control.shared_locks()
        return sorted(self._living())

    def clear(self) -> int:
        """Remove the files that dead readers left; return how many.

        Raises
        ------
        WarehouseError
            The folder can't be written.
        """
        dead = 0
        for path, _ in self._files():
            with _looked_at(path) as is_held:
                if not is_held:
                    try:
                        path.unlink()
                    except FileNotFoundError:  # its reader is done
                        continue
                    except OSError as error:
                        raise WarehouseError(
                            f"{path} can't be removed ({error.strerror}); check the folder's "
                            "permissions and sweep again"
                        ) from error
                    dead += 1
        return dead

    def _locked(self, generation: int) -> tuple[Path, int]:
        """Make and lock a file, again where a look at the pins took it for a dead one's."""
        try:
            disk.make_folder(self._folder)
            while True:
                path = self._folder / f"{generation}-{uuid.uuid4().hex}.pin"
                handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
                _handles.add(handle)
                fcntl.flock(handle, fcntl.LOCK_EX)
                if os.fstat(handle).st_nlink:
                    return path, handle
                _close(handle)
        except OSError as error:
            raise WarehouseError(
                f"{self._folder} can't be written ({error.strerror}), so what is read now could "
                "not be kept from a sweep: free some space, check the folder's permissions, or "
                "read a copy of the home that can be written"
            ) from error

    def _living(self) -> list[int]:
        """Return the generations that living readers hold; nothing is changed."""
        living = []
        for path, generation in self._files():
            with _looked_at(path) as is_held:
                if is_held:
                    living.append(generation)
        return living

    def _files(self) -> Iterator[tuple[Path, int]]:
        """Return the pins and their generations; what has another name is a stranger's."""
        try:
            names = [path.name for path in self._folder.iterdir()]
        except FileNotFoundError:
            return
        except OSError as error:
            raise WarehouseError(
                f"{self._folder} can't be read ({error.strerror}), so who reads is not known; "
                "check the folder's permissions"
            ) from error
        for name in names:
            found = _NAME.fullmatch(name)
            if found is not None:
                yield self._folder / name, int(found["generation"])


@contextmanager
def _looked_at(path: Path) -> Iterator[bool]:
    """Say whether a living reader has a pin, and let nobody lock it while the block runs.

    One that can't be read is another user's: its reader is taken to live.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:  # its reader is done
        yield False
        return
    except OSError:
        yield True
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            yield True
        else:
            yield False
    finally:
        os.close(handle)


_handles: Final[set[int]] = set()
_of_parent: Final[list[ExitStack]] = []
"""Kept, so that nothing of what is the parent's to end is ended here."""


def _release(path: Path, handle: int) -> None:
    with suppress(OSError):  # without its lock the file means nothing
        path.unlink(missing_ok=True)
    _close(handle)


def _close(handle: int) -> None:
    _handles.discard(handle)
    os.close(handle)  # and with it goes the lock


def _after_fork() -> None:
    """Close a child's copies of its parent's pins: they would outlive a parent that is killed."""
    for handle in _handles:
        os.close(handle)
    _handles.clear()


os.register_at_fork(after_in_child=_after_fork)
