import pytest

from hyprl_lab.nb import LiveFigure
from hyprl_lab.report.figures.theme import lab_figure


def figure(values, *, title="A", kind="scatter"):
    made = lab_figure(title=title, x_title="x", y_title="y")
    getattr(made, f"add_{kind}")(x=list(range(len(values))), y=values, name="one")
    return made


def test_traces_and_title_follow_the_last_figure():
    live = LiveFigure(figure([1.0, 2.0]))
    live.show(figure([3.0, 4.0, 5.0], title="B"))
    assert list(live.widget.data[0].y) == [3.0, 4.0, 5.0]
    assert list(live.widget.data[0].x) == [0, 1, 2]
    assert live.widget.layout.title.text == "B"


def test_an_emptied_trace_is_empty():
    live = LiveFigure(figure([1.0, 2.0]))
    live.show(figure([]))
    assert list(live.widget.data[0].y) == []


def test_other_traces_are_refused():
    live = LiveFigure(figure([1.0]))
    with pytest.raises(ValueError, match="'bar'"):
        live.show(figure([1.0], kind="bar"))
