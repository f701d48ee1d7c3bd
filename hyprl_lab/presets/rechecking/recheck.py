"""Check a promoted preset again, and say everything that was checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hyprl_lab.errors import InputError, LabError, NotFoundError
from hyprl_lab.presets.folder import home_of, one_line
from hyprl_lab.presets.history import read_history
from hyprl_lab.presets.rechecking.document import document_lines, is_shaped
from hyprl_lab.presets.rechecking.evidence import evidence_lines
from hyprl_lab.presets.rechecking.holdout import holdout_lines
from hyprl_lab.presets.rechecking.ledger import decision_lines, ledger_lines
from hyprl_lab.presets.rechecking.line import Line, compared
from hyprl_lab.presets.rechecking.verdict import verdict_lines
from hyprl_lab.presets.shelf import versions_of
from hyprl_lab.store.signing import is_key_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from hyprl_lab.presets.history import History
    from hyprl_lab.store import Warehouse
    from hyprl_lab.types import JsonValue

__all__ = ["Rechecked", "recheck"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rechecked:
    """How a preset stands to what was signed and kept.

    Parameters
    ----------
    name, version
        Of the preset.
    state
        `"promoted"` or `"demoted"`; `None` where its history can't be believed.
    live
        Whether it is the version that is served.
    lines
        Everything that was checked, in order.

    Examples
    --------
    >>> Rechecked(name="cross", version=1, state="promoted", live=True, lines=()).ok
    True
    """

    name: str
    version: int
    state: str | None
    live: bool
    lines: tuple[Line, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def findings(self) -> tuple[Line, ...]:
        """What is not as it should be."""
        return tuple(line for line in self.lines if line.ok is False)

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values."""
        return {
            "name": self.name,
            "version": self.version,
            "state": self.state,
            "live": self.live,
            "ok": self.ok,
            "findings": [line.to_dict() for line in self.findings],
            "lines": [line.to_dict() for line in self.lines],
        }

    def __str__(self) -> str:
        """Say the outcome, then one line for each thing that was checked."""
        found = len(self.findings)
        outcome = "nothing found" if self.ok else f"{found} finding{'s' * (found > 1)}"
        return "\n".join(
            [
                f"{self.name} version {self.version}: {outcome}",
                *(f"  {line}" for line in self.lines),
            ]
        )


def recheck(
    name: str,
    version: int | None = None,
    *,
    home: Path | None = None,
    warehouse: Warehouse | None = None,
    key_id: str | None = None,
) -> Rechecked:
    """Check a promoted preset from its signature down to the ledger; nothing is changed.

    What is checked: the file to the byte, its digests and signature against trusted keys; the
    verdict's hash, each row compared again, each threshold against the gate profile that ships;
    the run's hash made anew from its config; the validation, verdict and evidence that the
    warehouse keeps under their hashes; what was seen of a holdout, and that the ledger recorded
    the look; the ledger's id, its chain through where it stood at the verdict, and that it counts
    no fewer trials; the run's artifacts and the bars where they are kept; and every decision about
    the name.

    Parameters
    ----------
    name
        Of the preset.
    version
        Which one; `None`: the live one, else the newest.
    home
        Where it is; by default `hl.warehouse.home()`.
    warehouse
        That holds its evidence; by default the one of the home.
    key_id
        Of the key that must have signed the ledger's checkpoint, as you noted it elsewhere.

    Raises
    ------
    NotFoundError
        There is none of that name or version.
    InputError
        The name can't be one, or `key_id` is no name of a key.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> recheck("cross", home=Path(tempfile.mkdtemp()))
    Traceback (most recent call last):
        ...
    hyprl_lab.errors.NotFoundError: no promoted preset 'cross'; there are []
    """
    from hyprl_lab.store import Warehouse as Opened

    if key_id is not None and not is_key_id(key_id):
        raise InputError(f"key_id is {key_id!r}; expected 16 of 0-9 and a-f, all of a key's id")
    place = home_of(home)
    versions = versions_of(place, name)
    lines: list[Line] = []
    history: History | None = None
    try:
        history = read_history(place, name)
    except LabError as error:
        lines.append(
            Line(part="history", found=one_line(error), expected="what was signed", ok=False)
        )
    served = None if history is None else history.live(versions)
    wanted = (served or max(versions)) if version is None else version
    if wanted not in versions:
        raise NotFoundError(f"preset {name!r} has no version {wanted}; it has {sorted(versions)}")
    path = versions[wanted]
    found, document = document_lines(path, place)
    lines += found
    if history is not None:
        lines += _file_lines(history, wanted, path)
    opened = Opened(place) if warehouse is None else warehouse
    try:
        if document is not None and is_shaped(document, path.name):
            lines += _gathered("verdict", lambda: verdict_lines(document))
            lines += _gathered("ledger", lambda: ledger_lines(document, opened, key_id=key_id))
            lines += _gathered("evidence", lambda: evidence_lines(document, opened))
            lines += _gathered("holdout", lambda: holdout_lines(document, opened))
        if history is not None:
            lines += _gathered("history", lambda: decision_lines(history, opened))
    finally:
        if warehouse is None:
            opened.close()
    demoted = history is not None and wanted in history.demoted
    state = None if history is None else "demoted" if demoted else "promoted"
    return Rechecked(
        name=name, version=wanted, state=state, live=served == wanted, lines=tuple(lines)
    )


def _file_lines(history: History, version: int, path: Path) -> list[Line]:
    """Check that the decisions about a version are about the file that is there."""
    import hashlib

    from hyprl_lab.presets.document import MAX_CHARACTERS
    from hyprl_lab.store.plain_file import read_plain_file

    of_it = [each for each in history.decisions if each.version == version and each.sha256]
    if not of_it:
        return []
    try:
        found = hashlib.sha256(read_plain_file(path, max_bytes=MAX_CHARACTERS)).hexdigest()
    except LabError as error:
        return [Line(part="file", found=one_line(error), expected="a preset's file", ok=False)]
    return [compared(f"file, as at decision {each.number}", found, each.sha256) for each in of_it]


def _gathered(part: str, make: Callable[[], Iterable[Line]]) -> list[Line]:
    """Return lines up to where they can't go on: what is malformed is a finding, no error."""
    lines: list[Line] = []
    try:
        lines.extend(make())  # keeps those before an error
    except (LabError, KeyError, TypeError, ValueError, AttributeError) as error:
        lines.append(
            Line(part=part, found=one_line(error), expected="what can be checked", ok=False)
        )
    return lines
