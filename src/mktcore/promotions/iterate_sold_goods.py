"""Everything that is sold, as promotions look at it: read a thousand offers at a time."""

from collections.abc import Iterator, Sequence
from itertools import islice

from mktcore.catalog import SKUS
from mktcore.catalog.inherited_goods import gather_natures
from mktcore.money import Currency, Money
from mktcore.offers import OFFERS, Offer
from mktcore.persistence import Repositories
from mktcore.promotions.promotion_line import PromotionLine
from mktcore.totals import Line

__all__ = ["iterate_goods"]

_AT_ONCE = 1000


def iterate_goods(unit: Repositories, currency: Currency, merchant: str | None = None) -> Iterator[PromotionLine]:
    """Yield a line of nothing for each offer, of one merchant or of all, with what the catalogue says of its goods.

    Args:
        unit: Under the operator's authority.
        currency: The market's.
        merchant: Whose offers; None for all.
    """
    offers = iter(unit.repository(OFFERS).stream({} if merchant is None else {"merchant": merchant}))
    while batch := list(islice(offers, _AT_ONCE)):
        yield from _to_lines(unit, batch, currency)


def _to_lines(unit: Repositories, offers: Sequence[Offer], currency: Currency) -> Iterator[PromotionLine]:
    skus = unit.repository(SKUS).find_many({offer.sku for offer in offers})
    natures = gather_natures(unit, skus.values())
    for offer in offers:
        if offer.sku in skus:
            nature = natures.find(skus[offer.sku])
            yield PromotionLine(
                Line(offer.id, offer.merchant, Money.zero(currency)),
                offer.sku,
                category=nature.category,
                brand=nature.brand,
                attributes=nature.attributes,
                ancestors=nature.ancestors,
            )
