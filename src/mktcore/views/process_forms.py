"""What the operator is told of processes: time-outs that could not happen, and what migrating orders would do."""

from typing import Any

from mktcore.access import Permission, check_operator
from mktcore.access.permissions import check_permission
from mktcore.caller_scope import Scope
from mktcore.orders.order_migration import PlannedOrder, PlannedOrders
from mktcore.processes.portions import Planned
from mktcore.processes.timeout_repository import StoredTimeOut
from mktcore.views.form import Form, field, maybe
from mktcore.views.order_forms import MOVE
from mktcore.views.plain_fields import plain_fields
from mktcore.views.report_forms import NOTICE
from mktcore.views.shapes import INSTANT, STATE_LABEL, TEXT, TRUTH, WHOLE, Listed, NamedState

__all__ = ["PLANNED_ORDERS", "STORED_TIME_OUT"]


def _show_workers(value: Any, scope: Scope) -> Any:
    check_permission(scope, Permission.MARKET)
    return value


def _show_migration(value: Any, scope: Scope) -> Any:
    check_operator(scope, Permission.CHANGE_ORDERS)
    return value


def _name_state(one: StoredTimeOut) -> NamedState:
    return NamedState(one.timeout.key.process, one.timeout.key.state)


STORED_TIME_OUT = Form(
    "TimeOut",
    StoredTimeOut,
    (
        field("id", TEXT, "What `retry_timeout` is asked for."),
        field("subject", TEXT, "Id of what waits.", read="timeout.key.subject"),
        maybe("line", TEXT, "Key of the line that waits.", read="timeout.key.line"),
        field("state", STATE_LABEL, "Where it waits.", read=_name_state),
        field("event", TEXT, "What is to happen.", read="timeout.key.event"),
        field("since", INSTANT, "Since when it waits.", read="timeout.key.since"),
        field("set_for", INSTANT, "When it was to happen.", read="timeout.due"),
        maybe("due", INSTANT, "When a worker looks at it next; absent where it is set aside."),
        field("attempts", WHOLE, "How often it could not happen."),
        maybe("failure", TEXT, "Why not, the last time."),
        field("is_set_aside", TRUTH, "It failed too often to be tried again by itself."),
    ),
    about="Something that time is to bring about.",
    show=_show_workers,
)


_PLANNED = Form(
    "PlannedSubject",
    Planned,
    (
        field("subject", TEXT, "Id of the order."),
        field("moves", Listed(MOVE), "What its history would say."),
        field("overdue", WHOLE, "Time-outs that would be due at once.", read=lambda one: len(one.overdue)),
        field("scheduled", WHOLE, "Time-outs that would be scheduled.", read=lambda one: len(one.schedule)),
        field("canceled", WHOLE, "Time-outs that would be cancelled.", read=lambda one: len(one.cancel)),
        field("problems", Listed(NOTICE), "Why it cannot be migrated."),
    ),
    about="What migrating one order would do to it.",
)
_PLANNED_ORDER = Form(
    "PlannedOrder",
    PlannedOrder,
    (
        *plain_fields(PlannedOrder, "order"),
        field("subjects", Listed(_PLANNED), "The marketplace order, then its merchant orders, as far as they move."),
        field("problems", Listed(NOTICE), "Why it is not migrated."),
    ),
)
PLANNED_ORDERS = Form(
    "PlannedOrders",
    PlannedOrders,
    (
        field("items", Listed(_PLANNED_ORDER), "The orders, by their ids."),
        maybe("next", TEXT, "What the next page is asked `after`; absent on the last one."),
    ),
    show=_show_migration,
)
