"""The report, opened from disk as its reader opens it."""

import pytest

import hyprl_lab as hl

pytestmark = pytest.mark.browser


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path / "home"))
    trend = hl.Strategy(
        "trend",
        long_entry=hl.close > hl.ta.sma(hl.close, 200),
        long_exit=hl.close < hl.ta.sma(hl.close, 200),
    )
    return hl.report(hl.backtest(hl.load_bars("sp500"), trend), folder=tmp_path / "out")


def test_it_opens_without_a_network_and_nothing_is_cut_off(made, watched, tmp_path):
    page = watched.page
    page.goto(made.html.as_uri())
    page.wait_for_function(
        "() => document.querySelectorAll('.js-plotly-plot .main-svg').length >= 5"
    )
    assert watched.requests == [made.html.as_uri()]
    assert watched.errors == []
    assert page.locator("h1").inner_text() == "trend on SP500"
    assert page.locator(".js-plotly-plot").count() == 5
    points = page.evaluate("document.querySelector('.js-plotly-plot')._fullData[0].y.length")
    assert points == 5031

    for width in (1440, 800, 480):
        page.set_viewport_size({"width": width, "height": 1100})
        page.wait_for_function("() => document.documentElement.scrollWidth <= window.innerWidth")
    page.set_viewport_size({"width": 1200, "height": 1100})
    # Every label of every chart lies inside its chart.
    outside = page.evaluate(
        """() => [...document.querySelectorAll('.js-plotly-plot')].flatMap(chart => {
            const box = chart.getBoundingClientRect();
            return [...chart.querySelectorAll('text')].filter(text => {
                const inner = text.getBoundingClientRect();
                return inner.width && (inner.left < box.left - 1 || inner.right > box.right + 1
                    || inner.top < box.top - 1 || inner.bottom > box.bottom + 1);
            }).map(text => text.textContent);
        })"""
    )
    assert outside == []
    page.screenshot(path=tmp_path / "report.png", full_page=True)


def test_charts_fit_the_paper(made, watched):
    page = watched.page
    page.goto(made.html.as_uri())
    page.wait_for_selector(".js-plotly-plot .main-svg")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1000})  # A4 less its margins, at 96 dpi
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.js-plotly-plot .main-svg')]"
        ".every(svg => svg.getBoundingClientRect().right <= 703)"
    )
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    assert watched.errors == []
