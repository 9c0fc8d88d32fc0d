"""The money of a whole order, line by line, kept beside the order from its placement on."""

from collections.abc import Container, Iterable, Mapping

import attrs

from mktcore.access import Permission
from mktcore.money import Currency, round_ratio
from mktcore.persistence import Kind
from mktcore.postings.charge_refund_rule import ChargeRule
from mktcore.postings.line_funds import FundedPieces, Pool
from mktcore.totals.parts_over_time import apportion_amount

__all__ = ["ORDER_FUNDS", "OrderFunds", "PieceCounts", "count_left", "follow_charge", "follow_line"]


@attrs.frozen
class PieceCounts:
    """How many pieces of a line are where, by the states of its order.

    Attributes:
        open: Neither earned nor canceled.
        earned: They left the merchant, and count as sold.
        canceled: Canceled for good.
    """

    open: int
    earned: int
    canceled: int


@attrs.frozen
class OrderFunds:
    """What becomes of the money of an order: a pool for each line and each charge.

    Attributes:
        id: The marketplace order's id.
        currency: Of every amount.
        pools: Those of the lines, then those of the charges.
        version: How often it was stored.
    """

    id: str
    currency: Currency
    pools: tuple[Pool, ...]
    version: int = 0

    def get_pools(self, keys: Iterable[str]) -> tuple[Pool, ...]:
        """Return the pools with these keys, in the order of the order."""
        wanted = frozenset(keys)
        return tuple(pool for pool in self.pools if pool.key in wanted)

    def narrow(self, keys: Container[str]) -> "OrderFunds":
        """Return it with the lines of these keys alone, and all charges."""
        return attrs.evolve(self, pools=tuple([pool for pool in self.pools if pool.key in keys or pool.is_charge()]))

    def find_pools(self, merchant: str | None) -> dict[str, Pool]:
        """Return a merchant's pools by key; those of the marketplace's own charges for None."""
        return {pool.key: pool for pool in self.pools if pool.merchant == merchant}

    def follow(self, before: Mapping[str, PieceCounts], after: Mapping[str, PieceCounts]) -> "OrderFunds":
        """Return it after pieces moved: what left is earned, what was canceled is canceled, or refunded if it had left.

        A merchant's charges are earned with its first piece, the marketplace's own with the order's first; they are
        canceled as their rule says: see `ChargeRule`.

        Args:
            before: Pieces by line before the event; a line that had none yet is left out.
            after: Pieces by line after it.
        """
        pools = tuple(
            follow_line(pool, before.get(pool.key), after[pool.key]) if pool.key in after else pool
            for pool in self.pools
        )
        lines = [(known, pool) for known, pool in zip(self.pools, pools, strict=True) if not pool.is_charge()]
        return attrs.evolve(
            self, pools=tuple(_follow_charge_of(pool, lines) if pool.is_charge() else pool for pool in pools)
        )

    def raise_open(self, added: Mapping[str, FundedPieces]) -> "OrderFunds":
        """Return it with more to be paid for the open pieces of some lines, by key: see `Pool.raise_open`."""
        pools = (pool.raise_open(added[pool.key]) if pool.key in added else pool for pool in self.pools)
        return attrs.evolve(self, pools=tuple(pools)) if added else self

    def refund(self, amounts: Mapping[str, int]) -> "OrderFunds":
        """Return it after so much of what is kept of some lines and charges was given back, by key in minor units.

        Raises:
            InvalidValue: More than is kept of one of them.
        """
        pools = (pool.refund(amounts[pool.key]) if pool.key in amounts else pool for pool in self.pools)
        return attrs.evolve(self, pools=tuple(pools))

    def spread_refund(self, amount: int, keys: Iterable[str]) -> dict[str, int]:
        """Return how an amount is spread over lines and charges: by what is kept of each.

        Args:
            amount: In minor units.
            keys: The lines and charges that it is for.

        Raises:
            InvalidProgress: More than is kept of all of them.
        """
        pools = self.get_pools(keys)
        # The increment is spread over what is left of each; a running total spread anew would go back for some.
        shares = apportion_amount([pool.earned.paid for pool in pools], [pool.refunded.paid for pool in pools], amount)
        return {pool.key: share for pool, share in zip(pools, shares, strict=True)}


def follow_line(pool: Pool, before: PieceCounts | None, after: PieceCounts) -> Pool:
    """Return the money of a line after its pieces moved; see `OrderFunds.follow`."""
    if before == after:
        return pool
    pool = pool.earn(min(max(after.earned - pool.kept_pieces, 0), max(pool.open.pieces - after.open, 0)))
    canceled = max(after.canceled - (0 if before is None else before.canceled), 0)
    # A piece that came back before it was canceled had been earned: its money is refunded, not canceled.
    from_open = min(canceled, max(pool.open.pieces - after.open, 0))
    return pool.cancel(from_open).refund_pieces(min(canceled - from_open, pool.kept_pieces))


def follow_charge(pool: Pool, *, is_earned: bool, is_open: bool, left: int, taken: int) -> Pool:
    """Return the money of a charge after pieces of the lines moved that it is for; see `OrderFunds.follow`.

    Args:
        pool: The charge.
        is_earned: Some piece of them was earned.
        is_open: Some piece of them is open.
        left: What was not given back of them before, in minor units.
        taken: What of that was given back now.
    """
    if pool.rule is ChargeRule.BY_VALUE and 0 < taken <= left:
        pool = _give_back(pool, taken, left)
    if not pool.open.pieces:
        return pool
    if is_earned or (pool.rule is ChargeRule.NEVER and not is_open):
        return pool.earn(1)
    return pool if is_open else pool.cancel(1)


def _give_back(pool: Pool, taken: int, left: int) -> Pool:
    """Give back of what is left of a charge its share: of what is open, or of what is kept once it is earned."""
    there = pool.open.paid if pool.open.pieces else pool.kept.paid
    share = round_ratio(there * taken, left, pool.rounding)
    return pool.cancel_amount(share) if pool.open.pieces else pool.refund(share)


def count_left(line: Pool) -> int:
    """Return what of a line was not given back, in minor units."""
    return line.whole.paid + line.added.paid - line.canceled.paid - line.refunded.paid


def _follow_charge_of(pool: Pool, lines: Iterable[tuple[Pool, Pool]]) -> Pool:
    """Return a charge after its lines moved, each given as it was and as it is."""
    asked = [(known, line) for known, line in lines if pool.merchant in {None, line.merchant}]
    if not asked:
        return pool
    left = sum([count_left(known) for known, _ in asked])
    return follow_charge(
        pool,
        is_earned=any(line.earned.pieces for _, line in asked),
        is_open=any(line.open.pieces for _, line in asked),
        left=left,
        taken=left - sum([count_left(line) for _, line in asked]),
    )


ORDER_FUNDS = Kind("order_funds", OrderFunds, reads=Permission.FINANCE)
"""The money of orders: the operator's to read, and written by the library alone, with each move of an order."""
