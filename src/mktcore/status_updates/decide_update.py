"""What one status update makes of an order that was read: what `fire` would make of it, or why not. Writes nothing."""

from collections.abc import Mapping
from datetime import datetime

import attrs

from mktcore.access import check_party
from mktcore.errors import MktcoreError
from mktcore.notice import Notice
from mktcore.orders.actions.action import check_action
from mktcore.orders.decide_event import decide_event
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.merchant_order import MERCHANT_ORDERS
from mktcore.orders.use_cases.fire_action import FireAction
from mktcore.persistence import Scope
from mktcore.processes import EventRefused
from mktcore.processes.allowed_events import list_refusals
from mktcore.status_updates.order_batch import OrderBatch
from mktcore.status_updates.status_update import StatusAnswer, StatusResult, StatusUpdate

__all__ = ["DecidedUpdate", "decide_update"]


@attrs.frozen
class DecidedUpdate:
    """A status update that was decided on.

    Attributes:
        update: The update.
        transition: What happens to its order; None where nothing does.
        result: What came of it; None where a transition has to be stored first.
    """

    update: StatusUpdate
    transition: OrderTransition | None = None
    result: StatusResult | None = None


def decide_update(
    update: StatusUpdate,
    batch: OrderBatch,
    firing: FireAction,
    *,
    barriers: Mapping[bool, tuple[Notice, ...]],
    scope: Scope,
    now: datetime,
) -> DecidedUpdate:
    """Return what an update makes of its order.

    Args:
        update: The update.
        batch: Its order, among others.
        firing: What may be fired, and on which processes.
        barriers: What keeps the caller from firing anything, for marketplace orders (True) and merchant orders.
        scope: Who reports.
        now: The instant, UTC.
    """
    barred = barriers[not batch.is_part(update.order)]
    if barred:
        return DecidedUpdate(update, result=StatusResult.of_failed(update, barred))
    try:
        transition = _decide(update, batch, firing, scope=scope, now=now)
    except EventRefused as refusal:
        return DecidedUpdate(update, result=StatusResult.of(update, StatusAnswer(refusal.problems)))
    except MktcoreError as error:
        return DecidedUpdate(update, result=StatusResult.of_failed(update, list_refusals(error)))
    return DecidedUpdate(update, transition)


def _decide(
    update: StatusUpdate, batch: OrderBatch, firing: FireAction, *, scope: Scope, now: datetime
) -> OrderTransition:
    check_action(update.action, firing.actions)
    order, subject = batch.get_order(update.order), batch.to_id(update.order)
    part = order.find_part(subject)
    merchant = None if part is None else part.merchant
    # Another's order is refused in the words of an id that nobody has, whichever of the two kinds it is of.
    check_party(scope, MERCHANT_ORDERS.name, update.order, merchant=merchant, buyer=order.buyer)
    return decide_event(
        firing.processes.get_pair(order),
        order,
        subject,
        action=update.action,
        quantities=update.lines,
        now=now,
        by=scope.to_signature(scope.caller),
        reason=update.reason,
    )
