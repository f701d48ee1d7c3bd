from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from hyprl_lab.research.null.kept import Kept
from hyprl_lab.store import Warehouse

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(warehouse=Warehouse(tmp_path), key="key")


def test_pieces_are_joined_in_order(kept: Kept) -> None:
    assert kept.scores(10).tolist() == []
    kept.keep(0, [1.0, -np.inf])
    kept.keep(2, [2.0])
    assert kept.scores(10).tolist() == [1.0, -np.inf, 2.0]
    assert kept.scores(1).tolist() == [1.0]
    kept.keep(3, [])
    assert kept.scores(10).tolist() == [1.0, -np.inf, 2.0]


def test_what_follows_a_gap_is_not_taken(kept: Kept) -> None:
    kept.keep(0, [1.0])
    kept.keep(2, [3.0])
    assert kept.scores(10).tolist() == [1.0]
    kept.keep(1, [2.0])
    assert kept.scores(10).tolist() == [1.0, 2.0, 3.0]


def test_the_first_of_two_processes_stays(kept: Kept) -> None:
    """Both make the same scores; whichever piece is longer, what is kept goes on from it."""
    kept.keep(0, [1.0, 2.0])
    kept.keep(0, [1.0, 2.0, 3.0])
    assert kept.scores(10).tolist() == [1.0, 2.0]
    kept.keep(2, [3.0, 4.0])
    assert kept.scores(10).tolist() == [1.0, 2.0, 3.0, 4.0]


def test_keys_do_not_mix_and_another_process_reads_them(kept: Kept) -> None:
    kept.keep(0, [0.1 + 0.2])
    home = kept.warehouse.home
    assert Kept(warehouse=Warehouse(home), key="other").scores(10).tolist() == []
    assert Kept(warehouse=Warehouse(home), key="key").scores(10).tolist() == [0.1 + 0.2]
