from hyprl_lab.strategy import Strategy, builtin, close, param, stop, ta
from hyprl_lab.strategy.explain import rows, span


def test_every_node_has_a_row_with_lag_warm_up_and_users():
    fast = ta.sma(close, param("fast", 5, 50)).shift(2)
    made = Strategy("x", long_entry=fast > 30, long_exit=fast < 10)
    found = {row.formula: row for row in rows(made.graph, None)}
    assert found["column close"].lag == "0"
    assert found["parameter fast"].lag == "-"
    assert found["sma(#0, #1)"].warm_up == "4 to 49"
    shifted = found["shift(#2, 2)"]
    assert (shifted.lag, shifted.warm_up, len(shifted.used_by)) == ("2", "6 to 51", 2)
    assert found["#3 > #4"].lag == "2"


def test_given_parameters_make_warm_ups_exact():
    text = builtin.dual_sma().explain({"fast": 10, "slow": 20})
    lines = text.splitlines()
    assert lines[0] == f"strategy dual_sma, hash {builtin.dual_sma().hash}"
    assert "4  sma(#0, #3)            0    19       #5, #6 (shared)" in lines
    assert "parameter fast: 10 (2 to 100, whole)" in lines
    assert lines[-1].startswith("warm-up: 20 bars;")
    assert "long_entry = #5" in lines
    assert "long_exit = #6" in lines


def test_a_window_without_a_range_has_no_upper_warm_up():
    made = Strategy("x", long_entry=close > ta.sma(close, param("n")), stop_loss=stop.percent(0.1))
    assert "warm-up: >= 0 bars" in made.explain()
    assert "stop_loss = #" in made.explain()


def test_span():
    assert [span(1, 1), span(1, 2), span(1, None)] == ["1", "1 to 2", ">= 1"]
