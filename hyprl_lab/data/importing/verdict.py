"""The report about a file that was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.data.findings import Finding, Quality
from hyprl_lab.errors import QualityError

if TYPE_CHECKING:
    from hyprl_lab.data.importing.reading import Reading
    from hyprl_lab.data.importing.settle import Meaning
    from hyprl_lab.data.importing.table import Arrays

__all__ = ["verdict"]


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
    findings = [*reading.tally.findings(repair, meaning.moment), *_notes(reading, arrays)]
    quality = Quality.of(
        findings,
        rows_in=reading.sieve.rows_in,
        rows_kept=int(arrays["ts"].size),
        title=title,
    )
    errors = [finding for finding in quality.findings if finding.severity == "error"]
    if errors:
        told = ", ".join(f"{error.count:,} {error.kind}" for error in errors)
        raise QualityError(f"found rows that are no bars: {told}. {errors[0].detail}", quality)
    return quality


def _notes(reading: Reading, arrays: Arrays) -> list[Finding]:
    """Return what is worth knowing and no fault of a row."""
    notes = [_ignored(what, why) for what, why in reading.plan.ignored]
    for place, name in reading.plan.texts.items():
        values = reading.sieve.texts[place]
        held = f"the text {next(iter(values))!r} in every row" if values else "no value"
        notes.append(_ignored(f"column {name}", f"it holds {held}"))
    if "volume" in reading.plan.columns and "volume" not in arrays:
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
    return Finding(
        kind="ignored_column",
        severity="info",
        count=1,
        first_ts=None,
        detail=f"{what}: left out, for {why}",
    )
