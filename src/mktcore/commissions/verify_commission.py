"""Whether a frozen commission is what its own frozen inputs make: nothing but the entry is asked."""

from collections.abc import Iterator

from mktcore.commissions.commission import Commission
from mktcore.commissions.compute_fee import TakenOf, compute_fee
from mktcore.commissions.fee_tax import FeeTax
from mktcore.money import Money
from mktcore.notice import Notice

__all__ = ["find_commission_contradictions"]


def find_commission_contradictions(entry: Commission) -> tuple[Notice, ...]:
    """Return what of an entry does not follow from its inputs; nothing for one that was frozen before 0.2.

    The terms of the base, rounded, must be what the first bound met, each bound must meet what the one before left, and
    the last must leave the amount; the tax must be the rate of the amount.
    """
    return tuple(_list_contradictions(entry))


def _list_contradictions(entry: Commission) -> Iterator[Notice]:
    if entry.terms is None:
        return
    before = 0 if entry.sold_before is None else entry.sold_before.minor
    of = TakenOf(entry.base, entry.quantity, max(len(entry.lines), 1), before=before)
    amount = compute_fee(entry.terms, of, entry.rounding)
    for clamp in entry.clamps:
        if clamp.before.minor != amount:
            yield _tell(entry, f"its {clamp.bound} met {clamp.before}, and not", amount)
        amount = clamp.after.minor
    if entry.amount.minor != amount:
        yield _tell(entry, f"it is {entry.amount}, and not", amount)
    tax = FeeTax(entry.tax_rate, entry.tax_reason).compute(entry.amount, entry.rounding)
    if entry.tax != tax:
        yield _tell(entry, f"its tax is {entry.tax}, and not", tax.minor)


def _tell(entry: Commission, what: str, minor: int) -> Notice:
    computed = Money.from_minor(minor, entry.amount.currency)
    message = f"commission {entry.id}: {what} {computed}"
    operands = {"commission": entry.id, "computed": str(computed)}
    return Notice(
        "commissions.contradiction", entry.merchant_order, message, "look who wrote the order", operands=operands
    )
