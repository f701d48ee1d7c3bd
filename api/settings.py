"""Settings of the API, read once from the environment (prefix `HYPRL_`)."""

import os
import re
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from hyprl_lab.errors import ConfigError

__all__ = ["GATE_STRENGTH", "GateName", "Quota", "Settings"]

GateName = Literal["strict", "research", "demo"]

GATE_STRENGTH: Final[dict[str, int]] = {"demo": 0, "research": 1, "strict": 2}
"""Gate profiles from the weakest to the strongest."""

MAX_COST: Final = 1_000_000
_ORIGIN: Final = re.compile(r"https?://(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


class Quota(BaseModel):
    """What a tier may use: credits a UTC day, calls a minute, metered calls a UTC day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    credits_daily: int = Field(ge=0)
    max_rpm: int = Field(ge=1)
    max_rpd: int = Field(ge=1)


def _default_quotas() -> dict[str, Quota]:
    return {
        "free": Quota(credits_daily=50, max_rpm=60, max_rpd=1_000),
        "pro": Quota(credits_daily=2_000, max_rpm=300, max_rpd=20_000),
        "desk": Quota(credits_daily=50_000, max_rpm=1_200, max_rpd=200_000),
    }


class Settings(BaseSettings):
    """Settings of one server process; secrets are never printed.

    Every field is an environment variable: `HYPRL_PORT=9000`, `HYPRL_MIN_GATE=research`.

    Raises
    ------
    pydantic.ValidationError
        A value is out of range, `*` is among the CORS origins, or more than one worker would
        count calls a minute in separate memories.

    Examples
    --------
    >>> Settings(port=9000).port
    9000
    >>> Settings(key_pepper="a pepper of at least 32 characters").key_pepper
    SecretStr('**********')
    """

    model_config = SettingsConfigDict(
        env_prefix="HYPRL_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    home: Path | None = None
    database_url: SecretStr | None = None
    redis_url: SecretStr | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    workers: int = Field(default=1, ge=1, le=64)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()

    key_pepper: SecretStr | None = Field(default=None, min_length=32)
    key_pepper_previous: tuple[Annotated[SecretStr, Field(min_length=32)], ...] = ()

    min_gate: GateName = "strict"
    quotas: dict[str, Quota] = Field(default_factory=_default_quotas)
    cost_predict: int = Field(default=1, ge=0, le=MAX_COST)
    cost_backtest_summary: int = Field(default=5, ge=0, le=MAX_COST)

    max_body_bytes: int = Field(default=2_000_000, ge=1)
    max_json_depth: int = Field(default=32, ge=1, le=200)
    max_bars: int = Field(default=20_000, ge=1)

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("cors_origins")
    @classmethod
    def _exact_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"CORS origin {origin!r} is not an exact origin (scheme://host[:port]) such as "
                    "https://desk.example; "
                    "list the origins one by one in HYPRL_CORS_ORIGINS"
                )
        return value

    @model_validator(mode="after")
    def _one_memory(self) -> Self:
        workers = max(self.workers, int(os.environ.get("WEB_CONCURRENCY") or 1))
        if workers > 1 and self.redis_url is None:
            raise ValueError(
                f"{workers} workers would each count calls a minute in a memory of their own; "
                "set HYPRL_REDIS_URL, or run one worker"
            )
        return self

    @property
    def folder(self) -> Path:
        """The folder that holds accounts, keys and presets (`HYPRL_HOME`)."""
        if self.home is not None:
            return self.home
        from hyprl_lab.store import home

        return home()

    @property
    def accounts_url(self) -> str:
        """The SQLAlchemy URL of the accounts database."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.folder / 'accounts.db'}"

    def quota(self, tier: str) -> Quota:
        """Return what `tier` may use.

        Raises
        ------
        ConfigError
            No such tier.
        """
        if tier not in self.quotas:
            raise ConfigError(f"no tier {tier!r}; HYPRL_QUOTAS knows {sorted(self.quotas)}")
        return self.quotas[tier]
