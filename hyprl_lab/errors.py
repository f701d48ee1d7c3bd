"""Every failure a user can meet.

    LabError
    ├── InputError (also ValueError)      what was handed in can't be used
    │   ├── BarsError                     names the row and the column
    │   ├── StrategyError                 names the node or the parameter
    │   │   └── UnknownAttributeError (also AttributeError)   names what an expression lacks
    │   ├── ConfigError                   names the setting
    │   └── SpaceError                    names the parameter or the expression
    ├── WarehouseError                    the store can't do what was asked
    │   ├── NotFoundError (also LookupError)
    │   └── IntegrityError                bytes are not what they were signed or hashed as
    ├── PromotionError                    the gate refused; carries the verdict's reasons
    ├── ReportError                       a template failed; names the cell
    ├── EngineUnavailableError            the native engine can't be loaded
    └── CancelledError                    the caller's token stopped the work

A message says what was found, what was expected, and how to mend it.
"""

from __future__ import annotations

__all__ = [
    "BarsError",
    "CancelledError",
    "ConfigError",
    "EngineUnavailableError",
    "InputError",
    "IntegrityError",
    "LabError",
    "NotFoundError",
    "PromotionError",
    "ReportError",
    "SpaceError",
    "StrategyError",
    "UnknownAttributeError",
    "WarehouseError",
]


class LabError(Exception):
    """The base of every error the lab raises on purpose."""


class InputError(LabError, ValueError):
    """What was handed in can't be used."""


class BarsError(InputError):
    """Bars are malformed; the message names the row and the column."""


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


class PromotionError(LabError):
    """The gate refused a preset; the message carries the reasons."""


class ReportError(LabError):
    """A report could not be made; the message names the cell."""


class EngineUnavailableError(LabError):
    """The native engine can't be loaded."""


class CancelledError(LabError):
    """The caller's token stopped the work."""
