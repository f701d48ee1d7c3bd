"""What was decided about the versions of a name: which is live, which were demoted, and why.

`HYPRL_HOME/presets/NAME.history.json` is the RFC 8785 JSON of `format`, `name`, `decisions`,
`key_id` and `signature`: Ed25519 over the same JSON without the signature. It is replaced as a
whole, and a decision once taken stays in it. A name without the file has none, and its newest
version is live.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

from hyprl_lab.errors import ConfigError, InputError, IntegrityError
from hyprl_lab.hashing import canonical_json
from hyprl_lab.presets.document import exact_keys
from hyprl_lab.presets.folder import place_of, put
from hyprl_lab.store.plain_file import read_plain_file
from hyprl_lab.store.signing import kept_public, key_id_of, sign, verify_signature

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["Action", "Decision", "History", "now", "read_history", "write_history"]

Action: TypeAlias = Literal["live", "demote", "reinstate"]

FORMAT: Final = 1
MAX_BYTES: Final = 1_048_576
_KEYS: Final = ("format", "name", "decisions", "key_id", "signature")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One thing that was decided about a version.

    Parameters
    ----------
    number
        Its place in the name's history, from 1.
    action
        `live`: it is the one that is served; `demote`: it is served no more; `reinstate`: it may
        be served again.
    version
        Of the name; `None` with `live`: from now on the newest that is not demoted.
    sha256
        Of the version's file; `None` without a version, or where the file can't be read.
    content
        SHA-256 of what the version says, by which the same content is known again; `None` without
        a version, or where it did not verify.
    reason
        Why, as it was given.
    at
        ISO 8601, UTC.
    """

    number: int
    action: Action
    version: int | None
    sha256: str | None
    content: str | None
    reason: str | None
    at: str


_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "number": (int,),
    "action": (str,),
    "version": (int, type(None)),
    "sha256": (str, type(None)),
    "content": (str, type(None)),
    "reason": (str, type(None)),
    "at": (str,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All decisions about the versions of a name.

    Parameters
    ----------
    name
        Of the preset.
    decisions
        In their order.
    key_id
        Of the key that signed them; `None` where nothing was decided yet.

    Examples
    --------
    >>> History(name="cross").live([1, 2, 3])
    3
    """

    name: str
    decisions: tuple[Decision, ...] = ()
    key_id: str | None = None

    @property
    def demoted(self) -> dict[int, Decision]:
        """The demotion of each version that is demoted now."""
        found: dict[int, Decision] = {}
        for decision in self.decisions:
            if decision.version is not None and decision.action == "demote":
                found[decision.version] = decision
            elif decision.version is not None and decision.action == "reinstate":
                found.pop(decision.version, None)
        return found

    @property
    def chosen(self) -> int | None:
        """The version that live was set to; `None` where it follows the newest."""
        chosen = None
        for decision in self.decisions:
            if decision.action == "live":
                chosen = decision.version
            elif decision.action == "demote" and decision.version == chosen:
                chosen = None
        return chosen

    @property
    def last_version(self) -> int:
        """The highest version that anything was decided about; 0 where nothing was."""
        return max((decision.version or 0 for decision in self.decisions), default=0)

    def live(self, versions: Iterable[int]) -> int | None:
        """Return which of these versions is live: the one it was set to, else the newest.

        Returns
        -------
        int or None
            `None` where all are demoted.
        """
        chosen = self.chosen
        if chosen is not None:
            return chosen
        demoted = self.demoted
        return max((version for version in versions if version not in demoted), default=None)

    def why_demoted(self, version: int) -> str | None:
        """Say when and why a version was demoted, `None` where it was not."""
        found = self.demoted.get(version)
        if found is None:
            return None
        return f"version {version} was demoted at {found.at} ({found.reason})"


def read_history(home: Path, name: str) -> History:
    """Return what was decided about a name.

    Raises
    ------
    IntegrityError
        The file is not, to the byte, what a trusted key signed.
    """
    path = _path(home, name)
    try:
        path.lstat()
    except FileNotFoundError:
        return History(name=name)
    except OSError as error:
        raise IntegrityError(
            f"preset {name}: {path.name} can't be read ({error.strerror})"
        ) from error
    try:
        document = _parsed(read_plain_file(path, max_bytes=MAX_BYTES), name)
        signature = document.pop("signature")
        verify_signature(
            home,
            key_id=document["key_id"],
            signature=signature,
            message=canonical_json(document),
        )
        decisions = tuple(
            _decision(entry, number) for number, entry in enumerate(document["decisions"], 1)
        )
    except (InputError, IntegrityError) as error:
        raise IntegrityError(
            f"preset {name}: {path.name}: {error}; bring it back from a backup"
        ) from error
    return History(name=name, decisions=decisions, key_id=document["key_id"])


def write_history(home: Path, history: History, decision: Decision) -> History:
    """Add a decision, sign all of them, and put the file in place; the lock is held.

    Raises
    ------
    ConfigError
        This home has no signing key of its own.
    InputError
        The history would be too long to be read back.
    """
    own = kept_public(home, "promotion")
    if own is None:
        raise ConfigError(
            f"{home / 'keys'} holds no promotion key, which alone may change what is served; do "
            "it in the home that promoted the preset"
        )
    decisions = (*history.decisions, decision)
    body: dict[str, Any] = {
        "format": FORMAT,
        "name": history.name,
        "decisions": [asdict(each) for each in decisions],
        "key_id": key_id_of(own),
    }
    message = canonical_json(body)
    key_id, signature = sign(home, message)
    verify_signature(home, key_id=key_id, signature=signature, message=message)
    content = canonical_json({**body, "signature": signature})
    path = _path(home, history.name)
    if len(content) > MAX_BYTES:
        raise InputError(
            f"{path.name} would have {len(content):,} bytes; at most {MAX_BYTES:,}: promote under "
            "another name"
        )
    put(path, content)
    return History(name=history.name, decisions=decisions, key_id=key_id)


def now() -> str:
    """Return the time as decisions and promotions state it: ISO 8601, UTC, by the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _path(home: Path, name: str) -> Path:
    return place_of(home) / f"{name}.history.json"


def _parsed(content: bytes, name: str) -> dict[str, Any]:
    """Return the fields of a history whose bytes are exactly what writing makes of them."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError("it is no JSON: it was changed or cut short") from error
    if not isinstance(found, dict):
        raise InputError(f"it holds a {type(found).__name__}; expected an object")
    exact_keys(found, _KEYS, source="it")
    kinds = {key: type(found[key]) for key in _KEYS}
    if kinds != {"format": int, "name": str, "decisions": list, "key_id": str, "signature": str}:
        raise InputError("a part is of another kind")
    if (found["format"], found["name"]) != (FORMAT, name):
        raise InputError(
            f"it is format {found['format']} of {found['name'][:80]!r}; "
            f"expected {FORMAT} of {name!r}"
        )
    if canonical_json(found) != content:
        raise InputError("it is not in the form that is signed: it was changed")
    return found


def _decision(entry: object, number: int) -> Decision:
    place = f"decision {number}"
    if not isinstance(entry, dict):
        raise InputError(f"{place} is a {type(entry).__name__}; expected an object")
    exact_keys(entry, _KINDS, source=place)
    for key, kinds in _KINDS.items():
        if type(entry[key]) not in kinds:
            raise InputError(f"{place}: {key} is a {type(entry[key]).__name__}")
    if entry["number"] != number or entry["action"] not in get_args(Action):
        raise InputError(
            f"{place} is {entry['action']!r} and calls itself number {entry['number']}"
        )
    if entry["version"] is None and entry["action"] != "live":
        raise InputError(f"{place} to {entry['action']} names no version")
    return Decision(**entry)
