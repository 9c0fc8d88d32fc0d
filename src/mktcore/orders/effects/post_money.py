"""Money follows the order: what is placed is paid, what leaves is earned, what is canceled goes back."""

from mktcore.commissions import CommissionReversal
from mktcore.ledger import Account
from mktcore.orders.effects.changes import Changes, Write
from mktcore.orders.effects.decide_revision import decide_revision
from mktcore.orders.effects.effect import Effect, Found, Reads
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.order_money import (
    build_books,
    name_occasion,
    open_funds,
    resume_funds,
    reverse_commissions,
)
from mktcore.postings import ORDER_FUNDS, MerchantPosition, Occasion, OrderFunds
from mktcore.postings.merchant_position import list_position_accounts
from mktcore.postings.order_postings import post_order_event, post_placement, post_raise

__all__ = ["POST_MONEY"]


def _is_concerned(transition: OrderTransition) -> bool:
    """Tell whether money moves: pieces of the order came to count as something else."""
    if transition.before is None:
        return True
    before, after = transition.pieces
    return before != after


def _is_in_books(transition: OrderTransition) -> bool:
    # The money of orders from before there was a ledger never was in it: nothing can be earned of it.
    return transition.before is None or transition.after.marketplace_order.in_ledger


def _read_books(transition: OrderTransition) -> Reads:
    """Ask for the order's money, and for what its merchants have, where any of them earns or gives back."""
    if not _is_concerned(transition):
        return Reads()
    whole = transition.after.marketplace_order
    records = {} if transition.before is None else {ORDER_FUNDS: frozenset({whole.id})}
    accounts = _list_accounts(transition) if _is_in_books(transition) else frozenset[Account]()
    return Reads(records=records, accounts=accounts)


def _list_accounts(transition: OrderTransition) -> frozenset[Account]:
    before, after = transition.pieces
    # A piece that is placed without being sold at once moves nobody's money but the buyer's.
    changed = {
        line for line, counts in after.items() if (line in before or counts.earned) and counts != before.get(line)
    }
    currency = transition.after.totals.currency
    return frozenset(
        account
        for part in transition.after.merchant_orders
        if any(line.key in changed for line in part.lines)
        for account in list_position_accounts(part.merchant, currency)
    )


def _post_money(transition: OrderTransition, found: Found) -> Changes:
    if not _is_concerned(transition):
        return Changes()
    whole = transition.after.marketplace_order
    before = _get_funds(transition, found)
    after = before.follow(*transition.pieces)
    if not _is_in_books(transition):
        return Changes(writes=(Write(ORDER_FUNDS, after),))  # its figures follow all the same
    occasion = Occasion(name_occasion(whole, whole.version + 1), transition.now, whole.id)
    books = build_books(transition.after, _list_positions(transition, found))
    placed = () if transition.before is not None else post_placement(occasion, before, books)
    transactions = (*placed, *post_order_event(occasion, before, after, books=books))
    revision = decide_revision(transition, after, transition.pieces[1])
    added = {} if revision is None else revision.added
    return Changes(
        writes=(Write(ORDER_FUNDS, after.raise_open(added)),),
        reversals=_list_reversals(transition, before, after),
        transactions=(*transactions, *post_raise(occasion, added, funds=after, books=books)),
        revision=revision,
    )


def _list_reversals(
    transition: OrderTransition, before: OrderFunds, after: OrderFunds
) -> dict[str, tuple[CommissionReversal, ...]]:
    pairs = zip(before.pools, after.pools, strict=True)
    back = {pool.merchant for known, pool in pairs if pool.list_back() != known.list_back()}
    parts = [part for part in transition.after.merchant_orders if part.merchant in back]
    steps = {part.id: reverse_commissions(part, after, at=transition.now) for part in parts}
    return {part: own for part, own in steps.items() if own}


def _list_positions(transition: OrderTransition, found: Found) -> dict[str, MerchantPosition]:
    currency = transition.after.totals.currency
    parts = transition.after.merchant_orders
    return {part.merchant: MerchantPosition.of(part.merchant, currency, found.funds) for part in parts}


def _get_funds(transition: OrderTransition, found: Found) -> OrderFunds:
    """Return the order's money before the event; all of it is open when the order is placed."""
    if transition.before is None:
        return open_funds(transition.after)
    before = transition.before
    return resume_funds(before, found.get_records(ORDER_FUNDS).get(before.id), transition.pieces[0])


POST_MONEY = Effect("money", _post_money, _read_books)
"""What is placed counts as paid; what leaves is earned, with its commission; what is canceled is given back."""
