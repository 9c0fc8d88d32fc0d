"""What of an order's money stands in the books to date, merchant by merchant. Pure."""

from collections.abc import Iterable, Mapping, Sequence

import attrs

from mktcore.commissions import Commission
from mktcore.commissions.commission_rule import Reversal
from mktcore.postings.earned_share import Progress, find_standing
from mktcore.postings.line_funds import Pool, to_charge_key
from mktcore.postings.order_funds import OrderFunds

__all__ = ["SaleFigures", "find_figures", "find_progress"]


@attrs.frozen(kw_only=True)
class SaleFigures:
    """The money of one merchant's part of an order, or of the marketplace's own charges, to date, in minor units.

    Attributes:
        earned: What the buyer paid of what was earned, tax contained.
        earned_tax: Of it, the tax that the marketplace owes.
        refunded: What was given back of it.
        refunded_tax: Of that, the tax that the marketplace no longer owes.
        canceled: What was canceled before it was earned.
        borne: What the marketplace bears of reductions, less what went back.
        commission: What it took, less what went back.
        commission_tax: The tax on that.
    """

    earned: int = 0
    earned_tax: int = 0
    refunded: int = 0
    refunded_tax: int = 0
    canceled: int = 0
    borne: int = 0
    commission: int = 0
    commission_tax: int = 0

    def __sub__(self, other: "SaleFigures") -> "SaleFigures":
        """Return what came to each figure since."""
        mine, before = attrs.asdict(self), attrs.asdict(other)
        return SaleFigures(**{name: mine[name] - before[name] for name in mine})


def find_figures(
    funds: OrderFunds, commissions: Mapping[str, Sequence[Commission]], merchants: Iterable[str | None] | None = None
) -> dict[str | None, SaleFigures]:
    """Return the figures of merchants of an order, and of the marketplace's own charges under None.

    Args:
        funds: The order's money.
        commissions: The frozen commission of each merchant's part.
        merchants: Of whom; None for all of the order.
    """
    wanted = dict.fromkeys(pool.merchant for pool in funds.pools) if merchants is None else merchants
    return {
        merchant: _find_figures(funds.find_pools(merchant), commissions.get(merchant or "", ())) for merchant in wanted
    }


def _find_figures(own: Mapping[str, Pool], commissions: Iterable[Commission]) -> SaleFigures:
    pools = own.values()
    entries = [(entry, find_progress(entry, own)) for entry in commissions]
    return SaleFigures(
        earned=sum([pool.earned.paid for pool in pools]),
        earned_tax=sum([pool.earned.tax for pool in pools]),
        refunded=sum([pool.refunded.paid for pool in pools]),
        refunded_tax=sum([pool.refunded.tax for pool in pools]),
        canceled=sum([pool.canceled.paid for pool in pools]),
        borne=sum([_find_borne(pool) for pool in pools]),
        commission=sum([_find_taken(entry, entry.amount.minor, progress) for entry, progress in entries]),
        commission_tax=sum([_find_taken(entry, entry.tax.minor, progress) for entry, progress in entries]),
    )


def _find_borne(pool: Pool) -> int:
    """Return what stands of the reductions that the marketplace bears: those that no longer hold it bears no more."""
    relieved = pool.earned.relieved - pool.refunded.relieved
    return find_standing(pool.borne, Progress.of([pool])) - relieved


def _find_taken(entry: Commission, minor: int, progress: Progress) -> int:
    is_refundable = entry.reversal is not Reversal.KEEP
    return find_standing(minor, progress, refundable=is_refundable, mode=entry.rounding)


def find_progress(entry: Commission, own: Mapping[str, Pool]) -> Progress:
    """Return how far that has come which an entry was taken of: lines, one charge of the merchant, or all of them.

    Args:
        entry: The frozen entry.
        own: The pools of its merchant, by key: `OrderFunds.find_pools`.
    """
    if entry.lines:
        return Progress.of(own[key] for key in entry.lines if key in own)
    charges = (pool for pool in own.values() if pool.is_charge())
    return Progress.of(pool for pool in charges if not entry.line or pool.key == to_charge_key(entry.line))
