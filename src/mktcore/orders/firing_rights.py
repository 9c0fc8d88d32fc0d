"""What the user of a party has to hold to fire events of orders; which party may fire which, the process says."""

from mktcore.access import Permission, check_granted
from mktcore.persistence import Party, Scope

__all__ = ["check_may_change", "check_may_fulfil"]


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
