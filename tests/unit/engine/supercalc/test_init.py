"""The door of the low-level layer, and its page: the examples run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hyprl_lab.engine import supercalc

if TYPE_CHECKING:
    from pathlib import Path


def test_the_door_is_complete() -> None:
    assert supercalc.__all__ == sorted(supercalc.__all__)
    assert all(hasattr(supercalc, name) for name in supercalc.__all__)


def test_the_examples_of_the_page_run(root: Path) -> None:
    page = (root / "docs" / "supercalc.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(examples) == 6
    names: dict[str, object] = {}
    for number, example in enumerate(examples, start=1):
        exec(compile(example, f"supercalc.md, example {number}", "exec"), names)


def test_the_page_has_the_signatures(root: Path) -> None:
    import inspect

    page = (root / "docs" / "supercalc.md").read_text(encoding="utf-8")
    for name in (
        "prepare_supercalc_dataset",
        "build_signal_series",
        "run_backtest_native",
        "run_native_search_batch",
    ):
        parameters = inspect.signature(getattr(supercalc, name)).parameters.values()
        keyword = [one.name for one in parameters if one.kind is one.KEYWORD_ONLY]
        plain = [one.name for one in parameters if one.kind is not one.KEYWORD_ONLY]
        written = ", ".join([*plain, *(["*", *keyword] if keyword else [])])
        assert f"`{name}({written})`" in page
