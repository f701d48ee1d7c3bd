"""What a result was computed with: the lab's own code, Python, and every package beside it.

A version number says what the code was called; `code_version` says what it was. Both are read once
a process, at the first call: what is edited later is not what runs.
"""

from __future__ import annotations

import hashlib
import platform
import sys
import sysconfig
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hyprl_lab.hashing import digest

if TYPE_CHECKING:
    from hyprl_lab.types import JsonValue

__all__ = ["code_version", "environment", "environment_hash"]

_PACKAGE: Final = Path(__file__).parent
_CODE: Final = frozenset({".py", ".so", ".pyd", ".dylib"})


@cache
def code_version() -> str:
    """Return the lab's version with the first 12 digits of its own files' SHA-256.

    The files are the package's Python and its native module, by their paths within it: the same
    wheel has the same one on every machine, and an edited line has another.

    Examples
    --------
    >>> code_version().partition("+")[0]
    '0.1.0'
    """
    from hyprl_lab import __version__

    hashed = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*"), key=lambda path: path.relative_to(_PACKAGE).as_posix()):
        if path.suffix in _CODE and path.is_file():
            content = hashlib.sha256(path.read_bytes()).digest()
            hashed.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + content)
    return f"{__version__}+{hashed.hexdigest()[:12]}"


def environment() -> dict[str, JsonValue]:
    """Return Python, platform and the version of each installed package, as JSON.

    `python` is implementation and version, `platform` the system and the machine's architecture,
    `packages` maps the normalised name of each distribution to its version.

    Examples
    --------
    >>> found = environment()
    >>> sorted(found), "numpy" in found["packages"]
    (['packages', 'platform', 'python'], True)
    """
    return {
        "python": f"{sys.implementation.name} {platform.python_version()}",
        "platform": sysconfig.get_platform(),
        "packages": dict(_packages()),
    }


@cache
def environment_hash() -> str:
    """Return the SHA-256 of the RFC 8785 JSON of `environment()`.

    Examples
    --------
    >>> len(environment_hash())
    64
    """
    return digest(environment())


@cache
def _packages() -> tuple[tuple[str, str], ...]:
    """Return each distribution once: of several of one name, the one that is imported."""
    found: dict[str, str] = {}
    for distribution in distributions():
        told = distribution.metadata
        if "Name" in told and "Version" in told:  # a half-removed one has neither
            name = told["Name"].lower().replace("_", "-").replace(".", "-")
            found.setdefault(name, told["Version"])
    return tuple(sorted(found.items()))
