import os
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from hyprl_lab.errors import ConfigError, NotFoundError
from hyprl_lab.nb import voila_server


def test_the_token_travels_by_environment_and_only_loopback_is_served():
    server = voila_server(port=9001, token="s3cret", home=Path("/somewhere"))
    assert server.command[:3] == (sys.executable, "-m", "voila")
    assert "--Voila.ip=127.0.0.1" in server.command
    assert "--port=9001" in server.command
    assert not any("s3cret" in part for part in server.command)
    assert server.environment["JUPYTER_TOKEN"] == "s3cret"
    assert server.environment["HYPRL_HOME"] == "/somewhere"
    assert server.url == "http://127.0.0.1:9001/?token=s3cret"


def test_tokens_are_long_and_never_the_same():
    tokens = {parse_qs(urlsplit(voila_server().url).query)["token"][0] for _ in range(3)}
    assert len(tokens) == 3
    assert min(map(len, tokens)) >= 43


def test_the_template_is_found_before_any_other(monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", "/elsewhere")
    first, *rest = voila_server().environment["JUPYTER_PATH"].split(os.pathsep)
    page = Path(first) / "voila" / "templates" / "hyprl" / "index.html.j2"
    assert "https://" not in page.read_text()
    assert rest == ["/elsewhere"]


@pytest.mark.parametrize("settings", [{"port": 0}, {"port": 70000}, {"token": " "}])
def test_bad_settings_are_refused(settings):
    with pytest.raises(ConfigError, match=r"expected|give"):
        voila_server(**settings)


def test_an_unknown_dashboard_lists_those_there_are():
    with pytest.raises(NotFoundError, match=r"dashboards/control_panel\.ipynb"):
        voila_server("nope")
