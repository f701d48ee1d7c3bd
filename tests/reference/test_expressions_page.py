"""The examples of docs/expressions.md: every one runs, once with each engine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "expressions.md"
SHARED = "How the examples are written"
BLOCK = re.compile(
    r"^## (?P<title>[^\n]+)$"
    r"|^```python\n(?P<code>.*?)^```$(?:\n\n^```text\n(?P<printed>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)


class Example(NamedTuple):
    """The code of a section and what each of its blocks prints."""

    section: str
    blocks: tuple[tuple[int, str, str], ...]
    """Line of the page on which it begins, code, output (empty where none is shown)."""


def examples() -> list[Example]:
    text, section = PAGE.read_text(encoding="utf-8"), ""
    found: dict[str, list[tuple[int, str, str]]] = {}
    for match in BLOCK.finditer(text):
        if match["title"]:
            section = match["title"]
        else:
            line = text.count("\n", 0, match.start("code")) + 1
            found.setdefault(section, []).append((line, match["code"], match["printed"] or ""))
    return [Example(section, tuple(blocks)) for section, blocks in found.items()]


EXAMPLES = examples()
SETUP = next(example for example in EXAMPLES if example.section == SHARED)
CASES = [example for example in EXAMPLES if example is not SETUP]


def run(block: tuple[int, str, str], names: dict[str, Any]) -> None:
    """Execute a block; a failure points at the page's own line."""
    line, code, _ = block
    exec(compile("\n" * (line - 1) + code, str(PAGE), "exec"), names)


def prepared(engine: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for block in SETUP.blocks:
        run(block, names)
    names["engine"] = engine
    return names


@pytest.mark.parametrize("engine", ["native", "python"])
@pytest.mark.parametrize("example", CASES, ids=[case.section for case in CASES])
def test_example(example: Example, engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    names = prepared(engine)
    for block in example.blocks:
        run(block, names)
        assert capsys.readouterr().out == block[2]
        assert block[2] or "assert " in block[1], f"line {block[0]} of the page shows nothing"


def test_an_example_that_is_wrong_fails() -> None:
    wrong = "assert reads(make([1.0, 2, 3]), hl.close > 1) == [False, None]"
    with pytest.raises(AssertionError):
        run((1, wrong, ""), prepared("native"))


def test_what_is_accepted_is_not_called_refused() -> None:
    with pytest.raises(AssertionError, match="accepted"):
        run((1, "refused(lambda: hl.close > 1)", ""), prepared("native"))


def test_every_section_has_an_example() -> None:
    titles = re.findall(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [example.section for example in EXAMPLES] == titles


def test_the_contents_list_every_heading() -> None:
    text = PAGE.read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    links = re.findall(r"\[([^\]]+)\]\(#([^)]+)\)", text.split("\n## ")[0])
    assert [title for title, _ in links] == headings
    anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors
