from hyprl_lab.strategy.wording import shown


def test_what_is_shown_is_short_whatever_it_was():
    nested: list = []
    for _ in range(100_000):
        nested = [nested]
    assert shown(nested) == "a list of 1"
    assert shown({"a": 1}) == "a dict of 1"
    assert len(shown("x" * 10_000)) == 80
    assert shown(10**4000) == "an integer of 13288 bits"
    assert shown(True) == "True"
