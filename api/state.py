"""What one app holds while it runs."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from api.accounts import Database
from api.auth import Peppers, load_peppers
from api.catalogue import Catalogue
from api.credits import Credits
from api.metering import Meter
from api.rate_limits import MinuteLimiter
from hyprl_lab.errors import LabError
from hyprl_lab.store import Warehouse

if TYPE_CHECKING:
    from api.metrics import Metrics
    from api.settings import Settings

__all__ = ["Lab"]

logger = logging.getLogger("hyprl.api")


@dataclass(frozen=True, slots=True)
class Lab:
    """The open resources of a running app."""

    settings: Settings
    database: Database
    peppers: Peppers
    meter: Meter
    catalogue: Catalogue
    warehouse: Warehouse
    metrics: Metrics

    @classmethod
    def open(cls, settings: Settings, *, metrics: Metrics) -> Lab:
        """Open the warehouse and the accounts and load the pepper.

        The accounts' migrations are run before.

        Raises
        ------
        ConfigError
            `HYPRL_CONTROL_URL` or `HYPRL_DATABASE_URL` names a database that the warehouse can't
            use, or that of another home.
        """
        warehouse = Warehouse(settings.folder)
        warehouse.control  # noqa: B018  # open it now: a wrong address is said at the start
        database = Database(settings.accounts_url)
        meter = Meter(credits_=Credits(database), minutes=MinuteLimiter(settings), metrics=metrics)
        return cls(
            settings=settings,
            database=database,
            peppers=load_peppers(settings),
            meter=meter,
            catalogue=Catalogue(settings),
            warehouse=warehouse,
            metrics=metrics,
        )

    def checks(self) -> dict[str, str]:
        """Return how each thing the server stands on is: `ok`, `failed`, or a note."""
        return {"store": self._store(), "signer": self._signer(), "worker": "none: no jobs yet"}

    def close(self) -> None:
        """Refund cut-off work, flush the ledger, and close both databases."""
        self.meter.close()
        self.warehouse.close()
        self.database.close()

    def _store(self) -> str:
        try:
            self.database.ping()
        except SQLAlchemyError as error:
            logger.exception("the accounts database is not usable", exc_info=error)
            return "failed"
        return "ok"

    def _signer(self) -> str:
        try:
            count = len(self.catalogue.public())
        except (LabError, OSError) as error:
            logger.exception("the promoted presets can't be verified", exc_info=error)
            return "failed"
        return f"ok: {count} public presets verified"
