"""What a buyer is shown of one seller: every product that is visible to it, priced where the seller sells it."""

from collections.abc import Sequence
from datetime import datetime

import attrs

from mktcore.carts.load_facts import gather_parts, gather_taxes
from mktcore.carts.market_facts import find_offer_refusal
from mktcore.catalog import CATALOGS, SKUS, Sku
from mktcore.catalog.assortment import CATALOG_ASSIGNMENTS, CATALOG_PRODUCTS, to_link_id
from mktcore.catalog.inherited_goods import gather_natures
from mktcore.catalog.shown_skus import find_shown_skus
from mktcore.channels import ChannelBook, gather_channels
from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.market_policy import MarketPolicy, find_entered_mode
from mktcore.offers import OFFERS, Offer, OfferDemand, find_refusals
from mktcore.offers.offer import to_sold_key
from mktcore.offers.offer_refusals import CONFIDENTIAL
from mktcore.parties import AGREEMENTS, gather_eligibility
from mktcore.parties.agreements.agreement import find_agreement
from mktcore.persistence import NotFound, Page, Party, Repositories, Scope
from mktcore.persistence.shown_pages import page_shown
from mktcore.pricing import PriceBook, PriceQuery, PriceResolution, Unpriced, gather_prices
from mktcore.pricing.price_mode import PriceMode
from mktcore.sales_context import VISITOR, SalesContext
from mktcore.taxes import TaxedSale
from mktcore.taxes.buyer_tax import find_status

__all__ = ["SellerShelf", "SellerView", "ShownOffer", "ViewPage", "ViewRequest", "gather_views", "page_views"]


_NOT_SOLD = CONFIDENTIAL | {"not-in-channel"}


@attrs.frozen
class ViewRequest:
    """Which seller's prices, for whom, and of which products.

    Attributes:
        merchant: The seller.
        context: For whom, and where; without a buyer, for a visitor who is no buyer yet.
        quantity: For how many pieces.
        catalog: Only products of this catalog.
        owner: Only products that this merchant owns.
        operators: Only products that the operator owns.
    """

    merchant: str
    context: SalesContext = VISITOR
    quantity: int = attrs.field(default=1, kw_only=True)
    catalog: str | None = attrs.field(default=None, kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)
    operators: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("merchant", self.merchant)
        if type(self.quantity) is not int or self.quantity < 1:
            raise InvalidValue("ViewRequest", "quantity", self.quantity, "a whole number above zero")
        if self.owner is not None and self.operators:
            raise InvalidValue("ViewRequest", "owner", self.owner, "nobody beside the operator")

    def takes(self, sku: Sku) -> bool:
        """Tell whether a SKU is among the products that are asked for, its catalog aside."""
        return (self.owner is None or sku.owner == self.owner) and not (self.operators and sku.owner is not None)


@attrs.frozen
class ShownOffer:
    """An offer of the seller with its price for this buyer, or why there is none: it is shown, and not orderable."""

    offer: Offer
    price: PriceResolution | Unpriced

    def view_for(self, scope: Scope) -> "ShownOffer":
        """Return what the caller may see of the host's data on the offer and, for a buyer, of its price."""
        is_buyer = scope.caller.party is Party.BUYER
        price = self.price.for_buyer() if is_buyer else self.price
        return attrs.evolve(self, offer=self.offer.view_for(scope), price=price)


@attrs.frozen
class SellerView:
    """A SKU as a buyer is shown it of one seller.

    Attributes:
        sku: The SKU.
        offers: The seller's offers of it that this buyer could take now; none where the seller does not sell it to it.
    """

    sku: Sku
    offers: tuple[ShownOffer, ...] = ()

    def view_for(self, scope: Scope) -> "SellerView":
        """Return what the caller may see of the host's data on offers."""
        return attrs.evolve(self, offers=tuple(one.view_for(scope) for one in self.offers))

    def is_sold(self) -> bool:
        """Tell whether the seller sells it to this buyer."""
        return bool(self.offers)

    @property
    def price(self) -> PriceResolution | None:
        """The lowest price among the offers; of two that are equal, that of the lesser id."""
        found = [one.price for one in self.offers if isinstance(one.price, PriceResolution)]
        return min(found, key=lambda price: price.exact_unit_minor, default=None)


@attrs.frozen
class ViewPage:
    """A page of what a buyer is shown, and where the next one starts (None after the last)."""

    items: tuple[SellerView, ...]
    next: str | None


@attrs.frozen
class SellerShelf:
    """What is asked for, and how it is priced.

    Attributes:
        request: Which seller, for whom, and which products.
        priced_for: For whom prices are read; as the request says, without a user for whom the caller does not speak.
        policy: The market's currency, and the order of rules.
        now: The instant, UTC.
    """

    request: ViewRequest
    priced_for: SalesContext
    policy: MarketPolicy
    now: datetime = attrs.field(kw_only=True)


def page_views(unit: Repositories, shelf: SellerShelf, *, after: str | None, limit: int) -> ViewPage:
    """Return a page of what the buyer is shown of the seller; for a catalog, by its products.

    Args:
        unit: Under the operator's authority.
        shelf: What is asked for.
        after: Where the page before ended.
        limit: SKUs; with a catalog, its products.

    Raises:
        NotFound: The catalog is not there, or not assigned to the buyer.
    """

    def read(after: str | None, limit: int) -> Page[Sku]:
        return _page_skus(unit, shelf.request, after=after, limit=limit)

    def show(skus: Sequence[Sku]) -> Sequence[SellerView]:
        return gather_views(unit, shelf, skus)

    def name(view: SellerView) -> str:
        catalog = shelf.request.catalog
        return view.sku.id if catalog is None else to_link_id(catalog, view.sku.product_id)

    return ViewPage(*page_shown(read, show, after=after, limit=limit, name=name))


def _page_skus(unit: Repositories, request: ViewRequest, *, after: str | None, limit: int) -> Page[Sku]:
    """Return a page of the SKUs that a request asks for, whoever may see them."""
    if request.catalog is None:
        where = {"owner": request.owner} if request.owner is not None or request.operators else {}
        return unit.repository(SKUS).page(where, after=after, limit=limit)
    # "" is everybody: a catalog is assigned to all buyers or to this one, and to nobody else it exists.
    links = [to_link_id(request.catalog, whom) for whom in ("", request.context.buyer or "")]
    if not unit.repository(CATALOG_ASSIGNMENTS).find_many(links):
        raise NotFound(CATALOGS.name, request.catalog)
    page = unit.repository(CATALOG_PRODUCTS).page({"catalog": request.catalog}, after=after, limit=limit)
    products = [link.product for link in page.items]
    found = {**unit.repository(SKUS).find_many(products)}
    found |= {sku.id: sku for sku in unit.repository(SKUS).find_where("product", products)}
    # A product's own id may be that of a SKU, for goods that come in one: both ways lead to SKUs, each once.
    return Page(tuple(sku for _, sku in sorted(found.items()) if request.takes(sku)), page.next)


def gather_views(unit: Repositories, shelf: SellerShelf, skus: Sequence[Sku]) -> tuple[SellerView, ...]:
    """Return those of the SKUs that the buyer is shown, with the seller's offers of them, in a few calls for all.

    Args:
        unit: Under the operator's authority.
        shelf: What is asked for.
        skus: What to look at.
    """
    request, policy, now = shelf.request, shelf.policy, shelf.now
    shown = find_shown_skus(unit, request.context.buyer, skus)
    channels = gather_channels(unit, [request.context.channel], [sku.product_id for sku in shown])
    policy = policy.in_channel(channels.find(request.context.channel))
    offers = _find_offers(unit, request, shown, channels=channels, now=now)
    sold = [offer for own in offers.values() for offer in own]
    defaults = {offer.id: offer.schedule for offer in sold}
    products = {sku.product for sku in shown if sku.product is not None and sku.id in offers}
    book = gather_prices(
        unit,
        offers,
        shelf.priced_for,
        defaults=defaults,
        products=products,
        precedence=policy.precedence,
        now=now,
        includes_tax=find_entered_mode(shelf.policy, channels),
    )
    modes = _find_modes(unit, attrs.evolve(shelf, policy=policy), [sku for sku in shown if sku.id in offers], book=book)
    currency = policy.currency.code

    def price(sku: Sku, offer: Offer) -> PriceResolution | Unpriced:
        query = _to_query(request, offer, currency)
        return book.find(attrs.evolve(query, product=sku.product, mode=modes.get(sku.id)), now=now)

    return tuple(
        SellerView(sku, tuple(ShownOffer(offer, price(sku, offer)) for offer in offers.get(sku.id, ())))
        for sku in shown
        # What another merchant owns stands in this one's view only where this one sells it.
        if sku.owner in {None, request.merchant} or sku.id in offers
    )


def _find_offers(
    unit: Repositories, request: ViewRequest, skus: Sequence[Sku], *, channels: ChannelBook, now: datetime
) -> dict[str, list[Offer]]:
    """Return the offers that the seller sells to this buyer, by SKU, in the order of their ids.

    A seller that is closed for a while, or whose stock is not known, sells it all the same.
    """
    by_id = {sku.id: sku for sku in skus if _is_in_channel(request, sku, channels)}
    found = [
        offer
        for offer in unit.repository(OFFERS).find_where("sold", [to_sold_key(request.merchant, sku) for sku in by_id])
        # The column runs merchant and SKU together, and ids hold slashes: what is found may be another pair's.
        if offer.merchant == request.merchant and offer.sku in by_id and offer.valid.contains(now)
    ]
    natures = gather_natures(unit, by_id.values())
    parts = gather_parts(unit, {offer.id: offer for offer in found})
    gated = {offer.sku: natures.find(by_id[offer.sku]).list_gates() for offer in found}
    eligibility = gather_eligibility(
        unit,
        request.context.buyer or "",
        None,
        merchants=[request.merchant],
        products={**{part.sku: () for part in parts.values()}, **gated},
    )
    drawn = {**parts, **{offer.id: offer for offer in found}}
    agreements = unit.repository(AGREEMENTS).find_where("merchant", [request.merchant])
    agreement = find_agreement(agreements, now)
    selection = None if agreement is None else agreement.selection
    offers: dict[str, list[Offer]] = {}
    for offer in found:
        nature = natures.find(by_id[offer.sku])
        asked = OfferDemand.of(nature, quantity=request.quantity, channel=request.context.channel)
        refusals = {one.code for one in find_refusals(offer, asked, now=now, selection=selection)}
        if not refusals & _NOT_SOLD and find_offer_refusal(offer, drawn, eligibility, now=now) is None:
            offers.setdefault(offer.sku, []).append(offer)
    return offers


def _is_in_channel(request: ViewRequest, sku: Sku, channels: ChannelBook) -> bool:
    return channels.find_bar(request.context.channel, merchant=request.merchant, product=sku.product_id) is None


def _find_modes(
    unit: Repositories, shelf: SellerShelf, skus: Sequence[Sku], *, book: PriceBook
) -> dict[str, PriceMode]:
    """Return, by SKU, the mode in which the marketplace states prices; none where all are entered in it."""
    if not book.states_tax:
        return {}
    natures = gather_natures(unit, skus)
    goods = {sku.id: natures.find(sku) for sku in skus}
    taxes, status = gather_taxes(unit, goods.values(), buyer=shelf.request.context.buyer)
    policy, now = shelf.policy, shelf.now
    sale = TaxedSale(now, buyer=find_status(status, now))
    rates = {category: taxes.find_rates(category, sale) for category in {one.tax_category for one in goods.values()}}
    return {
        sku: PriceMode(policy.prices_include_tax, rates[nature.tax_category], policy.profile.mode)
        for sku, nature in goods.items()
    }


def _to_query(request: ViewRequest, offer: Offer, currency: str) -> PriceQuery:
    return PriceQuery(
        offer.sku, offer.merchant, currency, context=request.context, offer=offer.id, quantity=request.quantity
    )
