"""Replacing the processes of orders: each order stays on those that it began on, until it is migrated."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import attrs
import pytest

from markets import EXAMPLE, NOON, open_loaded
from mktcore.access import PermissionDenied
from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.marketplace.settings import Settings
from mktcore.orders import OrderProcesses
from mktcore.orders.check_processes import OrdersStranded, ProcessesRefused
from mktcore.orders.default_processes import Flag
from mktcore.orders.legacy_processes import FIRST_INTERACTION as INTERACTION
from mktcore.orders.legacy_processes import FIRST_MARKETPLACE_PROCESS as MARKETPLACE_PROCESS
from mktcore.orders.legacy_processes import FIRST_MERCHANT_PROCESS as MERCHANT_PROCESS
from mktcore.orders.order_migration import OrderMigration
from mktcore.orders.order_processes import ProcessNotHeld
from mktcore.persistence import Scope
from mktcore.processes import EventRefused, Process, ProcessEvent, State, Transition, Trigger, bind_portions
from mktcore.processes.portions import Interaction, Link
from mktcore.testing.fakes import CountingIds, ManualClock

OPERATOR, RITA, BOLT, BUYER = Scope.operator(), Scope.operator(user="rita"), Scope.merchant("bolt"), Scope.buyer("b1")


def rename(process: Process, old: str, new: str, version: int) -> Process:
    """Return a later version of a process in which a state goes by another name."""
    return attrs.evolve(
        process,
        version=version,
        initial=new if process.initial == old else process.initial,
        states=[attrs.evolve(state, name=new) if state.name == old else state for state in process.states],
        transitions=[
            attrs.evolve(
                move,
                source=new if move.source == old else move.source,
                target=new if move.target == old else move.target,
            )
            for move in process.transitions
        ],
    )


def rename_part(interaction: Interaction, old: str, new: str) -> Interaction:
    links = [
        attrs.evolve(link, moot_in=[new if s == old else s for s in link.moot_in])
        if link.receiver == "merchant-order"
        else link
        for link in interaction.links
    ]
    same = [(whole, new if part == old else part) for whole, part in interaction.same]
    return attrs.evolve(interaction, links=links, same=same)


FIRST = OrderProcesses(bind_portions(MARKETPLACE_PROCESS), bind_portions(MERCHANT_PROCESS), INTERACTION)
BOXED = bind_portions(rename(MERCHANT_PROCESS, "picking", "boxed", 2))
SECOND = OrderProcesses(FIRST.whole, BOXED, rename_part(INTERACTION, "picking", "boxed"), earlier=[FIRST])
SLOW = attrs.evolve(
    MARKETPLACE_PROCESS,
    version=2,
    events=[
        attrs.evolve(event, after=timedelta(days=60)) if event.name == "close" else event
        for event in MARKETPLACE_PROCESS.events
    ],
)
THIRD = OrderProcesses(bind_portions(SLOW), BOXED, SECOND.interaction, earlier=[SECOND])
TO_SECOND = OrderMigration(FIRST, part={"picking": "boxed"}, reason="boxes")


@pytest.fixture(params=["memory", "sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return "memory://" if request.param == "memory" else f"sqlite:///{tmp_path / 'market.db'}"


@pytest.fixture
def market(url: str, tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    """A market with an order that began on the first pair: two pieces are picked, one is not."""
    store = "memory" if url == "memory://" else "sqlite"
    with open_loaded(store, tmp_path, clock, EXAMPLE, settings=Settings(processes=FIRST)) as market:
        place(market, 1)
        market.fire("order-1--bolt", "pick", key="p1", scope=BOLT, lines={"l1": 2})
        yield market


def place(market: Marketplace, number: int) -> None:
    cart = Cart.of(f"cart-{number}", buyer="b1", lines=[CartLine("l1", "tripod", 3, offer="bolt-tripod")])
    market.place(cart, key=f"k{number}", scope=BUYER)


def replace(market: Marketplace, processes: OrderProcesses) -> Marketplace:
    """Return a market on the same store, with other processes: as the next deployment opens it."""
    ids = CountingIds()
    ids.new_id("order")  # its orders are called by the numbers after that of the first market
    return Marketplace(market.store, "EUR", clock=market.clock, ids=ids, processes=processes)


def get_states(market: Marketplace, order: str = "order-1") -> list[dict[str, int]]:
    found = market.orders.get(order, scope=OPERATOR)
    return [found.marketplace_order.fulfilment.states()["l1"], dict(found.merchant_orders[0].states["l1"])]


def test_an_order_goes_on_on_the_pair_that_it_began_on(market: Marketplace, clock: ManualClock) -> None:
    later = replace(market, SECOND)
    later.fire("order-1--bolt", "pick", key="p2", scope=BOLT)
    assert get_states(later) == [{"sent": 3}, {"picking": 3}]
    later.fire("order-1--bolt", "ship", key="s1", scope=BOLT)
    later.fire("order-1--bolt", "deliver", key="d1", scope=BOLT)
    clock.advance(timedelta(days=31))
    assert later.orders.expire() == 1
    assert get_states(later) == [{"closed": 3}, {"closed": 3}]
    assert later.verify() == ()


def test_a_new_order_starts_on_the_present_pair(market: Marketplace) -> None:
    later = replace(market, SECOND)
    place(later, 2)
    later.fire("order-2--bolt", "pick", key="p2", scope=BOLT)
    assert get_states(later, "order-2") == [{"sent": 3}, {"boxed": 3}]
    assert later.verify() == ()


def test_a_market_does_not_open_without_the_pairs_that_open_orders_are_on(market: Marketplace) -> None:
    alone = attrs.evolve(SECOND, earlier=[])
    with pytest.raises(OrdersStranded, match="orders are open on merchant-order v1, such as order-1--bolt"):
        replace(market, alone)
    market.fire("order-1--bolt", "cancel by merchant", key="c1", scope=BOLT)
    # What is over needs no process any more, and hides nothing from an audit.
    assert replace(market, alone).verify() == ()


def test_an_order_whose_pair_is_not_held_is_refused_by_name() -> None:
    first = Marketplace.in_memory("EUR", clock=ManualClock(NOON), ids=CountingIds(), processes=FIRST)
    first.load(EXAMPLE)
    # Opened while there were no orders yet: what it was not given it misses only now.
    opened = replace(first, attrs.evolve(SECOND, earlier=[]))
    place(first, 1)
    with pytest.raises(ProcessNotHeld, match="order-1 is on marketplace-order v1 and merchant-order v1; held:"):
        opened.fire("order-1--bolt", "ship", key="s1", scope=BOLT)
    assert [(one.code, one.where) for one in opened.verify()] == [("I15", "order-1")]


def test_the_dry_run_says_what_the_migration_does_and_changes_nothing(market: Marketplace) -> None:
    later = replace(market, SECOND)
    planned = later.orders.plan_migration(TO_SECOND, scope=RITA).items
    assert [one.to_text() for one in planned] == ["order-1--bolt:\n  1 of l1: new -> new\n  2 of l1: picking -> boxed"]
    assert get_states(later) == [{"sent": 3}, {"new": 1, "picking": 2}]
    assert later.orders.migrate(TO_SECOND, scope=RITA).items == planned
    assert get_states(later) == [{"sent": 3}, {"new": 1, "boxed": 2}]


def test_a_migrated_order_has_it_in_its_history_and_goes_on_on_the_present_pair(market: Marketplace) -> None:
    later = replace(market, SECOND)
    later.orders.migrate(TO_SECOND, scope=RITA)
    step = later.orders.page_merchant_order_history("order-1--bolt", scope=RITA).items[-1]
    assert [(move.source, move.target, move.by) for move in step.moves] == [
        ("new", "new", RITA),
        ("picking", "boxed", RITA),
    ]
    assert step.moves[0].why == "migrated from merchant-order v1 to merchant-order v2: boxes"
    later.fire("order-1--bolt", "ship", key="s1", scope=BOLT)
    assert get_states(later) == [{"shipped": 3}, {"shipped": 3}]
    assert later.verify() == ()
    alone = replace(market, attrs.evolve(SECOND, earlier=[]))
    assert alone.orders.migrate(TO_SECOND, scope=RITA).items == ()


def test_migrating_again_changes_nothing(market: Marketplace) -> None:
    later = replace(market, SECOND)
    later.orders.migrate(TO_SECOND, scope=RITA)
    before = later.orders.get("order-1", scope=OPERATOR)
    assert later.orders.migrate(TO_SECOND, scope=RITA).items == ()
    assert later.orders.get("order-1", scope=OPERATOR) == before


def test_time_outs_follow(market: Marketplace, clock: ManualClock) -> None:
    market.fire("order-1--bolt", "ship", key="s1", scope=BOLT)
    market.fire("order-1--bolt", "deliver", key="d1", scope=BOLT)
    later = replace(market, THIRD)
    [planned] = later.orders.migrate(OrderMigration(FIRST, part={"picking": "boxed"}), scope=RITA).items
    assert "  time-out 'close' of l1 in 'delivered' scheduled, due 2026-08-30T12:00:00+00:00" in planned.to_text()
    clock.advance(timedelta(days=31))
    later.orders.expire()
    assert get_states(later) == [{"delivered": 3}, {"delivered": 3}]
    clock.advance(timedelta(days=30))
    later.orders.expire()
    assert get_states(later) == [{"closed": 3}, {"closed": 3}]
    assert later.verify() == ()


def test_a_state_that_leads_nowhere_leaves_its_order_as_it_is(market: Marketplace) -> None:
    later = replace(market, SECOND)
    [planned] = later.orders.migrate(OrderMigration(FIRST), scope=RITA).items
    assert [problem.code for problem in planned.problems] == ["processes.unmapped-state"]
    assert "cannot be migrated" in planned.to_text()
    assert get_states(later) == [{"sent": 3}, {"new": 1, "picking": 2}]


def test_a_migration_that_goods_or_money_would_have_to_follow_is_refused(market: Marketplace) -> None:
    later = replace(market, SECOND)
    [planned] = later.orders.migrate(OrderMigration(FIRST, part={"picking": "shipped"}), scope=RITA).items
    assert [(one.code, one.where, one.message) for one in planned.problems] == [
        ("orders.migration-changes", "order-1--bolt.lines.l1", "3 pieces are held for it, and 1 would be"),
        ("orders.migration-changes", "order-1--bolt.lines.l1", "0 pieces are earned, and 2 would be"),
    ]
    assert get_states(later) == [{"sent": 3}, {"new": 1, "picking": 2}]
    assert later.verify() == ()


def test_only_the_operator_migrates(market: Marketplace) -> None:
    for scope in (BOLT, BUYER):
        with pytest.raises(PermissionDenied):
            market.orders.plan_migration(TO_SECOND, scope=scope)
        with pytest.raises(PermissionDenied):
            market.orders.migrate(TO_SECOND, scope=scope)
    with pytest.raises(InvalidValue):
        OrderMigration(FIRST, reason="x" * 1_001)


def open_with(processes: OrderProcesses) -> str:
    with pytest.raises(ProcessesRefused) as refused:
        Marketplace.in_memory("EUR", processes=processes)
    return str(refused.value)


def without_link(event: str) -> Interaction:
    return attrs.evolve(INTERACTION, links=[link for link in INTERACTION.links if link.event != event])


def test_a_pair_without_the_link_that_starts_merchant_orders_is_refused() -> None:
    told = open_with(attrs.evolve(FIRST, interaction=without_link("send to merchant")))
    assert "interaction.links: placing reaches 'authorise' and 'send to merchant', and no link of these starts" in told


def test_links_of_other_processes_are_refused() -> None:
    other = bind_portions(attrs.evolve(MERCHANT_PROCESS, name="my-merchant-order"))
    told = open_with(attrs.evolve(FIRST, part=other))
    assert "interaction.part: the links are those of 'merchant-order', and the process is 'my-merchant-order'" in told
    broken = attrs.evolve(
        INTERACTION, links=[*INTERACTION.links, Link("merchant-order", "sing", "marketplace-order", fires="ship")]
    )
    assert "interaction.links[12].sender: 'merchant-order' has no event 'sing'" in open_with(
        attrs.evolve(FIRST, interaction=broken)
    )


def test_a_process_on_which_placing_leads_nowhere_is_refused() -> None:
    silent = attrs.evolve(
        MARKETPLACE_PROCESS,
        transitions=[move for move in MARKETPLACE_PROCESS.transitions if move.event != "send to merchant"],
    )
    told = open_with(attrs.evolve(FIRST, whole=bind_portions(silent)))
    assert "whole: placing fires 'send to merchant', which leads nowhere from 'changeable'" in told


def test_what_is_reached_on_entering_a_state_may_start_merchant_orders() -> None:
    events = [*MARKETPLACE_PROCESS.events, ProcessEvent("go on", Trigger.ON_ENTER)]
    moves = [
        attrs.evolve(move, target="queued") if move.event == "send to merchant" else move
        for move in MARKETPLACE_PROCESS.transitions
    ]
    whole = attrs.evolve(
        MARKETPLACE_PROCESS,
        states=[*MARKETPLACE_PROCESS.states, State("queued", flags=[Flag.RESERVED])],
        events=events,
        transitions=[*moves, Transition("queued", "sent", "go on")],
    )
    links = [
        attrs.evolve(link, event="go on") if link.event == "send to merchant" else link for link in INTERACTION.links
    ]
    pair = OrderProcesses(bind_portions(whole), FIRST.part, attrs.evolve(INTERACTION, links=links))
    market = Marketplace.in_memory("EUR", processes=pair, ids=CountingIds(), clock=ManualClock(NOON))
    market.load(EXAMPLE)
    place(market, 1)
    assert get_states(market) == [{"sent": 3}, {"new": 3}]


def test_two_pairs_of_the_same_versions_are_refused() -> None:
    again = OrderProcesses(FIRST.whole, FIRST.part, INTERACTION, earlier=[SECOND])
    assert "earlier[1]: marketplace-order v1 with merchant-order v1 is held already" in open_with(again)


def test_pairs_that_an_earlier_pair_holds_are_held() -> None:
    assert [pair.label for pair in THIRD.list_held()] == [
        "marketplace-order v2 with merchant-order v2",
        "marketplace-order v1 with merchant-order v2",
        "marketplace-order v1 with merchant-order v1",
    ]


def test_an_event_of_the_present_pair_is_refused_on_an_order_of_an_earlier_one(market: Marketplace) -> None:
    process = attrs.evolve(
        MERCHANT_PROCESS,
        version=2,
        events=[*MERCHANT_PROCESS.events, ProcessEvent("wrap")],
        transitions=[*MERCHANT_PROCESS.transitions, Transition("new", "picking", "wrap")],
    )
    later = replace(market, OrderProcesses(FIRST.whole, bind_portions(process), INTERACTION, earlier=[FIRST]))
    with pytest.raises(EventRefused, match="there is no event 'wrap'"):
        later.fire("order-1--bolt", "wrap", key="w1", scope=OPERATOR)
    later.orders.migrate(OrderMigration(FIRST), scope=RITA)
    later.fire("order-1--bolt", "wrap", key="w2", scope=OPERATOR)
    assert get_states(later) == [{"sent": 3}, {"picking": 3}]
