"""Which of a record's host data a caller is shown."""

from mktcore.extra import Extra
from mktcore.persistence import Party, Scope

__all__ = ["show_extra"]


def show_extra(extra: Extra, scope: Scope, *, merchant: str | None = None, buyer: str | None = None) -> Extra:
    """Return what the caller is shown of a record's host data.

    A part for merchants, or for buyers, is shown to the one that the record names; where it names none, to each that is
    shown the record.

    >>> extra = Extra({"colour": "red"}, merchant={"cost": 700})
    >>> show_extra(extra, Scope.merchant("bolt"), merchant="acme")
    Extra(everyone={'colour': 'red'})

    Args:
        extra: The record's.
        scope: Who asks.
        merchant: The merchant that the record belongs to, if it does.
        buyer: The buyer that it belongs to, if it does.
    """
    if extra.is_empty():
        return extra
    caller = scope.caller
    named = {Party.OPERATOR: None, Party.MERCHANT: merchant, Party.BUYER: buyer}[caller.party]
    return extra.shown_to(caller.party if named in {None, caller.id} else None)
