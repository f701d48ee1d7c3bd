"""`/health` and `/ready`."""

from typing import Literal

from api.schemas.common import Reply

__all__ = ["Alive", "Ready"]


class Alive(Reply):
    """The process answers."""

    status: Literal["ok"]
    version: str


class Ready(Reply):
    """What the server stands on."""

    status: Literal["ready"]
    checks: dict[str, str]
