"""Decide what is served: set what is live, demote a version, reinstate it.

A decision takes effect when its file is in place, whatever is killed afterwards; after that it is
claimed in the ledger's chain, so that `recheck` finds a history that was cut or put back.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, Literal

from hyprl_lab.errors import (
    InputError,
    IntegrityError,
    NotFoundError,
    PromotionError,
    WarehouseError,
)
from hyprl_lab.hashing import digest
from hyprl_lab.presets.document import MAX_CHARACTERS
from hyprl_lab.presets.folder import home_of, locked
from hyprl_lab.presets.history import Decision, now, read_history, write_history
from hyprl_lab.presets.preset import checked_name, content_hash, read_preset
from hyprl_lab.presets.shelf import get, versions_of
from hyprl_lab.store.plain_file import read_plain_file

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.presets.history import Action, History
    from hyprl_lab.presets.preset import Preset
    from hyprl_lab.store import Warehouse

__all__ = ["claim_of", "demote", "live", "reinstate"]

_REASON_CHARACTERS: Final = 500


def live(
    name: str,
    version: int | Literal["newest"] | None = None,
    *,
    reason: str | None = None,
    home: Path | None = None,
) -> Preset:
    """Return what is live of a name, or set it.

    Parameters
    ----------
    name
        Of the preset.
    version
        The one to be served from now on; `"newest"`: whichever is the newest that is not demoted;
        `None`: nothing is changed.
    reason
        Why, for the record.
    home
        Where presets and keys are; by default `hl.warehouse.home()`.

    Returns
    -------
    Preset
        What is live now.

    Raises
    ------
    NotFoundError
        There is none of that name or version.
    PromotionError
        The version was demoted.
    ConfigError
        This home has no signing key.
    IntegrityError
        The version, or the name's history, is not what was signed.
    """
    place = home_of(home)
    if version is not None:
        wanted = None if version == "newest" else _number(version)
        _decide(place, name, "live", wanted, _reason(reason))
    return get(name, home=place)


def demote(
    name: str, version: int | None = None, *, reason: str, home: Path | None = None
) -> Decision:
    """Take a version out of service; its file stays, and so does the record of why.

    If it was live, the newest that is not demoted is live from now on; if there is none, nothing
    of that name is served.

    Parameters
    ----------
    name
        Of the preset.
    version
        Which one; `None`: what is live now.
    reason
        Why, in at most 500 characters.
    home
        Where presets and keys are; by default `hl.warehouse.home()`.

    Returns
    -------
    Decision
        What was recorded.

    Raises
    ------
    NotFoundError
        There is none of that name or version, or none is live.
    InputError
        There is no reason, or the version is demoted already.
    ConfigError
        This home has no signing key.
    IntegrityError
        The name's history is not what was signed.
    """
    said = _reason(reason)
    if said is None:
        raise InputError("reason is empty; say why it is demoted, for the record")
    wanted = None if version is None else _number(version)
    return _decide(home_of(home), name, "demote", wanted, said).decisions[-1]


def reinstate(name: str, version: int, *, reason: str, home: Path | None = None) -> Preset:
    """Let a demoted version be served again; that it was demoted stays on record.

    It is live if it is the newest that is not demoted and live was not set to another.

    Parameters
    ----------
    name, version
        Of the preset.
    reason
        Why, in at most 500 characters.
    home
        Where presets and keys are; by default `hl.warehouse.home()`.

    Returns
    -------
    Preset
        That version.

    Raises
    ------
    NotFoundError
        There is none of that name or version.
    InputError
        There is no reason, or the version is not demoted.
    ConfigError
        This home has no signing key.
    IntegrityError
        The version, or the name's history, is not what was signed.
    """
    said = _reason(reason)
    if said is None:
        raise InputError("reason is empty; say why it may be served again, for the record")
    place = home_of(home)
    _decide(place, name, "reinstate", _number(version), said)
    return get(name, version, home=place)


def claim_of(name: str, decision: Decision) -> dict[str, Any]:
    """Return what the ledger keeps of a decision, under its SHA-256."""
    return {"name": name, "decision": asdict(decision)}


def _decide(
    place: Path, name: str, action: Action, version: int | None, reason: str | None
) -> History:
    """Take one decision by what holds now, while nobody else decides."""
    versions_of(place, checked_name(name))  # a name that is unknown makes no folder
    with locked(place):
        versions = versions_of(place, name)
        history = read_history(place, name)
        if action == "live" and history.chosen == version:
            return history
        if action == "demote" and version is None:
            version = history.live(versions)
            if version is None:
                raise NotFoundError(f"no version of preset {name!r} is live; all are demoted")
        if version is not None and version not in versions:
            raise NotFoundError(
                f"preset {name!r} has no version {version}; it has {sorted(versions)}"
            )
        why = None if version is None else history.why_demoted(version)
        if action == "live" and why:
            raise PromotionError(f"preset {name!r} {why}; reinstate it first")
        if action == "demote" and why:
            raise InputError(f"preset {name!r} {why}; it is so already")
        if action == "reinstate" and not why:
            raise InputError(f"preset {name!r} version {version} is not demoted")
        sha256 = content = None
        if version is not None:
            sha256, content = _hashes(versions[version], place, strict=action != "demote")
        decision = Decision(
            number=len(history.decisions) + 1,
            action=action,
            version=version,
            sha256=sha256,
            content=content,
            reason=reason,
            at=now(),
        )
        history = write_history(place, history, decision)
    _claim(place, history)
    return history


def _hashes(path: Path, place: Path, *, strict: bool) -> tuple[str | None, str | None]:
    """Return the SHA-256 of a version's file and of what it says, as far as it verifies.

    What can't be believed may be demoted all the same: that is how an older version takes its
    place.
    """
    try:
        preset = read_preset(path, place)
    except IntegrityError:
        if strict:
            raise
        try:
            content = read_plain_file(path, max_bytes=MAX_CHARACTERS)
        except IntegrityError:
            return None, None
        return hashlib.sha256(content).hexdigest(), None
    return preset.sha256, content_hash(preset)


def _claim(place: Path, history: History) -> None:
    """Claim the newest decisions in the ledger's chain, with those that a kill kept from it."""
    from hyprl_lab.store import Warehouse

    try:
        warehouse = Warehouse(place)
        try:
            missing = []
            for decision in reversed(history.decisions):
                claim = claim_of(history.name, decision)
                if _is_claimed(warehouse, digest(claim)):
                    break
                missing.append(claim)
            for claim in reversed(missing):
                warehouse.save_verdict(claim)
        finally:
            warehouse.close()
    except WarehouseError as error:
        raise WarehouseError(
            f"preset {history.name}: the decision is signed and in effect, but the ledger can't "
            f"claim it: {error}. The next decision about {history.name} claims both"
        ) from error


def _is_claimed(warehouse: Warehouse, verdict_id: str) -> bool:
    try:
        warehouse.verdict(verdict_id)
    except NotFoundError:
        return False
    return True


def _reason(text: str | None) -> str | None:
    """Return a reason in one line, `None` where there is none."""
    if text is None:
        return None
    if not isinstance(text, str):
        raise InputError(f"reason is {type(text).__name__}; expected text")
    line = " ".join(text.split())
    if len(line) > _REASON_CHARACTERS or not line.isprintable():
        raise InputError(
            f"reason has {len(line)} characters; expected at most {_REASON_CHARACTERS}, all of "
            "them printable"
        )
    return line or None


def _number(version: object) -> int:
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise InputError(f"version is {version!r}; expected a whole number from 1")
    return version
