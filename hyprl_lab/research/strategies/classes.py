"""What a strategy class is, and an instance of one with what is known of it."""

from __future__ import annotations

import hashlib
import inspect
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from hyprl_lab.errors import StrategyError
from hyprl_lab.research.strategies.guarded import called, guarded
from hyprl_lab.research.strategies.options import Option, OptionValue, options_of
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.data.bars import Bars

__all__ = ["LOADED", "Instance", "StrategyClass", "instance_of", "is_strategy_class"]

LOADED: Final = "__hyprl_sha256__"
"""Where a module that was loaded of a file keeps the hash of the bytes that were run."""

_NAME_LENGTH: Final = 60


@runtime_checkable
class StrategyClass(Protocol):
    """A strategy in Python, where a graph can't say it; see `docs/strategies.md`.

    It may have a `name` and a `description`, both text. It runs in notebooks, the registry and on
    the command line; a search, a walk-forward and the API take graphs alone.
    """

    def get_params_config(self) -> Mapping[str, Mapping[str, object]]:
        """Return `{name: {"type": "int"|"float"|"bool", "default", "min", "max", "description"}}`.

        `min`, `max` and `description` may be left out.
        """
        ...

    def generate_signals(self, bars: Bars, **params: Any) -> Any:
        """Return a mapping or a DataFrame of signals, one a bar, each made of bars up to it.

        Columns: some of `long_entry`, `long_exit`, `short_entry`, `short_exit` (`entry` and
        `exit` mean long), of booleans or 0, 1 and NaN.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Instance:
    """An object of a strategy class, its config read and checked.

    Parameters
    ----------
    made
        The object.
    name
        Its `name`, or that of its class.
    description
        Its `description`, or the first line of its docstring; may be empty.
    options
        Its parameters.
    """

    made: StrategyClass
    name: str
    description: str
    options: Mapping[str, Option]

    def titled(self, params: Mapping[str, OptionValue]) -> str:
        """Return the name with its parameters, as `Cross(fast=10, slow=20)`."""
        said = ", ".join(f"{name}={value!r}" for name, value in params.items())
        text = f"{self.name}({said})"
        return text if len(text) <= 2 * _NAME_LENGTH else f"{text[: 2 * _NAME_LENGTH - 1]}…"

    @property
    def source_hash(self) -> str | None:
        """SHA-256 of the bytes of the file that was loaded; else of the class's source text.

        `None` where there is no text to be found.
        """
        with guarded(self.name):
            module = sys.modules.get(type(self.made).__module__)
            loaded = getattr(module, LOADED, None)
            if isinstance(loaded, str):
                return loaded
            try:
                text = inspect.getsource(type(self.made))
            except (OSError, TypeError):
                return None
            return hashlib.sha256(text.encode()).hexdigest()


def is_strategy_class(found: object) -> bool:
    """Whether this is a strategy class or an object of one.

    Raises
    ------
    StrategyError
        Its own code fails where its methods are looked up.

    Examples
    --------
    >>> is_strategy_class("dual_sma")
    False
    """
    with guarded(called(found)):
        return all(
            callable(getattr(found, name, None))
            for name in ("get_params_config", "generate_signals")
        )


def instance_of(found: object) -> Instance:
    """Return an object of a strategy class with what is known of it.

    Parameters
    ----------
    found
        The class, which is called without arguments, or an object of it.

    Raises
    ------
    StrategyError
        It is neither, it can't be made, or its config or its name is malformed.
    """
    if not is_strategy_class(found):
        raise StrategyError(
            f"found {shown(found)}; expected a class with get_params_config() and "
            "generate_signals(bars, **params), or an object of one"
        )
    with guarded(called(found)):
        made: Any = found() if issubclass(type(found), type) else found  # type: ignore[operator]  # it is a class then
        name = getattr(made, "name", None) or called(found)
        if not isinstance(name, str) or not name.isprintable() or len(name) > _NAME_LENGTH:
            raise StrategyError(
                f"name is {shown(name)}; expected 1 to {_NAME_LENGTH} printable characters"
            )
        text = getattr(made, "description", None) or inspect.getdoc(type(made)) or ""
        lines = str(text).strip().splitlines()
        config = made.get_params_config()
    with guarded(name):
        options = options_of(config)
    return Instance(made=made, name=name, description=lines[0] if lines else "", options=options)
