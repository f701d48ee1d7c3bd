"""Which column of a file serves as which of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from hyprl_lab.data.checks import OHLCV, PRICES
from hyprl_lab.data.frames import TIME_COLUMNS
from hyprl_lab.data.names import snake_case
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Columns", "Found", "Plan", "named", "plan_columns"]

Columns: TypeAlias = "Mapping[str, str | int | None] | Sequence[str | None]"
"""Names by position, or ours to the file's name or position; `None` leaves a column out."""

Kind: TypeAlias = Literal["number", "text", "time", "dated"]
"""What a column holds; `"dated"` is text that looks like times."""

_TIMES: Final = (*TIME_COLUMNS, "open_time", "opentime", "gmt_time")
_OTHER_TIMES: Final = ("close_time", "closetime")
_MOST_COLUMNS: Final = 2_000
_TICKS: Final = ("tickvol", "tick_volume")
_NUMBERED: Final = re.compile(r"[0-9]+[.)] +")  # "1. open", as some interfaces count columns
_INDEX: Final = "__index_level_0__"  # how pandas calls an index without a name in Parquet
_CLOSE_ONLY: Final = (
    "If there is only a close: columns={'open': 'price', 'high': 'price', 'low': 'price', "
    "'close': 'price'} makes flat bars of it"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A column of a file: its name, empty where it has none, and what its first cells hold."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Plan:
    """Where to find what.

    Parameters
    ----------
    time
        The position of the time, or those of the date and the time of day.
    columns
        The position of each of our columns.
    texts
        The positions of text columns, whose values are told but not kept.
    ignored
        Columns that are left out unasked, each with why.
    notes
        What else is worth a word.
    by
        The position of the symbols, where the file holds several.
    """

    time: tuple[int, ...]
    columns: dict[str, int]
    texts: dict[int, str]
    ignored: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()
    by: int | None = None

    @property
    def numbers(self) -> set[int]:
        """The positions that are read as numbers."""
        return set(self.columns.values())


def named(found: Sequence[Found], names: Sequence[str | None]) -> list[Found]:
    """Return columns under the names given by position.

    Raises
    ------
    BarsError
        There are more or fewer names than columns.

    Examples
    --------
    >>> named([Found("", "number")], ["open"])
    [Found(name='open', kind='number')]
    """
    if not all(name is None or isinstance(name, str) for name in names):
        raise BarsError(f"columns: found {list(names)}; expected names, None for one to leave out")
    if len(names) != len(found):
        raise BarsError(
            f"columns: found {len(names)} names, {list(names)}, for {len(found)} columns; expected "
            "one for each, None for one to leave out"
        )
    return [Found(name or "", column.kind) for name, column in zip(names, found, strict=True)]


def plan_columns(
    found: Sequence[Found], columns: Mapping[str, str | int | None], *, by: str | None = None
) -> Plan:
    """Decide which column serves as which.

    Parameters
    ----------
    found
        The file's columns by position.
    columns
        Ours to theirs, over what the names say; `"ts"` is the time.
    by
        The column of symbols, of a file that holds several.

    Raises
    ------
    BarsError
        A column is missing, or two could serve.

    Examples
    --------
    >>> found = [Found("Date", "text"), Found("vix", "number")]
    >>> prices = dict.fromkeys(("open", "high", "low", "close"), "vix")
    >>> plan = plan_columns(found, prices)
    >>> plan.time, plan.columns
    ((0,), {'open': 1, 'high': 1, 'low': 1, 'close': 1})
    """
    if len(found) > _MOST_COLUMNS:
        raise BarsError(f"columns: found {len(found):,}; expected {_MOST_COLUMNS:,} at most")
    stated, left_out = _stated(found, columns)
    grouped = None if by is None else _symbols(found, by)
    if grouped is not None:
        left_out = left_out | {grouped}
    time = (stated.pop("ts"),) if "ts" in stated else _time(found, set(stated.values()) | left_out)
    taken = {*stated.values(), *time} | left_out
    ours, texts = dict(stated), {}
    origins = {name: found[place].name for name, place in stated.items()}
    ignored = []
    for place, column in enumerate(found):
        if place in taken:
            continue
        if column.name in ("", _INDEX):
            ignored.append((f"column {place}", "it has no name"))
        elif _is_other_time(column):
            ignored.append((f"column {column.name}", "it is another time"))
        elif column.kind == "text" and _snake(column.name) not in OHLCV:
            texts[place] = column.name
        elif (name := _snake(column.name)) not in ours:
            ours[name], origins[name] = place, column.name
        elif name not in stated:
            ready = " or ".join(f"columns={{{name!r}: {one}}}" for one in (ours[name], place))
            raise BarsError(
                f"columns: found {origins[name]!r} and {column.name!r}, both {name!r}; expected "
                f"different names. Say which, by position: {ready}"
            )
        else:
            ignored.append((f"column {column.name}", f"{name} is taken from {origins[name]!r}"))
    if "ts" in ours:
        raise BarsError(
            f"columns: found {origins['ts']!r}, which is 'ts' in snake case, beside the time; "
            f"expected another name. Leave it out: columns={{{origins['ts']!r}: None}}, or name "
            f"it: columns={{'ts_2': {origins['ts']!r}}}"
        )
    notes = _volume(ours, origins, stated)
    missing = [name for name in PRICES if name not in ours]
    if missing:
        raise BarsError(
            f"columns: found {[column.name for column in found][:40]}, without {missing}; expected "
            "open, high, low and close (any case), and volume if it is known. Say which columns "
            f"they are: columns={{'open': 'Price', …}}. {_CLOSE_ONLY}"
        )
    return Plan(time, _ordered(ours), texts, tuple(ignored), tuple(notes), grouped)


def _volume(
    ours: dict[str, int], origins: Mapping[str, str], stated: Mapping[str, int]
) -> list[str]:
    """Take the one column that can be nothing but volume, where none is called so; else say."""
    if "volume" in ours:
        return []
    alike = [
        name
        for name in ours
        if name not in stated and (name == "vol" or name in _TICKS or "volume" in name)
    ]
    others = [name for name in alike if name not in _TICKS]
    if others == ["vol"] or (not others and len(alike) == 1):
        name = (others or alike)[0]
        ours["volume"] = ours.pop(name)
        instead = f"columns={{{name!r}: {origins[name]!r}}}"
        return [f"column {origins[name]}: taken as volume. If it is none: {instead}"]
    return [
        f"column {origins[name]}: kept as the feature {name}; the bars have no volume. If it is "
        f"their volume: columns={{'volume': {origins[name]!r}}}"
        for name in alike
    ]


def _symbols(found: Sequence[Found], by: str) -> int:
    names = [column.name for column in found]
    wide = sum(
        name.startswith(("('", '("')) or bool(re.search(r"[^_ ](close|open)$", name.lower()))
        for name in names
    )
    if isinstance(by, str) and names.count(by) > 1:
        raise BarsError(f"panel: found {names.count(by)} columns named {by!r}; expected one")
    if isinstance(by, str) and by in names:
        return names.index(by)
    try:
        return _place(found, by)
    except BarsError as error:
        mend = (
            "It looks wide, with columns for each symbol; a panel is read from a long table, a row "
            "for each time and symbol: df.stack(level='symbol', future_stack=True).reset_index()"
            if wide
            else "Name the column of symbols: by=…"
        )
        raise BarsError(
            f"panel: found the columns {names[:20]}, without {by!r}; expected a column of symbols. "
            f"{mend}"
        ) from error


def _ordered(ours: dict[str, int]) -> dict[str, int]:
    names: list[str] = [name for name in OHLCV if name in ours]
    names += sorted(name for name in ours if name not in OHLCV)
    return {name: ours[name] for name in names}


def _stated(
    found: Sequence[Found], columns: Mapping[str, str | int | None]
) -> tuple[dict[str, int], set[int]]:
    stated, left_out = {}, set()
    for ours, theirs in columns.items():
        if not isinstance(ours, str) or (theirs is None and ours in ("ts", *PRICES)):
            raise BarsError(f"columns: found {ours!r}: {theirs!r}; expected {ours!r}: a column")
        if theirs is None:
            left_out.add(_place(found, ours))
        elif snake_case(ours) != ours:
            raise BarsError(
                f"columns: found the name {ours!r}; expected snake case. Call it "
                f"{snake_case(ours)!r}"
            )
        else:
            stated[ours] = _place(found, theirs)
    return stated, left_out


def _place(found: Sequence[Found], theirs: object) -> int:
    names = [column.name for column in found]
    if isinstance(theirs, int) and not isinstance(theirs, bool) and 0 <= theirs < len(found):
        return theirs
    if isinstance(theirs, str) and theirs:
        exact = [place for place, name in enumerate(names) if name == theirs]
        alike = [place for place, name in enumerate(names) if name.lower() == theirs.lower()]
        for places in (exact, alike):
            if len(places) == 1:
                return places[0]
    raise BarsError(
        f"columns: found {theirs!r}; expected one of {names[:40]}, or a position from 0 to "
        f"{len(found) - 1}"
    )


def _time(found: Sequence[Found], taken: set[int]) -> tuple[int, ...]:
    places = [
        place for place, column in enumerate(found) if place not in taken and _is_time(column.name)
    ]
    names = [found[place].name for place in places]
    if len(places) == 1:
        return (places[0],)
    plain = [_plain(name) for name in names]
    if sorted(plain) == ["date", "time"]:
        return (places[plain.index("date")], places[plain.index("time")])
    free = [place for place in range(len(found)) if place not in taken]
    typed = [place for place in free if found[place].kind == "time"]
    dated = [found[place].name for place in free if found[place].kind == "dated"]
    if not places and len(typed) == 1:
        return (typed[0],)
    told = f"the columns {names}" if names else f"{[column.name for column in found][:40]}"
    raise BarsError(
        f"times: found {told}; expected one column named {', '.join(TIME_COLUMNS)}, or a date and "
        f"a time. Say which it is: columns={{'ts': {(names or dated or ['Opened at'])[0]!r}}}, or "
        "by its position: columns={'ts': 0}"
    )


def _is_time(name: str) -> bool:
    return _plain(name).replace(" ", "_") in _TIMES


def _is_other_time(column: Found) -> bool:
    named_so = _is_time(column.name) or _plain(column.name).replace(" ", "_") in _OTHER_TIMES
    return named_so or column.kind in ("time", "dated")


def _plain(name: str) -> str:
    """Return a name in lower case without what MetaTrader writes around it."""
    return name.strip().strip("<>").lower()


def _snake(name: str) -> str:
    plain = _NUMBERED.sub("", name.strip())
    try:
        return snake_case(plain)
    except BarsError as error:
        free = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
        raise BarsError(
            f"columns: found the name {name!r}; expected a letter first, then letters and digits. "
            f"Give it another: columns={{'{('x_' + free).rstrip('_')}': {name!r}}}, or leave it "
            f"out: columns={{{name!r}: None}}"
        ) from error
