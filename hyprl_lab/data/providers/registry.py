"""Providers by name."""

from __future__ import annotations

from importlib import import_module
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.data.providers.provider import Provider

__all__ = ["get", "names", "register", "unregister"]

_HERE: Final = "hyprl_lab.data.providers"
_SHIPPED: Final = {
    "arch": ("arch", "Arch"),
    "coingecko": ("coingecko", "CoinGecko"),
    "files": ("files", "Files"),
    "skfolio": ("skfolio", "Skfolio"),
    "synthetic": ("synthetic", "Synthetic"),
}
_added: dict[str, Callable[..., Provider]] = {}


def names() -> list[str]:
    """Return the names of all providers, sorted.

    Examples
    --------
    >>> import hyprl_lab as hl
    >>> hl.providers.list()
    ['arch', 'coingecko', 'files', 'skfolio', 'synthetic']
    """
    return sorted({*_SHIPPED, *_added})


def get(name: str, **settings: Any) -> Provider:
    """Return a provider.

    Parameters
    ----------
    name
        One of `names()`.
    **settings
        What the provider takes, such as `folder=` of `"files"`.

    Raises
    ------
    BarsError
        There is no such provider, or it takes other settings. What it makes of a setting's value
        is its own: the error passes as it is.

    Examples
    --------
    >>> import hyprl_lab as hl
    >>> hl.providers.get("arch").datasets()
    ['nasdaq', 'sp500']
    """
    if name not in names():
        raise BarsError(f"providers: found {name!r:.100}; expected one of {names()}")
    if name in _added:
        factory = _added[name]
    else:
        module, kind = _SHIPPED[name]
        factory = getattr(import_module(f"{_HERE}.{module}"), kind)
    _check_settings(name, factory, settings)
    return factory(**settings)


def register(name: str, factory: Callable[..., Provider]) -> None:
    """Name a provider of your own, in this process.

    Parameters
    ----------
    name
        What `get` knows it by.
    factory
        Called with the settings given to `get`; a class with `name`, `datasets` and `bars`.

    Raises
    ------
    BarsError
        The name is taken by another.

    Examples
    --------
    >>> import hyprl_lab as hl
    >>> class Twice:
    ...     name = "twice"
    ...     def datasets(self):
    ...         return ["TEST"]
    ...     def bars(self, dataset, *, timeframe=None, start=None, end=None):
    ...         return hl.load_bars("TEST").slice(start, end)
    >>> hl.providers.register("twice", Twice)
    >>> len(hl.providers.get("twice").bars("TEST"))
    500
    >>> hl.providers.unregister("twice")
    """
    if name in _SHIPPED or _added.get(name, factory) is not factory:
        raise BarsError(f"providers: found {name!r} a second time; expected a name of its own")
    _added[name] = factory


def unregister(name: str) -> None:
    """Forget a provider that was registered in this process; one that ships stays."""
    _added.pop(name, None)


def _check_settings(name: str, factory: Callable[..., Provider], settings: dict[str, Any]) -> None:
    """Refuse settings that a factory does not take, before it is called."""
    try:
        takes = signature(factory)
    except (TypeError, ValueError):  # it is written in C, and says nothing
        return
    try:
        takes.bind(**settings)
    except TypeError as error:
        named = [
            one
            for one in takes.parameters.values()
            if one.kind in {Parameter.KEYWORD_ONLY, Parameter.POSITIONAL_OR_KEYWORD}
        ]
        needed = [f"{one.name}=…" for one in named if one.default is Parameter.empty]
        more = [f"{one.name}=…" for one in named if one.default is not Parameter.empty]
        found = f"settings {sorted(settings)}" if settings else "no settings"
        at_will = f"; {', '.join(more)} may be given" if more else ""
        raise BarsError(
            f"providers: found {found} for {name!r}; expected "
            f"hl.providers.get({', '.join([repr(name), *needed])}){at_will}"
        ) from error
