"""How much memory the process holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hyprl_lab.progress import memory, resident_memory


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="counted by Linux alone")
def test_what_is_written_to_is_held() -> None:
    before = resident_memory()
    block = np.ones(8_000_000)  # 64 MB
    after = resident_memory()
    assert before is not None
    assert after is not None
    assert 60e6 < after - before < 80e6
    assert block.sum() == 8e6


def test_where_it_is_not_counted_it_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_STATM", tmp_path / "statm")
    assert resident_memory() is None
