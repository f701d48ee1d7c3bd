from hyprl_lab import research
from hyprl_lab.data import load_bars
from hyprl_lab.report import validation_figures
from hyprl_lab.research.validation import validate
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma


def test_every_check_with_something_to_draw_has_a_figure(tmp_path):
    study = research.supersearch(
        load_bars("TEST"),
        dual_sma(),
        {"fast": [2, 3], "slow": [5, 6]},
        warehouse=Warehouse(tmp_path),
        progress=False,
    )
    few = {"windows": 2, "resamples": 50, "permutations": 19, "walk_forward_permutations": 9}
    found = validate(study, ruin_resamples=99, **few).figures()
    assert list(found) == [
        "ruin",
        "pbo",
        "walk_forward",
        "cpcv",
        "permutation",
        "walk_forward_permutation",
    ]
    for name, figure in found.items():
        assert figure.layout.title.text, name
        assert figure.layout.xaxis.title.text, name
        assert figure.layout.yaxis.title.text, name
        assert any(len(trace.y) for trace in figure.data), name
    assert validation_figures(validate(study, checks=["psr"])) == {}
