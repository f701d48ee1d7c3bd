"""The control panel, served by Voila and driven as a user drives it."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

import hyprl_lab as hl
from hyprl_lab.nb import voila_server
from hyprl_lab.strategy import builtin

pytestmark = pytest.mark.browser

EQUITY = "[...document.querySelector('.hyprl-results .js-plotly-plot')._fullData[0].y]"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def dashboard(tmp_path: Path):
    server = voila_server("control_panel", port=free_port(), token="open-sesame", home=tmp_path)
    log = tmp_path / "voila.log"
    with (
        log.open("wb") as stream,
        subprocess.Popen(
            server.command,
            env=dict(server.environment),
            stdout=stream,
            stderr=subprocess.STDOUT,
            cwd=tmp_path,
            start_new_session=True,
        ) as process,
    ):
        try:
            wait_until_answered(server.url.partition("?")[0] + "voila/static/", process, log)
            yield server.url
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def wait_until_answered(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(120):
        if process.poll() is not None:
            pytest.fail(f"Voila ended with {process.returncode}:\n{log.read_text()[-3000:]}")
        try:
            with urlopen(url, timeout=5):
                return
        except URLError as error:
            if getattr(error, "code", None) is not None:
                return  # it refuses this address, so it answers
        time.sleep(0.5)
    pytest.fail(f"Voila did not answer within a minute:\n{log.read_text()[-3000:]}")


def cell(page, name: str) -> str:
    row = page.locator(".hyprl-controls table.lab-table tr", has=page.get_by_text(name, exact=True))
    return row.locator("td.number").inner_text()


def test_moving_a_control_changes_the_chart_and_the_metrics(dashboard, watched, tmp_path):
    page = watched.page
    page.goto(dashboard)
    page.wait_for_selector(".hyprl-results .js-plotly-plot .main-svg", timeout=120_000)
    page.wait_for_selector(".hyprl-controls table.lab-table")
    before = page.evaluate(EQUITY)
    metrics = page.locator(".hyprl-controls table.lab-table").inner_text()
    assert len(before) == 5031, "one point a bar of sp500"

    slider = page.locator(".hyprl-controls .noUi-handle").first
    slider.focus()
    slider.press("ArrowRight")
    page.wait_for_function(f"before => String({EQUITY}) !== before", arg=",".join(map(str, before)))
    after = page.evaluate(EQUITY)
    assert len(after) == len(before)
    assert after[0] == before[0] == 10_000, "both start with the same money"
    page.wait_for_function(
        "before => document.querySelector('.hyprl-controls table.lab-table').innerText !== before",
        arg=metrics,
    )
    # The chart and the table show one run: its last equity is the final equity.
    assert cell(page, "Final equity") == f"{after[-1]:,.2f}"

    page.get_by_label("Bars").select_option("nasdaq")
    page.wait_for_function(
        "() => document.querySelectorAll('.hyprl-results .js-plotly-plot')[2]"
        ".layout.title.text.startsWith('NASDAQ')"
    )
    assert page.evaluate(EQUITY) != after
    page.screenshot(path=tmp_path / "panel.png", full_page=True)

    # However fast the hand: what stays is the run of where the slider stopped.
    for _ in range(4):
        slider.press("ArrowRight")
    expected = hl.backtest(
        hl.load_bars("nasdaq"),
        builtin.dual_sma(),
        params={"fast": 27, "slow": 62},
        execution=hl.Execution(fee_bps=5, slippage_bps=2),
        record=False,
    )
    last = float(expected.equity.iloc[-1])
    page.wait_for_function(f"last => {EQUITY}.at(-1) === last", arg=last)
    page.wait_for_function(
        "text => document.querySelector('.hyprl-controls table.lab-table')"
        ".innerText.includes(text)",
        arg=f"{last:,.2f}",
    )

    # A sizing that this strategy can't have is explained on the page, and the charts stay.
    shown = page.evaluate(EQUITY)
    page.get_by_label("Sizing").select_option("Risk at stop")
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert "stop" in alert.inner_text()
    assert page.evaluate(EQUITY) == shown

    box = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert box[0] <= box[1], "the page is not wider than the window"
    assert watched.elsewhere("127.0.0.1") == []
    assert watched.errors == []


def test_the_page_is_closed_without_the_token(dashboard, watched):
    watched.page.goto(dashboard.partition("?")[0])
    assert watched.page.locator(".hyprl-panel").count() == 0
    assert "login" in watched.page.url
