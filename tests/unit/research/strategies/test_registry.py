import threading

import pytest

import hyprl_lab as hl
from hyprl_lab.errors import StrategyError
from hyprl_lab.research.strategies import registry
from hyprl_lab.research.strategies.registry import Discovered
from hyprl_lab.strategy import builtin


@pytest.fixture(autouse=True)
def _forget(monkeypatch):
    monkeypatch.setattr(registry, "_known", {})


@pytest.fixture
def folder(tmp_path, source):
    place = tmp_path / "strategies"
    place.mkdir()
    (place / "b.py").write_text(source("Beta"))
    (place / "a.py").write_text(source("Alpha"))
    (place / "broken.py").write_text("import nothing_of_this_name\n")
    return place


def test_nothing_is_known_but_what_ships_until_it_is_asked_for(folder):
    assert hl.strategies.list() == builtin.names()
    with pytest.raises(StrategyError, match=r"no strategy 'Alpha'.*discover\(folder\)"):
        hl.strategies.get("Alpha")


def test_a_folder_is_discovered_and_a_broken_file_told(folder):
    found = hl.strategies.discover(folder)
    assert found.names == ("Alpha", "Beta")
    assert [(error.file, error.line) for error in found.errors] == [("broken.py", 1)]
    assert hl.strategies.list() == sorted([*builtin.names(), "Alpha", "Beta"])
    assert hl.strategies.info("Alpha").kind == "class"
    assert hl.strategies.info("Alpha").source == "a.py"
    assert hl.strategies.schema("Alpha")["properties"]["level"]["maximum"] == 1e6
    assert hl.strategies.table().loc["Beta", "title"] == "Long above a level."
    result = hl.backtest(hl.load_bars("TEST"), hl.strategies.get("Alpha"), params={"level": 101})
    assert result.strategy.name == "Alpha(level=101.0)"
    assert hl.strategies.validate("Beta").ok


def test_discovering_again_takes_what_is_there_now(folder, source):
    hl.strategies.discover(folder)
    (folder / "a.py").write_text(source("Gamma"))
    (folder / "b.py").unlink()
    assert hl.strategies.discover(str(folder)).names == ("Gamma",)
    assert "Alpha" not in hl.strategies.list()


def test_names_that_are_taken(folder, tmp_path, source):
    (folder / "c.py").write_text(source("Alpha"))
    (folder / "d.py").write_text(source("dual_sma"))
    found = hl.strategies.discover(folder)
    reasons = {error.file: error.reason for error in found.errors}
    assert "is a class of a.py already" in reasons["c.py"]
    assert "is a built-in strategy" in reasons["d.py"]
    other = tmp_path / "other"
    other.mkdir()
    (other / "z.py").write_text(source("Beta"))
    assert "is a class of b.py already" in hl.strategies.discover(other).errors[0].reason
    assert hl.strategies.get("dual_sma") == builtin.dual_sma()


def test_the_usual_folder_is_in_the_home(home, source):
    assert hl.strategies.discover() == Discovered()
    usual = home / "strategies"
    usual.mkdir(parents=True)
    (usual / "mine.py").write_text(source("Mine"))
    assert hl.strategies.discover().names == ("Mine",)


@pytest.mark.parametrize("name", ["nope", "", None, 3, ["dual_sma"]])
def test_an_unknown_name_lists_what_there_is(name):
    for ask in (hl.strategies.get, hl.strategies.info, hl.strategies.schema):
        with pytest.raises(StrategyError, match=r"no strategy .*'dual_sma'"):
            ask(name)


def test_the_table_has_them_all():
    table = hl.strategies.table()
    assert list(table.index) == builtin.names()
    assert (table["kind"] == "graph").all()
    assert (table["weakness"].str.len() > 50).all()


def test_a_folder_that_was_only_found_on_the_way_up_is_not_run(tmp_path, monkeypatch, source):
    usual = tmp_path / ".hyprl" / "strategies"
    usual.mkdir(parents=True)
    (usual / "mine.py").write_text(source("Mine"))
    below = tmp_path / "deep" / "down"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    monkeypatch.delenv("HYPRL_HOME", raising=False)
    found = hl.strategies.discover()
    assert found.names == ()
    assert "is not run, for HYPRL_HOME is not set" in found.errors[0].reason
    assert "Mine" not in hl.strategies.list()
    assert hl.strategies.discover(usual).names == ("Mine",)


def test_a_file_that_discovers_fails_and_does_not_hang(folder):
    (folder / "nested.py").write_text(
        f"import hyprl_lab as hl\nhl.strategies.discover({str(folder)!r})\n"
    )
    errors = {error.file: error for error in hl.strategies.discover(folder).errors}
    assert errors["nested.py"].line == 2
    assert "can't discover strategies while it is run" in errors["nested.py"].reason
    assert hl.strategies.get("Alpha").__name__ == "Alpha"


def test_what_is_known_stays_known_while_a_folder_is_run_again(folder):
    hl.strategies.discover(folder)
    (folder / "a.py").write_text(
        "import threading\nimport hyprl_lab as hl\nseen = []\n"
        "asked = threading.Thread(target=lambda: seen.append(hl.strategies.list()))\n"
        "asked.start()\nasked.join()\nassert 'Alpha' in seen[0] and 'Beta' in seen[0], seen\n"
        + (folder / "a.py").read_text()
    )
    found = hl.strategies.discover(folder)
    assert found.names == ("Alpha", "Beta")
    assert [error.file for error in found.errors] == ["broken.py"]


def test_readers_never_miss_a_class_while_others_discover(folder):
    hl.strategies.discover(folder)
    done = threading.Event()

    def again():
        while not done.is_set():
            hl.strategies.discover(folder)

    threads = [threading.Thread(target=again) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(2_000):
            assert hl.strategies.get("Alpha").__name__ == "Alpha"
            assert "Beta" in hl.strategies.list()
    finally:
        done.set()
        for thread in threads:
            thread.join()
