"""Storing what happened to several orders, in one transaction and as many calls as for one.

Each effect is asked about one order after the other, and is shown money as those before it left it: what comes of them
is what would have come of one transaction after another.
"""

from collections.abc import Mapping, Sequence

import attrs

from mktcore.errors import MktcoreError
from mktcore.ledger import Account, Funds
from mktcore.ledger.sum_changes import sum_changes
from mktcore.orders.effects.apply_effects import (
    Settled,
    apply_changes,
    decide_changes,
    mark_stages,
    read_found,
    settle_order,
)
from mktcore.orders.effects.changes import Changes, join_changes
from mktcore.orders.effects.effect import Effect, Found, join_reads
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.merchant_order import MERCHANT_ORDERS
from mktcore.orders.order import MARKETPLACE_ORDERS
from mktcore.orders.ports import EffectUnit
from mktcore.persistence import Repositories

__all__ = ["Together", "apply_together"]


@attrs.frozen
class Together:
    """What came of several transitions that were to be stored together.

    Attributes:
        failed: Those that an effect refused, with its error, by their place; nothing of them was written.
        left: Places of those that write a record which one before them writes: they need a transaction of their own.
    """

    failed: Mapping[int, MktcoreError]
    left: frozenset[int]


@attrs.define
class _Deciding:
    found: Found
    settled: list[Settled] = attrs.field(factory=list)
    changes: list[Changes] = attrs.field(factory=list)
    failed: dict[int, MktcoreError] = attrs.field(factory=dict)
    left: set[int] = attrs.field(factory=set)
    written: set[tuple[str, str]] = attrs.field(factory=set)

    def decide(self, place: int, transition: OrderTransition, effects: tuple[Effect, ...]) -> None:
        changes = decide_changes(transition, self.found, effects)
        records = {(write.kind.name, write.value.id) for write in changes.writes}
        if records & self.written:
            self.left.add(place)
            return
        settled = settle_order(transition, changes)
        self.settled.append(settled)
        self.changes.append(settled.changes)
        self.written |= records
        self.found = attrs.evolve(self.found, funds=_follow(self.found.funds, changes))


def apply_together(unit: EffectUnit, transitions: Sequence[OrderTransition], effects: tuple[Effect, ...]) -> Together:
    """Store several orders, no two of them one, with everything that follows; nothing is committed here.

    Args:
        unit: The transaction, under the operator's authority.
        transitions: What happened to the orders, all at one instant; none of them is a placement.
        effects: What follows, in order.

    Raises:
        MktcoreError: As `apply_effects` raises it for any of them; the unit can only be left.
    """
    if not transitions:
        return Together({}, frozenset())
    marked, failed, reads = [mark_stages(one) for one in transitions], {}, []
    for place, one in enumerate(marked):
        try:
            reads.append(join_reads(effect.reads(one) for effect in effects))
        except MktcoreError as error:
            failed[place] = error
    deciding = _Deciding(read_found(unit, join_reads(reads)), failed=failed)
    for place, one in enumerate(marked):
        if place in failed:
            continue
        try:
            deciding.decide(place, one, effects)
        except MktcoreError as error:
            failed[place] = error
    _store(unit, deciding.settled)
    apply_changes(unit, join_changes(deciding.changes), transitions[0].now)
    return Together(failed, frozenset(deciding.left))


def _store(unit: Repositories, settled: Sequence[Settled]) -> None:
    # Marketplace orders before merchant orders, each by id, as everybody who stores both: nobody waits in a circle.
    wholes = [one.whole for one in settled if one.whole is not None]
    parts = [part for one in settled for part in one.parts]
    if wholes:
        unit.repository(MARKETPLACE_ORDERS).save_many(wholes)
    if parts:
        unit.repository(MERCHANT_ORDERS).save_many(parts)


def _follow(funds: Mapping[Account, Funds], changes: Changes) -> Mapping[Account, Funds]:
    """Return what accounts hold once these changes are posted."""
    moved = {account: minor for account, minor in sum_changes(changes.transactions).items() if account in funds}
    after = {
        account: attrs.evolve(funds[account], balance=funds[account].balance + account.to_balance(minor))
        for account, minor in moved.items()
    }
    return {**funds, **after} if after else funds
