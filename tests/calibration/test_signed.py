"""A preset that the strict gate really signs: checked again, promoted again, and forged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from calibration import cases
from calibration.searches import run_search

import hyprl_lab as hl
from hyprl_lab.presets import load_gate, recheck

if TYPE_CHECKING:
    from hyprl_lab.presets.verdict import Verdict
    from hyprl_lab.research.study import Study


@pytest.fixture(scope="module")
def promoted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Verdict]:
    warehouse = hl.Warehouse(tmp_path_factory.mktemp("home"))
    study = run_search(cases("planted", 1, sharpe=2.0)[0], warehouse)
    verdict = hl.promote(study, name="drift", profile="strict")
    assert verdict.passed, str(verdict)
    return study, verdict


def gate_looks(study: Study) -> list[int]:
    rows = study.warehouse.sql("select looks from backtests where purpose = 'gate'")
    return [int(looks) for looks in rows["looks"]]


def test_every_row_has_its_evidence_and_a_recheck_finds_nothing(
    promoted: tuple[Study, Verdict],
) -> None:
    study, verdict = promoted
    assert [row.name for row in verdict.checks] == [c.name for c in load_gate("strict").checks]
    assert all(row.value is not None for row in verdict.checks)
    found = recheck("drift", home=study.warehouse.home, warehouse=study.warehouse)
    assert found.ok, str(found)
    told = {line.part: line.ok for line in found.lines}
    for part in ("holdout", "holdout opening", "row holdout_sharpe, evidence", "kept verdict"):
        assert told[part] is True, part
    for row in ("holdout_looks", "holdout_searches", "holdout_sharpe", "holdout_sharpe_ratio"):
        assert told[f"row {row}, holdout"] is True, row


def test_promoting_again_opens_nothing_and_says_the_same(promoted: tuple[Study, Verdict]) -> None:
    study, verdict = promoted
    before = study.warehouse.trial_count(study.lineage_root)
    assert verdict.trials == before  # the opening's own look added none
    again = hl.promote(study, name="drift", profile="strict")
    assert again.preset is not None
    assert again.preset.version == 1
    assert (again.checks, again.holdout) == (verdict.checks, verdict.holdout)
    assert again.validation_hash == verdict.validation_hash
    assert study.warehouse.trial_count(study.lineage_root) == before
    assert gate_looks(study) == [1]


def test_a_holdout_cut_to_what_flatters_is_refused(promoted: tuple[Study, Verdict]) -> None:
    study, _ = promoted
    for change in (
        {"bars": study.bars.take(0, len(study.search_bars) + 60)},
        {"holdout_start": int(study.bars.ts[-300])},
    ):
        given: dict[str, Any] = change
        other = replace(study, **given)
        object.__setattr__(other, "best", study.best)
        refused = hl.promote(other, name="cut", profile="strict")
        assert not refused.passed
        assert {row.name for row in refused.checks if row.required and not row.passed} & {
            *("holdout_share", "holdout_reserved")
        }
    assert gate_looks(study) == [1]


def test_evidence_that_was_changed_in_the_warehouse_is_found(
    promoted: tuple[Study, Verdict],
) -> None:
    study, _ = promoted
    home = study.warehouse.home

    def change(statement: str) -> None:
        with study.warehouse.control.engine.connect() as connection, connection.begin():
            assert connection.exec_driver_sql(statement).rowcount == 1

    change("""UPDATE evaluations SET value = replace(value, '"openings":1', '"openings":7')
        WHERE kind = 'holdout'""")
    found = recheck("drift", home=home, warehouse=study.warehouse)
    assert [line.part for line in found.findings] == ["holdout"]
    change("""UPDATE evaluations SET value = replace(value, '"openings":7', '"openings":1')
        WHERE kind = 'holdout'""")
    assert recheck("drift", home=home, warehouse=study.warehouse).ok
