"""A parts folder without a file system, as an object store is one."""

from __future__ import annotations

import hashlib
import io
from typing import IO, TYPE_CHECKING

from hyprl_lab.store.parts.folder import HashedStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["MemoryFolder"]


class MemoryFolder:
    """Objects by name; a new content has a new version, which is its stamp."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.versions: dict[str, int] = {}

    def make(self) -> None:
        """Nothing to make."""

    def put(self, files: Iterable[tuple[str, bytes | memoryview]]) -> None:
        for name, content in list(files):
            self.store(name, bytes(content))

    def put_streamed(self, name: str, write: Callable[[HashedStream], None]) -> tuple[int, str]:
        buffer = io.BytesIO()
        stream = HashedStream(buffer)
        write(stream)
        self.store(name, buffer.getvalue())
        return stream.size, stream.sha256

    def store(self, name: str, content: bytes) -> None:
        self.objects[name] = content
        self.versions[name] = self.versions.get(name, 0) + 1

    def remove(self, names: Iterable[str]) -> None:
        for name in names:
            self.objects.pop(name, None)

    def sync(self) -> None:
        """Nothing waits."""

    def names(self) -> set[str]:
        return set(self.objects)

    def stamp(self, name: str) -> str:
        return f"{len(self.read(name))}-{self.versions[name]}"

    def size(self, name: str) -> int:
        return len(self.read(name))

    def sha256(self, name: str) -> str:
        return hashlib.sha256(self.read(name)).hexdigest()

    def address(self, name: str) -> str:
        return f"memory://{id(self)}/{name}"

    def open(self, name: str) -> IO[bytes]:
        return io.BytesIO(self.read(name))

    def read(self, name: str) -> bytes:
        if name not in self.objects:
            raise FileNotFoundError(2, "No such object", name)
        return self.objects[name]
