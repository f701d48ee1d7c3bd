"""The report about a file that was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.data.findings import Finding, Quality
from hyprl_lab.errors import QualityError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hyprl_lab.data.importing.reading import Reading
    from hyprl_lab.data.importing.settle import Meaning
    from hyprl_lab.data.importing.table import Arrays
    from hyprl_lab.data.importing.tally import Tally

__all__ = ["judged", "notes_of", "verdict"]


def verdict(
    reading: Reading, arrays: Arrays, meaning: Meaning, *, title: str, in_order: bool
) -> Quality:
    """Return what was found, nothing of it an error.

    Parameters
    ----------
    reading
        The file, read.
    arrays
        The columns that are left.
    meaning
        What times mean.
    title
        What the report is about.
    in_order
        Whether rows are in order of time; those that are too many to be sorted may not be.

    Raises
    ------
    QualityError
        Rows are no bars, and no repair was asked for.
    """
    repair = dict(reading.asked.repair)
    if not in_order:
        repair.pop("unsorted", None)  # asked for or not, it was not done
    notes = notes_of(reading, has_volume="volume" in arrays)
    quality = Quality.of(
        [*reading.tally.findings(repair, meaning.moment), *notes],
        rows_in=reading.sieve.rows_in,
        rows_kept=int(arrays["ts"].size),
        title=title,
    )
    return judged(quality, [reading.tally], repair)


def judged(quality: Quality, tallies: Iterable[Tally], repair: Mapping[str, str]) -> Quality:
    """Return a report with no error.

    Parameters
    ----------
    quality
        The report.
    tallies
        What it was made of.
    repair
        What was asked for.

    Raises
    ------
    QualityError
        It has errors. The message ends with what can be copied to repair all of them, unless
        something better than a repair is known of each.
    """
    errors = [finding for finding in quality.findings if finding.severity == "error"]
    if not errors:
        return quality
    counts: dict[str, int] = {}
    for error in errors:
        counts[error.kind] = counts.get(error.kind, 0) + error.count
    told = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
    ready = {kind: way for tally in tallies for kind, way in tally.repairs(repair).items()}
    line = f"\nrepair={ready}" if set(counts) & set(ready) else ""
    raise QualityError(f"found rows that are no bars: {told}. {errors[0].detail}{line}", quality)


def notes_of(reading: Reading, *, has_volume: bool) -> list[Finding]:
    """Return what is worth knowing and no fault of a row."""
    notes = [_ignored(what, why) for what, why in reading.plan.ignored]
    notes += [_note(words) for words in reading.plan.notes]
    for place, name in reading.plan.texts.items():
        values = reading.sieve.texts[place]
        held = f"the text {next(iter(values))!r} in every row" if values else "no value"
        held = f"{len(values):,} texts" if len(values) > 1 else held
        notes.append(_ignored(f"column {name}", f"it holds {held}"))
    if "volume" in reading.plan.columns and not has_volume:
        notes.append(_ignored("column volume", "it holds no value"))
    offsets = sorted(reading.reader.offsets)
    if len(offsets) > 1:
        told = ", ".join(
            f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02d}:{abs(offset) % 60:02d}"
            for offset in offsets
        )
        summer = len(offsets) == 2 and offsets[1] - offsets[0] == 60
        notes.append(
            Finding(
                kind="time_zone",
                severity="info" if summer else "warning",
                count=len(offsets),
                first_ts=None,
                detail=f"column {reading.time_name}: found the offsets {told} from UTC; expected "
                "one, or two an hour apart as clocks change. All times were read as UTC",
            )
        )
    return notes


def _ignored(what: str, why: str) -> Finding:
    return _note(f"{_plain(what)}: left out, for {_plain(why)}")


def _plain(words: str) -> str:
    """Return what a file says cut short and without what a terminal would obey."""
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in words)
    return shown if len(shown) <= 200 else f"{shown[:200]}…"


def _note(words: str) -> Finding:
    return Finding(kind="ignored_column", severity="info", count=1, first_ts=None, detail=words)
