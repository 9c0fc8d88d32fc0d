"""How the lines of a cart are delivered: what travels, by which of the market's methods, and what is charged. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import attrs

from mktcore.addresses import Address
from mktcore.carts.cart import Cart, CartLine
from mktcore.carts.market_facts import MarketFacts
from mktcore.carts.simulation import PricedLine
from mktcore.channels import Channel
from mktcore.delivery import DeliveryMethod, DeliveryPlan, ExpectedShipment
from mktcore.delivery.delivery_plan import NO_DELIVERY, CarriageTerms, plan_delivery
from mktcore.delivery.expected_shipment import ExpectedPieces
from mktcore.delivery.parcel_item import ParcelItem, SplitParcels, split_by_merchant
from mktcore.delivery.parcel_size import ParcelSize, measure_piece
from mktcore.delivery.ports import AskQuotes, leave_unquoted
from mktcore.market_policy import MarketPolicy
from mktcore.money import Money

__all__ = ["BY_RATES", "DeliveryPolicy", "add_gifts", "deliver_lines", "find_methods", "send_to_points"]


@attrs.frozen(kw_only=True)
class DeliveryPolicy:
    """How a marketplace delivers.

    Attributes:
        split: What travels together.
        ask: Answers what parcels cost that no rate tells of.
    """

    split: SplitParcels = split_by_merchant
    ask: AskQuotes = leave_unquoted


BY_RATES = DeliveryPolicy()
"""By the rates of methods; what a gateway quotes is not to be had."""


def find_methods(facts: MarketFacts, channel: str | None, now: datetime) -> dict[str, DeliveryMethod]:
    """Return the delivery methods that can be chosen in a channel now, by id."""
    kept = facts.channels.find(channel)
    named = None if kept is None else kept.delivery_methods
    offered = (one for one in facts.delivery_methods if one.is_offered(channel, now))
    return {one.id: one for one in offered if named is None or one.id in named}


def send_to_points(cart: Cart, methods: Mapping[str, DeliveryMethod]) -> Cart:
    """Return a cart whose lines that are fetched go to where they are fetched: taxes depend on it."""
    lines = tuple(_send_to_point(cart, line, methods) for line in cart.lines)
    return cart if all(old is new for old, new in zip(cart.lines, lines, strict=True)) else cart.with_lines(lines)


def _send_to_point(cart: Cart, line: CartLine, methods: Mapping[str, DeliveryMethod]) -> CartLine:
    # A choice for one merchant's goods has no point: whose goods a line is, nobody knows yet.
    choice = line.delivery or cart.find_delivery(None)
    method = None if choice is None else methods.get(choice.method)
    point = None if method is None or choice is None else method.find_point(choice.point)
    return line if point is None else attrs.evolve(line, deliver_to=point.address)


def deliver_lines(
    cart: Cart,
    lines: Sequence[PricedLine],
    methods: Mapping[str, DeliveryMethod],
    *,
    facts: MarketFacts,
    subtotals: Mapping[str, Money],
    policy: MarketPolicy,
    delivery: DeliveryPolicy,
    now: datetime,
) -> DeliveryPlan:
    """Return how lines could be delivered, and how they are going to be.

    What is made when it is paid for does not travel, and goods whose shipping was quoted from outside are none of ours.

    Args:
        cart: As the buyer wants it: where it is, and not where it fetches goods.
        lines: Its lines that have an offer and a price.
        methods: Those that can be chosen.
        facts: What the marketplace has.
        subtotals: What lines cost before reductions, by key.
        policy: In which currency.
        delivery: How the marketplace delivers.
        now: The instant, UTC.
    """
    quoted = {expense.merchant for expense in cart.shipping}
    travelling = [one for one in lines if not one.offer.stock.issued and one.offer.merchant not in quoted]
    wanted = {line.key: line for line in cart.lines}
    items = [
        item
        for one in travelling
        for item in _to_items(
            one, subtotals[one.line.key], cart.find_destination(wanted[one.line.key]), cart=cart, now=now
        )
    ]
    channel: Channel | None = facts.channels.find(cart.context.channel)
    terms = CarriageTerms(
        methods=methods,
        currency=policy.currency,
        time_zone="UTC" if channel is None else channel.time_zone,
        optional=frozenset(facts.shipping_fees),
        split=delivery.split,
        ask=delivery.ask,
    )
    return plan_delivery(items, terms) if items else NO_DELIVERY


def _to_items(
    priced: PricedLine, value: Money, destination: Address | None, *, cart: Cart, now: datetime
) -> Iterator[ParcelItem]:
    """Yield a line's pieces, location by location."""
    line, merchant = priced.line, priced.offer.merchant
    grams, volume = measure_piece(priced.sku.weight, priced.sku.dimensions)
    places = _list_places(priced)
    # Most lines leave from one place, and nothing is to be apportioned.
    parts = (value,) if len(places) == 1 else value.allocate(list(places.values()))
    for (location, pieces), part in zip(places.items(), parts, strict=True):
        yield ParcelItem(
            line=line.key,
            merchant=merchant,
            quantity=pieces,
            size=ParcelSize(
                pieces,
                part,
                grams=None if grams is None else grams * pieces,
                cubic_centimetres=None if volume is None else volume * pieces,
            ),
            ready=now + timedelta(days=priced.handling_days),
            destination=destination,
            location=location,
            choice=line.delivery or cart.find_delivery(merchant),
        )


def _list_places(priced: PricedLine) -> Mapping[str, int]:
    """Return how many pieces leave from where; a kit leaves whole, from where its first part is."""
    if not priced.sources or priced.offer.stock.parts:
        return {priced.sources[0].location if priced.sources else "": priced.line.quantity}
    places: Counter[str] = Counter()
    for source in priced.sources:
        places[source.location] += source.quantity
    return places


def add_gifts(plan: DeliveryPlan, gifts: Sequence[PricedLine]) -> DeliveryPlan:
    """Return a plan in which gifts travel with the first shipment of their merchant, at no cost."""
    shipments = list(plan.shipments)
    for gift in gifts:
        merchant = gift.offer.merchant
        for position, shipment in enumerate(shipments):
            if shipment.of_merchant(merchant) is not None:
                shipments[position] = _add_gift(shipment, gift)
                break
    return attrs.evolve(plan, shipments=tuple(shipments))


def _add_gift(shipment: ExpectedShipment, gift: PricedLine) -> ExpectedShipment:
    nothing = Money.zero(shipment.cost.currency)
    added = ExpectedPieces(gift.line.key, gift.offer.merchant, gift.line.quantity, cost=nothing)
    return attrs.evolve(shipment, contents=(*shipment.contents, added))
