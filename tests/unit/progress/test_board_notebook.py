"""The board in a notebook: one output, replaced, and kept as it ended."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

CODE = """
import time
from hyprl_lab.progress import search_board
from hyprl_lab.types import Leader, Progress
with search_board("<searching>") as advance:
    advance(Progress(1, 4, 0.5))
    advance(Progress(4, 4, 2.0, 1.5, 90_000_000, (Leader(1.5, {"a<b": 5.0}),)))
"""


def test_a_notebook_keeps_the_last_picture(tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CODE)])
    client = NotebookClient(
        notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    )
    client.execute(env=dict(os.environ))
    (output,) = notebook.cells[0].outputs
    data: dict[str, Any] = output["data"]
    assert data["text/plain"].splitlines() == [
        "<searching>: 4 of 4 trials (100 %)",
        "2.0 trials/s, took 2.0 s, best 1.5, 90 MB",
    ]
    html = data["text/html"]
    for part in ("&lt;searching&gt;", "width:100.00%", "a&lt;b", ">5</td>", "90 MB"):
        assert part in html
    assert "<searching>" not in html
