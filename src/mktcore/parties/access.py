"""Who may do what with whose things. What a party may not see does not exist for it."""

from mktcore.unit_of_work import NotFound, Party, Scope

__all__ = ["check_buyer", "check_party"]


def check_buyer(scope: Scope, kind: str, id: str, buyer: str) -> None:  # noqa: A002 - the field's name
    """Let the operator and the buyer itself pass.

    >>> check_buyer(Scope.buyer("b1"), "cart", "cart-1", "b1")

    Raises:
        NotFound: The caller is another buyer, or a merchant.
    """
    check_party(scope, kind, id, None, buyer)


def check_party(scope: Scope, kind: str, id: str, merchant: str | None, buyer: str | None) -> None:  # noqa: A002 - as above
    """Let the operator pass, and the merchant and the buyer that a record belongs to.

    >>> check_party(Scope.merchant("acme"), "merchant_order", "order-1--acme", "acme", "b1")

    Raises:
        NotFound: The caller is another party.
    """
    caller = scope.caller
    owner = {Party.OPERATOR: "", Party.MERCHANT: merchant, Party.BUYER: buyer}[caller.party]
    if owner is None or caller.id != owner:
        raise NotFound(kind, id)
