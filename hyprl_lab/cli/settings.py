"""The API's settings, for the commands that need them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.errors import ConfigError

if TYPE_CHECKING:
    from api.settings import Settings

__all__ = ["api_settings"]


def api_settings() -> Settings:
    """Return the settings that the environment gives.

    Raises
    ------
    ConfigError
        A variable is out of range; the message names it, and never prints a value.
    """
    from pydantic import ValidationError

    from api.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        faults = [
            f"{'_'.join(['HYPRL', *map(str, fault['loc'])]).upper()}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        ]
        raise ConfigError("; ".join(faults)) from None
