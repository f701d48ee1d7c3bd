"""Dependencies of the routes, as `Annotated` aliases."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader

from api.auth import Account, authenticate
from api.body import json_body
from api.catalogue import Catalogue
from api.context import forbid_store
from api.metering import Meter
from api.schemas import PredictRequest, SummaryRequest
from api.settings import Settings
from api.state import Lab
from hyprl_lab.store import Warehouse

__all__ = [
    "CurrentAccount",
    "CurrentCatalogue",
    "CurrentLab",
    "CurrentMeter",
    "CurrentSettings",
    "CurrentWarehouse",
    "PredictBody",
    "SummaryBody",
]

_header = APIKeyHeader(
    name="X-API-Key", auto_error=False, description="`hyprl token create` issues one."
)


def _lab(request: Request) -> Lab:
    lab: Lab = request.app.state.lab
    return lab


CurrentLab = Annotated[Lab, Depends(_lab)]


def _account(
    request: Request, lab: CurrentLab, key: Annotated[str | None, Security(_header)]
) -> Account:
    forbid_store(request.scope)
    if len(request.headers.getlist(_header.model.name)) > 1:
        key = None  # which of them is meant can't be known
    account = authenticate(key, database=lab.database, peppers=lab.peppers)
    lab.meter.admit(request.scope, account)
    return account


def _settings(lab: CurrentLab) -> Settings:
    return lab.settings


def _meter(lab: CurrentLab) -> Meter:
    return lab.meter


def _catalogue(lab: CurrentLab) -> Catalogue:
    return lab.catalogue


def _warehouse(lab: CurrentLab) -> Warehouse:
    return lab.warehouse


CurrentAccount = Annotated[Account, Depends(_account)]
CurrentSettings = Annotated[Settings, Depends(_settings)]
CurrentMeter = Annotated[Meter, Depends(_meter)]
CurrentCatalogue = Annotated[Catalogue, Depends(_catalogue)]
CurrentWarehouse = Annotated[Warehouse, Depends(_warehouse)]
PredictBody = Annotated[PredictRequest, Depends(json_body(PredictRequest))]
SummaryBody = Annotated[SummaryRequest, Depends(json_body(SummaryRequest))]
