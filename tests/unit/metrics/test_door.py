from __future__ import annotations

import pkgutil
from importlib import import_module

from hyprl_lab import metrics


def test_the_door_is_complete_and_sorted() -> None:
    inside = {
        name
        for module in pkgutil.iter_modules(metrics.__path__)
        for name in import_module(f"hyprl_lab.metrics.{module.name}").__all__
    }
    assert set(metrics.__all__) == inside
    constants = [name for name in metrics.__all__ if name.isupper()]
    classes = [name for name in metrics.__all__ if name[0].isupper() and not name.isupper()]
    functions = [name for name in metrics.__all__ if name[0].islower()]
    assert metrics.__all__ == sorted(constants) + sorted(classes) + sorted(functions)
