"""No file crashes an import, none loses a row unnamed, and what is kept is what was written."""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hyprl_lab.data.importing import REPAIRS, Imported, import_file
from hyprl_lab.data.importing.source import Source
from hyprl_lab.errors import BarsError, LabError, QualityError

DEEP = settings().max_examples >= 1000
EXAMPLES = settings(
    max_examples=10_000 if DEEP else 2 * settings().max_examples,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

DROP_ALL = {kind: "drop" if "drop" in ways else "sort" for kind, ways in REPAIRS.items()}
FIRST = {**DROP_ALL, "duplicate_time": "first"}

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STYLES = {
    "%Y-%m-%d %H:%M:%S": ("iso", "UTC"),
    "%Y-%m-%dT%H:%M:%SZ": ("iso", None),
    "%Y-%m-%d %H:%M:%S+00:00": ("iso", None),
    "%Y%m%d %H%M%S": ("iso", "UTC"),
    "%Y/%m/%d %H:%M": ("year_first", "UTC"),
    "%d.%m.%Y %H:%M:%S.000": ("day_first", "UTC"),
    "%d/%m/%Y %H:%M": ("day_first", "UTC"),
    "%m/%d/%Y %H:%M": ("month_first", "UTC"),
    "%m-%d-%Y %I:%M %p": ("month_first", "UTC"),
    "%m/%d/%Y %H:%M+05:30": ("month_first", None),
    "%d/%m/%Y %H:%M-08:00": ("day_first", None),
    "%d %b %Y %H:%M": ("%d %b %Y %H:%M", "UTC"),
    "s": ("epoch_s", None),
    "ms": ("epoch_ms", None),
    "us": ("epoch_us", None),
    "ns": ("epoch_ns", None),
}
JUNK = (b"", b'"', b",", b"\n", b"\r", b"\0", b"9", b"e", b"-", b"\xff")
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
PRICES = st.one_of(
    st.integers(1, 10**6).map(str),
    st.decimals("0.0001", "99999", places=4).map(str),
    st.floats(1e-8, 1e8).map(repr),
)
FEATURES = st.one_of(
    st.sampled_from(
        ["", "NaN", "NA", "n/a", "null", "None", ".", "-", "--", "#N/A", "-0", "+1.5", " 7 "]
    ),
    st.floats(-1e300, 1e300).map(repr),
)


BAD_CELLS = {
    "unreadable_time": ("ts", ["", "soon", "99/99/2024", "2024-13-45", "1e9", "-", "2024-01"]),
    "unreadable_value": ("close", ["x", "1.5.2", "---", "1_0", "true"]),
    "infinite_value": ("high", ["1e400", "inf"]),
    "missing_value": ("open", ["", "NaN", "."]),
    "not_positive": ("low", ["0", "-1.5", "-0.0"]),
    "negative_volume": ("volume", ["-1"]),
}
UNREAD = ("merge_conflict", "unreadable_row", "unreadable_time", "unreadable_value")
OTHERS = ("merge_conflict", "unreadable_row", "ohlc_violation", "duplicate_time")
FAULTS = st.sampled_from([*[None] * 12, *BAD_CELLS, *OTHERS])


@dataclass
class File:
    """What is written, and what it means."""

    content: bytes
    arguments: dict[str, object]
    kept: dict[int, tuple[float, ...]] = field(default_factory=dict)
    named: dict[str, list[int]] = field(default_factory=dict)
    rows: int = 0
    proved: bool = False


def written(moment: datetime, style: str) -> str:
    if style in PER_SECOND:
        return str(int(moment.timestamp()) * PER_SECOND[style])
    for sign, hours in (("+05:30", 5.5), ("-08:00", -8)):
        if style.endswith(sign):
            moment += timedelta(hours=hours)
    return moment.strftime(style)


def proves(text: str, stated: str) -> bool:
    """Whether one time shows how all are written, where nothing is stated."""
    if stated in ("iso", "year_first"):
        return True
    if stated in ("day_first", "month_first"):
        return max(int(text[:2]), int(text[3:5])) > 12
    return False  # counts may be of several units, and a format is never found out


def number(text: str) -> float:
    plain = text.strip()
    return (
        math.nan
        if plain in ("", "NaN", "NA", "n/a", "null", "None", ".", "-", "--", "#N/A")
        else float(plain)
    )


@st.composite
def files(draw: st.DrawFn) -> File:
    style = draw(st.sampled_from(sorted(STYLES)))
    stated, tz = STYLES[style]
    delimiter = draw(st.sampled_from(",;\t|"))
    newline = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    quoting = draw(st.sampled_from(["none", "none", "all", "some"]))
    with_volume, with_feature = draw(st.booleans()), draw(st.booleans())
    names = ["ts", "open", "high", "low", "close"]
    names += ["volume"] * with_volume + ["signal"] * with_feature
    order = draw(st.permutations(names))
    titled = draw(st.sampled_from([str, str.title, str.upper]))
    header = draw(st.booleans())
    moment = EPOCH + timedelta(hours=draw(st.integers(10 * 8766, 60 * 8766)))
    count = draw(st.integers(1, 9))
    file = File(b"", {"timeframe": "1h", "tz": tz})
    file.arguments["dates"] = draw(st.sampled_from([stated, None]))
    if not header:
        file.arguments["columns"] = list(order)

    def quoted(cell: str) -> str:
        if quoting == "all" or (quoting == "some" and draw(st.booleans())):
            return f'"{cell}"'
        return cell

    def line(cells: dict[str, str]) -> bytes:
        return delimiter.join(quoted(cells[name]) for name in order).encode()

    entries: list[tuple[str | None, int, tuple[float, ...], list[bytes]]] = []
    for _ in range(count):
        four = sorted((draw(PRICES) for _ in range(4)), key=float)
        cells = {"ts": written(moment, style), "high": four[3], "low": four[0]}
        cells |= {"open": four[1], "close": four[2], "signal": draw(FEATURES)}
        cells["volume"] = str(draw(st.integers(0, 10**9)))
        fault = draw(FAULTS)
        if fault == "negative_volume" and not with_volume:
            fault = None
        junk: list[bytes] | None = None
        if fault == "merge_conflict":
            junk = [b"<<<<<<< HEAD", b"=======", b">>>>>>> theirs"]
        elif fault == "unreadable_row":
            whole = line(cells)
            junk = [whole + delimiter.encode() + b"1", whole.rsplit(delimiter.encode(), 1)[0]]
            junk += [b"\xff\xfe", whole + b"\0", b'"' + whole, b"what is this"]
            if header:
                junk.append(delimiter.join(titled(name) for name in order).encode())
        elif fault in BAD_CELLS:
            name, texts = BAD_CELLS[fault]
            cells[name] = draw(st.sampled_from(texts))
        elif fault == "ohlc_violation":
            cells |= {"high": four[0], "low": str(2.0 * float(four[3]))}
        if fault not in UNREAD:
            file.proved |= proves(cells["ts"], stated)
        lines = [line(cells) if junk is None else draw(st.sampled_from(junk))]
        lines += [line(cells)] * (fault == "duplicate_time")
        values = tuple(
            math.nan if fault in BAD_CELLS else number(cells[name])
            for name in sorted(set(names) - {"ts"})
        )
        entries.append((fault, int(moment.timestamp()) * 1_000_000, values, lines))
        moment += timedelta(hours=1)
    if draw(st.integers(0, 4)) == 0:
        entries = draw(st.permutations(entries))
    lines = []
    before: int | None = None
    for fault, ts, values, own in entries:
        lines.extend(own)
        if fault is not None:
            file.named.setdefault(fault, []).append(len(lines) - 1)
        if fault in (None, "duplicate_time"):
            file.kept[ts] = values
        if fault not in UNREAD:
            if before is not None and ts < before:
                file.named.setdefault("unsorted", []).append(len(lines) - len(own))
            before = ts
    file.rows = len(lines)
    if header:
        lines.insert(0, delimiter.join(titled(name) for name in order).encode())
    content = newline.encode().join(lines) + newline.encode() * draw(st.integers(0, 2))
    file.content = b"\xef\xbb\xbf" * draw(st.booleans()) + content
    return file


def imported(content: bytes, arguments: dict[str, object], *, block: int = 1 << 20) -> Imported:
    whole = Source.read
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(Source, "read", lambda source: whole(source, block)),
    ):
        path = Path(folder) / "fuzz.csv"
        path.write_bytes(content)
        return import_file(path, symbol="FUZZ", **arguments)


def left_out(quality) -> int:
    return sum(found.count for found in quality.findings if found.kind in REPAIRS) - sum(
        found.count for found in quality.findings if found.kind == "unsorted"
    )


@EXAMPLES
@given(file=files(), block=st.sampled_from([100, 1 << 20]))
def test_what_is_kept_is_what_was_written_and_the_rest_is_named(file: File, block: int) -> None:
    try:
        found = imported(file.content, {**file.arguments, "repair": FIRST}, block=block)
    except BarsError:
        # Refused outright: there was nothing to keep, or nothing was stated and nothing is proved.
        told = file.arguments["dates"] is not None or (file.proved and shown_first(file, block))
        assert not file.kept or not told or refusable(file)
        return
    assert found.quality.rows_in == file.rows
    assert found.quality.rows_in == found.quality.rows_kept + left_out(found.quality)
    assert {one.kind: list(one.rows) for one in found.quality.findings if one.kind in REPAIRS} == (
        file.named
    )
    columns = found.bars.columns
    names = sorted(columns)
    every = {
        ts: dict(zip(sorted(file_names(file)), values, strict=True))
        for ts, values in file.kept.items()
    }
    assert found.bars.ts.tolist() == sorted(every)
    for name in names:
        told = [every[ts][name] for ts in sorted(every)]
        np.testing.assert_array_equal(columns[name], np.array(told))
    missing = set(file_names(file)) - set(names)
    assert not missing


def file_names(file: File) -> list[str]:
    count = len(next(iter(file.kept.values())))
    names = ["close", "high", "low", "open"]
    if count == 6:
        return [*names, "signal", "volume"]
    if count == 5:
        whole = b"volume" in file.content.lower() or "volume" in (
            file.arguments.get("columns") or []
        )
        return [*names, "volume" if whole else "signal"]
    return names


def shown_first(file: File, block: int) -> bool:
    """Whether the first block, of which the way to write times is told, holds good rows mostly."""
    head = file.content[:block]
    mark = b"\n" if b"\n" in file.content else b"\r"
    rows = (
        file.rows if head == file.content else head.count(mark) - ("columns" not in file.arguments)
    )
    bad = sum(row < rows for named in file.named.values() for row in named)
    return 2 * bad < rows


def refusable(file: File) -> bool:
    """Whether enough of a file is junk that how it is written can't be told from it."""
    if "columns" in file.arguments and any(rows[0] == 0 for rows in file.named.values()):
        return True
    return 2 * sum(len(rows) for rows in file.named.values()) >= file.rows


@EXAMPLES
@given(file=files(), data=st.data())
def test_rows_are_kept_or_named_however_bytes_are_mangled(file: File, data: st.DataObject) -> None:
    content = bytearray(file.content)
    for _ in range(data.draw(st.integers(1, 6))):
        place = int(data.draw(st.floats(0, 1)) * len(content))
        junk = data.draw(st.sampled_from(JUNK))
        much = data.draw(st.sampled_from([0, 0, 1, 1, 5, 40]))
        content[place : place + much] = junk
    repair = data.draw(st.sampled_from([None, FIRST, {"ohlc_violation": "widen"}]))
    arguments = {**file.arguments, "repair": repair}
    block = data.draw(st.sampled_from([7, 100, 1 << 20]))
    try:
        quality = imported(bytes(content), arguments, block=block).quality
    except QualityError as error:
        quality = error.quality
    except LabError:
        return
    kept_widened = quality.by_kind("ohlc_violation") if repair and len(repair) == 1 else None
    out = left_out(quality) - (kept_widened.count if kept_widened else 0)
    assert quality.rows_in == quality.rows_kept + out
    assert quality.rows_in == lines_of(bytes(content), block) - ("columns" not in file.arguments)


def lines_of(content: bytes, block: int) -> int:
    """Count lines that are not blank; what ends them is told from the first block with an end."""
    heads = (content[:end] for end in range(block, len(content) + block, block))
    head = next((one for one in heads if b"\n" in one or b"\r" in one[:-1]), b"")
    mark = b"\r" if b"\r" in head and b"\n" not in head else b"\n"
    plain = content.removeprefix(b"\xef\xbb\xbf")
    return sum(bool(line.rstrip(b"\r").strip(b" \t\r\x0b\x0c")) for line in plain.split(mark))


@pytest.mark.parametrize("dates", ["day_first", "month_first"])
def test_an_order_that_is_not_proved_is_never_guessed(dates: str, tmp_path: Path) -> None:
    rows = "".join(f"{day:02d}/0{day}/2024,1,2,1,2\n" for day in (1, 2, 3, 4))
    path = tmp_path / "open.csv"
    path.write_text("date,open,high,low,close\n" + rows)
    with pytest.raises(BarsError, match="day 1 of month 1"):
        import_file(path, timeframe="1mo")
    assert len(import_file(path, timeframe="1mo", dates=dates).bars) == 4
