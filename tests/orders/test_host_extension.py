"""A host adds an action, an effect and a kind of its own by the same lists as ours; all of it is one transaction."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import attrs
import pytest

from mktcore.carts import Cart, CartLine
from mktcore.events import Event
from mktcore.marketplace import Marketplace, Settings
from mktcore.orders import INTERACTION, MARKETPLACE_PROCESS, MERCHANT_PROCESS, MerchantOrder, OrderProcesses
from mktcore.orders.actions import ACTIONS
from mktcore.orders.actions.action import Action
from mktcore.orders.actions.order_facts import OrderFacts
from mktcore.orders.actions.shipments import Ship
from mktcore.orders.effects import EFFECTS
from mktcore.orders.effects.changes import Changes, Write
from mktcore.orders.effects.effect import Effect, Found, Reads
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.events import MerchantOrderMoved
from mktcore.persistence import Kind, Party, Scope, UniqueViolation, column
from mktcore.persistence.stored import Stored
from mktcore.processes import CommandDeclined, CommandOutcome, EventRefused, ProcessEvent, Transition, bind_portions
from mktcore.processes.portions.command_contract import PortionsFiring
from mktcore.processes.portions.interaction import Link
from mktcore.stock import StockLevel

EXAMPLE = Path(__file__).parents[2] / "examples" / "market"
BOLT, BUYER = Scope.merchant("bolt"), Scope.buyer("buyer-1")


@attrs.frozen
class HandToCourier(Action):
    event: ClassVar[str] = "hand to courier"
    shown_to: ClassVar[frozenset[Party]] = frozenset({Party.MERCHANT})
    courier: str
    tracking: str | None = None


@attrs.frozen
class CourierRun:
    """What a courier has to carry for a merchant: a record of the host's own."""

    id: str
    merchant: str
    pieces: int
    version: int = 0


COURIER_RUNS = Kind("courier_run", CourierRun, {"merchant": column("merchant")}, merchant="merchant")


@attrs.frozen(kw_only=True)
class CourierCalled(Event):
    subject_kind: ClassVar[str] = "merchant_order"
    courier: str


@attrs.frozen(kw_only=True)
class CourierLoaded(Event):
    subject_kind: ClassVar[str] = "courier_run"
    pieces: int


@attrs.frozen
class Load:
    """What the command tells the effect: pieces for a courier."""

    courier: str
    merchant: str
    pieces: int


def has_tracking(firing: PortionsFiring) -> bool:
    facts: OrderFacts = firing.facts
    return isinstance(facts.action, HandToCourier) and facts.action.tracking is not None


def call_courier(firing: PortionsFiring) -> CommandOutcome | CommandDeclined:
    facts: OrderFacts = firing.facts
    assert isinstance(facts.action, HandToCourier)
    assert facts.part is not None
    if facts.action.courier == "nobody":
        return CommandDeclined(f"no courier comes for {facts.order.totals.grand_total}")
    load = Load(facts.action.courier, facts.part.merchant, sum(firing.quantities().values()))
    called = CourierCalled(
        subject=facts.part.id, at=firing.now, merchant=facts.part.merchant, courier=facts.action.courier
    )
    return CommandOutcome(changes=(load, "of no type that any effect asks for"), events=(called,))


def list_loads(transition: OrderTransition) -> dict[str, Load]:
    return {f"{load.courier}/{load.merchant}": load for load in transition.find_changes(Load)}


def read_runs(transition: OrderTransition) -> Reads:
    return Reads(records={COURIER_RUNS: frozenset(list_loads(transition))})


def note_loads(transition: OrderTransition, found: Found) -> Changes:
    known = found.get_records(COURIER_RUNS)
    runs = []
    for id_, load in list_loads(transition).items():
        run = known.get(id_) or CourierRun(id_, load.merchant, 0)
        runs.append(attrs.evolve(run, pieces=run.pieces + load.pieces))
    events = [
        CourierLoaded(subject=run.id, at=transition.now, merchant=run.merchant, pieces=run.pieces) for run in runs
    ]
    return Changes(writes=tuple(Write(COURIER_RUNS, run) for run in runs), events=tuple(events))


NOTE_LOADS = Effect("courier", note_loads, read_runs)

PROCESS = attrs.evolve(
    MERCHANT_PROCESS,
    events=(*MERCHANT_PROCESS.events, ProcessEvent("hand to courier", parties=(Party.MERCHANT,))),
    transitions=(
        *MERCHANT_PROCESS.transitions,
        Transition("new", "shipped", "hand to courier", guard="has tracking", command="call courier"),
    ),
)
PROCESSES = OrderProcesses(
    bind_portions(MARKETPLACE_PROCESS),
    bind_portions(PROCESS, conditions={"has tracking": has_tracking}, commands={"call courier": call_courier}),
    attrs.evolve(
        INTERACTION,
        links=(*INTERACTION.links, Link(PROCESS.name, "hand to courier", MARKETPLACE_PROCESS.name, "ship")),
    ),
)
HOST_STORED = (
    Stored("shop.hand-to-courier", 1, HandToCourier),
    Stored("shop.courier-run", 1, CourierRun, kind=COURIER_RUNS),
    Stored("shop.courier-called", 1, CourierCalled),
    Stored("shop.courier-loaded", 1, CourierLoaded),
)


def open_market(kind: str, folder: Path, effects: tuple[Effect, ...]) -> Marketplace:
    settings = Settings(processes=PROCESSES, actions=(*ACTIONS, HandToCourier), effects=effects)
    url = "memory://" if kind == "memory" else f"sqlite:///{folder / 'market.db'}"
    return Marketplace.open(url, "EUR", stored=HOST_STORED, **settings)


def place(market: Marketplace) -> MerchantOrder:
    market.load(EXAMPLE)
    lines = (CartLine("l1", "tripod", 3, offer="bolt-tripod"),)
    return market.place(Cart.of("cart-1", buyer="buyer-1", lines=lines), key="k1", scope=BUYER).merchant_orders[0]


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, (*EFFECTS, NOTE_LOADS)) as market:
        yield market


def find_run(market: Marketplace) -> CourierRun | None:
    with market.store.begin(market.as_operator()) as unit:
        return unit.repository(COURIER_RUNS).find("swift/bolt")


def list_events(market: Marketplace, kind: str, subject: str, scope: Scope = BOLT) -> list[Event]:
    with market.store.begin(scope) as unit:
        return [envelope.event for envelope in unit.find_events(kind, subject)]


def find_level(market: Marketplace) -> StockLevel:
    with market.store.begin(market.as_operator()) as unit:
        return unit.stock.find_levels(["bolt-tripod"])["bolt-tripod"]


def test_an_action_moves_the_order_writes_the_hosts_record_and_tells(market: Marketplace) -> None:
    part = place(market)
    handed = HandToCourier("swift", tracking="S-1")
    moved = market.fire(part.id, handed, key="h1", scope=BOLT, lines={"l1": 2})
    assert moved.states == {"l1": {"new": 1, "shipped": 2}}
    assert (find_level(market).on_hand, find_level(market).reserved) == (10, 1)
    assert find_run(market) == CourierRun("swift/bolt", "bolt", 2, version=1)
    market.fire(part.id, HandToCourier("swift", tracking="S-2"), key="h2", scope=BOLT)
    assert find_run(market) == CourierRun("swift/bolt", "bolt", 3, version=2)
    assert [event.pieces for event in list_events(market, "courier_run", "swift/bolt")
            if isinstance(event, CourierLoaded)] == [2, 3]  # fmt: skip
    told = list_events(market, "merchant_order", part.id)
    assert [type(event).__name__ for event in told[-2:]] == ["MerchantOrderMoved", "CourierCalled"]
    assert market.orders.get(part.order, scope=BUYER).marketplace_order.fulfilment.states() == {"l1": {"shipped": 3}}
    assert market.verify() == ()


def test_facts_reach_the_history_of_those_who_may_see_them(market: Marketplace) -> None:
    part, handed = place(market), HandToCourier("swift", tracking="S-1")
    market.fire(part.id, handed, key="h1", scope=BOLT)
    assert market.orders.page_merchant_order_history(part.id, scope=BOLT).items[-1].action == handed
    assert market.orders.page_merchant_order_history(part.id, scope=market.as_operator()).items[-1].action == handed
    assert market.orders.page_merchant_order_history(part.id, scope=BUYER).items[-1].action is None
    assert market.orders.page_history(part.order, scope=BUYER).items[-1].action is None
    [last] = [event for event in list_events(market, "merchant_order", part.id, BUYER) if
              isinstance(event, MerchantOrderMoved)]  # fmt: skip
    assert last.action is None


@pytest.mark.parametrize("action", ["hand to courier", HandToCourier("swift")])
def test_the_guard_asks_for_a_tracking_number(market: Marketplace, action: Action | str) -> None:
    part = place(market)
    with pytest.raises(EventRefused):
        market.fire(part.id, action, key="h1", scope=BOLT)
    assert find_run(market) is None
    assert market.orders.get_merchant_order(part.id, scope=BUYER) == part


def test_a_command_that_declines_sees_the_order(market: Marketplace) -> None:
    part = place(market)
    with pytest.raises(EventRefused, match=r"no courier comes for \d+\.\d\d EUR"):
        market.fire(part.id, HandToCourier("nobody", tracking="S-1"), key="h1", scope=BOLT)


def test_what_ships_with_the_library_goes_on(market: Marketplace) -> None:
    part = place(market)
    assert market.fire(part.id, Ship(tracking="JD01"), key="s1", scope=BOLT).states == {"l1": {"shipped": 3}}
    assert find_run(market) is None


def fail(transition: OrderTransition, found: Found) -> Changes:
    """Ask for a record that is there already: found out when everything else was written."""
    del found
    if not transition.find_changes(Load):
        return Changes()
    return Changes(writes=(Write(COURIER_RUNS, CourierRun("swift/bolt", "bolt", 0)),))


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_everything_is_rolled_back_together(kind: str, tmp_path: Path) -> None:
    with open_market(kind, tmp_path, (*EFFECTS, NOTE_LOADS, Effect("failing", fail))) as market:
        part = place(market)
        before = find_level(market), market.orders.page_merchant_order_history(part.id, scope=BOLT)
        told = list_events(market, "merchant_order", part.id)
        with pytest.raises(UniqueViolation):
            market.fire(part.id, HandToCourier("swift", tracking="S-1"), key="h1", scope=BOLT)
        assert find_run(market) is None
        assert list_events(market, "courier_run", "swift/bolt") == []
        assert list_events(market, "merchant_order", part.id) == told
        assert (find_level(market), market.orders.page_merchant_order_history(part.id, scope=BOLT)) == before
        assert market.orders.get_merchant_order(part.id, scope=BUYER) == part
        assert market.verify() == ()


def test_an_effect_sees_placements_too(tmp_path: Path) -> None:
    def count(transition: OrderTransition, found: Found) -> Changes:
        del found
        if transition.before is not None:
            return Changes()
        pieces = sum(line.quantity for part in transition.after.merchant_orders for line in part.lines)
        return Changes(writes=(Write(COURIER_RUNS, CourierRun("placed", "bolt", pieces)),))

    with open_market("sqlite", tmp_path, (*EFFECTS, Effect("count", count))) as market:
        place(market)
        with market.store.begin(BOLT) as unit:
            assert unit.repository(COURIER_RUNS).get("placed").pieces == 3
