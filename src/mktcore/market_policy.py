"""The marketplace's policy on money, pinned on each order."""

from typing import ClassVar

import attrs

from mktcore.channels import Channel, ChannelBook
from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.money import Currency
from mktcore.persistence import Kind, Repositories, WritingUnit
from mktcore.persistence.kinds import EVERY_USER
from mktcore.pricing import PRECEDENCE, Precedence
from mktcore.promotions import BY_PRIORITY, PromotionPolicy
from mktcore.totals import RoundingProfile

__all__ = [
    "PRICE_TERMS",
    "MarketPolicy",
    "PriceTerms",
    "PriceTermsConflict",
    "find_entered_mode",
    "find_price_terms",
    "pin_price_terms",
]

_ONLY_ID = "price-terms"
"""There is one record."""


@attrs.frozen
class MarketPolicy:
    """How this marketplace states and rounds its prices.

    Attributes:
        currency: The currency of its prices.
        prices_include_tax: Whether prices, fees and reductions contain their tax.
        profile: Where and how totals are rounded.
        promotions: How promotions are chosen where not all combine.
        precedence: By which rules one of several prices applies.
    """

    currency: Currency
    prices_include_tax: bool
    profile: RoundingProfile
    promotions: PromotionPolicy = attrs.field(default=BY_PRIORITY, kw_only=True)
    precedence: Precedence = attrs.field(default=PRECEDENCE, kw_only=True)

    def in_channel(self, channel: Channel | None) -> "MarketPolicy":
        """Return the policy as a channel states prices: with tax or without, in its currency."""
        if channel is None:
            return self
        included = self.prices_include_tax if channel.prices_include_tax is None else channel.prices_include_tax
        return attrs.evolve(self, currency=channel.currency, prices_include_tax=included)


def find_entered_mode(policy: MarketPolicy, channels: ChannelBook) -> bool | None:
    """Return what schedules that do not say contain where a channel states prices otherwise; None where none does.

    They were entered as the marketplace states its prices, and are restated for the channel.
    """
    modes = {channel.prices_include_tax for channel in channels.channels.values()} - {None, policy.prices_include_tax}
    return policy.prices_include_tax if modes else None


@attrs.frozen
class PriceTerms:
    """What every stored price of a marketplace means; it never changes while there are prices.

    Attributes:
        currency: The currency of its prices.
        prices_include_tax: Whether they contain their tax.
        id: There is one record.
        version: How often it was stored.
    """

    currency: Currency
    prices_include_tax: bool
    id: str = attrs.field(default=_ONLY_ID, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)


PRICE_TERMS = Kind("price_terms", PriceTerms, public=True, reads=EVERY_USER)


@attrs.define(eq=False, slots=False)
class PriceTermsConflict(MktcoreError):
    """A store whose prices were stored in another currency, or with tax where they are now without."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "market.price-terms-conflict"
    remedy: ClassVar[str] = "open it as it was opened first; another currency or tax mode needs another store"
    stored: PriceTerms
    asked: PriceTerms

    def describe(self) -> str:
        """Name both."""
        return f"the store's prices are {_describe(self.stored)}, not {_describe(self.asked)}"


def _describe(terms: PriceTerms) -> str:
    return f"{terms.currency} {'with' if terms.prices_include_tax else 'without'} tax"


def find_price_terms(unit: Repositories) -> PriceTerms | None:
    """Return what a store's prices mean; None where it has been opened by no marketplace."""
    return unit.repository(PRICE_TERMS).find(_ONLY_ID)


def pin_price_terms(unit: WritingUnit, policy: MarketPolicy) -> None:
    """Store what the marketplace's prices mean when it is new, or check that it still is what they mean.

    Raises:
        PriceTermsConflict: The store was opened with other terms before.
        UniqueViolation: Another process pins them at the same time: try again.
    """
    asked = PriceTerms(policy.currency, policy.prices_include_tax)
    stored = find_price_terms(unit)
    if stored is None:
        unit.repository(PRICE_TERMS).add(asked)
        unit.commit()
    # Without its version, which says how often it was stored and not what prices mean.
    elif attrs.evolve(stored, version=0) != asked:
        raise PriceTermsConflict(stored, asked)
