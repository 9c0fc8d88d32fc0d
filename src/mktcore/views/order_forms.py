"""Orders and their history, as people are shown them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

import attrs

from mktcore.caller_scope import Scope
from mktcore.commissions import CommissionReversal
from mktcore.goods import Measure
from mktcore.money import Money
from mktcore.orders.actions.action import Action, list_facts
from mktcore.orders.history import ORDER_STEPS, OrderStep
from mktcore.orders.merchant_order import MERCHANT_ORDERS, MerchantOrder
from mktcore.orders.order import MARKETPLACE_ORDERS, MarketplaceOrder, Order
from mktcore.orders.order_line import LineSource, OrderLine
from mktcore.orders.order_progress import OrderProgress
from mktcore.orders.order_stage import OrderStage
from mktcore.orders.parcel import Parcel
from mktcore.orders.price_approvals.price_approval import PRICE_APPROVALS, PriceApproval, Vote
from mktcore.payments import Payment
from mktcore.processes import Subject
from mktcore.processes.portions import Move
from mktcore.views.allowed_forms import ALLOWED_HERE
from mktcore.views.delivery_forms import EXPECTED_SHIPMENT
from mktcore.views.figure_forms import ACTOR, ADDRESS, EXPENSE, TOTALS
from mktcore.views.form import Field, Form, field, maybe
from mktcore.views.line_fields import list_line_fields
from mktcore.views.plain_fields import find_label, plain_fields
from mktcore.views.record_access import show_record
from mktcore.views.rule_forms import COMMISSION
from mktcore.views.shapes import (
    EXTRA,
    INSTANT,
    MONEY,
    PLAIN,
    STATE_LABEL,
    TEXT,
    TRUTH,
    WHOLE,
    Label,
    Listed,
    NamedState,
)

__all__ = [
    "ACTION",
    "MARKETPLACE_ORDER",
    "MERCHANT_ORDER",
    "MOVE",
    "ORDER",
    "ORDER_STEP",
    "PRICE_APPROVAL",
    "list_payment_fields",
]


@attrs.frozen
class _Standing:
    """So many pieces in one state; since when, for those of a line that came together."""

    state: NamedState
    quantity: int
    since: datetime | None = None
    measure: str | None = None


@attrs.frozen
class _LineNow:
    """A line, and where its pieces are."""

    line: OrderLine
    states: tuple[_Standing, ...]


def _show_measure(line: OrderLine | None, pieces: int) -> str | None:
    measure = None if line is None else line.measure(pieces)
    return None if measure is None else str(measure)


def _find_standings(subject: Subject, lines: Mapping[str, OrderLine]) -> dict[str, tuple[_Standing, ...]]:
    found: dict[str, tuple[_Standing, ...]] = {}
    for portion in subject.portions:
        state = NamedState(subject.process, portion.state)
        measure = _show_measure(lines.get(portion.line), portion.quantity)
        standing = _Standing(state, portion.quantity, portion.since, measure=measure)
        found[portion.line] = (*found.get(portion.line, ()), standing)
    return found


def _sum_standings(order: Any) -> Iterable[_Standing]:
    subject = order.fulfilment
    counts: Counter[str] = Counter()
    for portion in subject.portions:
        counts[portion.state] += portion.quantity
    return [_Standing(NamedState(subject.process, state), count) for state, count in counts.items()]


def _list_lines(order: MerchantOrder) -> Iterable[_LineNow]:
    standings = _find_standings(order.fulfilment, {line.key: line for line in order.lines})
    return [_LineNow(line, standings.get(line.key, ())) for line in order.lines]


def _sum_returned(order: MerchantOrder) -> Money | None:
    if not order.commission_reversals:
        return None
    returned = sum([step.amount.minor for step in order.commission_reversals])
    return Money.from_minor(returned, order.totals.currency)


_STANDING = Form(
    "Standing",
    _Standing,
    (
        field("state", STATE_LABEL, "Where the pieces are."),
        field("quantity", WHOLE, "Pieces."),
        maybe("measure", TEXT, "How much they are, where pieces are not only counted."),
        maybe("since", INSTANT, "Since when; absent where they came at different times."),
    ),
    about="So many pieces in one state.",
)
_SOURCE = Form("LineSource", LineSource, plain_fields(LineSource, "item", "quantity", "part", "per"))
_LINE = Form(
    "OrderLine",
    _LineNow,
    (
        *list_line_fields(
            {
                "key": "line.key",
                "sku": "line.sku",
                "title": "line.title",
                "quantity": "line.quantity",
                "offer": "line.offer",
                "unit_price": "line.unit_price",
                "per": "line.per",
                "entered": "line.entered",
                "options": lambda now: now.line.options or None,
                "totals": "line.totals",
                "extra": "line.extra",
            }
        ),
        maybe(
            "measure",
            TEXT,
            "How much they are, where pieces are not only counted: 1.3 m.",
            read=lambda now: _show_measure(now.line, now.line.quantity),
        ),
        maybe("product", TEXT, "Id of the product that it is a variant of.", read="line.product"),
        maybe("category", TEXT, "Its category at placement.", read="line.category"),
        maybe("chosen", Listed(TEXT), "Keys of all chosen options.", read=lambda now: now.line.chosen or None),
        maybe("deliver_to", ADDRESS, "Where it goes, if elsewhere than the rest.", read="line.deliver_to"),
        maybe("gift_of", TEXT, "The promotion whose gift it is.", read=lambda now: now.line.gift_of or None),
        field("states", Listed(_STANDING), "Where its pieces are."),
        maybe(
            "sources",
            Listed(_SOURCE),
            "The stock items it comes from, where it has locations or is a kit.",
            read=lambda now: now.line.sources or None,
        ),
    ),
    about="What was bought, as it was at placement.",
)
_REVERSAL = Form(
    "CommissionReversal", CommissionReversal, plain_fields(CommissionReversal, "amount", "tax", "reason", "at")
)
_PROGRESS = Label("progress", tuple(str(one) for one in OrderProgress), is_open=True)
_PARTIES = (
    field("buyer", TEXT, "Who bought."),
    field("placed_at", INSTANT, "When it was placed."),
    field("totals", TOTALS, "Its figures."),
    field("stage", find_label(OrderStage), "How far it is with all of its pieces."),
    field("states", Listed(_STANDING), "How many of its pieces are where.", read=_sum_standings),
    maybe("deliver_to", ADDRESS, "Where its lines go, but those that say otherwise."),
    maybe("progress", _PROGRESS, "How far it is, for people.", read=lambda order: order.progress or None),
)
MERCHANT_ORDER = Form(
    "MerchantOrder",
    MerchantOrder,
    (
        field("id", TEXT, "Its id."),
        field("reference", TEXT, "What people call it."),
        maybe("number", TEXT, "The order's number.", read=lambda order: order.number or None),
        field("order", TEXT, "Id of the marketplace order."),
        field("merchant", TEXT, "Who fulfils it."),
        *_PARTIES,
        field("lines", Listed(_LINE), "Its lines.", read=_list_lines),
        field(
            "expenses",
            Listed(EXPENSE),
            "The merchant's charges.",
            read=lambda order: [entry.totals for entry in order.expenses],
        ),
        maybe("shipments", Listed(TEXT), "Ids of its shipments, in turn.", read=lambda order: order.shipments or None),
        maybe("expected", Listed(EXPECTED_SHIPMENT), "How it was to go.", read=lambda order: order.expected or None),
        maybe("commission", MONEY, "What the marketplace takes of it, less what it gave back."),
        maybe("commission_returned", MONEY, "What of its commission was given back.", read=_sum_returned),
        maybe("commissions", Listed(COMMISSION), "Each commission, as it was frozen at placement."),
        maybe(
            "commission_reversals",
            Listed(_REVERSAL),
            "Each step in which commission was given back.",
            read=lambda order: order.commission_reversals or None,
        ),
        maybe("extra", EXTRA, "The host's own data."),
        # Only where it is: to a buyer, who is not to know, both look alike.
        maybe("is_held", TRUTH, "Whether nothing of it may leave.", read=lambda order: order.is_held or None),
        ALLOWED_HERE,
    ),
    about="The part of an order that one merchant fulfils.",
    show=show_record(MERCHANT_ORDERS),
)
_PAYMENT = Form("Payment", Payment, plain_fields(Payment, "method", "amount", "reference", "merchant"))


def list_payment_fields(payments: str, totals: str) -> tuple[Field, ...]:
    """Return how something is paid, what that covers, and what is still to be paid.

    Args:
        payments: Path of the means of payment.
        totals: Path of the figures of the whole.
    """
    find_payments, find_totals = attrgetter(payments), attrgetter(totals)

    def sum_paid(value: Any) -> Money:
        minor = sum([payment.amount.minor for payment in find_payments(value)])
        return Money.from_minor(minor, find_totals(value).currency)

    return (
        field("payments", Listed(_PAYMENT), "The means of payment that were named.", read=payments),
        field("paid", MONEY, "What the means of payment cover.", read=sum_paid),
        field(
            "payable",
            MONEY,
            "Of the grand total, what they do not cover.",
            read=lambda value: find_totals(value).grand_total - sum_paid(value),
        ),
    )


_WHOLE_ORDER = (
    field("id", TEXT, "Its id."),
    field("reference", TEXT, "What people call it."),
    maybe("number", TEXT, "The order's number.", read=lambda order: order.number or None),
    field("cart", TEXT, "Id of the cart it was placed from."),
    *_PARTIES,
    maybe("user", TEXT, "The buyer's user who placed it."),
    maybe("sold_by", TEXT, "The merchant it was sold by; absent for the operator."),
    maybe("channel", TEXT, "The sales channel."),
    field("prices_include_tax", TRUTH, "Whether unit prices contain tax.", read="policy.prices_include_tax"),
    field("merchants", Listed(TEXT), "Who fulfils parts of it, in the order of the cart."),
    field("skus", Listed(TEXT), "Ids of the SKUs of its lines, each once."),
    field(
        "expenses",
        Listed(EXPENSE),
        "The marketplace's own charges.",
        read=lambda order: [entry.totals for entry in order.expenses],
    ),
    field("codes", Listed(TEXT), "The coupon codes that the buyer entered."),
    *list_payment_fields("payments", "totals"),
    maybe("extra", EXTRA, "The host's own data."),
    maybe("reviews", Listed(TEXT), "Why it is held, a word each.", read=lambda order: order.reviews or None),
    ALLOWED_HERE,
)


def _show_order(order: Order, scope: Scope) -> Order:
    _exists_for(order.marketplace_order, scope)
    return order.view_for(scope)


_exists_for = show_record(MARKETPLACE_ORDERS)
MARKETPLACE_ORDER = Form(
    "MarketplaceOrder",
    MarketplaceOrder,
    _WHOLE_ORDER,
    about="A buyer's order as a whole, without its parts.",
    show=show_record(MARKETPLACE_ORDERS),
)


def _of_whole(figure: Field) -> Field:
    read = figure.read
    return attrs.evolve(figure, read=lambda order: read(order.marketplace_order))


ORDER = Form(
    "Order",
    Order,
    (
        *(_of_whole(figure) for figure in _WHOLE_ORDER),
        field("merchant_orders", Listed(MERCHANT_ORDER), "The part of each merchant."),
    ),
    about="A buyer's order with its merchant orders.",
    show=_show_order,
)


def _name_alone(state: str) -> NamedState:
    # A move does not say of which process it is: labels for one process only are not found here.
    return NamedState("", state)


MOVE = Form(
    "Move",
    Move,
    (
        field("line", TEXT, "Key of the line."),
        field("quantity", WHOLE, "Pieces."),
        maybe(
            "source",
            STATE_LABEL,
            "The state left; absent where they started.",
            read=lambda move: None if move.source is None else _name_alone(move.source),
        ),
        field("target", STATE_LABEL, "The state entered.", read=lambda move: _name_alone(move.target)),
        maybe("event", TEXT, "The event of the process; absent at the start."),
        field("at", INSTANT, "When."),
        maybe("by", ACTOR, "Who fired it; absent where nobody did."),
        maybe("why", TEXT, "What decided, and the reason that was given."),
    ),
    about="So many pieces of a line that went from one state to another.",
)


def _list_plain_facts(action: Action) -> Mapping[str, object]:
    """Return the facts of an action, parcels among them field by field."""
    return {name: _to_plain_fact(fact) for name, fact in list_facts(action).items()}


def _to_plain_fact(fact: object) -> object:
    if isinstance(fact, Parcel):
        told = {field.name: _to_plain_fact(getattr(fact, field.name)) for field in attrs.fields(Parcel)}
        return {name: part for name, part in told.items() if part is not None}
    if isinstance(fact, Measure):
        return str(fact)
    return [_to_plain_fact(one) for one in fact] if isinstance(fact, tuple) else fact


ACTION = Form(
    "Action",
    Action,
    (
        field("event", TEXT, "The event that it fires."),
        maybe("facts", PLAIN, "What was told with it, by name.", read=_list_plain_facts),
    ),
    about="What somebody did to an order, with the facts of it.",
)
ORDER_STEP = Form(
    "OrderStep",
    OrderStep,
    (
        field("order", TEXT, "Id of the marketplace order."),
        field("subject", TEXT, "Id of the order whose pieces moved: of it, or of a merchant order."),
        maybe("merchant", TEXT, "Whose merchant order it is; absent for the marketplace order."),
        field("buyer", TEXT, "Who bought."),
        field("number", WHOLE, "Grows from step to step, perhaps with gaps."),
        field("at", INSTANT, "When it happened."),
        field("moves", Listed(MOVE), "What moved, in order."),
        maybe("action", ACTION, "What was done; absent where the facts are not the reader's to see."),
    ),
    about="What one action or time-out did to an order.",
    show=show_record(ORDER_STEPS),
)
_VOTE = Form(
    "Vote",
    Vote,
    (
        field("user", TEXT, "Who answered."),
        field("at", INSTANT, "When."),
        field("approves", TRUTH, "Yes or no."),
        maybe("reason", TEXT, "Why."),
    ),
)
PRICE_APPROVAL = Form(
    "PriceApproval",
    PriceApproval,
    (
        field("merchant_order", TEXT, "Id of the merchant order.", read="id"),
        *plain_fields(
            PriceApproval,
            *("merchant", "ordered", "current", "reason", "state", "opened_at", "answer_by", "approvers", "votes"),
            forms={Vote: _VOTE},
        ),
        maybe("approver", TEXT, "The user whose turn it is; absent when nobody is waited for."),
    ),
    show=show_record(PRICE_APPROVALS),
)
