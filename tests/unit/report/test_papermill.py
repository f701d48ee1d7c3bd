import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from hyprl_lab.errors import ReportError
from hyprl_lab.report.papermill import execute_template, stripped

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
DRAW = """\
import plotly.graph_objects as go
import plotly.io

plotly.io.renderers.default = "plotly_mimetype"
go.FigureWidget().add_scatter(y=[1, number]).data[0].uid
go.Figure(go.FigureWidget().add_scatter(y=[1, number]))"""


@pytest.fixture
def template(tmp_path):
    def write(*sources):
        parameters = new_code_cell("number = 1\nword = ''", metadata={"tags": ["parameters"]})
        cells = [parameters, *map(new_code_cell, sources)]
        path = tmp_path / "template.ipynb"
        nbformat.write(new_notebook(cells=cells, metadata=KERNEL), path)
        return path

    return write


def test_two_executions_have_equal_bytes(template):
    place = template(DRAW)
    first, second = (
        nbformat.writes(execute_template(place, {"number": 7, "word": "it's"})) for _ in range(2)
    )
    assert first == second
    notebook = json.loads(first)
    injected = next(c for c in notebook["cells"] if "injected-parameters" in c["metadata"]["tags"])
    assert "".join(injected["source"]).endswith('number = 7\nword = "it\'s"\n')
    figure = notebook["cells"][-1]["outputs"][0]["data"]["application/vnd.plotly.v1+json"]
    assert figure["data"][0]["y"] == [1, 7]
    assert [cell["id"] for cell in notebook["cells"]] == ["cell-0", "cell-1", "cell-2"]


def test_a_failing_cell_is_named(template):
    place = template("# Divide\n1 / (number - 7)")
    with pytest.raises(ReportError, match=r"template\.ipynb: cell 2 \('# Divide'\).*ZeroDivision"):
        execute_template(place, {"number": 7, "word": ""})


@pytest.mark.parametrize("given", [{"number": 1}, {"number": 1, "word": "", "colour": 2}])
def test_parameters_are_those_the_template_declares(template, given):
    with pytest.raises(ReportError, match=r"declares the parameters \['number', 'word'\]"):
        execute_template(template("number"), given)


def test_a_cell_may_not_run_for_ever(template):
    place = template("import time\ntime.sleep(60)")
    with pytest.raises(ReportError, match="longer than 2 s"):
        execute_template(place, {"number": 1, "word": ""}, timeout_seconds=2)


def test_nothing_of_time_or_chance_is_left():
    cell = new_code_cell(
        "x",
        metadata={"papermill": {"duration": 1.5}, "execution": {"iopub": "t"}, "tags": ["keep"]},
    )
    cell.outputs = [
        nbformat.v4.new_output(
            "display_data",
            data={"application/vnd.plotly.v1+json": {"data": [{"uid": "r", "y": [1]}]}},
        )
    ]
    notebook = stripped(new_notebook(cells=[cell], metadata={"papermill": {"end_time": "now"}}))
    assert notebook.metadata == {}
    assert notebook.cells[0].metadata == {"tags": ["keep"]}
    figure = notebook.cells[0].outputs[0]["data"]["application/vnd.plotly.v1+json"]
    assert figure == {"data": [{"y": [1]}]}
