"""What a database names is checked before it is believed."""

from __future__ import annotations

import pytest

from hyprl_lab.errors import IntegrityError
from hyprl_lab.store.backup.naming import named_artifacts, named_parts

pytestmark = pytest.mark.sqlite_only


class Rows:
    """The rows of a copy, by the name of the statement."""

    def __init__(self, **rows: list[dict[str, object]]) -> None:
        self._rows = {name.replace("__", "."): found for name, found in rows.items()}

    def rows(self, name: str, **_: object) -> list[dict[str, object]]:
        return self._rows.get(name, [])


SHA = "ab" * 32


def test_parts_have_an_id_a_length_and_a_hash() -> None:
    good = {"id": "0a", "bytes": 3, "sha256": SHA}
    assert list(named_parts(Rows(parts__live=[good]))) == [("parts/0a.parquet", 3, SHA)]  # type: ignore[arg-type]
    for bad in ({"bytes": -1}, {"bytes": "3"}, {"sha256": None}, {"sha256": "x"}):
        with pytest.raises(IntegrityError, match="no length and SHA-256"):
            list(named_parts(Rows(parts__live=[{**good, **bad}])))  # type: ignore[arg-type]


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"files": 1}', '{"files": [1]}', "[" * 5000])
def test_a_manifest_that_is_none(manifest: str) -> None:
    run: dict[str, object] = {"seq": 0, "folder": "aa", "manifest": manifest, "manifest_hash": SHA}
    with pytest.raises(IntegrityError, match="names no files"):
        list(named_artifacts(Rows(runs__all=[run])))  # type: ignore[arg-type]
