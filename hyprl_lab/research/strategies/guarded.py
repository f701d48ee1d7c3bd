"""The one place where a user's code may raise anything, and becomes an error of the lab."""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hyprl_lab.errors import StrategyError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["called", "guarded", "raised", "user_error"]


@contextmanager
def guarded(who: str) -> Iterator[None]:
    """Make what a user's code raises a `StrategyError`: exceptions, and an exit of the process.

    What is asked of an object of a user's class may run code of theirs: its methods, its
    attributes, the mappings and arrays it returns. A check's own `StrategyError` passes with the
    name before it.

    Parameters
    ----------
    who
        Whose code it is, for the message.

    Raises
    ------
    StrategyError
        Something was raised; the cause is chained. An interrupt passes as it is.

    Examples
    --------
    >>> with guarded("Cross(fast=2)"):
    ...     raise SystemExit(3)
    Traceback (most recent call last):
    hyprl_lab.errors.StrategyError: Cross(fast=2) raised SystemExit: 3 (...)
    """
    try:
        yield
    except StrategyError as error:
        raise StrategyError(f"{who}: {error}") from error
    except (Exception, SystemExit) as error:  # a user's code may raise anything
        raise user_error(who, error) from error


def user_error(who: str, error: BaseException) -> StrategyError:
    """Return the error for what a user's code raised: who, what, and where in which file.

    Examples
    --------
    >>> user_error("Cross(fast=2)", ValueError("no such thing"))
    StrategyError('Cross(fast=2) raised ValueError: no such thing')
    """
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return StrategyError(f"{who} raised {raised(error)}{place}")


def raised(error: BaseException) -> str:
    """Return the type and the text of an error, whose own code may fail too.

    Examples
    --------
    >>> raised(KeyError("fast"))
    "KeyError: 'fast'"
    """
    kind = type.__dict__["__name__"].__get__(type(error))
    try:
        return f"{kind}: {error}"
    except (Exception, SystemExit):  # noqa: BLE001  # a user's error may be broken itself
        return f"{kind}, which can't be told"


def called(found: object) -> str:
    """Return the name of a class, or of an object's class, without running code of it.

    Examples
    --------
    >>> called(dict), called({})
    ('dict', 'dict')
    """
    kind = found if issubclass(type(found), type) else type(found)
    name: str = type.__dict__["__name__"].__get__(kind)
    return name
