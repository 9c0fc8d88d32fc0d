"""Items as the operator and their merchants may see them."""

import attrs

from mktcore.access.checks import check_listed
from mktcore.merchant_items.merchant_item import MERCHANT_ITEMS, ItemState, ReceivedItem
from mktcore.persistence import Page, Scope, WritingUnit
from mktcore.runtime import Runtime
from mktcore.telemetry import watched

__all__ = ["ReadItems"]


# Without slots, because `MerchantItems` is made of several classes like this one, each with the same fields.
@watched
@attrs.frozen(slots=False)
class ReadItems:
    """The items that merchants sent."""

    runtime: Runtime[WritingUnit]

    def get(self, item: str, *, scope: Scope) -> ReceivedItem:
        """Return an item, as the operator or its merchant may see it.

        Raises:
            NotFound: There is none for this caller.
        """
        return self.runtime.read(scope, lambda unit: unit.repository(MERCHANT_ITEMS).get(item)).view_for(scope)

    def page(
        self, *, scope: Scope, state: ItemState | None = None, after: str | None = None, limit: int = 100
    ) -> Page[ReceivedItem]:
        """Return a page of the caller's items, in one state or in any; the operator sees all.

        Raises:
            PermissionDenied: The caller is a buyer.
        """
        check_listed(scope, MERCHANT_ITEMS)
        where = {} if state is None else {"state": state.value}
        page = self.runtime.read(
            scope, lambda unit: unit.repository(MERCHANT_ITEMS).page(where, after=after, limit=limit)
        )
        return Page(tuple(found.view_for(scope) for found in page.items), page.next)
