import pandas as pd

from hyprl_lab.report.figures import theme
from hyprl_lab.report.figures.theme import instants, lab_figure


def test_one_style_with_labelled_axes():
    figure = lab_figure(title="A", x_title="Date (UTC)", y_title="Money", height=200)
    assert figure.layout.title.text == "A"
    assert figure.layout.height == 200
    assert figure.layout.template.layout.paper_bgcolor == "white"
    assert figure.layout.template.layout.xaxis.automargin is True


def test_gains_and_losses_differ_to_the_colour_blind():
    # Relative luminance (WCAG 2.2) sets two colours apart without any hue.
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    okabe_ito = {"#0072B2", "#009E73", "#D55E00", "#CC79A7"}
    assert {theme.STRATEGY, theme.GAIN, theme.LOSS, theme.SHORT} == okabe_ito
    for colour in okabe_ito:
        assert 1.05 / (luminance(colour) + 0.05) >= 3, "visible on white"


def test_instants_are_utc():
    moments = pd.DatetimeIndex(["2020-01-02 00:00"], tz="America/New_York")
    assert instants(moments) == ["2020-01-02T05:00:00"]
    assert instants(pd.DatetimeIndex([], tz="UTC")) == []
