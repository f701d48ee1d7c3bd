from dataclasses import replace

from hyprl_lab.report.figures.cross_validation import cross_validation_figure
from hyprl_lab.research.validation.cross_validation import CrossValidation

FOUND = CrossValidation(
    trials=4,
    left_out=0,
    returns=100,
    folds=10,
    tests=2,
    splits=45,
    purge=1,
    embargo=1,
    sharpes=(0.5, -0.2, 1.0),
    chosen=(0, 1, None),
    rows=(0, 50, 100),
    curves=((1.0, 1.1, 1.2), (1.0, 0.9, 0.95), (1.0, 1.3, 1.5)),
)


def test_the_worst_path_is_drawn_last_and_named():
    figure = cross_validation_figure(FOUND)
    assert len(figure.data) == 3
    worst = figure.data[-1]
    assert (worst.name, list(worst.y)) == ("Worst path, Sharpe -0.20", [1.0, 0.9, 0.95])
    assert [trace.showlegend for trace in figure.data] == [False, False, True]
    assert figure.layout.title.text.endswith("5 % quantile of Sharpe ratios -0.13")


def test_a_path_that_does_not_vary_is_the_worst():
    flat = replace(FOUND, sharpes=(0.5, -0.2, None))
    assert cross_validation_figure(flat).data[-1].name == "Worst path, Sharpe undefined"
