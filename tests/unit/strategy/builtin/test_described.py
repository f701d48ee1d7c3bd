import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.builtin import BuiltIn, dual_sma

TOLD = {
    "name": "x",
    "title": "t",
    "idea": "i",
    "rules": "r",
    "weakness": "w",
    "source": "s",
    "build": dual_sma,
    "params": {"fast": 2},
}


def test_parameters_are_read_only():
    row = BuiltIn(**TOLD)
    with pytest.raises(TypeError):
        row.params["fast"] = 3  # type: ignore[index]


@pytest.mark.parametrize("part", ["name", "title", "idea", "rules", "weakness", "source"])
@pytest.mark.parametrize("text", ["", "  ", None])
def test_nothing_is_left_unsaid(part, text):
    with pytest.raises(StrategyError, match=f"{part} is"):
        BuiltIn(**{**TOLD, part: text})
