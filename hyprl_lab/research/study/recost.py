"""A study's ranking under other costs: from the ledger, and the best of it simulated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.research.study.costs import EXACT_METRICS, RECOSTED_METRICS
from hyprl_lab.research.study.display import table_html
from hyprl_lab.research.study.frames import checked_count, objective_names
from hyprl_lab.research.study.repricing import repriced

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from hyprl_lab.engine.config import Execution
    from hyprl_lab.research.settled import Settled
    from hyprl_lab.research.study.ranking import Ranking
    from hyprl_lab.research.study.study import Study
    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["Recosted", "costed", "recost"]

_ROWS: Final = 10
_BY_FRONT: Final = 1000
"""Trials that are put in order front by front: each front costs a pass over all of them."""
_SHOWN: Final = ("cagr", "sharpe", "max_drawdown", "trades", "fees_paid")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Recosted:
    """A study under other costs.

    Parameters
    ----------
    study_id
        Of the study.
    costs
        The new costs, by the names of `hl.Execution`.
    exact
        Whether the ranking of all trials is exact: every trial's quantities and fills are proved
        to be the same, and objectives and constraints read exact metrics alone.
    reasons
        Why it is approximate; empty where it is exact.
    unchanged
        Metrics that objectives or constraints read and that can't be estimated from the ledger:
        they are taken as they were under the old costs.
    estimates
        Every completed trial, best first by its estimate: `objective` (`objective_2`, …),
        `before` (the first objective under the old costs), `final_equity`, `exact` (whether the
        trial's money is). An objective is NaN where the trial is not ranked. With several
        objectives the first thousand stand by front, the rest by the first objective.
    table
        The best, simulated under the new costs, best first by what came out: `objective`
        (`objective_2`, …), `estimate` (of the first), `before`, parameters, metrics. It has no
        rows where none was asked for. Where a cost that is given was searched too, its column
        has the new value, and what differs in it alone stands once.
    """

    study_id: str
    costs: Mapping[str, float]
    exact: bool
    reasons: tuple[str, ...]
    unchanged: tuple[str, ...]
    estimates: pd.DataFrame
    table: pd.DataFrame

    def __repr__(self) -> str:
        """One line: the costs, how sure the ranking is, and the best."""
        costs = ", ".join(f"{name}={value:g}" for name, value in self.costs.items())
        sure = "exact" if self.exact else "approximate"
        best = ""
        if len(self.table):
            best = f", best {self.table['objective'].iloc[0]:.4g} (trial {self.table.index[0]})"
        return (
            f"Recosted({costs}: {len(self.estimates):,} trials, {sure}, "
            f"{len(self.table)} simulated again{best})"
        )

    def _repr_html_(self) -> str:
        said = [f"approximate: {reason}" for reason in self.reasons]
        if self.unchanged:
            said.append(f"as under the old costs: {', '.join(self.unchanged)}")
        items = "".join(f"<li>{escape(line)}</li>" for line in said)
        hidden = set(TRIAL_METRICS) - set(_SHOWN)
        shown = [name for name in self.table.columns if name not in hidden]
        table = table_html(self.table[shown].head(_ROWS)) if len(self.table) else ""
        return f"<p>{escape(repr(self))}</p>{f'<ul>{items}</ul>' if items else ''}{table}"


def recost(
    study: Study,
    *,
    fee_bps: float | None,
    fee_per_trade: float | None,
    slippage_bps: float | None,
    top: int,
) -> Recosted:
    """Rank a study's trials under other costs; see `Study.recost`."""
    import pandas as pd

    given = {
        "fee_bps": fee_bps,
        "fee_per_trade": fee_per_trade,
        "slippage_bps": slippage_bps,
    }
    costs = {name: value for name, value in given.items() if value is not None}
    if not costs:
        raise InputError("recost was given no cost; expected one at least, such as fee_bps=5")
    top = checked_count("top", top)
    costed(study.execution, costs)  # refuses what is out of range
    ranking = study.ranking
    trials = repriced(study, costs)
    count = len(trials.index)
    before = ranking.scores(trials.before, count)
    after = ranking.score_matrix(trials.after, count)
    order = _order(ranking, after, top)
    names = objective_names(len(after))
    estimates = pd.DataFrame(
        {name: after[place][order] for place, name in enumerate(names)}
        | {
            "before": before[order],
            "final_equity": trials.after["final_equity"][order],
            "exact": trials.exact[order],
        },
        index=pd.Index(trials.index[order], name="trial"),
    )
    read = set(ranking.metrics)
    changed = not trials.same.all()
    reasons = [*trials.reasons] if changed else []
    loose = sorted(read - EXACT_METRICS)
    if loose and changed:
        reasons.append(f"{', '.join(loose)}: no sum over fills, so only estimated")
    if not reasons and not trials.exact.all():
        reasons.append(
            f"{int((~trials.exact).sum()):,} of {count:,} trials fell so deep or traded so much "
            "that leverage may have cut their quantities"
        )
    return Recosted(
        study_id=study.study_id,
        costs=costs,
        exact=not reasons,
        reasons=tuple(reasons),
        unchanged=tuple(sorted(read - RECOSTED_METRICS)) if changed else (),
        estimates=estimates,
        table=_simulated(study, costs, estimates, top),
    )


def _order(ranking: Ranking, scores: FloatArray, top: int) -> IntArray:
    """Return all trials, best first: by front as far as is looked at, then by the first score."""
    count = scores.shape[1]
    several = len(scores) > 1
    first = ranking.best_first(scores, max(top, _BY_FRONT) if several else count)
    left = np.setdiff1d(np.arange(count), first)
    behind = left[np.argsort(-scores[0, left], kind="stable")]  # NaN, which is not ranked, last
    return np.concatenate([first, behind])


def costed(execution: Execution, costs: Mapping[str, float]) -> Execution:
    """Return an execution with other costs.

    Raises
    ------
    ConfigError
        A cost is out of range.

    Examples
    --------
    >>> from hyprl_lab.engine.config import Execution
    >>> costed(Execution(fee_bps=2, at_end="mark"), {"fee_bps": 7.0}).fee_bps
    7.0
    """
    return type(execution).from_json(execution.to_json() | dict(costs))


def _simulated(
    study: Study, costs: Mapping[str, float], estimates: pd.DataFrame, top: int
) -> pd.DataFrame:
    """Run the best again under the new costs; each counts as a trial of the ledger."""
    import pandas as pd

    from hyprl_lab.research.recording import backtest

    overridden = {f"execution.{name}": value for name, value in costs.items()}
    overridden = {name: value for name, value in overridden.items() if name in study.points.names}
    points: dict[int, Settled] = {}
    for number in estimates.index[estimates["objective"].notna()].tolist():
        if len(points) == top:
            break
        point = study.inputs(number)
        point = replace(point, execution=costed(point.execution, costs))
        if not overridden or point not in points.values():
            points[number] = point
    chosen = estimates.loc[[*points]]
    rows: list[dict[str, float]] = []
    for point in points.values():
        result = backtest(
            study.search_bars,
            study.strategy,
            params=point.params,
            risk=point.risk,
            execution=point.execution,
            cash=study.cash,
            seed=study.seed,
            warehouse=study.warehouse,
        )
        rows.append(dict(result.simulation.values))
    metrics = {
        name: np.array([row[name] for row in rows], dtype=np.float64) for name in TRIAL_METRICS
    }
    scores = study.ranking.score_matrix(metrics, len(rows))
    names = objective_names(len(scores))
    data = {name: scores[place] for place, name in enumerate(names)}
    data |= {
        "estimate": chosen["objective"].to_numpy(),
        "before": chosen["before"].to_numpy(),
    }
    wanted = chosen.index.tolist()
    frame = study.warehouse.trials_frame(study.study_id, wanted).reindex(wanted)
    data |= {name: frame[name].to_numpy() for name in study.points.names}
    data |= {name: np.full(len(rows), value) for name, value in overridden.items()}
    table = pd.DataFrame(data | metrics, index=pd.Index(wanted, name="trial", dtype="int64"))
    order = study.ranking.best_first(scores, len(rows))
    return table.iloc[[*order, *np.setdiff1d(np.arange(len(rows)), order)]]
