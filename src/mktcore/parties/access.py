"""Who may do what with whose things. What a party may not see does not exist for it."""

from mktcore.unit_of_work import NotFound, Party, Scope

__all__ = ["check_buyer"]


def check_buyer(scope: Scope, kind: str, id: str, buyer: str) -> None:  # noqa: A002 - the field's name
    """Let the operator and the buyer itself pass.

    >>> check_buyer(Scope.buyer("b1"), "cart", "cart-1", "b1")

    Raises:
        NotFound: The caller is another buyer, or a merchant.
    """
    caller = scope.caller
    if caller.party is not Party.OPERATOR and (caller.party, caller.id) != (Party.BUYER, buyer):
        raise NotFound(kind, id)
