"""The folder of promoted presets: find, verify, add a version."""

from __future__ import annotations

import logging
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import InputError, IntegrityError, NotFoundError, WarehouseError
from hyprl_lab.hashing import digest
from hyprl_lab.presets.document import MAX_CHARACTERS, dump, parse
from hyprl_lab.presets.preset import Preset, checked_name, read_preset, signed_bytes
from hyprl_lab.presets.shape import FORMAT, check_shape, check_verdict
from hyprl_lab.store.signing import key_id_of, sign, signing_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.types import JsonValue

__all__ = ["add", "get", "promoted", "verify"]

_FILE: Final = re.compile(r"([a-z0-9_-]{1,64})\.v([1-9][0-9]{0,8})\.yaml")
_LOG_CHARACTERS: Final = 400
_log = logging.getLogger(__name__)


def promoted(home: Path | None = None) -> list[Preset]:
    """Return the latest version of each preset whose signature verifies, by name.

    A name whose latest file does not verify, whatever it holds, is left out, with a line in the
    log: an older version does not take its place unasked.

    Parameters
    ----------
    home
        Where presets, keys and trust live; by default `hl.warehouse.home()`.

    Raises
    ------
    WarehouseError
        The folder itself can't be read.
    """
    place = _home(home)
    found = []
    for name, versions in sorted(_files(place).items()):
        try:
            found.append(read_preset(versions[max(versions)], place))
        except IntegrityError as error:
            _log.warning("preset %s is not served: %s", name, _one_line(error))
    return found


def get(name: str, version: int | None = None, *, home: Path | None = None) -> Preset:
    """Return one preset, by default its latest version, verified.

    Raises
    ------
    NotFoundError
        There is none of that name or version.
    IntegrityError
        It is not what was signed; the message names what differs.
    """
    place = _home(home)
    files = _files(place)
    versions = files.get(checked_name(name))
    if not versions:
        raise NotFoundError(f"no promoted preset {name!r}; there are {sorted(files)}")
    wanted = max(versions) if version is None else version
    if wanted not in versions:
        raise NotFoundError(f"preset {name!r} has no version {wanted}; it has {sorted(versions)}")
    return read_preset(versions[wanted], place)


def verify(preset: Preset | Path | str, *, home: Path | None = None) -> Preset:
    """Read a preset again and check its signature, digests and verdict.

    Parameters
    ----------
    preset
        A preset, the path of its file, or its name (the latest version).
    home
        Whose trusted keys count; by default `hl.warehouse.home()`.

    Raises
    ------
    NotFoundError
        There is no such file or name.
    IntegrityError
        It is not what was signed; the message names what differs.
    """
    place = _home(home)
    path = preset.path if isinstance(preset, Preset) else preset
    if isinstance(path, str) and not path.endswith(".yaml"):
        return get(path, home=place)
    file = Path(path)
    try:
        file.lstat()
    except (OSError, ValueError) as error:  # ValueError: a NUL or a lone surrogate in the path
        raise NotFoundError(f"no preset file {file.name[:80]!r}: {_one_line(error)}") from error
    return read_preset(file, place)


def add(
    home: Path,
    *,
    name: str,
    visibility: str,
    profile: str,
    config: Mapping[str, JsonValue],
    evidence: Mapping[str, JsonValue],
) -> Preset:
    """Sign and write the next version, or return the latest if it says the same.

    Where the ledger's chain of runs stood is no difference: that alone makes no new version.

    Raises
    ------
    IntegrityError
        The latest version there is does not verify; it is not built upon.
    InputError
        What was handed in would not be read back (too long, too deep, a part of another kind, a
        verdict that did not pass); nothing is written.
    """
    from filelock import FileLock

    folder = home / "presets"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        versions = _files(home).get(checked_name(name), {})
        digests: dict[str, JsonValue] = {"config": digest(config), "evidence": digest(evidence)}
        if versions:
            latest = read_preset(versions[max(versions)], home)
            known = (latest.visibility, latest.profile, digest(latest.config))
            if known == (visibility, profile, digests["config"]) and (
                _lasting(latest.evidence) == _lasting(evidence)
            ):
                return latest
        document: dict[str, JsonValue] = {
            "format": FORMAT,
            "name": name,
            "version": max(versions, default=0) + 1,
            "state": "promoted",
            "visibility": visibility,
            "profile": profile,
            "promoted_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "config": dict(config),
            "evidence": dict(evidence),
            "digests": digests,
            "key_id": key_id_of(bytes(signing_key(home).verify_key)),
        }
        _, document["signature"] = sign(home, signed_bytes(document))
        path = folder / f"{name}.v{document['version']}.yaml"
        _write(path, _readable(dump(document), path))
        return read_preset(path, home)


def _lasting(evidence: Mapping[str, Any]) -> str:
    """Hash evidence but for the ledger's head: unrelated runs move it, and change nothing here."""
    verdict = {
        key: part for key, part in evidence["verdict"].items() if key not in ("ledger_head", "hash")
    }
    return digest({**evidence, "verdict": verdict})


def _files(home: Path) -> dict[str, dict[int, Path]]:
    folder = home / "presets"
    try:
        paths = list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise WarehouseError(f"{folder} can't be read ({error.strerror}); mend its mode") from error
    found: dict[str, dict[int, Path]] = {}
    for path in paths:
        match = _FILE.fullmatch(path.name)
        if match:
            found.setdefault(match[1], {})[int(match[2])] = path
    return found


def _readable(text: str, path: Path) -> str:
    """Return a text that will be read back; a file that is not would block its name for ever."""
    document = parse(text, source=path.name)
    check_shape(document, path.name)
    check_verdict(document)
    size = len(text.encode())
    if size > MAX_CHARACTERS:
        raise InputError(f"{path.name} has {size:,} bytes; at most {MAX_CHARACTERS:,}")
    return text


def _one_line(error: Exception) -> str:
    """Return what an error says, whatever of a file it quotes, as one short line."""
    text = " ".join(str(error).split())
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:_LOG_CHARACTERS]


def _write(path: Path, text: str) -> None:
    """Write all of a file or none of it, and keep it through a power cut."""
    staged = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with staged.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    staged.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _home(home: Path | None) -> Path:
    if home is not None:
        return home
    from hyprl_lab.store import home as current

    return current()
