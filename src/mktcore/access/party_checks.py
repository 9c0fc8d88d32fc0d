"""Who may do what with whose things. What a party may not see does not exist for it."""

from typing import Any

from mktcore.access.permissions import PermissionDenied
from mktcore.access.user import USERS
from mktcore.persistence import Kind, NotFound, Party, Repositories, Scope

__all__ = ["check_buyer", "check_listed", "check_named_user", "check_party"]


def check_buyer(scope: Scope, kind: str, id: str, *, buyer: str) -> None:  # noqa: A002 - the field's name
    """Let the operator and the buyer itself pass.

    >>> check_buyer(Scope.buyer("b1"), "cart", "cart-1", buyer="b1")

    Raises:
        NotFound: The caller is another buyer, or a merchant.
    """
    check_party(scope, kind, id, merchant=None, buyer=buyer)


def check_party(scope: Scope, kind: str, id: str, *, merchant: str | None, buyer: str | None) -> None:  # noqa: A002 - as above
    """Let the operator pass, and the merchant and the buyer that a record belongs to.

    >>> check_party(Scope.merchant("acme"), "merchant_order", "order-1--acme", merchant="acme", buyer="b1")

    Raises:
        NotFound: The caller is another party.
    """
    caller = scope.caller
    owner = {Party.OPERATOR: "", Party.MERCHANT: merchant, Party.BUYER: buyer}[caller.party]
    if owner is None or caller.id != owner:
        raise NotFound(kind, id)


def check_listed(scope: Scope, kind: Kind[Any]) -> None:
    """Let a caller list a kind unless it is of a party that reads none of it: an empty list would be a false answer.

    Raises:
        PermissionDenied: No record of this kind is for such a party.
    """
    # A buyer who can order from nobody sees nothing of what is shown to related buyers: that is a true answer.
    is_shown = scope.party is Party.BUYER and kind.buyer is None and kind.related is not None
    if not is_shown and kind.filter_reads(scope) is None:
        raise PermissionDenied(str(scope.caller), scope.caller.user, f"read {kind.name}")


def check_named_user(unit: Repositories, scope: Scope, user: str | None) -> str | None:
    """Return whose prices a caller is given that names a user: prices may be that user's alone.

    The operator speaks for all, a user for itself, a buyer for its own users and for those that only its host knows. A
    user of somebody else is to a buyer as one that only its host knows: it passes, and nothing is stored for it.

    Args:
        unit: Under the operator's authority.
        scope: Who asks.
        user: The user that a cart or a request names, if it does.

    Returns:
        The user; None where there is none for this caller.

    Raises:
        NotFound: The caller speaks for no user of this name, whether there is one or not: it is a user itself, or a
            merchant.
    """
    caller = scope.caller
    if user is None or caller.party is Party.OPERATOR or user == caller.user:
        return user
    if caller.party is not Party.BUYER or caller.user is not None:
        raise NotFound("user", user)
    known = unit.repository(USERS).find(user)
    # Passed over and not refused: a refusal would tell that somebody else has a user of this name.
    return user if known is None or caller.covers_party(known.party, known.party_id) else None
