"""Putting together what a marketplace is made of, from its settings."""

from collections.abc import Iterable, Mapping
from importlib import import_module

from mktcore.adapters.deadlines import call_within
from mktcore.adapters.memory import MemoryStore
from mktcore.errors import MissingExtra
from mktcore.market_policy import MarketPolicy
from mktcore.marketplace.settings import Settings
from mktcore.merchant_items import find_bindings
from mktcore.money import Currency, Rounding
from mktcore.offers import Offers, RefreshPolicy
from mktcore.offers.refresh.fetch_answers import FetchAnswers
from mktcore.offers.refresh.notifications import NoteChanges
from mktcore.orders import INTERACTION, MARKETPLACE_PROCESS, MERCHANT_PROCESS, OrderProcesses
from mktcore.persistence import Store
from mktcore.persistence.stored import Stored, join_stored, list_kinds
from mktcore.ports import STORED
from mktcore.pricing import PRECEDENCE
from mktcore.processes import bind_portions
from mktcore.promotions import BY_PRIORITY
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.totals import RoundAt, RoundingProfile
from mktcore.wire import REGISTRY, Codec

__all__ = ["IN_MEMORY", "check_settings", "compose_offers", "compose_policy", "compose_processes", "open_store"]

IN_MEMORY = "memory://"


def open_store(
    url: str, stored: Iterable[Stored], *, prefix: str = "mktcore_", schema: str | None = None
) -> Store[MarketUnit]:
    """Open the store at a URL, for what this library stores and what a host declares beside it.

    Args:
        url: As `Marketplace.open` takes it.
        stored: What the host declares.
        prefix: Begins the name of every table and index; nothing in memory.
        schema: PostgreSQL's schema that they lie in; nothing elsewhere.

    Raises:
        StoredRefused: The host's declarations cannot stand beside those there are.
        MissingExtra: The extra `sql` is not installed.
        UnsupportedDatabase: The URL is of another database, or none.
        DatabaseUnreachable: The database lets nobody in.
    """
    own = tuple(stored)
    kinds = list_kinds(join_stored(STORED, own))
    if url == IN_MEMORY:
        return MemoryStore(kinds)
    # SQLAlchemy is an extra, and loading it takes longer than all of mktcore: only who opens a database pays.
    try:
        sql = import_module("mktcore.adapters.sql")
    except ModuleNotFoundError as error:
        raise MissingExtra("sql", str(error.name)) from error
    # A registry of its own: what one host stores is nothing to another marketplace of the same process.
    store: Store[MarketUnit] = sql.SqlStore.open(
        url, kinds, codec=Codec(REGISTRY.join(own)), prefix=prefix, schema=schema
    )
    return store


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
    return OrderProcesses(bind_portions(MARKETPLACE_PROCESS), bind_portions(MERCHANT_PROCESS), INTERACTION)


def compose_offers(runtime: Runtime[MarketUnit], currency: Currency, settings: Settings) -> Offers:
    """Return the use cases of offers; without a merchant gateway they fetch nothing."""
    bindings = settings.get("bindings", find_bindings)
    gateway = settings.get("merchant_gateway")
    answers = None
    if gateway is not None:
        policy = settings.get("refreshing", RefreshPolicy())
        answers = FetchAnswers(runtime, currency, bindings=bindings, gateway=gateway, within=call_within, policy=policy)
    return Offers(runtime, NoteChanges(runtime, bindings), answers)
