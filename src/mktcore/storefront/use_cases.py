"""What buyers are shown of a seller, and at which price."""

import attrs

from mktcore.access import check_buyer, check_named_user
from mktcore.access.buyer_decisions import check_decisions
from mktcore.catalog import SKUS
from mktcore.market_policy import MarketPolicy
from mktcore.persistence import NotFound, Party, Repositories, Scope, WritingUnit
from mktcore.runtime import Runtime
from mktcore.sales_context import SalesContext
from mktcore.storefront.seller_views import SellerShelf, SellerView, ViewPage, ViewRequest, gather_views, page_views
from mktcore.telemetry import watched

__all__ = ["Storefront"]


@watched
@attrs.frozen
class Storefront:
    """What buyers and visitors are shown of the marketplace, priced for them.

    Attributes:
        runtime: Where it is kept, and what time it is.
        policy: The market's currency, and the order of rules.
    """

    runtime: Runtime[WritingUnit]
    policy: MarketPolicy

    def page(self, request: ViewRequest, *, scope: Scope, after: str | None = None, limit: int = 100) -> ViewPage:
        """Return a page of every product that the buyer is shown, priced for a seller where it sells it.

        The same few round trips for a page of any size. Products that the buyer is not shown are left out, and so are
        those that another merchant owns and this seller does not sell: a page may be shorter than its limit, and `next`
        tells whether there is more. A page whose products are all hidden takes as many round trips again.

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
            shelf = SellerShelf(request, _check_request(unit, request, scope), self.policy, now=self.runtime.now())
            found = page_views(unit, shelf, after=after, limit=limit)
            return ViewPage(tuple(view.view_for(scope) for view in found.items), found.next)

        return self.runtime.read(scope.to_operator(), show)

    def view(self, product: str, request: ViewRequest, *, scope: Scope) -> tuple[SellerView, ...]:
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
            shelf = SellerShelf(request, _check_request(unit, request, scope), self.policy, now=self.runtime.now())
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
    context = request.context
    check_decisions(scope, request)
    if context.buyer is not None:
        check_buyer(scope, "buyer", context.buyer, buyer=context.buyer)
    # A merchant may see its own prices as anybody would; of others it learns nothing that is not everybody's.
    caller = scope.caller
    if caller.party is Party.MERCHANT and caller.id == request.merchant:
        return context
    user = check_named_user(unit, scope, context.user)
    if caller.party is Party.MERCHANT and context.groups:
        raise NotFound("user group", context.groups[0])
    return context if user == context.user else attrs.evolve(context, user=user)
