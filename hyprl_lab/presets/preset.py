"""A promoted preset: one signed document, read back only if every part of it checks out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hyprl_lab.errors import InputError, IntegrityError
from hyprl_lab.hashing import canonical_json, digest
from hyprl_lab.presets.document import MAX_CHARACTERS, parse
from hyprl_lab.presets.shape import NAME, check_digests, check_shape, check_verdict
from hyprl_lab.store.plain_file import read_plain_file
from hyprl_lab.store.signing import verify_signature

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.strategy import Strategy
    from hyprl_lab.types import JsonValue

__all__ = [
    "Preset",
    "checked_name",
    "content_hash",
    "content_hash_of",
    "read_preset",
    "signed_bytes",
]


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
    if not isinstance(name, str) or not NAME.fullmatch(name):
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
        `strategy`, `params`, `risk`, `execution`, `cash`, `seed`, `periods_per_year`. Run on
        the bars of the evidence's fingerprint over the period of `evidence["run"]["config"]`, it
        gives the evidence's `run_hash`.
    evidence
        `verdict`, `validation`, `run` (`run_hash`, `fingerprint`, `config`), `study_id`,
        `oos_start` and `oos_from`, or `oos_reason`, why there is no such bar.
    key_id
        Of the key that signed it.
    path
        Of its file.
    sha256
        Of the file's bytes.
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
    sha256: str

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
        Not a regular file, not readable, too long or too deep, an unknown or missing key, a part
        of another kind, another name than the file's, content that differs from its digest, no or
        a false signature, a key that is not trusted, or a verdict that did not pass.
    """
    try:
        content = read_plain_file(path, max_bytes=MAX_CHARACTERS)
        document: dict[str, Any] = parse(content.decode("utf-8"), source="the file")
        check_shape(document, path.name)
        check_digests(document)
        verify_signature(
            home,
            key_id=document["key_id"],
            signature=document["signature"],
            message=signed_bytes(document),
        )
        check_verdict(document)
    except (InputError, IntegrityError, UnicodeDecodeError) as error:
        raise IntegrityError(f"preset {path.name}: {error}") from error
    taken = ("name", "version", "visibility", "profile", "promoted_at", "config", "evidence")
    known = {key: document[key] for key in taken}
    sha256 = hashlib.sha256(content).hexdigest()
    return Preset(**known, key_id=document["key_id"], path=path, sha256=sha256)


def content_hash(preset: Preset) -> str:
    """Return the SHA-256 of what a preset says: its config, and what it was judged by.

    See `content_hash_of`.
    """
    return content_hash_of(
        visibility=preset.visibility,
        profile=preset.profile,
        config=preset.config,
        evidence=preset.evidence,
    )


def content_hash_of(
    *,
    visibility: str,
    profile: str,
    config: Mapping[str, Any],
    evidence: Mapping[str, Any],
) -> str:
    """Return the SHA-256 of what a preset would say.

    Where the ledger's chain stood is left out: unrelated runs move it, and change nothing here.
    So is who looked at a holdout that stayed closed: a row that asked for it has the number.
    """
    given = evidence["verdict"]
    moving = {"ledger_head", "hash"}
    if not (given.get("holdout") or {}).get("run_hash"):
        moving.add("holdout")
    verdict = {key: part for key, part in given.items() if key not in moving}
    return digest(
        {
            "visibility": visibility,
            "profile": profile,
            "config": dict(config),
            "evidence": {**evidence, "verdict": verdict},
        }
    )
