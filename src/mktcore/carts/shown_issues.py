"""What a buyer is told of an issue: that something stands in the way, not what others agreed among themselves. Pure."""

import attrs

from mktcore.errors import Notice
from mktcore.persistence import Party, Scope

__all__ = ["show_issue"]

_RIGHTS = "no-right-to-sell"
_SHOWN_OPERANDS = {
    _RIGHTS: frozenset({"merchant", "product", "line"}),
    "promotion-exhausted": frozenset({"promotion"}),
}
"""Codes with operands that are none of a buyer's business, and those of them that are."""


def show_issue(issue: Notice, scope: Scope) -> Notice:
    """Return an issue as the caller may see it.

    >>> told = {"promotion": "SUMMER", "limit": 5000}
    >>> show_issue(Notice("promotion-exhausted", "", "used up", operands=told), Scope.buyer("ann")).operands
    {'promotion': 'SUMMER'}
    """
    shown = _SHOWN_OPERANDS.get(issue.code)
    if shown is None or scope.caller.party is not Party.BUYER:
        return issue
    operands = {name: value for name, value in issue.operands.items() if name in shown}
    if issue.code == _RIGHTS:
        # The rules that failed name owners and whom they let in.
        message = f"{operands['merchant']} does not sell {operands['product']} here"
        return attrs.evolve(issue, message=message, remedy="choose another offer", operands=operands)
    return attrs.evolve(issue, operands=operands)
