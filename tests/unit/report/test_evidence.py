from hyprl_lab.report.evidence import (
    validation_evidence,
    validation_table,
    verdict_table,
    windows_table,
)

DAY = 86_400_000_000


class FakeValidation:
    """The JSON form of a validation, as `hyprl_lab.research.validation` writes it."""

    def to_dict(self):
        window = {
            "train_start": 0,
            "test_start": 10 * DAY,
            "test_end": 20 * DAY,
            "trials": 45,
            "params": {"fast": 5.0, "slow": 20.0},
            "train_sharpe": 1.25,
            "test_sharpe": None,
            "test_return": -0.02,
            "trades": 3,
            "reason": None,
        }
        flat = window | {"params": None, "reason": "no trial met the constraints", "trades": 0}
        rows = [
            {"name": "dsr", "value": 0.123456789, "reading": "Weak.", "reason": None},
            {"name": "min_btl", "value": None, "reading": "Undefined: x.", "reason": "x"},
        ]
        return {
            "hash": "ab" * 32,
            "subject": {"kind": "run", "run_hash": "cd" * 32, "study_id": None},
            "rows": rows,
            "ledger": {"trials": 4851, "ledger_id": "L1"},
            "settings": {"seed": 0},
            "evidence": {
                "walk_forward": {"windows": [window, flat], "ts": [1] * 9, "returns": [0.1] * 9}
            },
        }


def test_evidence_leaves_the_series_out_and_keeps_what_is_shown():
    evidence = validation_evidence(FakeValidation())
    assert "returns" not in str(evidence)
    table = validation_table(evidence)
    assert table.caption == "Judged against 4,851 trials in the ledger"
    assert table.rows == [("DSR", "0.1235", "Weak."), ("Min BTL", "—", "Undefined: x.")]


def test_a_window_shows_dates_choice_and_outcome():
    table = windows_table(validation_evidence(FakeValidation()))
    assert table is not None
    assert table.rows[0] == (
        "1970-01-11 to 1970-01-21",
        "fast 5, slow 20",
        "45",
        "1.250",
        "—",
        "-2.00 %",
        "3",
    )
    assert table.rows[1][1] == "flat: no trial met the constraints"


def test_no_walk_forward_no_table():
    assert windows_table({"windows": None}) is None


def test_a_verdict_tells_failures_from_warnings():
    check = {"name": "dsr", "value": 0.1, "operator": ">=", "threshold": 0.95, "passed": False}
    verdict = {
        "name": "a",
        "profile": "demo",
        "passed": True,
        "checks": [
            check | {"required": True, "reason": "r"},
            check | {"required": False, "reason": "r"},
            check | {"required": True, "reason": "r", "value": None, "evidence": "none"},
            check | {"required": True, "passed": True, "reason": None, "value": 1},
        ],
    }
    table = verdict_table(verdict)
    assert table.caption == "a: passed by profile demo"
    assert [row[3] for row in table.rows] == ["failed", "warning", "not asked", "passed"]
