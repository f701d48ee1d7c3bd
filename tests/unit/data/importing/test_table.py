from __future__ import annotations

import numpy as np

from hyprl_lab.data.importing.table import PIECE_ROWS, ROW, Table, pieces
from hyprl_lab.data.spill import is_spilled


def test_columns_grow_together_and_spill_together(tmp_path):
    for limit, spilled in ((1 << 20, False), (64, True)):
        table = Table(["ts", ROW, "close"], limit_bytes=limit, folder=tmp_path)
        for start in (0, 4):
            rows = np.arange(start, start + 4)
            table.append({"ts": rows, ROW: rows, "close": rows / 2, "unasked": rows})
        assert (table.rows, table.spilled) == (8, spilled)
        arrays = table.finish()
        assert [is_spilled(array) for array in arrays.values()] == [spilled] * 3
        assert arrays["close"].tolist() == [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5]
        assert arrays["ts"].dtype == arrays[ROW].dtype == np.int64
    assert list(tmp_path.iterdir()) == []


def test_rewriting_keeps_what_the_change_gives(tmp_path):
    table = Table(["ts", "close"], limit_bytes=16, folder=tmp_path)
    count = PIECE_ROWS + 5
    table.append({"ts": np.arange(count), "close": np.zeros(count)})
    seen = []

    def change(rows: slice, columns):
        seen.append((rows.start, rows.stop))
        return {name: values[columns["ts"] % 2 == 0] for name, values in columns.items()}

    arrays = table.rewritten(table.finish(), change)
    assert seen == [(0, PIECE_ROWS), (PIECE_ROWS, count)]
    np.testing.assert_array_equal(arrays["ts"], np.arange(0, count, 2))


def test_no_rows_have_no_pieces():
    assert list(pieces({"ts": np.empty(0)})) == []
