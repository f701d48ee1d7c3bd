import pytest

from hyprl_lab.strategy import clock, close
from hyprl_lab.strategy.operations import SESSION


@pytest.mark.parametrize("name", sorted(SESSION))
def test_a_session_node_is_a_number_without_arguments(name):
    node = getattr(clock, name)
    assert (node.op, node.kind, node.args, repr(node)) == (name, "number", (), name)
    assert repr((node >= 30) & (close > 1)) == f"(({name} >= 30) & (close > 1))"


def test_all_of_them_are_there():
    assert set(clock.__all__) == SESSION
