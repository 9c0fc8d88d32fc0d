"""Putting together what a marketplace is made of, from its settings."""

from collections.abc import Mapping

from mktcore.adapters.deadlines import call_within
from mktcore.adapters.jittered_pause import pause_with_jitter
from mktcore.clock import Clock
from mktcore.ids import IdFactory
from mktcore.market_policy import MarketPolicy
from mktcore.marketplace.settings import MarketplaceUnit, Settings
from mktcore.merchant_items import find_bindings
from mktcore.money import Currency, Rounding
from mktcore.offers import Offers, RefreshPolicy
from mktcore.offers.refresh.fetch_answers import FetchAnswers
from mktcore.offers.refresh.notifications import NoteChanges
from mktcore.orders import INTERACTION, MARKETPLACE_PROCESS, MERCHANT_PROCESS, OrderProcesses
from mktcore.persistence import Store
from mktcore.pricing import PRECEDENCE
from mktcore.processes import bind_portions
from mktcore.promotions import BY_PRIORITY
from mktcore.totals import RoundAt, RoundingProfile

__all__ = ["check_settings", "compose_offers", "compose_policy", "compose_processes"]


def check_settings(settings: Mapping[str, object]) -> None:
    """Refuse settings that are none: a keyword that is misspelt must not be lost.

    Raises:
        TypeError: It names them, and those there are.
    """
    unknown = settings.keys() - Settings.__annotations__
    if unknown:
        raise TypeError(f"no such setting: {', '.join(sorted(unknown))}; known: {', '.join(Settings.__annotations__)}")


def compose_policy(currency: str | Currency, settings: Settings) -> MarketPolicy:
    """Return how prices are stated, chosen and rounded."""
    return MarketPolicy(
        Currency.of(currency),
        settings.get("prices_include_tax", True),
        settings.get("profile") or RoundingProfile(at=RoundAt.LINE, mode=Rounding.HALF_UP),
        settings.get("promotions", BY_PRIORITY),
        settings.get("precedence", PRECEDENCE),
    )


def compose_processes() -> OrderProcesses:
    """Return the processes that ship, with their links."""
    return OrderProcesses(bind_portions(MARKETPLACE_PROCESS), bind_portions(MERCHANT_PROCESS), INTERACTION)


def compose_offers(
    store: Store[MarketplaceUnit], clock: Clock, ids: IdFactory, policy: MarketPolicy, settings: Settings
) -> Offers:
    """Return the use cases of offers; without a merchant gateway they fetch nothing."""
    bindings = settings.get("bindings", find_bindings)
    gateway = settings.get("merchant_gateway")
    refreshing = None
    if gateway is not None:
        how = settings.get("refreshing", RefreshPolicy())
        asking = (bindings, gateway, call_within, how, pause_with_jitter)
        refreshing = FetchAnswers(store, clock, ids, policy.currency, *asking)
    notifying = NoteChanges(store, clock, bindings, pause_with_jitter)
    return Offers(store, clock, notifying, refreshing, pause_with_jitter)
