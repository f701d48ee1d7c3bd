"""Every failure a user can meet.

    LabError
    ├── InputError (also ValueError)      what was handed in can't be used
    │   ├── BarsError                     names the row and the column
    │   │   ├── QualityError              carries all findings, as `error.quality`
    │   │   └── UnknownSymbolError (also KeyError)   names what a panel lacks
    │   ├── StrategyError                 names the node or the parameter
    │   │   └── UnknownAttributeError (also AttributeError)   names what an expression lacks
    │   ├── ConfigError                   names the setting
    │   └── SpaceError                    names the parameter or the expression
    ├── WarehouseError                    the store can't do what was asked
    │   ├── NotFoundError (also LookupError)
    │   └── IntegrityError                bytes are not what they were signed or hashed as
    ├── ProviderError                     a source of bars did not answer, or not with bars
    ├── PromotionError                    the gate refused; carries the verdict's reasons
    ├── ReportError                       a template failed; names the cell
    ├── EngineUnavailableError            the native engine can't be loaded
    ├── ClusterError                      a Dask cluster lost its scheduler or its workers
    └── CancelledError                    the caller's token stopped the work

A message says what was found, what was expected, and how to mend it.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "BarsError",
    "CancelledError",
    "ClusterError",
    "ConfigError",
    "EngineUnavailableError",
    "InputError",
    "IntegrityError",
    "LabError",
    "NotFoundError",
    "PromotionError",
    "ProviderError",
    "QualityError",
    "ReportError",
    "SpaceError",
    "StrategyError",
    "UnknownAttributeError",
    "UnknownSymbolError",
    "WarehouseError",
]


class LabError(Exception):
    """The base of every error the lab raises on purpose."""


class InputError(LabError, ValueError):
    """What was handed in can't be used."""


class BarsError(InputError):
    """Bars are malformed; the message names the row and the column."""


class QualityError(BarsError):
    """Rows of a source are not bars; the report names them.

    Parameters
    ----------
    message
        The errors in words.
    quality
        All findings: a `hyprl_lab.data.Quality`, which this lowest layer can't name.
    """

    def __init__(self, message: str, quality: Any) -> None:
        super().__init__(message)
        self.quality = quality

    def __reduce__(self) -> tuple[type[QualityError], tuple[str, Any]]:
        return (type(self), (str(self), self.quality))


class UnknownSymbolError(BarsError, KeyError):
    """A panel has no such instrument; the message lists what it has."""

    __str__ = Exception.__str__  # a KeyError would quote the message


class StrategyError(InputError):
    """A strategy graph can't be built or evaluated; the message names the node."""


class UnknownAttributeError(StrategyError, AttributeError):
    """An expression has no such attribute; the message says what to write instead."""


class ConfigError(InputError):
    """A risk, execution or environment setting is out of range; the message names it."""


class SpaceError(InputError):
    """A search space, condition or objective is wrong; the message names the part."""


class WarehouseError(LabError):
    """The warehouse can't do what was asked."""


class NotFoundError(WarehouseError, LookupError):
    """Nothing is stored under that name or hash."""


class IntegrityError(WarehouseError):
    """Stored bytes differ from what was hashed or signed."""


class ProviderError(LabError):
    """A source of bars did not answer, or with something that is no bars."""


class PromotionError(LabError):
    """The gate refused a preset; the message carries the reasons."""


class ReportError(LabError):
    """A report could not be made; the message names the cell."""


class EngineUnavailableError(LabError):
    """The native engine can't be loaded."""


class ClusterError(LabError):
    """A Dask cluster lost its scheduler or its workers; what is committed stays."""


class CancelledError(LabError):
    """The caller's token stopped the work."""
