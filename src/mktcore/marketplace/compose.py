"""Putting together what a marketplace is made of, from its settings."""

from collections.abc import Mapping

from mktcore.adapters.deadlines import call_within
from mktcore.market_policy import MarketPolicy
from mktcore.marketplace.settings import Settings
from mktcore.merchant_items import find_bindings
from mktcore.money import Currency, Rounding
from mktcore.offers import Offers, RefreshPolicy
from mktcore.offers.refresh.fetch_answers import FetchAnswers
from mktcore.offers.refresh.notifications import NoteChanges
from mktcore.orders import INTERACTION, MARKETPLACE_PROCESS, MERCHANT_PROCESS, OrderProcesses
from mktcore.pricing import PRECEDENCE
from mktcore.processes import bind
from mktcore.promotions import BY_PRIORITY
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
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
        promotions=settings.get("promotions", BY_PRIORITY),
        precedence=settings.get("precedence", PRECEDENCE),
    )


def compose_processes() -> OrderProcesses:
    """Return the processes that ship, with their links."""
    return OrderProcesses(bind(MARKETPLACE_PROCESS), bind(MERCHANT_PROCESS), INTERACTION)


def compose_offers(runtime: Runtime[MarketUnit], currency: Currency, settings: Settings) -> Offers:
    """Return the use cases of offers; without a merchant gateway they fetch nothing."""
    bindings = settings.get("bindings", find_bindings)
    gateway = settings.get("merchant_gateway")
    answers = None
    if gateway is not None:
        policy = settings.get("refreshing", RefreshPolicy())
        answers = FetchAnswers(runtime, currency, bindings=bindings, gateway=gateway, within=call_within, policy=policy)
    return Offers(runtime, NoteChanges(runtime, bindings), answers)
