"""How large a calibration is, and all of it in one report."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from calibration.counts import counted, told
from calibration.many import judge_all
from calibration.searches import CHEAP, COSTS, DRIFTS, LENGTH, RISK, TRIALS, YEARS, cases
from calibration.true_sharpe import true_sharpe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from calibration.judged import Effort, Judged

__all__ = ["FULL", "Design", "calibrate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Numbers of searches.

    Parameters
    ----------
    noise, near_duplicates
        Of random walks.
    strong
        Of planted edges with a true Sharpe ratio of 2.
    weaker
        Of planted edges at each level below.
    plateau
        Of planted edges of 2 in a space where nearly all sets find them.
    alone
        Of random walks, of either kind, for which every check is computed.
    years
        Over which the true Sharpe ratio is measured.
    """

    noise: int
    near_duplicates: int
    strong: int
    weaker: int
    plateau: int
    alone: int
    years: int


FULL: Final = Design(
    noise=200, near_duplicates=200, strong=100, weaker=50, plateau=50, alone=50, years=10_000
)


def calibrate(
    design: Design,
    *,
    kept: Path | None = None,
    processes: int | None = None,
    heard: Callable[[Judged], None] | None = None,
) -> dict[str, Any]:
    """Judge all searches of a design, and return what came of it as plain JSON values.

    Parameters
    ----------
    design
        How many of each.
    kept
        A folder in which verdicts are kept as they come; a later call goes on from there.
    processes
        At a time, by default one a core.
    heard
        Called with each new verdict.
    """
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)

    def count(kind: str, number: int, sharpe: float = 0.0, *, effort: Effort = "gate") -> list[Any]:
        if number == 0:
            return []
        file = None if kept is None else kept / (f"{effort}.jsonl")
        found = judge_all(
            cases(kind, number, sharpe=sharpe),
            processes=processes,
            effort=effort,
            kept=file,
            heard=heard,
        )
        return [told(counted(found))]

    levels = [level for level in DRIFTS if level > 0.0]
    planted: list[Any] = []
    for level in levels:
        planted += count("planted", design.strong if level == 2.0 else design.weaker, level)
    return {
        "design": {
            **asdict(design),
            "trials": TRIALS,
            "history_years": YEARS,
            "stretch_days": LENGTH,
            "risk": RISK.to_json(),
            "noise_fee_bps": CHEAP.fee_bps,
            "fee_bps": COSTS.fee_bps,
            "slippage_bps": COSTS.slippage_bps,
        },
        "true_sharpe": {
            f"{level:g}": asdict(true_sharpe(DRIFTS[level], years=design.years)) for level in levels
        },
        "noise": count("noise", design.noise),
        "near_duplicates": count("near-duplicates", design.near_duplicates),
        "planted": planted,
        "plateau": count("plateau", design.plateau, 2.0),
        "alone": [
            *count("noise", design.alone, effort="every"),
            *count("near-duplicates", design.alone, effort="every"),
        ],
    }
