"""Every version of every preset, whatever became of it, and names that were only judged."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from hyprl_lab.errors import IntegrityError
from hyprl_lab.presets.folder import found_files, home_of, one_line
from hyprl_lab.presets.history import History, read_history
from hyprl_lab.presets.preset import checked_name, read_preset
from hyprl_lab.presets.shelf import versions_of

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.types import JsonValue

__all__ = ["PresetState", "StateName", "listed", "states_of"]

StateName: TypeAlias = Literal["draft", "candidate", "promoted", "demoted"]

_JUDGED: Final = """
    SELECT name, arg_max(passed, created_at) AS passed, arg_max(profile, created_at) AS profile
    FROM verdicts WHERE name IS NOT NULL AND passed IS NOT NULL GROUP BY name ORDER BY name
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetState:
    """A version of a preset, or a name that was judged and has none.

    Parameters
    ----------
    name
        Of the preset.
    version
        `None` for a draft and a candidate.
    state
        `draft`: the last verdict of that name refused it. `candidate`: it passed, and nothing
        signed is on the shelf. `promoted`, `demoted`: a signed version.
    live
        Whether it is the version that is served.
    visibility, promoted_at, key_id
        Of a version whose file verifies.
    profile
        The gate profile of the verdict.
    demoted_at, reason
        When and why it was demoted.
    problem
        Why its file or its name's history can't be believed; such a name is not served.
    """

    name: str
    version: int | None
    state: StateName
    live: bool = False
    visibility: str | None = None
    profile: str | None = None
    promoted_at: str | None = None
    key_id: str | None = None
    demoted_at: str | None = None
    reason: str | None = None
    problem: str | None = None

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values."""
        return asdict(self)


def listed(home: Path | None = None) -> list[PresetState]:
    """Return all versions by name and number, then names that were judged and have none.

    Parameters
    ----------
    home
        Where presets and the warehouse are; by default `hl.warehouse.home()`.

    Raises
    ------
    WarehouseError
        The folder or the warehouse can't be read.
    """
    from hyprl_lab.store import Warehouse

    place = home_of(home)
    files = found_files(place)
    states = [state for name in sorted(files) for state in states_of(name, home=place)]
    warehouse = Warehouse(place)
    try:
        judged = warehouse.sql(_JUDGED, arrow=True).to_pylist()
    finally:
        warehouse.close()
    waiting = [
        PresetState(
            name=row["name"],
            version=None,
            state="candidate" if row["passed"] else "draft",
            profile=row["profile"],
        )
        for row in judged
        if row["name"] not in files
    ]
    return [*states, *waiting]


def states_of(name: str, *, home: Path | None = None) -> list[PresetState]:
    """Return all versions of a name, the oldest first.

    Raises
    ------
    NotFoundError
        There is none of that name.
    """
    place = home_of(home)
    versions = versions_of(place, checked_name(name))
    problem = None
    try:
        history = read_history(place, name)
        served = history.live(versions)
    except IntegrityError as error:
        history, served, problem = History(name=name), None, one_line(error)
    return [
        _state(place, versions[version], version, history=history, served=served, problem=problem)
        for version in sorted(versions)
    ]


def _state(
    place: Path,
    path: Path,
    version: int,
    *,
    history: History,
    served: int | None,
    problem: str | None,
) -> PresetState:
    known: dict[str, str] = {}
    try:
        preset = read_preset(path, place)
        known = {
            "visibility": preset.visibility,
            "profile": preset.profile,
            "promoted_at": preset.promoted_at,
            "key_id": preset.key_id,
        }
    except IntegrityError as error:
        problem = problem or one_line(error)
    demotion = history.demoted.get(version)
    return PresetState(
        name=history.name,
        version=version,
        state="promoted" if demotion is None else "demoted",
        live=version == served and problem is None,
        demoted_at=None if demotion is None else demotion.at,
        reason=None if demotion is None else demotion.reason,
        problem=problem,
        **known,
    )
