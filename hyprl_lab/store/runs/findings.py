"""What verification has found, and all of it: it never stops at the first."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Finding", "Verification"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not what was claimed.

    Parameters
    ----------
    kind
        What it is about: `checkpoint`, `chain`, `run`, `file`, `artifact`, `removal`, `verdict`,
        `study`, `environment`, `state`, `part`, `shard`, `single` or `database`.
    subject
        Which one: a run's hash, a verdict's or study's id, a link's place.
    message
        What was found, and what was expected.
    """

    kind: str
    subject: str
    message: str

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """How a warehouse stands to what it claims.

    Parameters
    ----------
    links
        How many links the chain has.
    runs
        How many runs' rows and files were looked at.
    findings
        Everything that is wrong, of the chain first.
    key_id
        Of the key that signed the checkpoint; `None` where there is none, or it can't be believed.

    Examples
    --------
    >>> Verification(links=3, runs=1, findings=()).ok
    True
    """

    links: int
    runs: int
    findings: tuple[Finding, ...]
    key_id: str | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings
