from hyprl_lab.strategy import prices


def test_the_five_columns_carry_their_names():
    for name in ("open", "high", "low", "close", "volume"):
        made = getattr(prices, name)
        assert (made.op, made.name) == ("column", name)
