"""What merchants sold in a period, kept in counters, for rules whose tiers go by it."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

import attrs

from mktcore.commissions.commission import Commission
from mktcore.commissions.commission_rule import CommissionRule
from mktcore.commissions.fee_terms import Tiers
from mktcore.persistence.counters import MAX_CLAIMED, Counters

__all__ = ["VOLUMES", "SoldVolumes", "add_volumes", "count_volumes", "name_sold", "name_volume", "return_volumes"]

VOLUMES = "commission-volume/"
"""Begins the names of these counters."""


def name_volume(rule: CommissionRule, merchant: str, now: datetime) -> str:
    """Return the name of the counter that a merchant's volume is kept in; empty for a rule that counts none."""
    if not isinstance(rule.terms, Tiers) or not rule.counts_volume():
        return ""
    return name_sold(rule.id, rule.terms, merchant, at=now)


def name_sold(rule: str, terms: Tiers, merchant: str, *, at: datetime) -> str:
    """Return the name of the counter of what a merchant sells in the period of an instant, by a rule's id and terms."""
    return f"{VOLUMES}{rule}/{merchant}/{terms.name_period(at)}"


def count_volumes(
    counters: Counters, rules: Iterable[CommissionRule], merchants: Collection[str], *, now: datetime
) -> dict[str, dict[str, int]]:
    """Return what merchants sold in the period so far, in minor units, by merchant and by the rule that counts it."""
    names = {
        (merchant, rule.id): name_volume(rule, merchant, now) for rule, merchant in _list_counted(rules, merchants)
    }
    counts = counters.count_many(names.values()) if names else {}
    found: dict[str, dict[str, int]] = {}
    for (merchant, rule), name in names.items():
        found.setdefault(merchant, {})[rule] = counts[name]
    return found


@attrs.frozen
class SoldVolumes:
    """What an order added to merchants' volumes, and what they were before it.

    Attributes:
        added: Minor units, by counter.
        before: Minor units, by merchant and by id of the rule that counts them.
    """

    added: Mapping[str, int] = attrs.field(factory=dict)
    before: Mapping[str, Mapping[str, int]] = attrs.field(factory=dict)


def add_volumes(
    counters: Counters, rules: Iterable[CommissionRule], sold: Iterable[tuple[str, Commission]], *, now: datetime
) -> SoldVolumes:
    """Count what an order sells, and return what was sold before it.

    What a rule counts does not depend on the volume, so it is added before anything is charged: whoever sells for the
    merchant meanwhile waits for this order's end, and goes on from there.

    Args:
        counters: Of the unit that places the order.
        rules: Those that were asked.
        sold: Merchants with what would be taken of their sales, at any volume.
        now: The instant of placement, UTC: it tells the period.
    """
    counting = {rule.id: rule for rule in rules if rule.counts_volume()}
    amounts: Counter[tuple[str, str, str]] = Counter()
    for merchant, entry in sold:
        if entry.rule in counting and not entry.agreement:
            amounts[name_volume(counting[entry.rule], merchant, now), merchant, entry.rule] += entry.base.minor
    # By name, as all who take counters do, so that units never wait in a circle.
    added: dict[str, int] = {}
    for (name, _, _), amount in sorted(amounts.items()):
        # A counter that is full takes no more, and gives nothing back.
        if amount and counters.claim(name, amount, MAX_CLAIMED):
            added[name] = amount
    counts = counters.count_many([name for name, _, _ in amounts]) if amounts else {}
    before: dict[str, dict[str, int]] = {}
    for name, merchant, rule in amounts:
        before.setdefault(merchant, {})[rule] = counts[name] - added.get(name, 0)
    return SoldVolumes(added, before)


def return_volumes(counters: Counters, volumes: SoldVolumes) -> None:
    """Take back what an order added that comes to nothing: its refusal is committed."""
    for name, amount in sorted(volumes.added.items()):
        counters.release(name, amount)


def _list_counted(rules: Iterable[CommissionRule], merchants: Collection[str]) -> Iterator[tuple[CommissionRule, str]]:
    for rule in rules:
        if rule.counts_volume() and rule.is_active:
            yield from ((rule, merchant) for merchant in merchants if rule.merchant in {None, merchant})
