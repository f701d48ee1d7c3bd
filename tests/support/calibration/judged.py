"""What the strict gate says of a case, in a form that can be counted and kept."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import hyprl_lab as hl
from calibration.searches import Case, fresh_warehouse, run_search

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.presets.verdict import CheckRow, Verdict
    from hyprl_lab.research.study import Study

__all__ = ["Effort", "Judged", "judge"]

Effort: TypeAlias = Literal["gate", "every"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One search and its verdict.

    Parameters
    ----------
    case
        The search.
    promoted
        Whether the strict gate signed it.
    sharpe
        Annual, of the chosen parameters on the searched years; `None` where undefined.
    values
        Of the checks that have one, by name.
    failed
        Required checks that do not hold: the first, where the gate stops at it.
    seconds
        From the market to the verdict, with one thread.
    """

    case: Case
    promoted: bool
    sharpe: float | None
    values: Mapping[str, float | bool | str | None]
    failed: tuple[str, ...]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Judged:
        """Read it back."""
        return cls(**{**data, "case": Case(**data["case"]), "failed": tuple(data["failed"])})


def judge(case: Case, *, effort: Effort = "gate") -> Judged:
    """Search a case's market, and ask the strict gate to promote what was found.

    Parameters
    ----------
    case
        The search.
    effort
        `gate`: as `hl.promote` does it for everyone, stopping at the first check that fails.
        `every`: all checks, whatever fails, with fewer permuted markets, 199 and 39, which allow
        p-values down to 1/200 and 1/40; so nothing is promoted.
    """
    started = time.perf_counter()
    with fresh_warehouse() as warehouse:
        study = run_search(case, warehouse)
        verdict = _promoted(study, effort)
        best = study.best
    refusing = [row.name for row in verdict.checks if _refuses(row)]
    return Judged(
        case=case,
        promoted=verdict.passed,
        sharpe=None if best is None else best.metrics.sharpe,
        values={row.name: row.value for row in verdict.checks if row.value is not None},
        failed=tuple(refusing if effort == "every" else refusing[:1]),
        seconds=time.perf_counter() - started,
    )


def _promoted(study: Study, effort: Effort) -> Verdict:
    # What a validation was asked with holds for whatever the gate asks beyond it.
    few = {"permutations": 199, "walk_forward_permutations": 39}
    given: dict[str, Any] = {} if effort == "gate" else few
    return hl.promote(
        study,
        name="calibration",
        profile="strict",
        validation=hl.validate(study, checks=["psr"], threads=1, **given),
        stop_early=effort != "every",
        threads=1,
    )


def _refuses(row: CheckRow) -> bool:
    # A holdout that stays closed, for something else failed, says nothing of the search, and
    # fewer markets than the gate wants are this calibration's own doing.
    closed = row.value is None and row.metric.startswith("holdout_sharpe")
    return row.required and not row.passed and not closed and row.name != "full_settings"
