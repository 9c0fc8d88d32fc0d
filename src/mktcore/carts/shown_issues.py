"""What a buyer is told of an issue: that something stands in the way, and no limit that others share. Pure."""

import attrs

from mktcore.notice import Notice
from mktcore.persistence import Party, Scope

__all__ = ["show_issue"]

_HIDDEN = {"promotion-exhausted": frozenset({"limit"})}
"""Operands that are none of a buyer's business, by the issue's code."""


def show_issue(issue: Notice, scope: Scope) -> Notice:
    """Return an issue as the caller may see it.

    >>> told = {"promotion": "SUMMER", "limit": 5000}
    >>> show_issue(Notice("promotion-exhausted", "", "used up", operands=told), Scope.buyer("ann")).operands
    {'promotion': 'SUMMER'}
    """
    hidden = _HIDDEN.get(issue.code)
    if hidden is None or scope.caller.party is not Party.BUYER:
        return issue
    return attrs.evolve(issue, operands={name: one for name, one in issue.operands.items() if name not in hidden})
