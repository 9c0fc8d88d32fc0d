"""The port to carriers, or to whoever knows their prices: what a parcel costs, and how long it takes."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Protocol

import attrs

from mktcore.addresses import Address
from mktcore.delivery.parcel_size import ParcelSize
from mktcore.delivery.transit_time import TransitTime
from mktcore.gateways import Declined, Succeeded, Unknown
from mktcore.money import Money

__all__ = ["AskQuotes", "ParcelQuery", "QuoteAnswer", "ShippingGateway", "ShippingQuote", "leave_unquoted"]


@attrs.frozen
class ParcelQuery:
    """A parcel whose cost is asked for.

    Attributes:
        merchant: Whose goods they are; of a parcel that several share, the first one's by name.
        method: Id of the delivery method.
        destination: Country, subdivision and postal code, and nobody's name; None while nobody knows.
        location: From where, as the merchant calls it.
        size: How large it is.
    """

    merchant: str
    method: str
    destination: Address | None
    location: str
    size: ParcelSize

    @property
    def key(self) -> str:
        """Names it by what it is: two alike have one key, in every process."""
        place, size = self.destination, self.size
        where = () if place is None else (place.country, place.subdivision, place.postal_code)
        value = (size.value.currency.code, size.value.minor)
        measures = (size.pieces, str(size.grams), str(size.cubic_centimetres), *value)
        return sha256(repr((self.merchant, self.method, where, self.location, measures)).encode()).hexdigest()


@attrs.frozen
class ShippingQuote:
    """What a parcel costs, and how long it takes.

    Attributes:
        amount: Tax included or not as the channel's prices are.
        transit: How long it takes; None for as long as its method says.
    """

    amount: Money
    transit: TransitTime | None = None


QuoteAnswer = Succeeded[ShippingQuote] | Declined | Unknown
AnsweredQuotes = Mapping[str, QuoteAnswer]


class ShippingGateway(Protocol):
    """Asks what parcels cost. Asking changes nothing there, so it may be repeated."""

    def quote(self, merchant: str, parcels: Sequence[ParcelQuery], *, deadline: timedelta) -> Mapping[str, QuoteAnswer]:
        """Return what is answered of each parcel, by its key.

        `Declined` says that nobody carries it; `Unknown`, like a parcel that is left out, and like anything raised,
        that nobody knows. Merchants are asked one by one, or at once in threads where there is an executor.

        Args:
            merchant: Whose parcels.
            parcels: All of a cart that are this merchant's, each once.
            deadline: In what time the answer is of use; a later one is dropped.
        """
        ...


class AskQuotes(Protocol):
    """Answers queries for one cart, whether by asking or from what was answered before."""

    def __call__(self, queries: Sequence[ParcelQuery], /) -> AnsweredQuotes:
        """Return an answer to every query, by its key."""
        ...


def leave_unquoted(queries: Sequence[ParcelQuery], /) -> AnsweredQuotes:
    """Answer that nobody is asked."""
    return {query.key: Unknown("this marketplace asks no carrier") for query in queries}
