from __future__ import annotations

from pathlib import Path

import pytest

import hyprl_lab as hl
from hyprl_lab.research.validation.asking import Asking
from hyprl_lab.research.validation.check import Check
from hyprl_lab.research.validation.checks import CHECKS
from hyprl_lab.research.validation.settings import Settings
from hyprl_lab.research.validation.subject import subject_of
from hyprl_lab.strategy.builtin import dual_sma


class Found:
    """Evidence: one number."""

    def __init__(self, number: int) -> None:
        self.number = number

    def to_dict(self) -> dict[str, int]:
        return {"number": self.number}


@pytest.fixture
def asking(tmp_path: Path) -> Asking:
    result = hl.backtest(
        hl.load_bars("TEST"),
        dual_sma(),
        params={"fast": 3, "slow": 9},
        warehouse=hl.Warehouse(tmp_path),
    )
    return Asking(subject=subject_of(result), settings=Settings(resamples=20))


def test_the_moments_are_those_of_the_judged_returns(asking: Asking) -> None:
    returns = asking.subject.returns
    assert returns is not None
    assert asking.moments is not None
    assert asking.moments.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1), rel=1e-12)


def test_evidence_is_computed_once(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Asking] = []

    def compute(given: Asking) -> Found:
        calls.append(given)
        return Found(len(calls))

    check = Check(name="own", rows=("own",), read=lambda *_: [], compute=compute)
    monkeypatch.setitem(CHECKS, "own", check)
    assert [asking.evidence("own").number for _ in range(3)] == [1, 1, 1]
    assert calls == [asking]


def test_what_is_remembered_is_not_computed_again(asking: Asking) -> None:
    made: list[int] = []

    def compute() -> Found:
        made.append(1)
        return Found(7)

    def ask(version: int) -> int:
        inputs = {"version": version}
        return asking.remembered("own", inputs, lambda d: Found(d["number"]), compute).number

    assert [ask(1), ask(1), ask(2)] == [7, 7, 7]
    assert len(made) == 2


def test_the_ledger_is_read_again_when_asked(asking: Asking) -> None:
    assert asking.ledger.trials == 1
    hl.backtest(
        hl.load_bars("TEST"),
        dual_sma(),
        params={"fast": 4, "slow": 9},
        warehouse=asking.subject.warehouse,
    )
    assert asking.ledger.trials == 1
    assert asking.read_ledger().trials == 2
    assert asking.ledger.trials == 2


def test_rows_follow_from_the_evidence(asking: Asking) -> None:
    rows = {row.name: row.value for row in asking.rows("bootstrap")}
    assert rows["bootstrap_drawdown_95"] == asking.evidence("bootstrap").max_drawdown_95
