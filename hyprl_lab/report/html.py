"""An executed notebook as one HTML file that asks the network for nothing.

Plotly's script is written into the page once, before the first chart; a content security policy
in the page forbids any other source. The same notebook gives the same bytes.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.report.markup import STYLE
from hyprl_lab.resources import notebook_path

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["PLOTLY_MIME", "notebook_html"]

PLOTLY_MIME: Final = "application/vnd.plotly.v1+json"


def notebook_html(notebook: NotebookNode, *, title: str) -> str:
    """Return a self-contained page with the notebook's prose and outputs, without its code.

    Parameters
    ----------
    notebook
        An executed notebook; it is not changed.
    title
        The page's title; it is escaped.

    Examples
    --------
    >>> from nbformat.v4 import new_markdown_cell, new_notebook
    >>> page = notebook_html(new_notebook(cells=[new_markdown_cell("# Hello")]), title="a < b")
    >>> "<title>a &lt; b</title>" in page, "<h1" in page, "http-equiv" in page
    (True, True, True)
    """
    from nbconvert import HTMLExporter

    page = deepcopy(notebook)
    charts = 0
    for cell in page.cells:
        for output in cell.get("outputs", []):
            figure = output.get("data", {}).get(PLOTLY_MIME)
            if figure is not None:
                output["data"] = {"text/html": chart_html(figure, number=charts)}
                charts += 1
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]  # nbconvert has no types
        template_name="hyprl",
        extra_template_basedirs=[str(notebook_path("reports/templates"))],
        exclude_input=True,
    )
    body, _ = exporter.from_notebook_node(
        page, resources={"metadata": {"name": title}, "hyprl_style": STYLE}
    )
    return str(body)


def chart_html(figure: dict[str, Any], *, number: int) -> str:
    """Return a chart as a division; chart 0 carries Plotly's script for all that follow.

    Parameters
    ----------
    figure
        Plotly's JSON: `data` and `layout`.
    number
        Place of the chart in the page, from 0; it names the division.
    """
    import plotly.io as pio

    markup = pio.to_html(
        {"data": figure["data"], "layout": figure["layout"]},
        config={"displaylogo": False, "responsive": True},
        include_plotlyjs=number == 0,
        full_html=False,
        div_id=f"chart-{number}",
        validate=False,
    )
    return f'<div class="chart">{markup}</div>'
