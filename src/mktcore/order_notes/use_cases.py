"""Writing notes on orders."""

import attrs

from mktcore.access import Permission, check_granted, check_party
from mktcore.access.permissions import PermissionDenied
from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.order_notes.lists import OrderNoteList
from mktcore.order_notes.order_note import MOST_NOTES, ORDER_NOTES, NotesFull, OrderNote, to_note_id
from mktcore.orders.merchant_order import MERCHANT_ORDERS
from mktcore.orders.order import MARKETPLACE_ORDERS
from mktcore.parties import Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.persistence import Party, Repositories, Scope
from mktcore.persistence.errors import IdempotencyConflict
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["NoteOrders"]


# Without slots, for the same reason as `ReadOrders`.
@watched
@attrs.frozen(slots=False)
class NoteOrders:
    """Internal notes on orders.

    Attributes:
        runtime: Where orders are kept, and what time it is.
    """

    runtime: Runtime[MarketUnit]

    @property
    def notes(self) -> OrderNoteList:
        """The notes on orders, as a list: the operator's all, a merchant's own."""
        return OrderNoteList(self.runtime)

    def add_note(self, order: str, text: str, *, key: str, scope: Scope, is_shared: bool = False) -> OrderNote:
        """Note something on an order, for good, and return the note; the same key again writes none.

        What a merchant notes, the marketplace reads, too; what the marketplace notes, it alone, unless it is shared.

        Args:
            order: Id of the marketplace order, or of the merchant order whose merchant it concerns.
            text: What is noted; 2,000 characters at most.
            key: The caller's idempotency key.
            scope: Who notes: the operator, or a merchant on its merchant orders.
            is_shared: Whether the merchant of the merchant order reads what the operator notes.

        Raises:
            InvalidValue: The text is empty or too long; or it is shared with the merchant of a whole order.
            NotFound: There is no such order for this caller.
            NotesFull: The order has 500 notes.
            IdempotencyConflict: The key was used for another note on this order.
            PermissionDenied: The caller is a buyer, or its user may not.
            ActivityRefused: The merchant may not fulfil orders in the present state of its life.
        """
        check_id("key", key)
        if scope.caller.party is Party.BUYER:
            raise PermissionDenied(str(scope.caller), scope.caller.user, f"write {ORDER_NOTES.name}")
        is_operator = scope.caller.party is Party.OPERATOR
        check_granted(scope, Permission.CHANGE_ORDERS if is_operator else Permission.FULFIL_ORDERS)

        def write(unit: MarketUnit) -> OrderNote:
            check_caller(unit, scope, Activity.FULFIL, now=self.runtime.now())
            whole, merchant = _find_order(unit, order, scope)
            if is_shared and merchant is None:
                raise InvalidValue("add_note", "is_shared", is_shared, "the id of the merchant order that it concerns")
            reader = merchant if is_shared or not is_operator else None
            id_ = to_note_id(whole, scope.caller, key)
            note = OrderNote(id_, whole, reader, text=text, by=scope.to_signature(), at=self.runtime.now())
            return _add(unit, note, key)

        return self.runtime.run(scope.to_operator(), write, contested=[ORDER_NOTES]).view_for(scope)


def _find_order(unit: Repositories, order: str, scope: Scope) -> tuple[str, str | None]:
    """Return the id of the marketplace order, and the merchant that the note concerns, if it is one."""
    part = unit.repository(MERCHANT_ORDERS).find(order)
    # Another's order is refused in the words of an id that nobody has, whichever of the two kinds it is of.
    check_party(scope, MERCHANT_ORDERS.name, order, merchant=part.merchant if part else None, buyer=None)
    if part is not None:
        return part.order, part.merchant
    return unit.repository(MARKETPLACE_ORDERS).get(order).id, None


def _add(unit: Repositories, note: OrderNote, key: str) -> OrderNote:
    notes = unit.repository(ORDER_NOTES)
    known = notes.find(note.id)
    if known is None:
        if notes.count({"order_id": note.order}) >= MOST_NOTES:
            raise NotesFull(note.order, MOST_NOTES)
        return notes.add(note)
    different = tuple(name for name in ("merchant", "text") if getattr(known, name) != getattr(note, name))
    if different:
        raise IdempotencyConflict(key, different)
    return known
