import hashlib
import sys

import pytest

import hyprl_lab as hl
from hyprl_lab.research.strategies.classes import instance_of
from hyprl_lab.research.strategies.loading import Failure, load, source_files


def write(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_files_in_order_of_name_without_the_private_ones(tmp_path):
    for name in ("b.py", "a.py", "_help.py", "__init__.py", "notes.txt"):
        write(tmp_path, name, "")
    assert [path.name for path in source_files(tmp_path)] == ["a.py", "b.py"]


def test_a_file_becomes_a_private_module(tmp_path, source):
    found = load(write(tmp_path, "mine.py", source("Mine")), tmp_path)
    assert list(found) == ["Mine"]
    module = found["Mine"].__module__
    assert module.startswith("_hyprl_strategies_")
    assert "mine" not in sys.modules
    assert not (tmp_path / "__pycache__").exists()


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("x = 1\nif:\n", 2, "SyntaxError"),
        ("\n\nimport nothing_of_this_name\n", 3, "ModuleNotFoundError"),
        ("def f():\n    raise ValueError('no')\n\nf()\n", 2, "ValueError: no"),
        ("raise SystemExit(3)\n", 1, "SystemExit: 3"),
        ("x = 1\n", None, "holds no class"),
        ("from typing import Protocol\nclass _Hidden:\n    pass\n", None, "holds no class"),
        ("x = '\\udcff'\n\x00", None, "SyntaxError|ValueError"),
    ],
)
def test_a_file_that_fails_is_told_by_line(tmp_path, text, line, reason):
    known = set(sys.modules)
    found = load(write(tmp_path, "bad.py", text), tmp_path)
    assert isinstance(found, Failure)
    assert found.file == "bad.py"
    if line is not None:
        assert found.line == line
        assert str(found).startswith(f"bad.py, line {line}: ")
    assert any(part in found.reason for part in reason.split("|"))
    assert not {name for name in set(sys.modules) - known if name.startswith("_hyprl")}


def test_a_malformed_class_fails_its_file_by_its_line(tmp_path, source):
    text = "\n" + source("Mine").replace('"default": 100.0', '"default": -5.0')
    found = load(write(tmp_path, "mine.py", text), tmp_path)
    assert isinstance(found, Failure)
    assert found.line == 5
    assert "default is -5.0" in found.reason


def test_two_classes_of_one_name(tmp_path, source):
    text = source("One") + "    name = 'same'\n" + source("Two") + "    name = 'same'\n"
    found = load(write(tmp_path, "mine.py", text), tmp_path)
    assert isinstance(found, Failure)
    assert "two classes are named 'same'" in found.reason


def test_imported_classes_are_not_the_files_own(tmp_path):
    text = "from tempfile import TemporaryDirectory as Mine\n"
    assert isinstance(load(write(tmp_path, "mine.py", text), tmp_path), Failure)


def test_a_file_that_is_not_to_be_trusted_is_a_failure(tmp_path, source):
    path = write(tmp_path, "mine.py", source("Mine"))
    path.chmod(0o666)
    found = load(path, tmp_path)
    assert isinstance(found, Failure)
    assert "everyone may write to it" in found.reason


def test_the_hash_is_of_the_bytes_that_were_run(tmp_path, source):
    path = write(tmp_path, "mine.py", source("Mine"))
    ran = hashlib.sha256(path.read_bytes()).hexdigest()
    mine = load(path, tmp_path)["Mine"]
    write(tmp_path, "mine.py", "# another\n" + source("Mine"))
    assert instance_of(mine).source_hash == ran
    other = load(path, tmp_path)["Mine"]
    assert instance_of(other).source_hash == hashlib.sha256(path.read_bytes()).hexdigest() != ran
    assert instance_of(mine).source_hash == ran
    compiled = hl.strategies.compiled(hl.load_bars("TEST"), mine)
    assert compiled.bars.lineage[-1].detail["source"] == ran


META = """class Meta(type):
    def __getattr__(cls, name):
        raise RuntimeError("meta " + name)


class T(metaclass=Meta):
    pass
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("class T:\n    name = property(lambda self: 1 / 0)\n{}", "T raised ZeroDivisionError"),
        ("class T:\n    def __init__(self): raise SystemExit(9)\n{}", "T raised SystemExit: 9"),
        (
            META,
            "T raised RuntimeError: meta get_params_config",
        ),
        ("class B(Exception):\n    __str__ = None\nraise B()\n", "B, which can't be told"),
    ],
)
def test_a_class_that_raises_wherever_it_is_asked_fails_its_file(tmp_path, text, said):
    methods = (
        "    def get_params_config(self): return {}\n"
        "    def generate_signals(self, bars): return {}\n"
    )
    found = load(write(tmp_path, "bad.py", text.replace("{}", methods)), tmp_path)
    assert isinstance(found, Failure)
    assert said in found.reason
