from hyprl_lab.report.markup import STYLE, Column, Markup, Table


def test_every_text_is_escaped():
    evil = '<script>alert("1")</script>'
    table = Table(evil, (Column(evil), Column("n", "number")), ((evil, evil), (evil,)))
    html = table.to_html()
    assert "<script" not in html
    assert html.count("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;") == 5


def test_a_verdict_column_styles_only_its_two_words():
    column = Column("Outcome", "verdict")
    rows = (("a", "passed"), ("b", "failed"), ("c", 'x" onclick="'))
    html = Table("", (Column("Check"), column), rows).to_html()
    assert '<td class="passed">passed</td>' in html
    assert '<td class="failed">failed</td>' in html
    assert "<td>x&quot; onclick=&quot;</td>" in html


def test_a_notebook_gets_the_style_with_the_table():
    table = Table("Caption", (Column("a"), Column("b", "number")), (("x", "1"),))
    assert table._repr_html_() == STYLE + table.to_html()
    assert "<caption>Caption</caption>" in table.to_html()
    assert Markup("<b>x</b>")._repr_html_() == "<b>x</b>"


def test_a_table_without_headings_has_no_head():
    assert "<thead" not in Table("", (Column(""), Column("")), (("a", "b"),)).to_html()
