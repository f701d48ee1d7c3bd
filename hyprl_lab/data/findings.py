"""What was found in data: kind, severity, how often, where first."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast, get_args

import numpy as np

from hyprl_lab.data.timeframe import stamp
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    import pandas as pd

    from hyprl_lab.types import JsonValue

__all__ = ["KINDS", "ROWS_NAMED", "SEVERITIES", "Finding", "Quality", "Severity"]

Severity: TypeAlias = Literal["error", "warning", "repaired", "info"]

SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
"""From the gravest on: errors refuse an import, warnings want a look."""

KINDS: Final = (
    "unreadable_row",
    "unreadable_value",
    "unreadable_time",
    "merge_conflict",
    "duplicate_time",
    "unsorted",
    "missing_value",
    "infinite_value",
    "not_positive",
    "ohlc_violation",
    "negative_volume",
    "gap",
    "outside_session",
    "outlier",
    "zero_volume",
    "flat_bar",
    "unadjusted_split",
    "time_zone",
    "ignored_column",
    "short_data",
)
"""Every kind of finding; `docs/data.md` says what each means."""

ROWS_NAMED: Final = 1_000
"""How many rows a finding names; `count` is of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One kind of thing found.

    Parameters
    ----------
    kind
        One of `KINDS`.
    severity
        `error`, `warning`, `repaired` or `info`.
    count
        How many there are, in the unit that `detail` names (rows, bars missing, columns).
    first_ts
        When the first of them opens, microseconds since the epoch, UTC; `None` where it has no
        time.
    detail
        In words: the row and column of the first, what was found, what was expected, how to mend.
    rows
        The rows, from 0, in order: the first 1,000 of them. Rows of the bars, or of the file where
        an import found them.
    spread
        How many of all rows lie in each of equal stretches of time, from the first bar to the
        last; empty where that isn't known.

    Raises
    ------
    BarsError
        There is no such kind or severity.

    Examples
    --------
    >>> found = Finding(kind="gap", severity="warning", count=2, first_ts=0, detail="2 bars")
    >>> Finding.from_json(found.to_json()) == found
    True
    """

    kind: str
    severity: Severity
    count: int
    first_ts: int | None
    detail: str
    rows: tuple[int, ...] = ()
    spread: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.severity not in SEVERITIES:
            raise BarsError(
                f"finding: found {self.kind!r}, {self.severity!r}; expected a kind of {KINDS} "
                f"and a severity of {SEVERITIES}"
            )

    def to_json(self) -> dict[str, JsonValue]:
        """Return the finding as JSON values; `spread` only where there is one."""
        data: dict[str, JsonValue] = {
            "kind": self.kind,
            "severity": self.severity,
            "count": self.count,
            "first_ts": self.first_ts,
            "detail": self.detail,
            "rows": list(self.rows),
        }
        if self.spread:
            data["spread"] = list(self.spread)
        return data

    @classmethod
    def from_json(cls, data: dict[str, JsonValue]) -> Finding:
        """Return the finding that `to_json` wrote."""
        return cls(
            kind=cast("str", data["kind"]),
            severity=cast("Severity", data["severity"]),
            count=cast("int", data["count"]),
            first_ts=cast("int | None", data["first_ts"]),
            detail=cast("str", data["detail"]),
            rows=tuple(cast("list[int]", data.get("rows", []))),
            spread=tuple(cast("list[int]", data.get("spread", []))),
        )


@dataclass(frozen=True, slots=True, repr=False)
class Quality:
    """All findings about one set of bars or one file.

    Parameters
    ----------
    findings
        The gravest first, then by kind.
    rows_in, rows_kept
        Rows there were, and rows that are bars.
    title
        What was looked at.
    span
        When the first and the last bar open, microseconds since the epoch, UTC; `None` where
        there are no bars.

    Examples
    --------
    >>> found = Finding(kind="zero_volume", severity="info", count=2, first_ts=0, detail="2 bars")
    >>> quality = Quality.of([found], rows_in=10, rows_kept=10, title="TEST 1d")
    >>> quality.ok, quality.by_kind("zero_volume").count
    (True, 2)
    """

    findings: tuple[Finding, ...]
    rows_in: int
    rows_kept: int
    title: str
    span: tuple[int, int] | None = None

    @classmethod
    def of(
        cls,
        findings: list[Finding],
        *,
        rows_in: int,
        rows_kept: int,
        title: str,
        span: tuple[int, int] | None = None,
    ) -> Quality:
        """Return a report with the findings in order."""
        order = sorted(
            findings, key=lambda f: (SEVERITIES.index(f.severity), KINDS.index(f.kind), f.detail)
        )
        return cls(tuple(order), rows_in, rows_kept, title, span)

    @property
    def ok(self) -> bool:
        """Whether there is neither an error nor a warning."""
        return not any(finding.severity in ("error", "warning") for finding in self.findings)

    @property
    def kept(self) -> str:
        """How many rows were kept, in words; of a refused file none was.

        Examples
        --------
        >>> Quality.of([], rows_in=10, rows_kept=9, title="TEST 1d").kept
        '9 of 10 rows kept'
        """
        rows = f"{self.rows_kept:,} of {self.rows_in:,} rows"
        refused = any(finding.severity == "error" for finding in self.findings)
        return f"{rows} are bars; nothing was imported" if refused else f"{rows} kept"

    def by_kind(self, kind: str) -> Finding | None:
        """Return the gravest finding of a kind, `None` where there is none.

        Raises
        ------
        BarsError
            There is no such kind.
        """
        if kind not in KINDS:
            near = get_close_matches(str(kind), KINDS, n=1)
            near = near or [known for known in KINDS if str(kind) in known]
            meant = f"; did you mean {near[0]!r}?" if near else ";"
            raise BarsError(f"kind: found {kind!r}{meant} expected one of {list(KINDS)}")
        return next((finding for finding in self.findings if finding.kind == kind), None)

    def to_pandas(self) -> pd.DataFrame:
        """Return a row a finding: kind, severity, count, first_ts (UTC), detail."""
        import pandas as pd

        names = ("kind", "severity", "count", "first_ts", "detail")
        frame = pd.DataFrame(
            [[getattr(finding, name) for name in names] for finding in self.findings],
            columns=list(names),
        )
        times = np.array(
            [
                np.datetime64("NaT", "us")
                if finding.first_ts is None
                else np.datetime64(finding.first_ts, "us")
                for finding in self.findings
            ],
            dtype="datetime64[us]",
        )
        frame["first_ts"] = pd.DatetimeIndex(times).tz_localize("UTC")
        return frame

    def __repr__(self) -> str:
        head = f"Quality {self.title}: {self.kept}"
        lines = [
            f"  {finding.severity:8} {finding.kind:16} {finding.count:>8,}  "
            f"{'' if finding.first_ts is None else stamp(finding.first_ts)}  {finding.detail}"
            for finding in self.findings
        ]
        return "\n".join([head, *(lines or ["  nothing found"])])

    def _repr_html_(self) -> str:
        from hyprl_lab.data.quality.display import html

        return html(self)
