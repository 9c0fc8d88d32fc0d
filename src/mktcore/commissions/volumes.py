"""What merchants sold in a period, kept in counters, for rules whose tiers go by it."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from mktcore.commissions.commission import Commission
from mktcore.commissions.commission_rule import CommissionRule
from mktcore.commissions.fee_terms import Tiers
from mktcore.persistence import Retryable
from mktcore.persistence.unit import Counters

__all__ = ["claim_volumes", "count_volumes", "name_volume"]


def name_volume(rule: CommissionRule, merchant: str, now: datetime) -> str:
    """Return the name of the counter that a merchant's volume is kept in; empty for a rule that counts none."""
    if not isinstance(rule.terms, Tiers) or not rule.counts_volume():
        return ""
    return f"commission-volume/{rule.id}/{merchant}/{rule.terms.name_period(now)}"


def count_volumes(
    counters: Counters, rules: Iterable[CommissionRule], merchants: Collection[str], *, now: datetime
) -> dict[str, dict[str, int]]:
    """Return what merchants sold in the period so far, in minor units, by merchant and by the rule that counts it."""
    found: dict[str, dict[str, int]] = {}
    for rule, merchant in _list_counted(rules, merchants):
        found.setdefault(merchant, {})[rule.id] = counters.count(name_volume(rule, merchant, now))
    return found


def claim_volumes(
    counters: Counters, rules: Iterable[CommissionRule], sold: Iterable[tuple[str, Commission]], *, now: datetime
) -> None:
    """Count what was sold, so that the next sale goes on from there.

    Args:
        counters: Of the unit that places the order.
        rules: Those that were asked.
        sold: Merchants with what was taken of their sales.
        now: The instant of placement, UTC: it tells the period.

    Raises:
        Retryable: Somebody else sold for the merchant meanwhile, so that the amounts are computed anew.
    """
    counting = {rule.id: rule for rule in rules if rule.counts_volume()}
    known: dict[str, int] = {}
    amounts: Counter[str] = Counter()
    for merchant, entry in sold:
        if entry.rule not in counting or entry.sold_before is None:
            continue
        name = name_volume(counting[entry.rule], merchant, now)
        # The first entry of a merchant's sale has what was sold before it; the others go on from there.
        known.setdefault(name, entry.sold_before.minor)
        amounts[name] += entry.base.minor
    for name, amount in sorted(amounts.items()):
        # A limit of what was read and what is added: the claim is granted only while the counter is as it was read.
        if amount and not counters.claim(name, amount, known[name] + amount):
            raise Retryable("the merchant's volume changed while commission was computed")


def _list_counted(rules: Iterable[CommissionRule], merchants: Collection[str]) -> Iterator[tuple[CommissionRule, str]]:
    for rule in rules:
        if rule.counts_volume() and rule.is_active:
            yield from ((rule, merchant) for merchant in merchants if rule.merchant in {None, merchant})
