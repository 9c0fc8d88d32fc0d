"""What became of the coupon codes that a buyer entered: none is dropped without a word. Pure."""

from collections.abc import Iterable, Iterator

from mktcore.errors import Notice, Severity
from mktcore.promotions.conditions import WithCode, list_conditions
from mktcore.promotions.outcome import PromotionOutcome
from mktcore.promotions.promotion import Promotion

__all__ = ["find_code_notices"]


def find_code_notices(
    codes: Iterable[str], promotions: Iterable[Promotion], outcome: PromotionOutcome
) -> Iterator[Notice]:
    """Yield a notice for each code that takes nothing off: an error where no promotion takes it, else a warning.

    Args:
        codes: As they were entered.
        promotions: Those that may apply to the cart.
        outcome: What came of them.
    """
    takers = {promotion.id: _list_codes(promotion) for promotion in promotions}
    applied = {code for one in outcome.applied for code in takers.get(one.promotion.id, ())}
    known = {code for found in takers.values() for code in found}
    for code in dict.fromkeys(codes):
        if code.casefold() in applied:
            continue
        shown, operands = code[:80], {"code": code}
        if code.casefold() not in known:
            message, remedy = f"no promotion for this cart takes the code {shown!r}", "correct it, or leave it out"
            yield Notice("unknown-code", "", message, remedy=remedy, operands=operands)
        else:
            # Why is not told: what else it asks for is its owner's to say.
            message, remedy = f"the code {shown!r} takes nothing off this cart now", "see what it asks for"
            yield Notice("code-without-effect", "", message, remedy, operands=operands, severity=Severity.WARNING)


def _list_codes(promotion: Promotion) -> set[str]:
    found = [one for one in list_conditions(promotion.condition) if isinstance(one, WithCode)]
    return {code.casefold() for one in found for code in one.codes}
