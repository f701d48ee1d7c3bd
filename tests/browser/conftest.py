"""Headless Chromium, and pages that remember everything they asked for."""

import shutil
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from hyprl_lab.cli.doctor import CHROMIUM

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Watched:
    """A page, and what it asked for and complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def elsewhere(self, *hosts: str) -> list[str]:
        """Requests that went to another host; `data:`, `blob:` and `file:` go to none."""
        return [
            url
            for url in self.requests
            if urlsplit(url).scheme not in {"data", "blob", "file", "about"}
            and urlsplit(url).hostname not in hosts
        ]


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of Chromium; these tests are worth nothing skipped, so they fail where it is missing."""
    place = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if place is None:
        pytest.fail(
            f"the browser tests need one of {', '.join(CHROMIUM)}: `make browser`, or on Debian "
            "`apt-get update && apt-get install -y chromium`, then run the tests again"
        )
    return place


@pytest.fixture(scope="session")
def browser(chromium: str):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def watched(browser: Browser):
    page = browser.new_page(viewport={"width": 1440, "height": 1100})
    page.set_default_timeout(60_000)  # a slow machine is not a failure
    found = Watched(page)
    page.on("request", lambda request: found.requests.append(request.url))
    page.on("websocket", lambda socket: found.requests.append(socket.url))
    page.on("pageerror", lambda error: found.errors.append(f"exception: {error}"))
    page.on(
        "console",
        lambda message: (
            found.errors.append(f"console: {message.text}") if message.type == "error" else None
        ),
    )
    yield found
    page.close()
