from hyprl_lab.strategy.builtin import dual_sma


def test_it_is_long_or_flat():
    made = dual_sma()
    assert made.long_entry.op == "crosses_above"
    assert made.long_exit.op == "crosses_below"
    assert made.short_entry is None
    assert made.short_exit is None
