"""An order made by hand, of two merchants, for deciding without any store."""

from collections.abc import Mapping
from datetime import UTC, datetime

from mktcore.market_policy import MarketPolicy
from mktcore.money import Currency, Rounding
from mktcore.money.amount import Money
from mktcore.orders import (
    INTERACTION,
    MARKETPLACE_PROCESS,
    MERCHANT_PROCESS,
    MarketplaceOrder,
    MerchantOrder,
    Order,
    OrderLine,
    OrderProcesses,
)
from mktcore.orders.actions.action import Action
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.order_line import LineSource
from mktcore.orders.propagation import move_on_event, start_order
from mktcore.persistence import Scope
from mktcore.processes import PortionsMachine, Subject, bind_portions
from mktcore.promotions.release_limits import PromotionUse
from mktcore.totals import Line, RoundAt, RoundingProfile, Totals, compute_totals

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
BOLT, BUYER = Scope.merchant("bolt"), Scope.buyer("buyer-1")
PROCESSES = OrderProcesses(bind_portions(MARKETPLACE_PROCESS), bind_portions(MERCHANT_PROCESS), INTERACTION)
POLICY = MarketPolicy(
    Currency.of("EUR"), prices_include_tax=True, profile=RoundingProfile(at=RoundAt.LINE, mode=Rounding.HALF_UP)
)
TEN = Money.of("10.00", "EUR")


def make_unstarted(
    processes: OrderProcesses = PROCESSES,
    *,
    sources: tuple[LineSource, ...] = (),
    uses: tuple[PromotionUse, ...] = (),
) -> Order:
    """Line l1 of bolt with 3 pieces (perhaps from several locations), line l2 of acme with 1 piece."""
    lines = [Line("l1", "bolt", TEN, 3), Line("l2", "acme", TEN, 1)]
    totals = compute_totals(lines, prices_include_tax=True, profile=POLICY.profile, currency=POLICY.currency)
    whole = MarketplaceOrder(
        "order-1",
        "cart-1",
        "buyer-1",
        NOON,
        POLICY,
        ("bolt", "acme"),
        (),
        (),
        (),
        totals.order,
        _to_unstarted("order-1", processes.whole),
        promotion_uses=uses,
        skus=("l1", "l2"),
    )
    bolt, acme = _to_line(lines[0], totals, sources), _to_line(lines[1], totals, ())
    return Order(
        whole, (_to_part(whole, "bolt", bolt, totals, processes), _to_part(whole, "acme", acme, totals, processes))
    )


def place(order: Order | None = None, processes: OrderProcesses = PROCESSES) -> OrderTransition:
    order = order or make_unstarted(processes)
    moved = start_order(processes, order, now=NOON, by=BUYER, events=("authorise", "send to merchant"))
    return OrderTransition(order.move_subjects(moved.subjects), moved, processes, now=NOON)


def fire(
    order: Order,
    action: Action | str,
    lines: Mapping[str, int] | None = None,
    *,
    processes: OrderProcesses = PROCESSES,
    subject: str = "order-1--bolt",
    by: Scope = BOLT,
) -> OrderTransition:
    moved = move_on_event(processes, order, subject, action=action, quantities=lines, now=NOON, by=by)
    told = action if isinstance(action, Action) else None
    return OrderTransition(order.move_subjects(moved.subjects), moved, processes, now=NOON, before=order, action=told)


def _to_unstarted(id_: str, machine: PortionsMachine) -> Subject:
    return Subject(id_, machine.process.name, machine.process.version, ())


def _to_line(line: Line, totals: Totals, sources: tuple[LineSource, ...]) -> OrderLine:
    key, reservation = line.key, f"order-1/{line.key}"
    return OrderLine(
        key, key, key, "goods", f"offer-{key}", "list", line.quantity, TEN, (), totals.lines[key], reservation,
        sources=sources,
    )  # fmt: skip


def _to_part(
    whole: MarketplaceOrder, merchant: str, line: OrderLine, totals: Totals, processes: OrderProcesses
) -> MerchantOrder:
    id_ = f"{whole.id}--{merchant}"
    figures = totals.merchants[merchant]
    return MerchantOrder(
        id_, whole.id, merchant, whole.buyer, NOON, (line,), (), figures, (), _to_unstarted(id_, processes.part)
    )
