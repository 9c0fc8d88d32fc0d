"""What a caller may do with an order now: as firing it then finds, in a number of calls that lines do not change."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import attrs
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from counting_store import CountingStore
from markets import EXAMPLE, LAMPS, NOON, open_market
from mktcore.access.permissions import PermissionDenied
from mktcore.carts import Cart, CartLine
from mktcore.errors import MktcoreError
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.notice import Notice
from mktcore.orders import INTERACTION, MARKETPLACE_PROCESS, MERCHANT_PROCESS, Order, OrderProcesses
from mktcore.orders.actions import Action, Ship, UnknownAction
from mktcore.persistence import NotFound, Party, Scope
from mktcore.pricing import PRICE_SCHEDULES, DivergenceRule, OnDivergence, PriceBreak
from mktcore.processes import CommandDeclined, CommandOutcome, Process, bind_portions
from mktcore.processes.elements import OnFailure, Semantics
from mktcore.processes.portions import PortionsFiring
from mktcore.testing.fakes import CountingIds, ManualClock
from orders.forgetful_store import ForgetfulStore

OPERATOR, ACME, BUYER = Scope.operator(), Scope.merchant("acme"), Scope.buyer("b1")
ANN = Scope.merchant("acme", user="ann")


def user_of(scope: Scope, *permissions: str) -> Scope:
    return attrs.evolve(scope, user="u1", permissions=frozenset(permissions))


CALLERS = (
    OPERATOR,
    user_of(OPERATOR, "orders.read", "orders.change"),
    user_of(OPERATOR, "orders.read"),
    ACME,
    ANN,
    user_of(ACME, "orders.read", "orders.fulfil"),
    user_of(ACME, "orders.read"),
    BUYER,
    user_of(BUYER, "orders.read", "orders.change"),
    user_of(BUYER, "orders.read"),
)


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Marketplace]:
    with open_market("memory", tmp_path, ManualClock(NOON), LAMPS) as opened:
        yield opened


def place(market: Marketplace, *, lamps: int = 3, vases: int = 2) -> Order:
    lines = [
        CartLine("l1", "lamp", lamps, offer="acme-lamp"),
        CartLine("l2", "vase", vases),
        CartLine("l3", "lamp", 1, offer="bolt-lamp"),
    ]
    return market.place(Cart.of("c1", buyer="b1", lines=lines), key="k1", scope=OPERATOR)


def codes_of(refusals: tuple[Notice, ...]) -> list[str]:
    return [one.code for one in refusals]


def test_what_can_be_done_is_told_by_pieces_and_states(market: Marketplace) -> None:
    part = place(market).merchant_orders[0].id
    market.fire(part, "ship", key="s1", scope=ACME, lines={"l1": 2})
    allowed = market.orders.allowed(part, scope=ACME)
    assert (allowed.kind, allowed.id, allowed.asker) == ("merchant_order", part, ACME)
    shipped = ("back-order", "undo shipment", "lose", "refuse at door")
    assert allowed.list_names() == ("pick", "ship", "deliver", *shipped, "cancel by merchant")
    ship, deliver = allowed.find("ship"), allowed.find("deliver")
    assert ship is not None
    assert deliver is not None
    assert ship.lines == {"l1": 1, "l2": 2}
    assert ship.states == {"l1": {"new": 1}, "l2": {"new": 2}}
    assert (codes_of(ship.refusals), ship.facts) == (
        ["processes.no-match"],
        ("carrier", "tracking", "parcels", "weight", "invoice"),
    )
    assert (deliver.lines, [one.line for one in deliver.refusals]) == ({"l1": 2}, ["l1", "l2"])
    refund = allowed.find("refund")
    assert refund is not None
    assert (refund.is_allowed, codes_of(refund.refusals)) == (False, ["processes.no-match"])
    assert market.fire(part, "ship", key="s2", scope=ACME, lines=ship.lines).states["l2"] == {"shipped": 2}


def test_what_time_does_by_itself_says_when(market: Marketplace) -> None:
    order = place(market)
    for event in ("ship", "deliver"):
        market.fire(order.merchant_orders[0].id, event, key=event, scope=ACME)
    close = market.orders.allowed(order.id, scope=BUYER).find("close")
    assert close is not None
    assert (close.is_allowed, codes_of(close.refusals)) == (False, ["processes.not-allowed"])
    assert close.due == NOON + timedelta(days=30)
    closing = market.orders.allowed(order.id, scope=OPERATOR).find("close")
    assert closing is not None
    assert closing.lines == {"l1": 3, "l2": 2}


def test_who_may_not_is_told_why_not(market: Marketplace) -> None:
    order = place(market)
    part = order.merchant_orders[0].id
    clerk = market.orders.allowed(part, scope=user_of(ACME, "orders.read"))
    assert {code for one in clerk.events for code in codes_of(one.refusals)} == {"parties.permission-denied"}
    buyer = market.orders.allowed(part, scope=BUYER)
    assert (buyer.list_names(), {code for one in buyer.events for code in codes_of(one.refusals)}) == (
        (),
        {"processes.not-allowed"},
    )
    market.onboarding.move("acme", "block", scope=OPERATOR, reason="late")
    blocked = market.orders.allowed(part, scope=ACME)
    assert {code for one in blocked.events for code in codes_of(one.refusals)} == {"parties.activity-refused"}
    names = market.orders.allowed(part, scope=OPERATOR).list_names()
    assert names == ("pick", "ship", "back-order", "cancel by merchant")


def test_an_order_that_is_not_the_callers_is_not_found(market: Marketplace) -> None:
    order = place(market)
    for id_, scope in ((order.id, ACME), (order.merchant_orders[0].id, Scope.merchant("bolt")), ("o9", OPERATOR)):
        with pytest.raises(NotFound):
            market.orders.allowed(id_, scope=scope)
    with pytest.raises(PermissionDenied):
        market.orders.allowed(order.id, scope=user_of(BUYER, "orders.change"))


def ask_for_price(market: Marketplace, part: str) -> None:
    """Let acme ask more than the order's price, so that ann has to approve it."""
    rule = DivergenceRule("acme", otherwise=OnDivergence.TASK, approvers=("ann", "bo"))
    market.orders.save_divergence_rule(rule, scope=ACME)
    with market.store.begin(OPERATOR) as unit:
        schedule = unit.repository(PRICE_SCHEDULES).get("acme-lamp")
        dearer = attrs.evolve(schedule, breaks=[PriceBreak(1, Money.of("39.00", "EUR"))])
        unit.repository(PRICE_SCHEDULES).save(dearer)
        unit.commit()
    assert market.orders.check_price(part, scope=OPERATOR).state == "waiting"


def test_goods_whose_price_is_not_approved_stay_and_say_so(market: Marketplace) -> None:
    part = place(market).merchant_orders[0].id
    ask_for_price(market, part)
    ship = market.orders.allowed(part, scope=ACME).find("ship")
    assert ship is not None
    assert (ship.lines, codes_of(ship.refusals)) == ({}, ["orders.price-not-approved"])
    assert market.orders.allowed(part, scope=ACME).list_names() == ("pick", "back-order", "cancel by merchant")


def test_an_approver_is_told_whether_it_is_its_turn(market: Marketplace) -> None:
    part = place(market).merchant_orders[0].id
    ask_for_price(market, part)
    bo = market.orders.allowed_answers(part, scope=Scope.merchant("acme", user="bo"))
    assert [codes_of(one.refusals) for one in bo.events] == [["orders.not-their-turn"]] * 2
    assert market.orders.allowed_answers(part, scope=ANN).list_names() == ("consent", "refuse")
    market.orders.deny_price(part, scope=ANN)
    closed = market.orders.allowed_answers(part, scope=ANN)
    assert [codes_of(one.refusals) for one in closed.events] == [["orders.approval-closed"]] * 2
    with pytest.raises(NotFound):
        market.orders.allowed_answers(part, scope=Scope.merchant("bolt"))


def test_an_action_is_asked_about_with_its_facts(market: Marketplace) -> None:
    @attrs.frozen
    class Unknown(Action):
        event = "ship"

    part = place(market).merchant_orders[0].id
    with pytest.raises(UnknownAction):
        market.orders.allowed(part, scope=ACME, actions=[Unknown()])
    guarded = attrs.evolve(
        MERCHANT_PROCESS,
        transitions=[
            attrs.evolve(one, guard="tracked") if one.event == "ship" else one for one in MERCHANT_PROCESS.transitions
        ],
    )

    def is_tracked(firing: PortionsFiring) -> bool:
        action = firing.facts.action
        return isinstance(action, Ship) and action.tracking is not None

    other = open_with(guarded, {"tracked": is_tracked}, {})
    part = place(other).merchant_orders[0].id
    bare = other.orders.allowed(part, scope=ACME).find("ship")
    told = other.orders.allowed(part, scope=ACME, actions=[Ship(tracking="JD1")], lines={"l1": 2}).find("ship")
    assert bare is not None
    assert told is not None
    assert codes_of(bare.refusals) == ["processes.guard"]
    assert told.lines == {"l1": 2}


def test_calls_do_not_grow_with_lines() -> None:
    named = ["battery", "charger", "reader", "filter-uv", "filter-nd", "filter-pol", "flash", "reflector"]
    counts: list[Counter[str]] = []
    for lines in (1, len(named)):
        store = CountingStore()
        market = Marketplace(store, "EUR")
        market.load(EXAMPLE)
        cart = Cart.of(
            "c1", buyer="b1", lines=[CartLine(f"l-{sku}", sku, offer=f"acme-{sku}") for sku in named[:lines]]
        )
        order = market.place(cart, key="k1", scope=OPERATOR)
        store.calls.clear()
        market.orders.allowed(order.merchant_orders[0].id, scope=ACME)
        market.orders.allowed(order.id, scope=BUYER)
        counts.append(Counter(store.calls))
    assert counts[0] == counts[1]
    assert 0 < sum(counts[1].values()) <= 20, counts[1]


def test_the_explanation_names_every_event(market: Marketplace) -> None:
    part = place(market).merchant_orders[0].id
    explained = market.orders.allowed(part, scope=ACME).explain()
    names = "pick, ship, back-order, cancel by merchant"
    assert explained.to_line() == f"merchant_order {part}: {names} - what may be done now"
    assert explained.parts[1].to_line() == "ship: 3 of l1, 2 of l2"
    assert explained.parts[2].parts[0].title == "event: 'deliver' leads nowhere from 'new'"


def test_a_merchants_life_says_which_steps_can_be_taken(market: Marketplace) -> None:
    allowed = market.onboarding.allowed("acme", scope=OPERATOR)
    assert allowed.list_names() == ("suspend", "block", "terminate")
    suspend = allowed.find("suspend")
    assert suspend is not None
    assert suspend.facts == ("reason",)
    own = market.onboarding.allowed("acme", scope=ACME)
    assert {code for one in own.events for code in codes_of(one.refusals)} == {
        "processes.not-allowed",
        "processes.no-match",
    }
    with pytest.raises(NotFound):
        market.onboarding.allowed("acme", scope=Scope.merchant("bolt"))
    for scope in (OPERATOR, user_of(OPERATOR, "orders.read"), ACME):
        check_steps(market, scope)


def check_steps(market: Marketplace, scope: Scope) -> None:
    """Take every step of acme's life without keeping it."""
    judge = Marketplace(ForgetfulStore(market.store), "EUR", clock=market.clock)
    for one in market.onboarding.allowed("acme", scope=scope).events:
        codes = try_codes(partial(judge.onboarding.move, "acme", one.event, scope=scope, reason="why"))
        assert (not codes, one.is_allowed) in {(True, True), (False, False)}, (one, codes)
        assert set(codes) <= set(codes_of(one.refusals))


# Over random orders, processes and callers.

CONDITIONS: dict[str, Callable[[PortionsFiring], bool]] = {
    "never": lambda _: False,
    "two at most": lambda firing: sum(firing.quantities().values()) <= 2,
    "not l2": lambda firing: "l2" not in firing.quantities(),
    "no facts": lambda firing: firing.facts.action is None,
}
COMMANDS: dict[str, Any] = {
    "decline picked": lambda firing: CommandDeclined("x") if firing.state == "picking" else CommandOutcome(),
}


def open_with(process: Process, conditions: Any = None, commands: Any = None) -> Marketplace:
    machine = bind_portions(process, conditions=conditions or CONDITIONS, commands=commands or COMMANDS)
    processes = OrderProcesses(bind_portions(MARKETPLACE_PROCESS), machine, INTERACTION)
    market = Marketplace.in_memory("EUR", clock=ManualClock(NOON), ids=CountingIds(), processes=processes)
    market.load(lamps_folder())
    return market


@cache
def lamps_folder() -> Path:
    """Return a folder with the files of LAMPS; examples open markets of their own, which no fixture reaches."""
    folder = Path(mkdtemp())
    for name, text in LAMPS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@st.composite
def merchant_processes(draw: st.DrawFn) -> Process:
    """Draw the merchants' process with guards and commands here and there."""
    semantics = Semantics(
        on_failure=draw(st.sampled_from(OnFailure)), strict=draw(st.sampled_from([True, True, False]))
    )
    guards, commands = st.sampled_from([None, None, *CONDITIONS]), st.sampled_from([None, None, *COMMANDS])
    by_hand = {event.name for event in MERCHANT_PROCESS.events if event.is_manual()}
    transitions = [
        attrs.evolve(one, guard=draw(guards), command=draw(commands)) if one.event in by_hand else one
        for one in MERCHANT_PROCESS.transitions
    ]
    return attrs.evolve(MERCHANT_PROCESS, transitions=transitions, semantics=semantics)


STEPS = st.tuples(
    st.sampled_from(["pick", "ship", "deliver", "ask to cancel", "ask to return", "receive return"]),
    st.sampled_from([None, {"l1": 1}, {"l1": 1, "l2": 1}, {"l2": 2}]),
)


@pytest.mark.slow
@given(st.data())
@settings(max_examples=25, deadline=None, phases=[Phase.generate])  # it shrinks for minutes, and fails on any
def test_it_never_disagrees_with_firing(data: st.DataObject) -> None:
    market = open_with(data.draw(merchant_processes()))
    order = place(market, lamps=data.draw(st.integers(1, 3)), vases=data.draw(st.integers(1, 2)))
    part = order.merchant_orders[0].id
    for number, (event, lines) in enumerate(data.draw(st.lists(STEPS, max_size=4))):
        subject, fire = (order.id, market.orders.fire) if event.startswith("ask") else (part, market.fire)
        try_codes(partial(fire, subject, event, key=f"s{number}", scope=OPERATOR, lines=lines))
    if data.draw(st.booleans()):
        ask_for_price(market, part)
    if data.draw(st.sampled_from([False, False, True])):
        market.onboarding.move("acme", "block", scope=OPERATOR, reason="late")
    lines = data.draw(st.sampled_from([None, None, {"l1": 1}, {"l2": 5, "l1": 1}]))
    judge = Marketplace(ForgetfulStore(market.store), "EUR", processes=market._processes, clock=market.clock)
    another = data.draw(st.sampled_from(CALLERS))
    for scope in (OPERATOR, ACME, another):
        check_order(market, judge, part, scope=scope, lines=lines)
    for scope in {OPERATOR, BUYER, BUYER if another.party is Party.MERCHANT else another}:
        check_order(market, judge, order.id, scope=scope, lines=lines)


def check_order(
    market: Marketplace, judge: Marketplace, order: str, *, scope: Scope, lines: dict[str, int] | None
) -> None:
    """Fire every event, allowed or not, and compare what comes of it with what was told."""
    told = market.orders.allowed(order, scope=scope, lines=lines)
    fire = judge.fire if told.kind == "merchant_order" else judge.orders.fire
    strict = market._processes.get_machine(market._processes.part.process.name).process.semantics.strict
    for one in told.events:
        asked = lines if not one.is_allowed else dict(one.lines)
        codes = try_codes(partial(fire, order, one.event, key="t", scope=scope, lines=asked))
        if one.is_allowed:
            assert not codes, (one, codes)
        else:
            assert codes or not strict, one
            assert set(codes) <= set(codes_of(one.refusals)), (one, codes)


def try_codes(attempt: Callable[[], object]) -> list[str]:
    """Return the codes by which something is refused; none where it passes."""
    try:
        attempt()
    except MktcoreError as error:
        return [one.code for one in error.notices] or [error.code]
    return []


def test_the_judge_keeps_nothing(market: Marketplace) -> None:
    part = place(market).merchant_orders[0].id
    judge = Marketplace(ForgetfulStore(market.store), "EUR", clock=ManualClock(datetime(2026, 7, 1, tzinfo=UTC)))
    assert judge.fire(part, "ship", key="s1", scope=ACME).states["l2"] == {"shipped": 2}
    assert market.orders.get_merchant_order(part, scope=ACME).states["l2"] == {"new": 2}
