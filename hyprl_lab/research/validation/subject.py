"""What a validation is about: one equity curve, and the search it came from, if any."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hyprl_lab.engine.result import Result
from hyprl_lab.errors import InputError
from hyprl_lab.metrics import Equity
from hyprl_lab.research.recording import warehouse_of
from hyprl_lab.research.settled import settled

if TYPE_CHECKING:
    from hyprl_lab.data.bars import Bars
    from hyprl_lab.research.study import Study
    from hyprl_lab.store import Warehouse
    from hyprl_lab.types import FloatArray, JsonValue

__all__ = ["Subject", "headline_returns", "subject_of"]


def headline_returns(result: Result) -> FloatArray:
    """Return a run's headline returns: between neighbouring sampled closes, the first excluded."""
    points = result.simulation.equity[result.window.headline - result.window.start]
    return Equity(points, cash=result.cash).returns().values


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """A study's best trial on its search part, or one run.

    Parameters
    ----------
    study
        `None` for a single run.
    bars
        That were judged: a study's search part, all bars of a run.
    result
        The run that is judged; `None` where no trial of the study met the constraints.
    returns
        Its headline returns, `None` without a run.
    years
        Elapsed, 0 without a run.
    periods_per_year
        Headline periods in a year.
    """

    study: Study | None
    bars: Bars
    result: Result | None
    returns: FloatArray | None
    years: float
    periods_per_year: float

    @property
    def reason(self) -> str | None:
        """Why there is nothing to judge, `None` where there is a run."""
        if self.result is not None:
            return None
        if self.study is not None and not self.study.constraints:
            return "the objective is undefined for every trial of the study"
        return "no trial of the study met the constraints"

    @property
    def identity(self) -> dict[str, JsonValue]:
        """What is judged, by its hashes."""
        run_hash = None if self.result is None else self.result.run_hash
        return {
            "kind": "run" if self.study is None else "study",
            "study_id": None if self.study is None else self.study.study_id,
            "run_hash": run_hash,
        }

    @cached_property
    def warehouse(self) -> Warehouse:
        """The one that the study or the run was counted in; else that of `HYPRL_HOME`."""
        if self.study is not None:
            return self.study.warehouse
        if self.result is not None:
            return warehouse_of(self.result)
        from hyprl_lab.store import default

        return default()

    @cached_property
    def lineage_root(self) -> str:
        """The root under which these bars' trials are counted."""
        if self.study is not None:
            return self.study.lineage_root
        return self.warehouse.lineage_root(self.bars)

    @property
    def judged_fingerprint(self) -> str | None:
        """Of the bars that were judged; `None` where a run traded only a part of its bars."""
        result = self.result
        whole = result is None or (result.window.start, result.window.stop) == (0, len(self.bars))
        return self.bars.fingerprint if whole else None

    def search_inputs(self) -> dict[str, JsonValue]:
        """Return what a repeat of the study's search depends on."""
        if self.study is None:
            return {}
        return {"study_id": self.study.study_id, "fingerprint": self.study.search_bars.fingerprint}


def subject_of(study_or_result: Study | Result) -> Subject:
    """Return what to judge; a study's best trial is run again on the search part, unrecorded.

    Raises
    ------
    InputError
        It is neither a study nor a run, or a study of which no trial was evaluated.
    """
    if isinstance(study_or_result, Result):
        return _about(study_or_result, None)
    study = _checked_study(study_or_result)
    if study.best is None:
        return Subject(
            study=study,
            bars=study.search_bars,
            result=None,
            returns=None,
            years=0.0,
            periods_per_year=float(study.search_bars.periods_per_year),
        )
    from hyprl_lab.engine.backtest import run

    chosen = settled(study.best.params, study.risk, study.execution)
    result = run(
        study.search_bars,
        study.strategy,
        params=chosen.params,
        risk=chosen.risk,
        execution=chosen.execution,
        cash=study.cash,
        seed=study.seed,
    )
    return _about(result, study)


def _checked_study(given: Any) -> Study:  # whatever a caller hands in
    from hyprl_lab.research.study import one_study

    study = one_study(given, expected="what hl.supersearch or hl.backtest returned")
    if not (study.complete or study.committed):
        raise InputError(
            f"none of the study's {study.total:,} trials is evaluated; run the same search again, "
            "and it goes on"
        )
    return study


def _about(result: Result, study: Study | None) -> Subject:
    return Subject(
        study=study,
        bars=result.bars,
        result=result,
        returns=headline_returns(result),
        years=result.window.years,
        periods_per_year=result.periods_per_year,
    )
