"""One module a resource: a route parses, calls the library, shapes the reply."""

from api.routes import backtest, health, predict, presets, usage

__all__ = ["ROUTERS"]

ROUTERS = (
    health.router,
    predict.router,
    backtest.router,
    usage.router,
    presets.router,
)
