"""A promoted preset: one signed document, read back only if every part of it checks out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import InputError, IntegrityError
from hyprl_lab.hashing import canonical_json, digest
from hyprl_lab.presets.document import exact_keys, parse
from hyprl_lab.presets.gate import MANDATORY, PROFILE_ORDER, compare
from hyprl_lab.presets.keys import verify_signature

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.strategy import Strategy
    from hyprl_lab.types import JsonValue

__all__ = ["Preset", "checked_name", "read_preset", "signed_bytes"]

FORMAT: Final = 1
VISIBILITIES: Final = ("private", "public")
_NAME: Final = re.compile(r"[a-z0-9_-]{1,64}")
_KEYS: Final[dict[str, type]] = {
    "format": int,
    "name": str,
    "version": int,
    "state": str,
    "visibility": str,
    "profile": str,
    "promoted_at": str,
    "config": dict,
    "evidence": dict,
    "digests": dict,
    "key_id": str,
    "signature": str,
}
_CONFIG: Final = (
    "symbol",
    "timeframe",
    "calendar",
    "dataset",
    "strategy",
    "params",
    "risk",
    "execution",
    "cash",
    "seed",
    "periods_per_year",
)
_EVIDENCE: Final = ("verdict", "validation", "run", "study_id", "oos_start", "oos_from")


def checked_name(name: str) -> str:
    """Return a preset's name.

    Raises
    ------
    InputError
        It is not 1 to 64 of a-z, 0-9, `_` and `-`.

    Examples
    --------
    >>> checked_name("sma_cross-1")
    'sma_cross-1'
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InputError(f"preset name is {name!r}; expected 1 to 64 of a-z, 0-9, _ and -")
    return name


def signed_bytes(document: Mapping[str, JsonValue]) -> bytes:
    """Return what the signature covers: RFC 8785 JSON of all but the signature."""
    return canonical_json({key: part for key, part in document.items() if key != "signature"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Preset:
    """A promoted preset whose signature was verified.

    Parameters
    ----------
    name, version
        Together its identity; versions count from 1.
    visibility
        `"private"` or `"public"`.
    profile
        The gate profile it passed: a preset of `demo` is no evidence of an edge.
    promoted_at
        ISO 8601, UTC.
    config
        `symbol`, `timeframe`, `calendar`, `dataset` (a name for `load_bars`, or `None`),
        `strategy`, `params`, `risk`, `execution`, `cash`, `seed`, `periods_per_year`.
    evidence
        `verdict`, `validation`, `run` (`run_hash`, `fingerprint`, `config`), `study_id`,
        `oos_start` and `oos_from`.
    key_id
        Of the key that signed it.
    path
        Of its file.
    """

    name: str
    version: int
    visibility: str
    profile: str
    promoted_at: str
    config: Mapping[str, Any]
    evidence: Mapping[str, Any]
    key_id: str
    path: Path

    @property
    def strategy(self) -> Strategy:
        """The strategy graph."""
        from hyprl_lab.strategy import Strategy

        return Strategy.from_json(self.config["strategy"])

    @property
    def params(self) -> dict[str, float]:
        """A value for each parameter of the strategy."""
        return dict(self.config["params"])

    @property
    def risk(self) -> Risk:
        """How positions are sized."""
        from hyprl_lab.engine.config import risk_from_json

        return risk_from_json(self.config["risk"])

    @property
    def execution(self) -> Execution:
        """How orders fill and what they cost."""
        from hyprl_lab.engine.config import Execution

        return Execution.from_json(self.config["execution"])

    @property
    def run_hash(self) -> str:
        """Of the run that was judged."""
        return str(self.evidence["run"]["run_hash"])

    @property
    def oos_start(self) -> int | None:
        """From when bars are out of sample: microseconds since the epoch, UTC.

        `None` where every bar was seen while choosing.
        """
        value = self.evidence["oos_start"]
        return None if value is None else int(value)

    @property
    def metrics(self) -> dict[str, Any]:
        """Value of each check of the verdict, by its name."""
        return {row["name"]: row["value"] for row in self.evidence["verdict"]["checks"]}


def read_preset(path: Path, home: Path) -> Preset:
    """Return the preset in a file, or say which part of it is not what was signed.

    Raises
    ------
    IntegrityError
        Not readable, an unknown or missing key, another name than the file's, content that
        differs from its digest, no or a false signature, a key that is not trusted, or a verdict
        that did not pass.
    """
    try:
        document = parse(path.read_text("utf-8"), source=path.name)
        exact_keys(document, _KEYS, source=path.name)
    except (InputError, OSError, UnicodeDecodeError) as error:
        raise IntegrityError(f"preset {path.name}: {error}") from error
    _check_shape(document, path)
    _check_digests(document, path)
    try:
        verify_signature(
            home,
            key_id=str(document["key_id"]),
            signature=str(document["signature"]),
            message=signed_bytes(document),
        )
    except IntegrityError as error:
        raise IntegrityError(f"preset {path.name}: {error}") from error
    _check_verdict(document, path)
    taken = ("name", "version", "visibility", "profile", "promoted_at", "config", "evidence")
    known: dict[str, Any] = {key: document[key] for key in taken}
    return Preset(**known, key_id=str(document["key_id"]), path=path)


def _check_shape(document: dict[str, JsonValue], path: Path) -> None:
    def refuse(what: str) -> IntegrityError:
        return IntegrityError(f"preset {path.name}: {what}")

    for key, kind in _KEYS.items():
        if type(document[key]) is not kind:
            raise refuse(f"{key} is {type(document[key]).__name__}; expected {kind.__name__}")
    named = f"{document['name']}.v{document['version']}.yaml"
    if path.name != named or not _NAME.fullmatch(str(document["name"])):
        raise refuse(f"it says it is {named}")
    if document["format"] != FORMAT or document["state"] != "promoted":
        raise refuse(
            f"format {document['format']}, state {document['state']!r}; expected 1, promoted"
        )
    if document["visibility"] not in VISIBILITIES or document["profile"] not in PROFILE_ORDER:
        raise refuse(f"visibility {document['visibility']!r} or profile {document['profile']!r}")
    for part, keys in (("config", _CONFIG), ("evidence", _EVIDENCE)):
        try:
            exact_keys(document[part], keys, source=part)  # type: ignore[arg-type]  # checked above
        except InputError as error:
            raise refuse(str(error)) from error


def _check_digests(document: dict[str, Any], path: Path) -> None:
    digests = document["digests"]
    if sorted(digests) != ["config", "evidence"]:
        raise IntegrityError(f"preset {path.name}: digests of {sorted(digests)}; expected two")
    for part, stated in digests.items():
        inner = document[part]
        if digest(inner) != stated:
            raise IntegrityError(
                f"preset {path.name}: {part} is not what was signed "
                f"(SHA-256 {digest(inner)[:12]}, stated {str(stated)[:12]})"
            )


def _check_verdict(document: dict[str, Any], path: Path) -> None:
    """Signed or not, a verdict must follow from its own rows."""
    verdict = document["evidence"]["verdict"]
    rows = verdict["checks"]
    wrong = [
        row["name"]
        for row in rows
        if compare(row["value"], row["operator"], row["threshold"]) is not row["passed"]
        or (row["required"] and not row["passed"])
    ]
    wrong += [name for name in MANDATORY if name not in {row["metric"] for row in rows}]
    if wrong or verdict["passed"] is not True:
        raise IntegrityError(f"preset {path.name}: the verdict did not pass ({wrong})")
    for key in ("name", "profile", "visibility"):
        if verdict[key] != document[key]:
            raise IntegrityError(
                f"preset {path.name}: the verdict is for {key} {verdict[key]!r}, "
                f"not {document[key]!r}"
            )
