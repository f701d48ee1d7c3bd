"""The folder of promoted presets: find what is live, verify, add a version."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hyprl_lab.errors import InputError, IntegrityError, NotFoundError, PromotionError
from hyprl_lab.hashing import digest
from hyprl_lab.presets.document import MAX_CHARACTERS, dump, parse
from hyprl_lab.presets.folder import found_files, home_of, locked, one_line, put
from hyprl_lab.presets.history import now, read_history
from hyprl_lab.presets.preset import (
    Preset,
    checked_name,
    content_hash,
    content_hash_of,
    read_preset,
    signed_bytes,
)
from hyprl_lab.presets.shape import FORMAT, check_shape, check_verdict
from hyprl_lab.store.signing import key_id_of, sign, signing_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.presets.history import History
    from hyprl_lab.types import JsonValue

__all__ = ["add", "get", "promoted", "verify"]

_log = logging.getLogger(__name__)


def promoted(home: Path | None = None) -> list[Preset]:
    """Return the live version of each preset, verified, by name.

    Live is the version that `live` was set to, else the newest that was not demoted. A name whose
    live version or history does not verify, whatever it holds, is left out with a line in the
    log: another version does not take its place unasked. So is a name of which every version was
    demoted.

    Parameters
    ----------
    home
        Where presets, keys and trust live; by default `hl.warehouse.home()`.

    Raises
    ------
    WarehouseError
        The folder itself can't be read.
    """
    place = home_of(home)
    found = []
    for name, versions in sorted(found_files(place).items()):
        try:
            version = read_history(place, name).live(versions)
            if version is None:
                _log.info("preset %s is not served: every version was demoted", name)
            elif version not in versions:
                _log.warning(
                    "preset %s is not served: version %d is live, its file is gone", name, version
                )
            else:
                found.append(read_preset(versions[version], place))
        except IntegrityError as error:
            _log.warning("preset %s is not served: %s", name, one_line(error))
    return found


def get(
    name: str, version: int | None = None, *, demoted: bool = False, home: Path | None = None
) -> Preset:
    """Return one preset, verified; by default the version that is live.

    Parameters
    ----------
    name
        Of the preset.
    version
        Which one; `None`: the live one.
    demoted
        Return the version that was asked for although it was demoted.
    home
        Where presets, keys and trust live; by default `hl.warehouse.home()`.

    Raises
    ------
    NotFoundError
        There is none of that name or version, it was demoted, or all of them were.
    IntegrityError
        It, or the name's history, is not what was signed; the message names what differs.
    """
    place = home_of(home)
    versions = versions_of(place, name)
    history = read_history(place, name)
    wanted = history.live(versions) if version is None else version
    if wanted is None:
        reasons = "; ".join(filter(None, (history.why_demoted(each) for each in sorted(versions))))
        raise NotFoundError(
            f"no version of preset {name!r} is live: {reasons}. Promote another one, or reinstate "
            "one of them"
        )
    if wanted not in versions:
        said = "" if version is not None else ", which is live"
        raise NotFoundError(
            f"preset {name!r} has no version {wanted}{said}; it has {sorted(versions)}"
        )
    why = history.why_demoted(wanted)
    if why and not demoted:
        raise NotFoundError(f"preset {name!r} {why}; it is not served")
    return read_preset(versions[wanted], place)


def verify(preset: Preset | Path | str, *, home: Path | None = None) -> Preset:
    """Read a preset again and check its signature, digests and verdict.

    `recheck` asks the ledger and the evidence as well.

    Parameters
    ----------
    preset
        A preset, the path of its file, or its name (the live version).
    home
        Whose trusted keys count; by default `hl.warehouse.home()`.

    Raises
    ------
    NotFoundError
        There is no such file or name.
    IntegrityError
        It is not what was signed; the message names what differs.
    """
    place = home_of(home)
    path = preset.path if isinstance(preset, Preset) else preset
    if isinstance(path, str) and not path.endswith(".yaml"):
        return get(path, home=place)
    file = Path(path)
    try:
        file.lstat()
    except (OSError, ValueError) as error:  # ValueError: a NUL or a lone surrogate in the path
        raise NotFoundError(f"no preset file {file.name[:80]!r}: {one_line(error)}") from error
    return read_preset(file, place)


def add(
    home: Path,
    *,
    name: str,
    visibility: str,
    profile: str,
    config: Mapping[str, JsonValue],
    evidence: Mapping[str, JsonValue],
    reinstate: str | None = None,
) -> Preset:
    """Sign and write the next version, or return the latest if it says the same.

    Where the ledger's chain of runs stood is no difference: that alone makes no new version.

    Parameters
    ----------
    home
        Where it is written.
    name, visibility, profile, config, evidence
        Of the preset.
    reinstate
        Why a version that says the same and was demoted may be served again; `None`: it may not.

    Raises
    ------
    PromotionError
        The same was demoted, and no reason to reinstate it was given.
    IntegrityError
        The latest version there is, or the name's history, does not verify; it is not built upon.
    InputError
        What was handed in would not be read back (too long, too deep, a part of another kind, a
        verdict that did not pass); nothing is written.
    """
    with locked(home) as folder:
        versions = found_files(home).get(checked_name(name), {})
        history = read_history(home, name)
        content = content_hash_of(
            visibility=visibility, profile=profile, config=config, evidence=evidence
        )
        latest = _latest(home, versions, history)
        if latest is not None and content_hash(latest) == content:
            return latest
        again = _demoted_before(history, content)
        if again is None:
            version = max(*versions, history.last_version, 0) + 1
            document: dict[str, JsonValue] = {
                "format": FORMAT,
                "name": name,
                "version": version,
                "state": "promoted",
                "visibility": visibility,
                "profile": profile,
                "promoted_at": now(),
                "config": dict(config),
                "evidence": dict(evidence),
                "digests": {"config": digest(config), "evidence": digest(evidence)},
                "key_id": key_id_of(bytes(signing_key(home).verify_key)),
            }
            _, document["signature"] = sign(home, signed_bytes(document))
            path = folder / f"{name}.v{version}.yaml"
            put(path, _readable(dump(document), path))
            return read_preset(path, home)
    if reinstate is None:
        raise PromotionError(
            f"preset {name!r} {history.why_demoted(again)}, and this says the same by the same "
            "verdict: promote it on a new one, or say why it may be served again (reinstate)"
        )
    from hyprl_lab.presets.deciding import reinstate as allow_again

    return allow_again(name, again, reason=reinstate, home=home)


def versions_of(home: Path, name: str) -> dict[int, Path]:
    """Return the files of a name's versions.

    Raises
    ------
    NotFoundError
        There are none.
    """
    files = found_files(home)
    versions = files.get(checked_name(name))
    if not versions:
        raise NotFoundError(f"no promoted preset {name!r}; there are {sorted(files)}")
    return versions


def _latest(home: Path, versions: Mapping[int, Path], history: History) -> Preset | None:
    """Return the newest version; `None` where that was demoted, which need not verify."""
    newest = max(versions, default=None)
    if newest is None or newest in history.demoted:
        return None
    return read_preset(versions[newest], home)


def _demoted_before(history: History, content: str) -> int | None:
    """Return the newest version that says the same and is demoted."""
    same = [version for version, why in history.demoted.items() if why.content == content]
    return max(same, default=None)


def _readable(text: str, path: Path) -> bytes:
    """Return a text that will be read back; a file that is not would block its name for ever."""
    document: dict[str, Any] = parse(text, source=path.name)
    check_shape(document, path.name)
    check_verdict(document)
    content = text.encode()
    if len(content) > MAX_CHARACTERS:
        raise InputError(f"{path.name} has {len(content):,} bytes; at most {MAX_CHARACTERS:,}")
    return content
