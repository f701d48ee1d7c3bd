from hyprl_lab.research.strategies.report import Report


def test_errors_decide():
    assert Report("x", (), ("odd",)).ok
    found = Report("x", ("looks <ahead>",), ("odd",))
    assert not found.ok
    assert repr(found) == "x: not to be used\n  error: looks <ahead>\n  warning: odd"
    assert "looks &lt;ahead&gt;" in found._repr_html_()
