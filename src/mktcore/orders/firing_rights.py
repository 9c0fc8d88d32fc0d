"""What the user of a party has to hold to fire events of orders; which party may fire which, the process says."""

from datetime import datetime

from mktcore.access import Permission, check_granted
from mktcore.errors import MktcoreError
from mktcore.notice import Notice
from mktcore.parties import Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.persistence import Party, Repositories, Scope
from mktcore.processes.allowed_events import list_refusals

__all__ = ["check_may_change", "check_may_fulfil", "find_barrier"]


def check_may_change(scope: Scope) -> None:
    """Let a caller pass that may fire events of marketplace orders.

    Raises:
        PermissionDenied: The caller's user may not.
    """
    check_granted(scope, Permission.CHANGE_ORDERS)


def check_may_fulfil(scope: Scope) -> None:
    """Let a caller pass that may fire events of merchant orders.

    Raises:
        PermissionDenied: The caller's user may not.
    """
    is_buyer = scope.party is Party.BUYER
    check_granted(scope, Permission.CHANGE_ORDERS if is_buyer else Permission.FULFIL_ORDERS)


def find_barrier(unit: Repositories, scope: Scope, *, is_whole: bool, now: datetime) -> tuple[Notice, ...]:
    """Return what keeps a caller from firing anything at all; nothing where it may.

    Args:
        unit: Under the operator's authority.
        scope: Who asks.
        is_whole: Of marketplace orders; else of merchant orders.
        now: The instant, UTC.
    """
    try:
        if is_whole:
            check_may_change(scope)
        else:
            check_may_fulfil(scope)
            check_caller(unit, scope, Activity.FULFIL, now=now)
    except MktcoreError as error:
        return list_refusals(error)
    return ()
