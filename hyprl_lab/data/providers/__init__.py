"""Where bars come from: one small protocol, a few providers, and room for yours.

import hyprl_lab as hl

hl.providers.list()
bars = hl.providers.get("files", folder="quotes").bars("SPY", timeframe="1d")
"""

from __future__ import annotations

from hyprl_lab.data.providers.arch import Arch
from hyprl_lab.data.providers.coingecko import CoinGecko
from hyprl_lab.data.providers.fetching import Patience
from hyprl_lab.data.providers.files import Files
from hyprl_lab.data.providers.provider import Moment, Provider
from hyprl_lab.data.providers.registry import get, register, unregister
from hyprl_lab.data.providers.registry import (
    names as list,  # noqa: A004 - hl.providers.list() is the name that stays
)
from hyprl_lab.data.providers.skfolio import Skfolio
from hyprl_lab.data.providers.synthetic import Synthetic

__all__ = [
    "Arch",
    "CoinGecko",
    "Files",
    "Moment",
    "Patience",
    "Provider",
    "Skfolio",
    "Synthetic",
    "get",
    "list",
    "register",
    "unregister",
]
