"""Every notebook runs from top to bottom in an empty home, and is committed without outputs."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
RESEARCH = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
ALL = sorted(path for path in NOTEBOOKS.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)


@pytest.mark.parametrize("path", RESEARCH, ids=lambda path: path.stem)
def test_it_runs(path, tmp_path, monkeypatch):
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path / "home"))
    # Another plotly renderer would start a browser or write megabytes into each output.
    monkeypatch.setenv("PLOTLY_RENDERER", "plotly_mimetype")
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    )
    client.execute(env=dict(os.environ))
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count == number for number, cell in enumerate(cells, 1))
    for cell in cells:
        assert not any(output.get("name") == "stderr" for output in cell.outputs), cell.source
    assert (tmp_path / "home").is_dir(), "what it made is in its own home"


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_it_is_committed_clean(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
            assert "/home/" not in cell.source
    assert notebook.metadata.kernelspec.name == "python3"


def test_the_first_notebook_walks_the_whole_path(tmp_path):
    source = "\n".join(cell.source for cell in nbformat.read(RESEARCH[0], as_version=4).cells)
    steps = ["load_bars", "Strategy(", "backtest(", "supersearch(", "validate(", "promote("]
    places = [source.index(f"hl.{step}") for step in steps]
    assert places == sorted(places)
