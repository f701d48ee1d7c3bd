from hyprl_lab.strategy.builtin import sma_cross_long_short


def test_it_reverses():
    made = sma_cross_long_short()
    assert made.long_entry.op == "crosses_above"
    assert made.short_entry.op == "crosses_below"
    assert made.long_exit is None
    assert made.short_exit is None
