"""What buyers are shown of a seller, and at which price."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from mktcore.access import check_buyer, check_named_user
from mktcore.access.buyer_request_fields import check_decisions
from mktcore.catalog import SKUS
from mktcore.catalog.shown_skus import find_shown_skus
from mktcore.channels import CHANNELS, gather_channels
from mktcore.market_policy import MarketPolicy
from mktcore.offers import CHEAPEST, BuyBoxPolicy
from mktcore.persistence import NotFound, Party, Repositories, Scope
from mktcore.persistence.event_ports import Subscriptions, check_subscriber
from mktcore.runtime import Runtime
from mktcore.sales_context import VISITOR, SalesContext
from mktcore.stock import MarketUnit
from mktcore.storefront.affected_skus import READERS
from mktcore.storefront.entry import StorefrontEntry, StorefrontPage
from mktcore.storefront.listing_filter import ListingFilter
from mktcore.storefront.listing_projection import Projection
from mktcore.storefront.make_entries import Shelf, find_offers, gather_entries
from mktcore.storefront.page_entries import page_entries
from mktcore.storefront.ports import EventReaders, ListingSink
from mktcore.storefront.seller_views import SellerShelf, SellerView, ViewPage, ViewRequest, gather_views, page_views
from mktcore.storefront.walk_lanes import find_lanes
from mktcore.telemetry import watched

__all__ = ["Storefront"]


@watched
@attrs.frozen
class Storefront:
    """What buyers and visitors are shown of the marketplace, priced for them.

    Attributes:
        runtime: Where it is kept, and what time it is.
        policy: The market's currency, and the order of rules.
        buy_box: How the leading offer is chosen, as for carts.
        readers: Tell projections which SKUs an event is of.
    """

    runtime: Runtime[MarketUnit]
    policy: MarketPolicy
    buy_box: BuyBoxPolicy = attrs.field(default=CHEAPEST, kw_only=True)
    readers: EventReaders = attrs.field(default=READERS, kw_only=True)

    def page(
        self,
        context: SalesContext | None = None,
        *,
        scope: Scope,
        where: Mapping[str, object] | None = None,
        order: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> StorefrontPage:
        """Return a page of what can be bought over all sellers: the leading offer of each SKU, and its price.

        It costs the same however large the catalogue is, where a filter in the way of which it walks (product,
        merchant, category) passes over little; with several filters, or by name, it passes over what the others leave
        out. See `page_entries` for what a page that is not full means.

        Args:
            context: For whom and where; the caller itself unless told otherwise, without a buyer for a visitor.
            scope: Who asks: anybody for a visitor; for a buyer, that buyer or the operator.
            where: Filters by the names of `ListingFilter`:
                `{"category": "photo", "price": PriceRange(at_most=limit), "attributes": {"colour": "black"}}`.
            order: `"name"`, or `"-added"` for the newest first, or each the other way round; else the way that the
                filters lead.
            after: The `next` of the page before.
            limit: Entries at most.

        Raises:
            NotFound: It is asked for another buyer, or in a channel that is not there or closed.
            BuyerMayNotDecide: A buyer puts itself in groups.
            InvalidColumn, InvalidValue: There is no such filter, or no such value of it.
            InvalidOrder: No column carries it; a price is each caller's own.
            InvalidCursor, InvalidLimit: No page begins there, or has that many.
        """
        asked = ListingFilter.of(where, self.policy.currency)

        def show(unit: MarketUnit) -> StorefrontPage:
            shelf = self._make_shelf(unit, context, scope)
            walk = find_lanes(unit, asked, order)
            found = page_entries(unit, shelf, walk, asked=asked, after=after, limit=limit)
            return StorefrontPage(tuple([one.view_for(scope) for one in found.items]), found.next)

        return self.runtime.read(scope.to_operator(), show)

    def get(self, sku: str, context: SalesContext | None = None, *, scope: Scope) -> StorefrontEntry:
        """Return what a page shows of one SKU.

        Raises:
            NotFound: Nobody sells it to this caller, the caller is not shown it, there is none, or no such channel.
            BuyerMayNotDecide: A buyer puts itself in groups.
        """

        def show(unit: MarketUnit) -> StorefrontEntry:
            shelf = self._make_shelf(unit, context, scope)
            known = unit.repository(SKUS).find_many([sku]).values()
            shown = find_shown_skus(unit, shelf.context.buyer, known)
            offers = find_offers(unit, [one.id for one in shown])
            found = gather_entries(unit, shelf, shown, offers=offers, asked=ListingFilter()).get(sku)
            if found is None:
                raise NotFound(SKUS.name, sku)
            return found.view_for(scope)

        return self.runtime.read(scope.to_operator(), show)

    def project(
        self,
        name: str,
        sink: ListingSink,
        subscriptions: Subscriptions,
        *,
        channels: Iterable[str | None] = (None,),
    ) -> Projection:
        """Return what feeds a search engine with listings; the host's own to run, as a relay is.

        Args:
            name: Names the projection among the subscribers of the store.
            sink: Where listings go.
            subscriptions: The store's: `market.store.subscriptions`.
            channels: The sales channels that prices are listed for; None for who names none.
        """
        return Projection(
            name=check_subscriber(name),
            sink=sink,
            subscriptions=subscriptions,
            runtime=self.runtime,
            policy=self.policy,
            buy_box=self.buy_box,
            channels=tuple(channels),
            readers=self.readers,
        )

    def _make_shelf(self, unit: Repositories, context: SalesContext | None, scope: Scope) -> Shelf:
        asked = _find_own_context(scope) if context is None else context
        check_decisions(scope, asked)
        known, now = _check_context(unit, asked, scope, merchant=None), self.runtime.now()
        _check_channel(unit, asked, now)
        return Shelf(context=asked, priced_for=known, policy=self.policy, buy_box=self.buy_box, now=now)

    def _make_seller_shelf(self, unit: Repositories, request: ViewRequest, scope: Scope) -> SellerShelf:
        known, now = _check_request(unit, request, scope), self.runtime.now()
        _check_channel(unit, request.context, now)
        return SellerShelf(request, known, self.policy, now=now)

    def page_of_seller(
        self, request: ViewRequest, *, scope: Scope, after: str | None = None, limit: int = 100
    ) -> ViewPage:
        """Return a page of every product that the buyer is shown, priced for a seller where it sells it.

        The same few round trips for a page of any size. Products that the buyer is not shown are left out, and so are
        those that another merchant owns and this seller does not sell: a page may be shorter than its limit, and `next`
        tells whether there is more. A page whose products are all hidden reads on, eight times at most; then it is
        empty, and `next` is behind most of them.

        Args:
            request: Which seller, for whom, and which products.
            scope: Who asks: anybody for no buyer; for a buyer, that buyer or the operator.
            after: Where the page before ended.
            limit: SKUs; with a catalog, its products.

        Raises:
            NotFound: It is asked for another buyer, or there is no such catalog for this one.
            BuyerMayNotDecide: A buyer puts itself in groups.
        """

        def show(unit: Repositories) -> ViewPage:
            shelf = self._make_seller_shelf(unit, request, scope)
            found = page_views(unit, shelf, after=after, limit=limit)
            return ViewPage(tuple(view.view_for(scope) for view in found.items), found.next)

        return self.runtime.read(scope.to_operator(), show)

    def view_of_seller(self, product: str, request: ViewRequest, *, scope: Scope) -> tuple[SellerView, ...]:
        """Return a product's SKUs as a seller sells them to a buyer.

        Args:
            product: Id of a product, or of a SKU.
            request: Which seller, for whom.
            scope: Who asks: anybody for no buyer; for a buyer, that buyer or the operator.

        Raises:
            NotFound: The seller does not sell it to this buyer, the buyer is not shown it, or there is none.
            BuyerMayNotDecide: A buyer puts itself in groups.
        """

        def show(unit: Repositories) -> tuple[SellerView, ...]:
            shelf = self._make_seller_shelf(unit, request, scope)
            # Both: the id may be a product's, or a SKU's that belongs to none.
            skus = [*unit.repository(SKUS).find_many([product]).values()]
            skus += unit.repository(SKUS).find_where("product", [product])
            return gather_views(unit, shelf, skus)

        views = self.runtime.read(scope.to_operator(), show)
        sold = tuple(view.view_for(scope) for view in views if view.is_sold())
        if not sold:
            raise NotFound("product", product)
        return sold


def _check_request(unit: Repositories, request: ViewRequest, scope: Scope) -> SalesContext:
    """Let the operator ask for anybody, a merchant for anybody at its own prices, a buyer for itself and its users.

    Returns:
        For whom prices are read: without a user for whom the caller does not speak.
    """
    check_decisions(scope, request)
    return _check_context(unit, request.context, scope, merchant=request.merchant)


def _check_context(unit: Repositories, context: SalesContext, scope: Scope, *, merchant: str | None) -> SalesContext:
    """Do the same for a context; `merchant` is whose prices are asked for, None for everybody's."""
    if context.buyer is not None:
        check_buyer(scope, "buyer", context.buyer, buyer=context.buyer)
    # A merchant may see its own prices as anybody would; of others it learns nothing that is not everybody's.
    caller = scope.caller
    if caller.party is Party.MERCHANT and caller.id == merchant:
        return context
    user = check_named_user(unit, scope, context.user)
    if caller.party is Party.MERCHANT and context.groups:
        raise NotFound("user group", context.groups[0])
    return context if user == context.user else attrs.evolve(context, user=user)


def _check_channel(unit: Repositories, context: SalesContext, now: datetime) -> None:
    """Let a context pass whose channel is kept and open, where the marketplace keeps any.

    Raises:
        NotFound: Nobody shops in it now.
    """
    if gather_channels(unit, [context.channel]).find_refusal(context.channel, now) is not None:
        raise NotFound(CHANNELS.name, context.channel or "")


def _find_own_context(scope: Scope) -> SalesContext:
    """Return for whom somebody looks who says nothing: a buyer for itself, all others for a visitor."""
    caller = scope.caller
    if caller.party is not Party.BUYER or caller.is_visitor:
        return VISITOR
    return SalesContext(caller.id, user=caller.user)
