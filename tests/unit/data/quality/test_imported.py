from __future__ import annotations

from hyprl_lab.data.findings import Finding
from hyprl_lab.data.lineage import Lineage
from hyprl_lab.data.quality.imported import imported

REPAIRED = Finding(
    kind="duplicate_time", severity="repaired", count=2, first_ts=7, detail="two", rows=(3, 4)
)


def test_bars_that_were_never_imported():
    told = imported(Lineage().then("load", name="TEST"))
    assert (told.findings, told.rows_in, told.rows_kept) == ([], None, None)


def test_findings_come_back_as_they_were_written():
    lineage = Lineage().then(
        "import", source="a.csv", rows_in=12, rows_kept=10, findings=[REPAIRED.to_json()]
    )
    told = imported(Lineage.from_json(lineage.then("take", start=0, stop=5).to_json()))
    assert told.findings == [REPAIRED]
    assert (told.rows_in, told.rows_kept) == (12, 10)


def test_an_import_that_says_nothing():
    assert imported(Lineage().then("import", source="a.csv")).findings == []
