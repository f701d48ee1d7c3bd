"""One file of strategy classes: whether it may be read, and what is in it."""

from __future__ import annotations

import hashlib
import inspect
import linecache
import stat
import sys
import traceback
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import ConfigError, StrategyError
from hyprl_lab.research.strategies.classes import instance_of, is_strategy_class

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Failure", "checked_folder", "load", "source_files"]

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


def checked_folder(folder: Path) -> Path:
    """Return a folder of strategy files, resolved.

    Raises
    ------
    ConfigError
        It is no folder, or everyone may write to it: its files would run as you.
    """
    try:
        place = folder.expanduser().resolve(strict=True)
        mode = place.stat().st_mode
    except OSError as error:
        raise ConfigError(
            f"the folder of strategies {folder} can't be opened ({error.strerror}); make it, or "
            "name another one"
        ) from error
    if not stat.S_ISDIR(mode):
        raise ConfigError(f"{folder} is no folder; name the folder that holds the strategy files")
    if mode & stat.S_IWOTH:
        raise ConfigError(
            f"everyone may write to the folder of strategies {folder}, and its files run as you; "
            f"take that right away: chmod o-w {folder}"
        )
    return place


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
    refused = _refusal(path, folder)
    if refused is not None:
        return Failure(path.name, None, refused)
    place = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    module = ModuleType(f"{_MODULE}_{place}_{path.stem}")
    module.__file__ = str(path)
    linecache.checkcache(str(path))
    sys.modules[module.__name__] = module  # dataclasses and pickle look classes up there
    try:
        code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102  # running the user's own file is what is asked
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a user's file may raise anything
        del sys.modules[module.__name__]
        return _failure(path, error)
    found = _classes(module)
    if isinstance(found, Failure) or not found:
        del sys.modules[module.__name__]
    if not found:
        return Failure(
            path.name,
            None,
            "holds no class with get_params_config and generate_signals; name files that only "
            "help with a leading _",
        )
    return found


def _refusal(path: Path, folder: Path) -> str | None:
    try:
        real = path.resolve(strict=True)
        mode = real.stat().st_mode
    except OSError as error:
        return f"can't be read ({error.strerror})"
    if not real.is_relative_to(folder):
        return f"is a link to a file outside {folder}; copy it into the folder"
    if not stat.S_ISREG(mode):
        return "is no regular file"
    if mode & stat.S_IWOTH:
        return f"everyone may write to it, and it runs as you; chmod o-w {path.name}"
    return None


def _classes(module: ModuleType) -> dict[str, type] | Failure:
    """Return the module's own public strategy classes, each of which can be made."""
    named: dict[str, type] = {}
    file = str(module.__file__)
    short = file.rpartition("/")[2]
    for item, found in vars(module).items():
        own = isinstance(found, type) and found.__module__ == module.__name__
        if item.startswith("_") or not own or not is_strategy_class(found):
            continue
        line = _line_of(found)
        try:
            name = instance_of(found).name
        except StrategyError as error:
            return Failure(short, line, str(error))
        if name in named and named[name] is not found:
            return Failure(short, line, f"two classes are named {name!r}; name one of them anew")
        named[name] = found
    return named


def _line_of(found: type) -> int | None:
    try:
        return inspect.getsourcelines(found)[1]
    except (OSError, TypeError):
        return None


def _failure(path: Path, error: BaseException) -> Failure:
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return Failure(path.name, error.lineno, f"{type(error).__name__}: {error.msg}")
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(path)
    ]
    return Failure(path.name, lines[-1] if lines else None, f"{type(error).__name__}: {error}")
