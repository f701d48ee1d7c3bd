from types import MappingProxyType

import numpy as np

from hyprl_lab.strategy.wording import listed, shown


def test_what_is_shown_is_short_whatever_it_was():
    nested: list = []
    for _ in range(100_000):
        nested = [nested]
    assert shown(nested) == "a list of 1"
    assert shown({"a": 1}) == "a dict of 1"
    assert len(shown("x" * 10_000)) == 80
    assert shown(10**4000) == "an integer of 13288 bits"
    assert shown(True) == "True"


def test_what_has_no_text_is_named_by_its_type():
    nested: list = []
    for _ in range(100_000):
        nested = [nested]
    assert shown(MappingProxyType({"a": nested})) == "a mappingproxy"
    assert shown(range(10**5000)) == "a range"
    assert "\n" not in shown(np.zeros((3, 3)))


def test_a_list_of_names_is_short_whatever_they_are():
    assert listed(["b", 1, "a"]) == "['b', 1, 'a']"
    assert listed([]) == "[]"
    assert listed({"x" * 9_999: 1}) == f"['{'x' * 22}…]"
    assert listed(range(1_000)).endswith(", 7, and 992 more]")
