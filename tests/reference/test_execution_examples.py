"""The examples of docs/execution.md: every one runs, once with each engine.

Their numbers were worked out by hand, and the arithmetic stands in the page beside them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "execution.md"
SHARED = "How the examples are written"
RULES = 13
WITH_EXAMPLES = [str(number) for number in range(1, RULES + 1)]


class Example(NamedTuple):
    """One block of the page; `line` is where its code begins, counted from 1."""

    section: str
    line: int
    code: str


def sections() -> dict[str, str]:
    """The text below each heading; rules by their number, the others by their title."""
    parts = re.split(r"^## (.+)\n", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    titles = [re.sub(r"^(\d+)\. .*", r"\1", title) for title in parts[1::2]]
    return dict(zip(titles, parts[2::2], strict=True))


HEADING_OR_BLOCK = re.compile(
    r"^## (?:(\d+)\. )?([^\n]+)$|^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL
)


def examples() -> list[Example]:
    text, found, section = PAGE.read_text(encoding="utf-8"), [], ""
    for match in HEADING_OR_BLOCK.finditer(text):
        if match[2]:
            section = match[1] or match[2]
        else:
            found.append(Example(section, text.count("\n", 0, match.start(3)) + 1, match[3]))
    return found


EXAMPLES = examples()
SETUP = next(example for example in EXAMPLES if example.section == SHARED)
CASES = [example for example in EXAMPLES if example is not SETUP]


def run(example: Example, names: dict[str, Any]) -> None:
    """Execute a block; a failure points at the page's own line."""
    code = "\n" * (example.line - 1) + example.code
    exec(compile(code, str(PAGE), "exec"), names)


@pytest.mark.parametrize("engine", ["native", "python"])
@pytest.mark.parametrize("example", CASES, ids=[f"{c.section}-line{c.line}" for c in CASES])
def test_example(example: Example, engine: str) -> None:
    names: dict[str, Any] = {}
    run(SETUP, names)
    names["engine"] = engine
    run(example, names)


def test_an_example_that_is_wrong_fails() -> None:
    names: dict[str, Any] = {}
    run(SETUP, names)
    with pytest.raises(AssertionError):
        run(Example("1", 1, "assert play(make([(1, 1, 1, 1)] * 2), long_only) is None"), names)


@pytest.mark.parametrize("number", WITH_EXAMPLES)
def test_every_rule_has_an_example_and_says_what_others_do(number: str) -> None:
    text = sections()[number]
    assert re.search(r"^\*\*Example(: [^*]+)?\.\*\* .*\d", text, re.MULTILINE)
    assert "\n**Elsewhere.** " in text
    blocks = [case.code for case in CASES if case.section == number]
    assert blocks
    assert all("assert " in code for code in blocks)


def test_rules_are_numbered_in_order() -> None:
    assert [title for title in sections() if title.isdigit()] == WITH_EXAMPLES


def test_the_contents_list_every_heading() -> None:
    text = PAGE.read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    links = re.findall(r"\[([^\]]+)\]\(#([^)]+)\)", text.split("\n## ")[0])
    assert [title for title, _ in links] == headings
    for title, anchor in links:
        assert anchor == re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
