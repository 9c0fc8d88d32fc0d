"""What an order's own life moves: from its money before an event and after it to transactions. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import attrs

from mktcore.commissions import Commission
from mktcore.ledger import Transaction
from mktcore.money import Currency, Money
from mktcore.postings.line_funds import FundedPieces, Pool, to_charge_key
from mktcore.postings.merchant_position import MerchantPosition
from mktcore.postings.order_funds import OrderFunds
from mktcore.postings.posting_row import Occasion
from mktcore.postings.posting_table import (
    CANCELLATION,
    CAPTURE,
    COMMISSION,
    EARNING,
    OWN_CHARGE_REFUND,
    REFUND,
    REFUND_EXECUTED,
)
from mktcore.postings.refund_postings import SaleReversal, post_own_charge_refund, post_refund, post_refund_executed
from mktcore.postings.sale_figures import SaleFigures, find_figures
from mktcore.postings.sale_postings import Earning, post_cancellation, post_capture, post_commission, post_earning

__all__ = ["ORDER_EVENTS", "SaleBooks", "post_order_event", "post_placement", "post_raise"]

_NOTHING = SaleFigures()
_ANY_CHARGE = to_charge_key("")
ORDER_EVENTS = frozenset(
    row.event for row in (CAPTURE, EARNING, COMMISSION, REFUND, CANCELLATION, OWN_CHARGE_REFUND, REFUND_EXECUTED)
)
"""The kinds of transactions that follow from what an order does by itself."""


@attrs.frozen
class SaleBooks:
    """An order, as postings see it.

    Attributes:
        buyer: Who bought.
        commissions: The frozen commission of each merchant's part.
        positions: Of the merchants whose money may move; one that is left out has nothing.
    """

    buyer: str
    commissions: Mapping[str, Sequence[Commission]]
    positions: Mapping[str, MerchantPosition]

    def find_entries(self, pools: Iterable[Pool]) -> dict[str, list[Commission]]:
        """Return the commission that was taken of some lines and charges, each once, by merchant."""
        found: dict[str, dict[int, Commission]] = {}
        for pool in pools:
            own = self._by_pool.get(pool.merchant or "", {})
            for key in (pool.key, _ANY_CHARGE) if pool.is_charge() else (pool.key,):
                found.setdefault(pool.merchant or "", {}).update((id(entry), entry) for entry in own.get(key, ()))
        return {merchant: list(entries.values()) for merchant, entries in found.items()}

    def list_concerned(self, pools: Iterable[Pool]) -> frozenset[str]:
        """Return the keys of some lines and charges, and of those that share an entry of commission with them."""
        given = tuple(pools)
        entries = (entry for own in self.find_entries(given).values() for entry in own)
        return frozenset([pool.key for pool in given] + [key for entry in entries for key in entry.lines])

    @cached_property
    def _by_pool(self) -> Mapping[str, Mapping[str, list[Commission]]]:
        found: dict[str, dict[str, list[Commission]]] = {}
        for merchant, entries in self.commissions.items():
            own = found.setdefault(merchant, {})
            for entry in entries:
                for key in _list_pool_keys(entry):
                    own.setdefault(key, []).append(entry)
        return found


def _list_pool_keys(entry: Commission) -> tuple[str, ...]:
    """Return the keys of the lines and of the charge that an entry was taken of; of all charges, the one for any."""
    return entry.lines or (to_charge_key(entry.line) if entry.line else _ANY_CHARGE,)


def post_placement(occasion: Occasion, funds: OrderFunds, books: SaleBooks) -> tuple[Transaction, ...]:
    """Return what placing an order moves: it counts as paid, until a checkout captures payments."""
    paid = Money.from_minor(sum([pool.whole.paid for pool in funds.pools]), funds.currency)
    return post_capture(occasion, amount=paid, buyer=books.buyer)


def post_raise(
    occasion: Occasion, added: Mapping[str, FundedPieces], *, funds: OrderFunds, books: SaleBooks
) -> tuple[Transaction, ...]:
    """Return what prices move that rise after placement: the rise counts as paid, as the rest did.

    Args:
        occasion: Why.
        added: What open pieces cost more, by line.
        funds: The order's money.
        books: Whose money it is.
    """
    paid = Money.from_minor(sum([one.paid for one in added.values()]), funds.currency)
    return post_capture(occasion, amount=paid, buyer=books.buyer) if added else ()


def post_order_event(
    occasion: Occasion, before: OrderFunds, after: OrderFunds, *, books: SaleBooks
) -> tuple[Transaction, ...]:
    """Return what follows from an event of an order: earnings with their commission, refunds, cancellations.

    What is to be posted is the difference of what stands before and after, so all of it is exact in any order of
    events. What is due to the buyer by it counts as paid back at once, as the payment counted as made.

    Args:
        occasion: Why; the keys of a merchant's transactions have its id in them.
        before: The order's money before the event: what changes, with what shares an entry of commission with it.
        after: The same after it.
        books: Whose money it is.
    """
    pairs = zip(before.pools, after.pools, strict=True)
    changed = [pool for known, pool in pairs if known is not pool and known != pool]
    merchants = list(dict.fromkeys(pool.merchant for pool in changed))
    # Every figure is a sum over lines and entries: the others come to the same before and after.
    entries, keys = books.find_entries(changed), books.list_concerned(changed)
    known, figures = (find_figures(funds.narrow(keys), entries, merchants) for funds in (before, after))
    steps = {merchant: figures[merchant] - known[merchant] for merchant in merchants}
    own = steps.pop(None, _NOTHING)
    posted: list[Transaction] = []
    for merchant, step in steps.items():
        position = books.positions.get(merchant or "") or MerchantPosition(merchant or "", after.currency)
        part = attrs.evolve(occasion, key=f"{occasion.key}/{merchant}")
        sale = _Sale(part, step, books.buyer, currency=after.currency)
        # Own charges are earned with the first goods that leave: they are part of the earning of these.
        with_own = own if sale.is_earned() else _NOTHING
        posted.extend(sale.post(position, with_own))
        own = attrs.evolve(own, earned=0, earned_tax=0) if with_own is own else own
    return (*posted, *_post_back(_Sale(occasion, own, books.buyer, currency=after.currency), steps.values()))


@attrs.frozen
class _Sale:
    """What came to the figures of one merchant, or of the marketplace's own charges, by an event."""

    occasion: Occasion
    step: SaleFigures
    buyer: str
    currency: Currency

    def is_earned(self) -> bool:
        return bool(self.step.earned or self.step.borne > 0 or self.step.commission > 0)

    def to_money(self, minor: int) -> Money:
        return Money.from_minor(minor, self.currency)

    def post(self, position: MerchantPosition, own: SaleFigures) -> tuple[Transaction, ...]:
        """Each transaction builds on what the ones before it left the merchant."""
        earned = post_earning(self.occasion, position, earning=self._to_earning(own), buyer=self.buyer)
        position = position.follow(earned)
        step = self.step
        # One event may both take and give back; each has its row, and together they are the difference.
        taken = post_commission(
            self.occasion,
            position,
            amount=self.to_money(max(step.commission, 0)),
            tax=self.to_money(max(step.commission_tax, 0)),
        )
        position = position.follow(taken)
        return (
            *earned,
            *taken,
            *post_refund(self.occasion, position, reversal=SaleReversal.of(self.step, self.currency), buyer=self.buyer),
        )

    def _to_earning(self, own: SaleFigures) -> Earning:
        step = self.step
        return Earning(
            paid=self.to_money(step.earned),
            borne=self.to_money(max(step.borne, 0)),
            tax=self.to_money(step.earned_tax),
            own_net=self.to_money(own.earned - own.earned_tax),
            own_tax=self.to_money(own.earned_tax),
        )


def _post_back(own: _Sale, parts: Iterable[SaleFigures]) -> Iterator[Transaction]:
    """Yield what goes back to the buyer: what was canceled, own charges, and the payment of all that is due by it."""
    steps = (own.step, *parts)
    canceled, refunded = sum([step.canceled for step in steps]), sum([step.refunded for step in steps])
    yield from post_cancellation(own.occasion, amount=own.to_money(canceled), buyer=own.buyer)
    net, tax = own.step.refunded - own.step.refunded_tax, own.step.refunded_tax
    yield from post_own_charge_refund(own.occasion, net=own.to_money(net), tax=own.to_money(tax), buyer=own.buyer)
    yield from post_refund_executed(own.occasion, amount=own.to_money(canceled + refunded), buyer=own.buyer)
