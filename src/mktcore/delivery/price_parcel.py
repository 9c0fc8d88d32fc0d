"""What a parcel costs by a method, when it arrives, and whose part of the cost is how much. Pure."""

from collections.abc import Sequence
from fractions import Fraction

import attrs

from mktcore.addresses import Address
from mktcore.delivery.delivery_method import DeliveryMethod
from mktcore.delivery.delivery_rate import find_rate
from mktcore.delivery.parcel_item import ParcelItem
from mktcore.delivery.parcel_size import ParcelSize
from mktcore.delivery.ports import AnsweredQuotes, ParcelQuery
from mktcore.delivery.transit_time import Arrival, TransitTime, estimate_arrival
from mktcore.gateways import Declined, Succeeded, Unknown
from mktcore.money import Currency, Money
from mktcore.notice import Notice

__all__ = ["PricedParcel", "apportion_cost", "price_parcel", "to_query"]


@attrs.frozen
class PricedParcel:
    """A parcel as a method carries it.

    Attributes:
        cost: What it costs.
        arrival: When it arrives; None where nobody says.
    """

    cost: Money
    arrival: Arrival | None


def to_query(method: DeliveryMethod, items: Sequence[ParcelItem]) -> ParcelQuery:
    """Return how a gateway is asked for a parcel's cost."""
    destination = items[0].destination
    return ParcelQuery(
        min(item.merchant for item in items),
        method.id,
        None if destination is None else destination.to_destination(),
        location=items[0].location,
        size=ParcelSize.sum([item.size for item in items]),
    )


def price_parcel(
    method: DeliveryMethod,
    items: Sequence[ParcelItem],
    *,
    quotes: AnsweredQuotes,
    currency: Currency,
    time_zone: str,
) -> PricedParcel | Notice:
    """Return what a parcel costs by a method, or why the method does not carry it.

    Args:
        method: The method.
        items: What is in the parcel: at least one.
        quotes: What the gateway answered, by the key of its query.
        currency: The channel's.
        time_zone: The channel's: the clocks of methods that have none of their own.
    """
    transit = method.transit
    cost: Money | Notice
    if method.is_quoted:
        answer = quotes.get(to_query(method, items).key, Unknown("nobody was asked"))
        if not isinstance(answer, Succeeded):
            return _tell_unquoted(method, answer)
        cost, transit = answer.value.amount, answer.value.transit or transit
    else:
        cost = _charge(method, ParcelSize.sum([item.size for item in items]), items[0].destination)
    if isinstance(cost, Notice):
        return cost
    if cost.currency != currency:
        return _tell(method, "delivery-other-currency", f"{method.name} is not charged in {currency}")
    return PricedParcel(cost, _estimate(method, items, transit, time_zone=time_zone))


def apportion_cost(method: DeliveryMethod, items: Sequence[ParcelItem], cost: Money) -> tuple[Money, ...]:
    """Return each item's part of what its parcel costs: by what the method's rates go by, else by pieces.

    The parts sum to the cost, and no part is a minor unit or more away from its share.
    """
    measures = [method.basis.measure(item.size) for item in items]
    known = [Fraction() if one is None else one for one in measures]
    # What weighs nothing, or nobody knows how much, is counted.
    is_measured = None not in measures and any(known)
    return cost.allocate(known if is_measured else [item.quantity for item in items])


def _charge(method: DeliveryMethod, size: ParcelSize, destination: Address | None) -> Money | Notice:
    measure = method.basis.measure(size)
    if measure is None:
        message = f"{method.name} goes by {method.basis}, which nobody told of these goods"
        return _tell(method, "delivery-unmeasured", message)
    rate = find_rate(method.rates, measure, destination)
    if rate is not None:
        return rate.charge(measure)
    if destination is None:
        return _tell(method, "destination-missing", f"{method.name} depends on where the goods go")
    return _tell(method, "not-deliverable", f"{method.name} does not carry these goods there")


def _estimate(
    method: DeliveryMethod, items: Sequence[ParcelItem], transit: TransitTime | None, *, time_zone: str
) -> Arrival | None:
    ready = max(item.ready for item in items)
    return None if transit is None else estimate_arrival(ready, transit, method.calendar.in_zone(time_zone))


def _tell_unquoted(method: DeliveryMethod, answer: Declined | Unknown) -> Notice:
    if isinstance(answer, Declined):
        return _tell(method, "not-deliverable", f"{method.name}: {answer.reason}")
    return _tell(method, "delivery-unanswered", f"{method.name}: {answer.reason}")


_REMEDIES = {
    "destination-missing": "say where they go",
    "delivery-unanswered": "ask again in a while, or choose another method",
}


def _tell(method: DeliveryMethod, code: str, message: str) -> Notice:
    remedy = _REMEDIES.get(code, "choose another method")
    return Notice(code, "", message, remedy=remedy, operands={"method": method.id})
