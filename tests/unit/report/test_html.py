import json

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from hyprl_lab.report.figures import drawdown_figure, equity_figure, price_figure
from hyprl_lab.report.html import PLOTLY_MIME, notebook_html


@pytest.fixture
def notebook(long_run):
    cells = [new_markdown_cell("# Title\n\nSome *prose*.")]
    for draw in (equity_figure, drawdown_figure, price_figure):
        figure = json.loads(draw(long_run).to_json())
        output = new_output("display_data", data={PLOTLY_MIME: figure, "text/plain": "Figure"})
        cells.append(new_code_cell("secret_code()", outputs=[output]))
    text = new_output("execute_result", data={"text/plain": "a < b"}, execution_count=1)
    cells.append(new_code_cell("x", outputs=[text]))
    return new_notebook(cells=cells)


def test_plotly_is_inlined_once_and_nothing_is_fetched(notebook):
    page = notebook_html(notebook, title="Run")
    assert page.count("plotly.js v") == 1
    assert [f'id="chart-{n}"' in page for n in range(4)] == [True, True, True, False]
    for tag in ("<script src", '<link rel="stylesheet"', '<img src="http', "@import", "<iframe"):
        assert tag not in page
    assert "default-src 'none'" in page


def test_prose_and_outputs_are_shown_and_code_is_not(notebook):
    page = notebook_html(notebook, title="Run")
    assert "secret_code" not in page
    assert "Some <em>prose</em>." in page
    assert "<pre>a &lt; b</pre>" in page


def test_equal_notebooks_give_equal_bytes_and_stay_as_they_were(notebook):
    before = json.dumps(notebook)
    assert notebook_html(notebook, title="t") == notebook_html(notebook, title="t")
    assert json.dumps(notebook) == before


def test_a_name_can_not_leave_its_script(notebook):
    figure = notebook.cells[1].outputs[0]["data"][PLOTLY_MIME]
    figure["layout"]["title"]["text"] = "</script><script>alert(1)</script>"
    assert "<script>alert(1)" not in notebook_html(notebook, title="</title><script>alert(1)")
