"""The world outside of every decision: the store, the time, and how to wait."""

import time

from mktcore.adapters.jittered_pause import pause_with_jitter
from mktcore.adapters.system import SystemIds
from mktcore.clock import Clock
from mktcore.marketplace.settings import Settings
from mktcore.persistence import Store
from mktcore.persistence.retry_policy import RetryPolicy
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.telemetry import WatchedStore

__all__ = ["compose_runtime"]


def compose_runtime(store: Store[MarketUnit], clock: Clock, settings: Settings) -> Runtime[MarketUnit]:
    """Return what every use case is given; the store's calls are counted only where somebody watches."""
    observer = settings.get("observer")
    return Runtime(
        store if observer is None else WatchedStore(store),
        clock,
        settings.get("ids") or SystemIds(),
        pause=pause_with_jitter,
        retries=settings.get("retry") or RetryPolicy(),
        timer=time.monotonic,
        observer=observer,
    )
