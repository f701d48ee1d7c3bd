from hyprl_lab.research.strategies.described import (
    class_info,
    class_schema,
    graph_info,
    graph_schema,
)
from hyprl_lab.strategy import Strategy, builtin, close, param, stop


def test_a_graph_requires_all_and_has_usual_values():
    schema = graph_info(builtin.row("donchian_breakout")).schema
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["atr_window", "multiple", "window"]
    assert schema["properties"]["multiple"] == {
        "type": "number",
        "minimum": 1.0,
        "maximum": 8.0,
        "default": 3.0,
    }


def test_a_parameter_without_a_range_has_none_in_the_schema():
    strategy = Strategy("x", long_entry=close > param("level"), stop_loss=stop.percent(0.1))
    assert graph_schema(strategy, {})["properties"] == {"level": {"type": "number"}}


def test_a_class_requires_nothing(cross):
    schema = class_schema(cross)
    assert schema["required"] == []
    assert schema["properties"]["fast"]["default"] == 5


def test_it_is_shown(cross):
    class Told(cross):
        weakness = "ranges <wide>"

    found = class_info("cross", Told, "mine.py")
    assert repr(found).startswith("cross (class): Long while the fast mean")
    assert "weakness: ranges <wide>" in repr(found)
    assert "parameters: fast (2 to 20, usually 5), slow (10 to 60, usually 20)" in repr(found)
    assert "ranges &lt;wide&gt;" in found._repr_html_()
    assert "idea" not in repr(found)
