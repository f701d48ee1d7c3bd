from hyprl_lab.strategy import Strategy, close, on, param
from hyprl_lab.strategy.display import as_html


def test_the_table_has_a_row_for_each_node_and_names_ranges():
    made = Strategy("x", long_entry=close < on("1h", close) * param("k", 1.0, 2.0))
    shown = as_html("a & b", "f" * 64, made.graph)
    assert shown.startswith("<p><b>a &amp; b</b> <code>ffffffffffff</code>")
    assert shown.count("<tr>") == 1 + len(made.graph.nodes)
    assert "on(1h, #0)" in shown
    assert "<td>0 of 1h</td>" in shown
    assert "k: 1 to 2" in shown
