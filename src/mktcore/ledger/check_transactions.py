"""Whether transactions, links and settlements may be stored: the rules that ask nothing of a store."""

from collections.abc import Callable, Iterable
from typing import Any

import attrs

from mktcore.errors import MktcoreError
from mktcore.ledger.errors import HoldConflict, HoldExceeded, LinkMissing, TransactionConflict
from mktcore.ledger.hold import Hold
from mktcore.ledger.transaction import Leg, Transaction
from mktcore.money import Money

__all__ = ["check_links", "check_same_hold", "check_same_transaction", "check_settlement"]


def check_same_transaction(known: Transaction, given: Transaction) -> None:
    """Let a transaction pass that is the one posted under its key.

    Raises:
        TransactionConflict: It is another one.
    """
    _check_same(known, given, lambda fields: TransactionConflict(given.key, fields))


def check_same_hold(known: Hold, given: Hold) -> None:
    """Let a hold pass that is the one there is of its id.

    Raises:
        HoldConflict: It is another one.
    """
    # As it was asked for: a request that is sent again after the hold ended is still the same.
    _check_same(known.request, given, lambda fields: HoldConflict(given.id, fields))


def _check_same(known: Any, given: Any, refuse: Callable[[tuple[str, ...]], MktcoreError]) -> None:
    names = [field.name for field in attrs.fields(type(given))]
    different = tuple(name for name in names if getattr(known, name) != getattr(given, name))
    if different:
        raise refuse(different)


def check_links(transactions: Iterable[Transaction], posted: Callable[[set[str]], Iterable[str]]) -> None:
    """Let transactions pass whose links are among them, or posted.

    Args:
        transactions: What is to be posted in one call.
        posted: Returns which of some keys are posted.

    Raises:
        LinkMissing: One is neither.
    """
    given = tuple(transactions)
    links = {linked: one.key for one in given for linked in one.linked}
    # An exchange is two transactions, each linked to the other: neither can be posted before its partner.
    outside = links.keys() - {one.key for one in given}
    missing = sorted(outside - set(posted(set(outside)))) if outside else []
    if missing:
        raise LinkMissing(links[missing[0]], missing[0])


def check_settlement(hold: Hold, transaction: Transaction) -> None:
    """Let a transaction pass that moves a hold's amount at most between its accounts, and nothing else.

    Raises:
        HoldExceeded: It does not.
    """
    moved = transaction.total
    # A transaction may list its legs either way round.
    is_between = transaction.legs in ((legs := _to_legs(hold, moved)), legs[::-1])
    if not is_between or moved > hold.amount:
        raise HoldExceeded(hold.id, hold.amount, transaction.key)


def _to_legs(hold: Hold, moved: Money) -> tuple[Leg, ...]:
    if moved.currency != hold.amount.currency:
        return ()  # equal to no legs, where negating and comparing would raise for the currency
    return Leg(hold.debit, moved), Leg(hold.credit, -moved)
