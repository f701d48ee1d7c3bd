import numpy as np

from hyprl_lab.report.figures.drawdown_fan import drawdown_fan_figure
from hyprl_lab.research.stats import risk_of_ruin
from hyprl_lab.research.validation.ruin_paths import DrawdownFan, RuinPaths


def test_each_quantile_is_a_line_below_zero():
    returns = np.random.default_rng(0).normal(0.0, 0.01, 300)
    fan = DrawdownFan(
        steps=(1, 10, 20),
        probabilities=(0.5, 0.95),
        quantiles=((0.0, 0.02, 0.03), (0.01, 0.1, 0.2)),
    )
    figure = drawdown_fan_figure(
        RuinPaths(risk=risk_of_ruin(returns, resamples=99, horizon=20), fan=fan)
    )
    assert [trace.name for trace in figure.data] == ["50%", "95%"]
    assert figure.layout.legend.title.text.startswith("Share of paths that fall less")
    assert list(figure.data[1].y) == [-1.0, -10.0, -20.0]
    assert figure.layout.shapes[0].y0 == -30.0
    assert figure.layout.title.text.startswith("One resampled year in 20 falls by 20%")
