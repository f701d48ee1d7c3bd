"""Every command, option, metric, preset, operation and expression is written down."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import hyprl_lab as hl
from hyprl_lab import resources
from hyprl_lab import strategy as strategies
from hyprl_lab.cli.app import command
from hyprl_lab.metrics import UNITS
from hyprl_lab.strategy import document
from hyprl_lab.strategy.operations import OPERATIONS

ROOT = Path(__file__).resolve().parents[2]
CLI = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])


def leaves(node: object, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], object]]:
    below = getattr(node, "commands", None)
    if below is None:
        return [(path, node)]
    return [leaf for name in below for leaf in leaves(below[name], (*path, name))]


COMMANDS = leaves(command())


def section(path: tuple[str, ...]) -> str:
    heading = re.compile(rf"^### `hyprl {' '.join(path)}[ `]", re.MULTILINE)
    found = heading.search(CLI)
    assert found, f"docs/cli.md has no heading for hyprl {' '.join(path)}"
    return CLI[found.start() :].split("\n### ")[0]


@pytest.mark.parametrize(("path", "node"), COMMANDS, ids=[" ".join(path) for path, _ in COMMANDS])
def test_every_command_and_option_is_documented(path: tuple[str, ...], node: object) -> None:
    text = section(path)
    shared = CLI.split("## Commands")[0]
    for parameter in node.params:  # type: ignore[attr-defined]
        for name in parameter.opts:
            if name.startswith("--") and name != "--help":
                assert f"`{name}" in text or f"`{name}" in shared, name
    offered = {name for parameter in node.params for name in parameter.opts}  # type: ignore[attr-defined]
    assert set(re.findall(r"`(--[a-z-]+)", text)) <= offered
    assert node.help, path  # type: ignore[attr-defined]
    assert any("--json" in parameter.opts for parameter in node.params), path  # type: ignore[attr-defined]


def test_no_command_is_documented_that_is_not_there() -> None:
    there = {" ".join(path) for path, _ in COMMANDS}
    written = re.findall(r"^### `hyprl ([a-z -]*[a-z])", CLI, re.MULTILINE)
    assert {name.strip() for name in written} == there


def test_every_metric_is_documented_with_its_unit() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", page, re.MULTILINE)
    assert {name: unit.strip() for name, unit in rows} == dict(UNITS)
    assert [name for name, _ in rows] == list(UNITS)


CODE_SPAN = re.compile(r"`([^`\n]+)`")
EXPRESSIONS = (ROOT / "docs" / "expressions.md").read_text(encoding="utf-8")
PROSE = re.sub(r"^```.*?^```$", "", EXPRESSIONS, flags=re.MULTILINE | re.DOTALL)
SHOWN = CODE_SPAN.findall(PROSE)


def rows(page: str, column: int) -> set[str]:
    """The code spans in one column of every table of a page of docs."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [re.split(r"(?<!\\)\|", line)[column + 1] for line in lines]
    return {span for cell in cells for span in CODE_SPAN.findall(cell)}


def test_every_operation_is_defined() -> None:
    spans = rows("strategy-graph.md", 0)
    assert {name for span in spans for name in span.split()} == set(OPERATIONS)


def test_every_operation_is_spelled_in_python() -> None:
    assert rows("expressions.md", 1) >= set(OPERATIONS)


def spellings() -> list[str]:
    """What a strategy is written with: names of `hl`, of its families, methods of `Expr`."""
    families = {"ta": hl.ta, "stop": hl.stop, "target": hl.target, "trail": hl.trail}
    built = [
        f"hl.{name}"
        for name in strategies.__all__
        if name in hl.__all__ and name != "Expr" and name not in families
    ]
    grouped = [
        f"hl.{family}.{name}"
        for family, of in families.items()
        for name in of.__all__
        if inspect.isfunction(getattr(of, name))  # not the classes of what they return
    ]
    methods = [f".{name}" for name in vars(hl.Expr) if callable(getattr(hl.Expr, name))]
    return [*built, *grouped, *(name for name in methods if not name.startswith("._"))]


@pytest.mark.parametrize("spelling", spellings())
def test_every_expression_is_shown(spelling: str) -> None:
    assert any(re.search(rf"{re.escape(spelling)}\b", span) for span in SHOWN), spelling


INDICATORS = (ROOT / "docs" / "indicators.md").read_text(encoding="utf-8")


def indicators() -> dict[str, list[str]]:
    """The row of each indicator: outputs, definition, source, defaults, warm-up, by spelling."""
    lines = [line for line in INDICATORS.splitlines() if line.startswith("| `")]
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]
    return {name: row for row in cells for name in re.findall(r"`(\w+)\(", row[0])}


def test_every_indicator_has_a_row() -> None:
    functions = {name for name in hl.ta.__all__ if inspect.isfunction(getattr(hl.ta, name))}
    synonyms = {"max", "min", "stddev", "var"}
    assert set(indicators()) == functions - synonyms
    assert len(indicators()) >= 50
    for name in synonyms:
        assert f"`{name}`" in INDICATORS, name
    assert "<!-- differences: begin -->" in INDICATORS
    assert "<!-- differences: end -->" in INDICATORS


@pytest.mark.parametrize("name", sorted(set(hl.ta.__all__) - {"max", "min", "stddev", "var"}))
def test_the_row_of_an_indicator_has_its_arguments_and_defaults(name: str) -> None:
    function = getattr(hl.ta, name)
    if inspect.isfunction(function):
        arguments = ", ".join(
            parameter.name
            if parameter.default is inspect.Parameter.empty
            else f"{parameter.name}={parameter.default!r}".replace("'", '"')
            for parameter in inspect.signature(function).parameters.values()
        )
        assert f"`{name}({arguments})`" in indicators()[name][0]
    else:
        for field in inspect.get_annotations(function):
            assert f"`.{field}`" in INDICATORS, (name, field)


def test_every_argument_of_a_strategy_is_shown() -> None:
    assert set(SHOWN) >= {*document.OUTPUTS, *document.LEVELS, *document.NUMBERS}


@pytest.mark.parametrize("name", resources.names("presets"))
def test_every_shipped_preset_and_gate_is_documented(name: str) -> None:
    page = (ROOT / "docs" / "presets.md").read_text(encoding="utf-8")
    assert f"`{name}`" in page


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_page_is_listed() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    pages = {path.name for path in (ROOT / "docs").glob("*") if path.is_file()} - {"index.md"}
    assert {"api.md", "cli.md", "architecture.md"} <= pages
    for name in sorted(pages):
        assert f"]({name})" in index, f"docs/index.md does not list {name}"


def test_every_decision_is_listed() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    for page in sorted((ROOT / "docs" / "adr").glob("*.md")):
        assert re.fullmatch(r"\d{3}-[a-z0-9-]+\.md", page.name)
        assert f"adr/{page.name}" in index
        for part in ("Status:", "## Context", "## Decision", "## Alternatives", "## Consequences"):
            assert part in page.read_text(encoding="utf-8"), (page.name, part)


def test_the_examples_of_the_readme_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    first, second = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    assert len(first.splitlines()) <= 18
    names: dict[str, object] = {}
    exec(compile(first, "README.md", "exec"), names)
    out = capsys.readouterr().out
    assert "sharpe" in out
    assert "deflated_sharpe_ratio" in out
    assert names["study"].best.params == dict(names["result"].params)  # type: ignore[attr-defined]
    exec(compile(second, "README.md", "exec"), names)
    out = capsys.readouterr().out
    assert "interactions" in out
    assert "Recosted(fee_bps=20" in out


def test_the_two_commands_are_targets_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    wanted = {"setup", "build", "lock", "lint", "test", "test-deep", "bench", "demo", "clean"}
    assert wanted <= targets
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"(?:`|^    )make ([a-z][a-z -]*)", readme, re.MULTILINE)
    assert {"demo", "test"} <= {word for words in named for word in words.split()}
    for words in re.findall(r"`make ([a-z][a-z -]*)`", readme):
        assert set(words.split()) <= targets
