from hyprl_lab.engine.config import AllIn, Execution, FixedFraction, RiskPct
from hyprl_lab.nb.controls import CostControls, ParameterControls, RiskControls
from hyprl_lab.strategy import Strategy, close, param, ta


def test_a_slider_for_each_parameter_over_its_range():
    changes = []
    strategy = Strategy(
        "s",
        long_entry=ta.sma(close, param("n", 10, 60)) > close * param("k", 1.0, 2.0),
        long_exit=close < param("level"),
    )
    controls = ParameterControls(strategy, lambda: changes.append(1))
    assert controls.values == {"n": 20, "k": 1.2, "level": 1.0}
    n, k, _level = (controls._fields[name] for name in ("n", "k", "level"))
    assert (n.min, n.max, type(n.value)) == (10, 60, int)
    assert (k.min, k.max, k.step) == (1.0, 2.0, 0.01)
    n.value = 30
    assert changes == [1]
    assert strategy.bind(controls.values)["n"] == 30.0


def test_sizing_is_read_in_percent():
    changes = []
    controls = RiskControls(lambda: changes.append(1))
    assert controls.value == AllIn()
    assert controls._percent.disabled
    controls._model.value = "fraction"
    controls._percent.value = 50.0
    assert controls.value == FixedFraction(0.5)
    controls._model.value = "risk"
    assert controls.value == RiskPct(0.5)
    assert not controls._percent.disabled
    assert len(changes) == 3


def test_costs_are_read_in_basis_points():
    controls = CostControls(lambda: None)
    controls._fee.value, controls._slippage.value = 12.5, 0.0
    assert controls.value == Execution(fee_bps=12.5, slippage_bps=0.0)
