"""The money of an order followed through all that happens to it: each event costs what moves, not what there is."""

from collections import Counter
from collections.abc import Iterable, Mapping

from mktcore.postings.line_funds import FundedPieces, Pool
from mktcore.postings.order_funds import OrderFunds, PieceCounts, count_left, follow_charge, follow_line

__all__ = ["FollowedFunds"]


class FollowedFunds:
    """The money of one order as it changes: after each event, what `OrderFunds.follow` makes of it."""

    def __init__(self, placed: OrderFunds) -> None:
        """Begin with the money as it was placed."""
        self._placed = placed
        self._pools = {pool.key: pool for pool in placed.pools}
        self._places = {pool.key: place for place, pool in enumerate(placed.pools)}
        self._charges = [pool.key for pool in placed.pools if pool.is_charge()]
        self._counts: dict[str, PieceCounts] = {}
        # Lines of which something is earned, and is open, by merchant: charges ask, and must not ask every line.
        self._lines: Counter[str | None] = Counter()
        self._earned: Counter[str | None] = Counter()
        self._open: Counter[str | None] = Counter()
        self._left: Counter[str | None] = Counter()
        self._count((pool for pool in placed.pools if not pool.is_charge()), 1)

    def follow(self, after: Mapping[str, PieceCounts]) -> tuple[Pool, ...]:
        """Let pieces move, and return the lines and charges that this changed, as they were before.

        Args:
            after: Pieces by line after it; a line that is left out stays as it is.
        """
        lines = [self._pools[key] for key in after if key in self._pools]
        followed = [follow_line(pool, self._counts.get(pool.key), after[pool.key]) for pool in lines]
        left = dict(self._left)
        self._count(lines, -1)
        self._count(followed, 1)
        self._counts.update(after)
        charges = [self._pools[key] for key in self._charges]
        followed += [self._follow_charge(charge, left.get(charge.merchant, 0)) for charge in charges]
        before = (*lines, *charges)
        self._pools.update((pool.key, pool) for pool in followed)
        return tuple(pool for pool, now in zip(before, followed, strict=True) if pool is not now and pool != now)

    def raise_open(self, added: Mapping[str, FundedPieces]) -> None:
        """Let more be paid for the open pieces of some lines, by key: see `Pool.raise_open`."""
        lines = [self._pools[key] for key in added if key in self._pools]
        raised = [pool.raise_open(added[pool.key]) for pool in lines]
        self._count(lines, -1)
        self._count(raised, 1)
        self._pools.update((pool.key, pool) for pool in raised)

    def narrow(self, keys: Iterable[str], before: Iterable[Pool] = ()) -> OrderFunds:
        """Return the money of some lines and of all charges: as it is, but for those that are given as they were."""
        known = {pool.key: pool for pool in before}
        wanted = sorted({key for key in (*keys, *self._charges) if key in self._pools}, key=self._places.__getitem__)
        pools = tuple(known.get(key) or self._pools[key] for key in wanted)
        return OrderFunds(self._placed.id, self._placed.currency, pools)

    def build(self) -> OrderFunds:
        """Return all of the money as it is."""
        return OrderFunds(self._placed.id, self._placed.currency, tuple(self._pools.values()))

    def _follow_charge(self, pool: Pool, left: int) -> Pool:
        merchant = pool.merchant
        if not self._lines[merchant]:
            return pool
        return follow_charge(
            pool,
            is_earned=bool(self._earned[merchant]),
            is_open=bool(self._open[merchant]),
            left=left,
            taken=left - self._left[merchant],
        )

    def _count(self, lines: Iterable[Pool], by: int) -> None:
        for line in lines:
            is_earned, is_open, left = bool(line.earned_pieces), bool(line.open.pieces), count_left(line)
            # The marketplace's own charges are for the lines of all.
            for merchant in (line.merchant, None):
                self._lines[merchant] += by
                self._earned[merchant] += by * is_earned
                self._open[merchant] += by * is_open
                self._left[merchant] += by * left
