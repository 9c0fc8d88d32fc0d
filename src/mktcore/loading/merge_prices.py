"""The price schedules that a folder leads to: its prices, laid over those the store has."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

import attrs

from mktcore.loading.batches import split_batches
from mktcore.loading.folder_records import FolderContents, OfferSale
from mktcore.loading.load_faults import LoadFaults
from mktcore.loading.offer_stock import lay_told
from mktcore.money import Currency, Money
from mktcore.offers import OFFERS, Offer
from mktcore.persistence import Repositories
from mktcore.pricing import PRICE_SCHEDULES, PriceBreak, PriceSchedule

__all__ = ["lay_over", "lay_sales", "price_offers"]


def price_offers(
    unit: Repositories, contents: FolderContents, currency: Currency, *, faults: LoadFaults
) -> FolderContents:
    """Return what the folder says with its prices laid over the store's: offers to store, and their own schedules.

    Offers that only price breaks name are among them when they change. An offer's schedule gets the offer's id: one
    that a host shared between offers is left as it is. `contents` is not touched, as a load may be tried again.

    Args:
        unit: Where offers and schedules are; it has every offer that only price breaks name.
        contents: What the folder says.
        currency: The marketplace's currency.
        faults: Where faults go; nothing may be stored when there is one.
    """
    told = contents.records(OFFERS)
    offers, laid = dict(told), dict[str, PriceSchedule]()
    says_breaks = "price_breaks.csv" in contents.names
    for batch in split_batches(contents.prices.keys() | contents.breaks.keys() | contents.inheriting):
        stored = unit.repository(OFFERS).find_many(batch)
        schedules = unit.repository(PRICE_SCHEDULES).find_many(_list_schedules(stored.values()))
        # Read apart: an offer may have had another schedule so far, while its id is that of somebody else's.
        taken = unit.repository(PRICE_SCHEDULES).find_many(batch)
        for offer in [_keep_terms(told.get(id), stored.get(id), contents.list_told("offers.csv", id)) for id in batch]:  # noqa: A001 - the word of the field
            if offer.id in told:
                offers[offer.id] = offer
            if offer.id in contents.inheriting:
                continue
            known = schedules.get(stored[offer.id].schedule) if offer.id in stored else None
            if known is not None and known.currency != currency:
                _note_currency(offer.id, known.currency, contents, faults=faults)
                continue
            if offer.id in taken and taken[offer.id].owner != offer.merchant:
                _note_owner(offer, taken[offer.id].owner, contents, faults=faults)
                continue
            if offer.schedule != offer.id:
                offers[offer.id] = attrs.evolve(offer, schedule=offer.id)
            breaks = contents.breaks.get(offer.id, {}) if says_breaks else None
            schedule = lay_over(known, offer, price=contents.prices.get(offer.id), breaks=breaks)
            sale, break_sales = contents.sales.get(offer.id), contents.break_sales.get(offer.id)
            laid[offer.id] = lay_sales(schedule, sale, break_sales)
            if offer.id in contents.stated:
                laid[offer.id] = attrs.evolve(laid[offer.id], includes_tax=contents.stated[offer.id])
    records = {**contents.records_by_kind, OFFERS.name: offers}
    return attrs.evolve(contents, records_by_kind=records, offer_schedules=laid)


def _list_schedules(offers: Iterable[Offer]) -> set[str]:
    return {offer.schedule for offer in offers if offer.schedule}


def _keep_terms(told: Offer | None, stored: Offer | None, columns: AbstractSet[str]) -> Offer:
    """Return an offer after a folder: what no file tells of it, such as its approval, stays as it is stored."""
    if told is None or stored is None:
        offer = told or stored
        assert offer is not None, "a batch names offers of the folder or of the store"  # noqa: S101 - for the type checker
        return offer
    return attrs.evolve(
        lay_told(stored, told, columns),
        merchant=told.merchant,
        sku=told.sku,
        schedule=told.schedule,
        condition=told.condition if "condition" in columns else stored.condition,
        # Told together: one of both alone would be laid over an end that may lie before it.
        valid=told.valid if columns & {"valid_from", "valid_until"} else stored.valid,
        version=0,
    )


def lay_over(
    known: PriceSchedule | None, offer: Offer, *, price: Money | None, breaks: Mapping[int, Money] | None
) -> PriceSchedule:
    """Return an offer's schedule after a folder.

    >>> eur = lambda text: Money.of(text, "EUR")
    >>> offer = Offer("o1", "acme", "camera", schedule="o1")
    >>> known = PriceSchedule("o1", "acme", [PriceBreak(1, eur("9.00")), PriceBreak(5, eur("8.00"))])
    >>> [str(entry.unit_price) for entry in lay_over(known, offer, price=eur("9.50"), breaks=None).breaks]
    ['9.50 EUR', '8.00 EUR']
    >>> [str(entry.unit_price) for entry in lay_over(known, offer, price=None, breaks={2: eur("7.00")}).breaks]
    ['9.00 EUR', '7.00 EUR']

    Args:
        known: The schedule that the offer has in the store; what no file tells of it stays.
        offer: The offer.
        price: The price of one piece; None keeps the known one.
        breaks: The prices from 2 pieces on, by quantity, instead of the known ones; None keeps those.
    """
    # Files tell prices of one piece; a schedule per 100 holds what a hundred cost.
    pieces = 1 if known is None else known.per
    prices = {entry.quantity: entry.unit_price for entry in known.breaks} if known is not None else {}
    if breaks is not None:
        prices = {quantity: amount for quantity, amount in prices.items() if quantity == 1}
        prices |= {quantity: amount * pieces for quantity, amount in breaks.items()}
    if price is not None:
        prices[1] = price * pieces
    if known is None:
        return PriceSchedule(offer.id, offer.merchant, [PriceBreak(*entry) for entry in prices.items()])
    sales = {entry.quantity: entry.sale_price for entry in known.breaks}
    entries = [PriceBreak(quantity, amount, sales.get(quantity)) for quantity, amount in prices.items()]
    # Version 0, as a row has: the writer gives it the stored one, and saves it only where it differs.
    return attrs.evolve(known, id=offer.id, owner=offer.merchant, breaks=entries, version=0)


def lay_sales(
    schedule: PriceSchedule, sale: OfferSale | None, break_sales: Mapping[int, Money] | None
) -> PriceSchedule:
    """Return an offer's schedule with the sales of a folder.

    >>> from mktcore.periods import ALWAYS
    >>> eur = lambda text: Money.of(text, "EUR")
    >>> schedule = PriceSchedule("o1", "acme", [PriceBreak(1, eur("9.00")), PriceBreak(5, eur("8.00"))])
    >>> [str(entry.sale_price) for entry in lay_sales(schedule, OfferSale(eur("7.00"), ALWAYS), None).breaks]
    ['7.00 EUR', 'None']

    Args:
        schedule: The schedule with its prices.
        sale: The sale of one piece, and the window of all sales; None keeps both as they are.
        break_sales: The sale prices from 2 pieces on, by quantity; None keeps them.
    """
    told: dict[int, Money | None] = {}
    if break_sales is not None:
        told |= {entry.quantity: break_sales.get(entry.quantity) for entry in schedule.breaks if entry.quantity > 1}
    if sale is not None:
        told[1] = sale.price
    entries = [
        attrs.evolve(entry, sale_price=_scale(told[entry.quantity], schedule.per)) if entry.quantity in told else entry
        for entry in schedule.breaks
    ]
    return attrs.evolve(schedule, breaks=entries, sale=schedule.sale if sale is None else sale.window)


def _scale(price: Money | None, pieces: int) -> Money | None:
    return None if price is None else price * pieces


def _note_owner(offer: Offer, owner: str | None, contents: FolderContents, *, faults: LoadFaults) -> None:
    file = "offers.csv" if offer.id in contents.prices else "price_breaks.csv"
    whose = "the operator" if owner is None else f"merchant {owner}"
    reason = f"price schedule {offer.id} is of {whose}, not of {offer.merchant}"
    faults.add(file, 0, reason, column="offer", remedy="give the offer another id: its prices are stored under it")


def _note_currency(offer: str, currency: Currency, contents: FolderContents, *, faults: LoadFaults) -> None:
    file = "offers.csv" if offer in contents.prices else "price_breaks.csv"
    reason = f"offer {offer} has prices in {currency} in the store"
    faults.add(file, 0, reason, remedy="open the marketplace with the currency it was loaded with")
