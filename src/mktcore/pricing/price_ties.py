"""Ties: schedules between which precedence cannot decide, for somebody at some instant. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import attrs

from mktcore.notice import Notice
from mktcore.pricing.contender import Contender
from mktcore.pricing.price_book import PriceBook
from mktcore.pricing.recurrence import Recurrence, Window

__all__ = ["find_ties"]

_SHOWN = 5
_YEARS = 2
"""For how many years recurring windows are compared."""

Bucket = tuple[object, ...]
"""What contenders share that one query can meet together and that have the same rank but for the id."""


def find_ties(book: PriceBook, since: datetime) -> Iterator[Notice]:
    """Yield a finding for each set of schedules for one audience, offer and channel of which only the id decides.

    Two groups tie for a user who is in both: that has a code of its own, as many markets put nobody in two.
    """
    buckets: dict[Bucket, list[Contender]] = {}
    for (sku, merchant), one in book.list_assigned():
        if one.end > since:
            # All groups share a bucket, as a user may be in any two of them.
            audience = "group" if one.audience[0] == "group" else one.audience
            # The rank without the id at its end, which would decide.
            key: Bucket = (sku, merchant, one.currency, one.seller, audience, one.offer, one.channel, one.rank[:-1])
            buckets.setdefault(key, []).append(one)
    for bucket, members in buckets.items():
        if len(members) > 1:
            for tied in _find_clusters(members, since):
                yield _to_finding(bucket, tied)


@attrs.define
class _Cluster:
    """Contenders in the order of their starts, each of which meets one before it.

    The one that ends last stands for all that do not recur.
    """

    members: list[Contender] = attrs.field(factory=list)
    furthest: Contender | None = None
    recurring: list[Contender] = attrs.field(factory=list)

    def meets(self, one: Contender, since: datetime) -> bool:
        self.recurring = [other for other in self.recurring if other.end > one.start]
        others = self.recurring if self.furthest is None else [self.furthest, *self.recurring]
        return any(_meet(one, other, since) for other in others)

    def add(self, one: Contender) -> None:
        self.members.append(one)
        if one.recurs is not None:
            self.recurring.append(one)
        elif self.furthest is None or one.end > self.furthest.end:
            self.furthest = one

    def is_tie(self) -> bool:
        return len({one.schedule.id for one in self.members}) > 1


def _find_clusters(members: list[Contender], since: datetime) -> Iterator[list[Contender]]:
    cluster = _Cluster()
    # By start, so that one walk meets all that overlap; the id makes it the same walk each time.
    for one in sorted(members, key=lambda one: (one.start, one.schedule.id)):
        if cluster.members and not cluster.meets(one, since):
            if cluster.is_tie():
                yield cluster.members
            cluster = _Cluster()
        cluster.add(one)
    if cluster.is_tie():
        yield cluster.members


def _meet(one: Contender, other: Contender, since: datetime) -> bool:
    """Tell whether some instant lies in both; recurring windows are compared over two years."""
    start, end = max(one.start, other.start, since), min(one.end, other.end)
    if start >= end:
        return False
    for recurring, partner in ((one, other), (other, one)):
        if recurring.recurs is not None:
            return _meets_windows(recurring, partner, start=start, end=end)
    return True


def _meets_windows(recurring: Contender, partner: Contender, start: datetime, *, end: datetime) -> bool:
    """Tell whether a window of one opens or is open while the other applies, or the other way round."""
    if recurring.recurs is None:
        return False
    # From the year in which both recur: one that first recurs later than two years from now would be missed.
    begins = [start.year, *[one.recurs.first.year for one in (recurring, partner) if one.recurs is not None]]
    years = range(max(begins), min(end.year, max(begins) + _YEARS) + 1)
    mine = _clip(recurring.recurs, years, start=start, end=end)
    if partner.recurs is None:
        return bool(mine)
    return _overlap(mine, _clip(partner.recurs, years, start=start, end=end))


def _clip(recurs: Recurrence, years: Iterable[int], start: datetime, *, end: datetime) -> list[Window]:
    """Return the windows of some years as far as they lie between two instants."""
    windows = [window for year in years for window in recurs.list_windows(year)]
    return [(max(opens, start), min(closes, end)) for opens, closes in windows if opens < end and closes > start]


def _overlap(mine: list[Window], yours: list[Window]) -> bool:
    """Tell whether a window of one opens while one of the other is open."""
    furthest: dict[bool, datetime] = {}
    for opens, closes, is_mine in sorted([(*one, True) for one in mine] + [(*one, False) for one in yours]):
        if (not is_mine) in furthest and furthest[not is_mine] > opens:
            return True
        furthest[is_mine] = max(closes, furthest.get(is_mine, closes))
    return False


def _to_finding(key: Bucket, tied: list[Contender]) -> Notice:
    sku, merchant, *_ = key
    names = sorted({one.schedule.id for one in tied})
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    where = f"{sku} of {merchant}" if merchant is not None else str(sku)
    audiences = sorted({one.audience for one in tied})
    operands = {"sku": sku, "merchant": merchant, "schedules": ", ".join(names), "chosen": names[0]}
    if len(audiences) > 1:
        groups = " and ".join(name for _, name in audiences[:_SHOWN])
        operands["groups"] = ", ".join(name for _, name in audiences)
        message = f"price schedules {shown} have the same right for a user who is in {groups}"
        remedy = "give them different periods, or put nobody in several of these groups"
        return Notice("prices.ambiguous-groups", where, message, remedy=remedy, operands=operands)
    kind, name = audiences[0]
    whom = "everyone" if kind == "everyone" else f"{kind} {name}"
    message = f"price schedules {shown} have the same right for {whom}; {names[0]} is taken, by its id"
    return Notice(
        "prices.ambiguous", where, message, remedy="give them different periods, or remove one", operands=operands
    )
