"""`hyprl serve`: the API under uvicorn."""

from typing import Annotated

import typer

from hyprl_lab.cli.options import AsJson
from hyprl_lab.cli.output import emit
from hyprl_lab.cli.settings import api_settings

__all__ = ["serve"]


def serve(
    host: Annotated[str | None, typer.Option(help="Default: HYPRL_HOST, or 127.0.0.1.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Default: HYPRL_PORT, or 8000.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Serve the API until stopped (Ctrl-C, SIGTERM).

    Every other setting is an environment variable with the prefix HYPRL_.
    """
    import api

    settings = api_settings()
    address = host or settings.host
    number = settings.port if port is None else port
    emit(
        {
            "url": f"http://{address}:{number}",
            "home": settings.folder,
            "min_gate": settings.min_gate,
        },
        as_json=as_json,
    )
    api.serve(settings, host=address, port=number)
