import pytest

from hyprl_lab.nb import LiveCharts
from hyprl_lab.report.figures.theme import lab_figure


def figure(values, *, title="A"):
    made = lab_figure(title=title, x_title="x", y_title="y")
    made.add_scatter(x=list(range(len(values))), y=values, name="one")
    return made


def test_the_figures_shown_last_are_what_the_page_gets():
    charts = LiveCharts([figure([1.0, 2.0]), figure([3.0])])
    changes = []
    charts.widget.observe(lambda change: changes.append(change["new"]), names="figures")
    charts.show([figure([4.0, 5.0, 6.0], title="B"), figure([])])
    first, second = charts.widget.figures
    assert first["data"][0]["y"] == [4.0, 5.0, 6.0]
    assert first["layout"]["title"]["text"] == "B"
    assert second["data"][0]["y"] == []
    assert len(changes) == 1, "all charts change in one message"


def test_their_number_is_fixed():
    charts = LiveCharts([figure([1.0])])
    with pytest.raises(ValueError, match="2 figures; this shows 1"):
        charts.show([figure([1.0]), figure([1.0])])


def test_the_script_ships_with_the_widget():
    script = LiveCharts([figure([1.0])]).widget._esm
    assert script.startswith("/**\n* plotly.js v")
    assert "import " not in script.partition("const CONFIG")[2]
