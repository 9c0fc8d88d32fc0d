"""The contexts of parties: who is asked of whom, joined across rooms that do not know each other."""

from datetime import datetime

from mktcore.access import Access
from mktcore.marketplace.settings import Settings
from mktcore.offers import OFFERS
from mktcore.parties import Activity, Onboarding
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.parties.onboarding.requirements import DEFAULT_REQUIREMENTS, FIRST_OFFERS
from mktcore.parties.relations.sellers import find_merchants
from mktcore.persistence import Repositories, Scope
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit

__all__ = ["compose_access", "compose_onboarding"]


def compose_access(runtime: Runtime[MarketUnit]) -> Access:
    """Return the use cases of users and roles, which learn whom a buyer can order from, and who may keep users."""
    return Access(runtime, find_merchants, _check_life)


def compose_onboarding(runtime: Runtime[MarketUnit], settings: Settings) -> Onboarding:
    """Return the use cases of merchants' lives; whether a merchant has offers is asked of those."""
    # Onboarding stands below offers: what it asks of them is handed in.
    requirements = settings.get("requirements", DEFAULT_REQUIREMENTS)
    return Onboarding(runtime, requirements, {FIRST_OFFERS: _has_offers})


def _check_life(unit: Repositories, scope: Scope, now: datetime) -> None:
    check_caller(unit, scope, Activity.EDIT, now=now)


def _has_offers(unit: Repositories, merchant: str) -> bool:
    return bool(unit.repository(OFFERS).page({"merchant": merchant}, limit=1).items)
