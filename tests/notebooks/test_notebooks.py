"""Every notebook runs from top to bottom in an empty home, and is committed without outputs."""

import os
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
RESEARCH = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
SMALLER = {"03_search_a_million": "values = 12", "04_is_it_more_than_luck": "markets = 40"}
"""What takes the place of a notebook's parameters here: the same in less time."""

ALL = sorted(path for path in NOTEBOOKS.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)


@pytest.mark.parametrize("path", RESEARCH, ids=lambda path: path.stem)
def test_it_runs(path, tmp_path, monkeypatch):
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path / "home"))
    # Another plotly renderer would start a browser or write megabytes into each output.
    monkeypatch.setenv("PLOTLY_RENDERER", "plotly_mimetype")
    notebook = smaller(path)
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    )
    client.execute(env=dict(os.environ))
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count == number for number, cell in enumerate(cells, 1))
    for cell in cells:
        assert not any(output.get("name") == "stderr" for output in cell.outputs), cell.source
    assert [found.name for found in tmp_path.iterdir()] == ["home"], "all it made is in its home"


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


def test_the_third_notebook_lets_fewer_and_fewer_through(tmp_path, monkeypatch):
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    names = {}
    for cell in smaller(RESEARCH[2]).cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, cell.id, "exec"), names)
    study, left = names["study"], names["survivors"]
    trials = study.trials()
    met = trials[(trials.trades >= 20) & (trials.max_drawdown <= 0.4)]
    fast, slow, stop = (sorted(set(trials[name])) for name in ("fast", "slow", "stop"))
    assert left["variants"] == len(stop) * sum(one < other for one in fast for other in slow)
    assert left["meet the constraints"] == len(met)
    assert left["trade differently"] == met.behaviour_hash.nunique()
    assert left.is_monotonic_decreasing
    assert left["are beyond what luck explains"] == 0
    as_written = nbformat.read(RESEARCH[2], as_version=4)
    (parameters,) = [cell for cell in as_written.cells if "parameters" in tags(cell)]
    assert parameters.source.endswith("values = 100")  # of three axes: about a million


def smaller(path):
    """Read a notebook, its parameters replaced where that makes it shorter."""
    notebook = nbformat.read(path, as_version=4)
    if path.stem in SMALLER:
        (parameters,) = [cell for cell in notebook.cells if "parameters" in tags(cell)]
        parameters.source = SMALLER[path.stem]
    return notebook


def test_the_fourth_notebook_finds_that_luck_does_as_well(tmp_path, monkeypatch):
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    names = {}
    for cell in smaller(RESEARCH[3]).cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, cell.id, "exec"), names)
    real, shuffled = names["real"], names["shuffled"]
    moves = [np.sort(np.log(bars.close / bars.open)) for bars in (real, shuffled)]
    np.testing.assert_allclose(moves[0][1:], moves[1][1:], atol=1e-12)
    assert names["nothing"].best.objective > 0.4, "the best on nothing looks like something"
    null = names["validation"].evidence["permutation"]
    assert null.done == 40
    assert null.real == pytest.approx(names["study"].best.objective)
    assert list(names["figures"]) == ["ruin", "pbo", "walk_forward", "cpcv", "permutation"]
    assert not names["verdict"].passed


def tags(cell):
    return cell.metadata.get("tags", [])


def test_the_first_notebook_walks_the_whole_path(tmp_path):
    source = "\n".join(cell.source for cell in nbformat.read(RESEARCH[0], as_version=4).cells)
    steps = ["load_bars", "Strategy(", "backtest(", "supersearch(", "validate(", "promote("]
    places = [source.index(f"hl.{step}") for step in steps]
    assert places == sorted(places)


def test_the_second_notebook_finds_what_was_broken(tmp_path, monkeypatch):
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    cells = nbformat.read(RESEARCH[1], as_version=4).cells
    names = {}
    for cell in cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, cell.id, "exec"), names)
    broken = {"duplicate_time": "2005-06-01", "missing_value": "2004-06-15"}
    broken["ohlc_violation"] = "2004-10-01"
    odd = {"gap": "2004-06-16", "unadjusted_split": "2005-03-01"}
    assert _found(names["refused"]) == {kind: ("error", at) for kind, at in broken.items()}
    repaired = {kind: ("repaired", at) for kind, at in broken.items()}
    assert _found(names["report"]) == repaired | {k: ("warning", at) for k, at in odd.items()}
    adjusted = names["adjusted"]
    assert _found(adjusted.quality()) == repaired | {"gap": ("warning", odd["gap"])}
    # 504 sessions of two years without one; the split has halved the first close.
    assert len(adjusted) == 503
    assert adjusted.close[0] == names["bars"].close[0] / 2 == 110.85 / 2
    assert [len(part) for part in names["parts"]] == [301, 101, 101]
    assert names["table"].notna().iloc[-1].all()
    assert not Path(names["folder"].name).exists()


def _found(quality):
    """Return severity and first day of each finding, by kind; each is there once."""
    assert all(finding.count == 1 for finding in quality.findings)
    days = {f.kind: str(np.datetime64(f.first_ts, "us"))[:10] for f in quality.findings}
    return {finding.kind: (finding.severity, days[finding.kind]) for finding in quality.findings}
