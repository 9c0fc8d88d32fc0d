"""Everything that tells what of some SKUs can be had now, by whom and for how much: read in a few calls for all."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

import attrs

from mktcore.carts.asked_pieces import AskedPieces
from mktcore.carts.candidates import CandidateBuilder
from mktcore.carts.cart import CartLine
from mktcore.carts.gross_and_net_prices import StatedPrices
from mktcore.carts.load_facts import gather_parts, gather_taxes, gather_terms
from mktcore.carts.market_facts import MarketFacts
from mktcore.catalog import Sku
from mktcore.catalog.inherited_goods import gather_natures
from mktcore.channels import ChannelBook, gather_channels
from mktcore.delivery import SHIPPING_FEES
from mktcore.market_policy import MarketPolicy, find_entered_mode
from mktcore.offers import OFFERS, BuyBox, BuyBoxPolicy, Offer, choose_offer
from mktcore.offers.buybox.candidate import ChoiceOccasion, OfferCandidate
from mktcore.offers.choose_stock_places import AvailableStock
from mktcore.parties import gather_eligibility
from mktcore.pricing import PriceBook, gather_prices
from mktcore.sales_context import SalesContext
from mktcore.stock import MarketUnit
from mktcore.storefront.entry import StorefrontEntry
from mktcore.storefront.listing_filter import ListingFilter
from mktcore.taxes import NO_TAXES

__all__ = ["EntryMaker", "Shelf", "find_offers", "gather_entries", "prepare_entries"]

_MOST_PIECES = 10**9
"""What a line of a cart can ask for."""


@attrs.frozen(kw_only=True)
class Shelf:
    """For whom and how entries are made.

    Attributes:
        context: For whom, as asked; without a buyer, for a visitor.
        priced_for: For whom prices are read: without a user for whom the caller does not speak.
        policy: The market's currency, and the order of rules.
        buy_box: How the leading offer is chosen.
        now: The instant, UTC.
        channels: The sales channels that entries are made for; the context's own where none are named.
    """

    context: SalesContext
    priced_for: SalesContext
    policy: MarketPolicy
    buy_box: BuyBoxPolicy
    now: datetime
    channels: tuple[str | None, ...] = ()

    def list_channels(self) -> tuple[str | None, ...]:
        """Return the channels that entries are made for."""
        return self.channels or (self.context.channel,)


def find_offers(unit: MarketUnit, skus: Iterable[str]) -> dict[str, list[Offer]]:
    """Return all offers that are valid at some time, by SKU, in the order of their ids."""
    offers: dict[str, list[Offer]] = {}
    for offer in unit.repository(OFFERS).find_where("sku", set(skus)):
        offers.setdefault(offer.sku, []).append(offer)
    return offers


def gather_entries(
    unit: MarketUnit, shelf: Shelf, skus: Sequence[Sku], *, offers: Mapping[str, Sequence[Offer]], asked: ListingFilter
) -> dict[str, StorefrontEntry]:
    """Return the entries of SKUs that somebody sells and that are asked for, by SKU; as `prepare_entries`."""
    maker = prepare_entries(unit, shelf, skus, offers=offers, asked=asked)
    entries = [maker.make(sku) for sku in skus]
    return {one.sku.id: one for one in entries if one is not None and _is_asked(one, asked)}


def prepare_entries(
    unit: MarketUnit, shelf: Shelf, skus: Sequence[Sku], *, offers: Mapping[str, Sequence[Offer]], asked: ListingFilter
) -> "EntryMaker":
    """Load what the entries of SKUs are made of, and return what makes them.

    Args:
        unit: Under the operator's authority.
        shelf: For whom.
        skus: What the caller is shown.
        offers: Theirs, by SKU.
        asked: Which entries.
    """
    natures = gather_natures(unit, skus)
    taken = {sku.id: sku for sku in skus if asked.takes_goods(sku, natures.find(sku))}
    sold = {sku: offers[sku] for sku in taken if sku in offers}
    gates = {sku: natures.find(taken[sku]).list_gates() for sku in sold}
    products = {sku.product for sku in taken.values() if sku.product is not None}
    channels = gather_channels(unit, shelf.list_channels(), [sku.product_id for sku in taken.values()])
    found = _gather_facts(unit, shelf, sold, gates=gates, products=products, channels=channels)
    facts = attrs.evolve(found, skus=taken, natures=natures)
    if facts.prices.states_tax:
        goods = [natures.find(taken[sku]) for sku in sold]
        taxes, buyer_tax = gather_taxes(unit, goods, buyer=shelf.context.buyer)
        facts = attrs.evolve(facts, taxes=taxes, buyer_tax=buyer_tax)
    return EntryMaker(shelf, facts, stock=AvailableStock.of(facts.levels.values(), facts.list_stocked()), offers=sold)


def _is_asked(entry: StorefrontEntry, asked: ListingFilter) -> bool:
    candidates = entry.box.candidates
    return (
        (asked.merchant is None or any(one.offer.merchant == asked.merchant for one in candidates))
        and (asked.condition is None or any(one.offer.condition is asked.condition for one in candidates))
        and (asked.is_available is None or asked.is_available is entry.is_available())
        and asked.takes_price(entry.price)
    )


def _gather_facts(
    unit: MarketUnit,
    shelf: Shelf,
    sold: Mapping[str, Sequence[Offer]],
    *,
    gates: Mapping[str, tuple[str, ...]],
    products: AbstractSet[str],
    channels: ChannelBook,
) -> MarketFacts:
    """Load what simulating a cart would of these offers, in as many calls however many they are, and none for none."""
    offers = {offer.id: offer for group in sold.values() for offer in group}
    if not offers:
        return MarketFacts(skus={}, offers={}, prices=PriceBook([]), levels={}, taxes=NO_TAXES, shipping_fees={})
    parts = gather_parts(unit, offers)
    skus = {offer.sku for offer in offers.values()}
    # What a kit is made of may be recalled too.
    gated = {**{offer.sku: () for offer in parts.values()}, **gates}
    stocked = [offer for offer in (*offers.values(), *parts.values()) if offer.stock.counted]
    merchants = {offer.merchant for offer in offers.values()}
    defaults = {offer.id: offer.schedule for offer in offers.values()}
    precedence = shelf.policy.precedence
    return MarketFacts(
        skus={},
        offers=offers,
        prices=gather_prices(
            unit,
            skus,
            shelf.priced_for,
            defaults=defaults,
            products=products,
            precedence=precedence,
            now=shelf.now,
            includes_tax=find_entered_mode(shelf.policy, channels),
        ),
        levels=unit.stock.find_levels([item for offer in stocked for item in offer.stock_items]),
        taxes=NO_TAXES,
        shipping_fees=unit.repository(SHIPPING_FEES).find_many(merchants),
        eligibility=gather_eligibility(unit, shelf.context.buyer or "", None, merchants=merchants, products=gated),
        parts=parts,
        terms=gather_terms(unit, offers, merchants),
        channels=channels,
    )


@attrs.frozen
class EntryMaker:
    """Makes one entry after the other: each SKU as if it alone were in a cart.

    Attributes:
        shelf: For whom.
        facts: What the marketplace has of the offers.
        stock: What can be had of them.
        offers: By SKU; of other SKUs there are no entries.
    """

    shelf: Shelf
    facts: MarketFacts
    stock: AvailableStock = attrs.field(kw_only=True)
    offers: Mapping[str, Sequence[Offer]] = attrs.field(kw_only=True)
    _stating: StatedPrices = attrs.field(init=False, repr=False)

    @_stating.default
    def _state_prices(self) -> StatedPrices:
        # Nobody knows yet where the goods go.
        return StatedPrices.of(self._policy, deliver_to=None)

    @property
    def _policy(self) -> MarketPolicy:
        """How prices are stated where the caller shops."""
        return self.shelf.policy.in_channel(self.facts.channels.find(self.shelf.context.channel))

    def in_channel(self, channel: str | None) -> "EntryMaker":
        """Return the same for another sales channel: what was loaded is of all."""
        context = attrs.evolve(self.shelf.context, channel=channel)
        return attrs.evolve(self, shelf=attrs.evolve(self.shelf, context=context))

    def make(self, sku: Sku) -> StorefrontEntry | None:
        """Return a SKU's entry; None where nobody sells it to this caller."""
        now = self.shelf.now
        sold = [
            offer
            for offer in self.offers.get(sku.id, ())
            if offer.valid.contains(now) and self.facts.find_refusal(offer, now) is None
        ]
        box = self._choose(sku, sold, 1)
        quantity = 1 if box.winner is not None else self._find_least(box)
        if quantity > 1:
            box = self._choose(sku, sold, quantity)
        if not box.candidates:
            return None
        nature, context = self.facts.natures.find(sku), self.shelf.context
        return StorefrontEntry(sku, nature, box, quantity=quantity, context=context)

    def _choose(self, sku: Sku, offers: Sequence[Offer], quantity: int) -> BuyBox:
        line = CartLine("shelf", sku.id, quantity)
        builder = CandidateBuilder(
            context=self.shelf.context,
            facts=self.facts,
            currency=self._policy.currency,
            now=self.shelf.now,
            stock=self.stock,
            pieces=AskedPieces.of_one(line, sku.product_id),
            stating=self._stating,
        )
        nature = self.facts.natures.find(sku)
        built = [builder.build(offer, line, nature) for offer in offers]
        # What cannot win changes nothing for the others, so that it may be left out before.
        occasion = ChoiceOccasion(self.shelf.now, self.shelf.context.buyer or "")
        return choose_offer([one for one in built if self._is_shown(one)], self.shelf.buy_box, occasion)

    def _is_shown(self, candidate: OfferCandidate) -> bool:
        """Tell whether it is sold here, be it not now.

        Of a caller who names no channel it is not known where it shops: it is told where an offer is sold.
        """
        is_elsewhere = any(one.code == "not-in-channel" for one in candidate.refusals)
        return not candidate.is_confidential() and not (is_elsewhere and self.shelf.context.channel is not None)

    @staticmethod
    def _find_least(box: BuyBox) -> int:
        """Return the least pieces that one of the offers is sold in which one piece is too few for."""
        bounds = [one.offer.minimum for one in box.candidates if {no.code for no in one.refusals} == {"below-minimum"}]
        return min([bound for bound in bounds if bound <= _MOST_PIECES], default=1)
