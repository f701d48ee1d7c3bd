"""One file of strategy classes: whether it may be read, and what is in it."""

from __future__ import annotations

import hashlib
import inspect
import linecache
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

from hyprl_lab.errors import StrategyError
from hyprl_lab.research.strategies.classes import LOADED, instance_of, is_strategy_class
from hyprl_lab.research.strategies.guarded import called, guarded, raised
from hyprl_lab.research.strategies.trusted import read_trusted

__all__ = ["Failure", "load", "source_files"]

_MODULE: Final = "_hyprl_strategies"


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that was not taken, and why.

    Parameters
    ----------
    file
        Its name.
    line
        Where it failed; `None` where no line is at fault.
    reason
        In words.
    """

    file: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}, line {self.line}"
        return f"{place}: {self.reason}"


def source_files(folder: Path) -> list[Path]:
    """Return the files that may hold strategies, in order of name: `*.py` without a leading `_`."""
    return sorted(path for path in folder.glob("*.py") if not path.name.startswith("_"))


def load(path: Path, folder: Path) -> dict[str, type] | Failure:
    """Run one file as a module of its own and return its strategy classes by name, or why not.

    Parameters
    ----------
    path
        The file.
    folder
        Where it has to lie: that of `checked_folder`.
    """
    text = read_trusted(path, folder)
    if isinstance(text, str):
        return Failure(path.name, None, text)
    content, place = hashlib.sha256(text).hexdigest(), hashlib.sha256(str(folder).encode())
    # By place and content, so that a module's name never means other code than it did.
    module = ModuleType(f"{_MODULE}_{place.hexdigest()[:12]}_{path.stem}_{content[:12]}")
    module.__file__ = str(path)
    setattr(module, LOADED, content)
    linecache.checkcache(str(path))
    sys.modules[module.__name__] = module  # dataclasses and pickle look classes up there
    try:
        code = compile(text, str(path), "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102  # running the user's own file is what is asked
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a user's file may raise anything
        sys.modules.pop(module.__name__, None)
        return _failure(path, error)
    found = _classes(module)
    if isinstance(found, Failure) or not found:
        sys.modules.pop(module.__name__, None)
    if not found:
        return Failure(
            path.name,
            None,
            "holds no class with get_params_config and generate_signals; name files that only "
            "help with a leading _",
        )
    return found


def _classes(module: ModuleType) -> dict[str, type] | Failure:
    """Return the module's own public strategy classes, each of which can be made."""
    named: dict[str, type] = {}
    short = Path(str(module.__file__)).name
    for item, found in list(vars(module).items()):
        if item.startswith("_") or not issubclass(type(found), type):
            continue
        try:
            with guarded(item):
                own = found.__module__ == module.__name__
            if not own or not is_strategy_class(found):
                continue
            name = instance_of(found).name
        except StrategyError as error:
            return Failure(short, _line_of(found), str(error))
        if name in named and named[name] is not found:
            told = f"two classes are named {name!r}; name one of them anew"
            return Failure(short, _line_of(found), told)
        named[name] = found
    return named


def _line_of(found: type) -> int | None:
    try:
        with guarded(called(found)):
            return inspect.getsourcelines(found)[1]
    except StrategyError:  # it has no text to be found, or won't say where it is from
        return None


def _failure(path: Path, error: BaseException) -> Failure:
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return Failure(path.name, error.lineno, f"{type(error).__name__}: {error.msg}")
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(path)
    ]
    return Failure(path.name, lines[-1] if lines else None, raised(error))
