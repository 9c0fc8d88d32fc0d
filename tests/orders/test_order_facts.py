"""Guards and commands of every process that moves are given the order, their part of it, and the action."""

from typing import Any

import attrs

from mktcore.orders import INTERACTION, MARKETPLACE_PROCESS, MERCHANT_PROCESS, OrderProcesses
from mktcore.orders.actions.order_facts import OrderFacts
from mktcore.orders.actions.shipments import Ship
from mktcore.processes import CommandOutcome, Process, bind_portions
from mktcore.processes.portions.command_contract import PortionsFiring
from orders.made_orders import fire, make_unstarted, place

SEEN: list[tuple[str, OrderFacts]] = []


def note(firing: PortionsFiring) -> CommandOutcome:
    SEEN.append((firing.event, firing.facts))
    return CommandOutcome(changes=(f"{firing.subject.id}: {firing.event}",))


def watch(process: Process) -> Any:
    watched = [attrs.evolve(transition, command="note") for transition in process.transitions]
    return bind_portions(attrs.evolve(process, transitions=watched), commands={"note": note})


PROCESSES = OrderProcesses(watch(MARKETPLACE_PROCESS), watch(MERCHANT_PROCESS), INTERACTION)


def test_the_first_events_of_an_order_see_its_figures() -> None:
    SEEN.clear()
    unstarted = make_unstarted(PROCESSES)
    placed = place(unstarted, PROCESSES)
    assert [event for event, _ in SEEN] == ["authorise", "send to merchant"]
    assert {facts.order.totals for _, facts in SEEN} == {unstarted.totals}
    assert placed.moved.changes == ("order-1: authorise", "order-1: send to merchant")


def test_a_message_to_the_other_process_carries_the_facts() -> None:
    order = place(processes=PROCESSES).after
    SEEN.clear()
    moved = fire(order, Ship(tracking="JD01"), processes=PROCESSES)
    bolt = order.get_part("order-1--bolt")
    facts = list(SEEN)
    assert facts == [
        ("ship", OrderFacts(order, bolt, Ship(tracking="JD01"))),
        ("ship", OrderFacts(order, None, Ship(tracking="JD01"))),
    ]
    assert moved.find_changes(str) == ("order-1--bolt: ship", "order-1: ship")
    assert moved.find_changes(int) == ()
