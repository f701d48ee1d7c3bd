from __future__ import annotations

from hyprl_lab.store.runs.findings import Finding, Verification


def test_a_finding_says_what_and_where() -> None:
    finding = Finding("run", "ab12", "column seed is 8; 7 was claimed")
    assert str(finding) == "run ab12: column seed is 8; 7 was claimed"
    assert not Verification(links=1, runs=1, findings=(finding,)).ok
    assert Verification(links=1, runs=1, findings=()).ok
