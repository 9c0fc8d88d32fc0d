"""Taking an order from one pair of processes to another, with both of its sides at once. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import attrs

from mktcore.errors import InvalidValue
from mktcore.notice import Notice
from mktcore.orders.actions.order_facts import OrderFacts
from mktcore.orders.canceled_pieces import find_canceled
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.order import Order
from mktcore.orders.order_money import count_pieces
from mktcore.orders.order_processes import OrderProcesses
from mktcore.orders.piece_whereabouts import Place, find_place
from mktcore.orders.propagation import Moved
from mktcore.persistence import Scope
from mktcore.processes import PortionsMachine, Subject
from mktcore.processes.portions import Migration, Planned, PortionsFired

__all__ = ["OrderMigration", "PlannedOrder", "PlannedOrders", "migrate_order", "plan_order"]


MAX_REASON = 1_000


def _to_map(states: Mapping[str, str]) -> dict[str, str]:
    return dict(states)


@attrs.frozen
class OrderMigration:
    """How open orders get from an earlier pair of processes to the one that new orders start on.

    Attributes:
        old: The pair that they are on.
        whole: Where each state of marketplace orders leads; those not named keep their name.
        part: The same of merchant orders.
        restart: Let the time in a state count anew from the migration; otherwise it goes on.
        reason: Why, for the history; 1,000 characters at most.
    """

    old: OrderProcesses
    whole: Mapping[str, str] = attrs.field(factory=dict, converter=_to_map, kw_only=True)
    part: Mapping[str, str] = attrs.field(factory=dict, converter=_to_map, kw_only=True)
    restart: bool = attrs.field(default=False, kw_only=True)
    reason: str = attrs.field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.reason, str) or len(self.reason) > MAX_REASON:
            raise InvalidValue("OrderMigration", "reason", self.reason, f"text of {MAX_REASON} characters at most")


@attrs.frozen
class PlannedOrder:
    """What migrating one order does to its sides.

    Attributes:
        order: Id of the marketplace order.
        subjects: The marketplace order, then its merchant orders; those that stay on their version are left out.
        problems: Why it is not migrated; then it stays as it is.
    """

    order: str
    subjects: tuple[Planned, ...] = ()
    problems: tuple[Notice, ...] = ()

    def to_text(self) -> str:
        """Return the plan as lines for a person to read."""
        refused = [f"{self.order}: cannot be migrated: {problem}" for problem in self.problems]
        return "\n".join([*refused, *(planned.to_text() for planned in self.subjects)])


@attrs.frozen
class PlannedOrders:
    """A page of orders that are migrated, or would be.

    Attributes:
        items: The orders, by their ids.
        next: Where the next page begins: hand it back as `after`; None when this was the last.
    """

    items: tuple[PlannedOrder, ...]
    next: str | None


def plan_order(order: Order, migration: OrderMigration, new: OrderProcesses, *, now: datetime) -> PlannedOrder:
    """Return what migrating an order would do; nothing is changed.

    Args:
        order: An order on the old pair.
        migration: How.
        new: The pair that it is to be on.
        now: The instant, UTC.
    """
    planned: list[Planned] = []
    for id_, subject, one in _list_sides(order, migration, new):
        planned += one.plan([subject], now=now, facts={id_: OrderFacts(order, order.find_part(id_), None)})
    problems = tuple(problem for one in planned for problem in one.problems)
    if problems:
        return PlannedOrder(order.id, problems=problems)
    # Only what can move at all is asked where it would come to.
    after = migrate_order(order, migration, new, now=now, by=None).after
    gone_astray = tuple(_find_changes(order, after, migration.old, new=new))
    return PlannedOrder(order.id, () if gone_astray else tuple(planned), gone_astray)


def migrate_order(
    order: Order, migration: OrderMigration, new: OrderProcesses, *, now: datetime, by: Scope | None
) -> OrderTransition:
    """Return an order on its way to another pair of processes; `plan_order` tells whether it may go.

    Args:
        order: An order on the old pair.
        migration: How.
        new: The pair that it is to be on.
        now: The instant, UTC.
        by: Who migrates it.

    Raises:
        EventRefused: A side of it is in a state that leads nowhere.
        WrongProcess: It is not on the old pair.
    """
    fired = {
        id_: one.apply(
            subject, now=now, by=by, facts=OrderFacts(order, order.find_part(id_), None), reason=migration.reason
        )
        for id_, subject, one in _list_sides(order, migration, new)
    }
    moved = _join(fired)
    return OrderTransition(order.move_subjects(moved.subjects), moved, new, now=now, before=order)


def _join(fired: Mapping[str, PortionsFired]) -> Moved:
    return Moved(
        {id_: one.subject for id_, one in fired.items()},
        # A merchant order that was not sent yet has no pieces to move.
        moves={id_: one.moves for id_, one in fired.items() if one.moves},
        schedule=tuple(timeout for one in fired.values() for timeout in one.schedule),
        cancel=tuple(key for one in fired.values() for key in one.cancel),
        problems=(),
    )


def _list_sides(
    order: Order, migration: OrderMigration, new: OrderProcesses
) -> Iterator[tuple[str, Subject, Migration]]:
    """Yield the sides of an order whose process gets another version, each with how it gets there."""
    old = migration.old
    for id_, subject in order.subjects().items():
        is_whole = id_ == order.id
        former, later = (pair.get_machine(subject.process) for pair in (old, new))
        if former.process.label != later.process.label:
            states = migration.whole if is_whole else migration.part
            yield id_, subject, Migration(former.process, later, states, restart=migration.restart)


def _find_changes(before: Order, after: Order, old: OrderProcesses, *, new: OrderProcesses) -> Iterator[Notice]:
    """Find what an order's goods or money would have to follow: a migration gives states other names, and no more."""
    moved = after.subjects()
    for id_, subject in before.subjects().items():
        former, later = old.get_machine(subject.process), new.get_machine(moved[id_].process)
        known, then = _measure(former, subject), _measure(later, moved[id_])
        for line, counts in known.items():
            for what, pieces in counts.items():
                if pieces != then[line][what]:
                    message = f"{pieces} pieces are {what}, and {then[line][what]} would be"
                    remedy = "map the states to those that mean the same for goods and money"
                    yield Notice("orders.migration-changes", f"{id_}.lines.{line}", message, remedy=remedy)


def _measure(machine: PortionsMachine, subject: Subject) -> dict[str, dict[str, int]]:
    """Return how many pieces of each line are what stock, limits and the ledger go by."""
    states, canceled = subject.states(), find_canceled(machine, subject)
    places = {state.name: find_place(state) for state in machine.process.states}
    return {
        line: {
            "held for it": sum([pieces for state, pieces in states[line].items() if places[state] is Place.HELD]),
            "for anybody": sum([pieces for state, pieces in states[line].items() if places[state] is Place.FREE]),
            "earned": counts.earned,
            "canceled": canceled[line],
        }
        for line, counts in count_pieces(machine, states).items()
    }
