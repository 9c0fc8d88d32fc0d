"""What became of the coupon codes that a buyer entered: none is dropped without a word. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from mktcore.notice import Notice, Severity
from mktcore.promotions.outcome import PromotionOutcome
from mktcore.promotions.promotion import Promotion
from mktcore.promotions.taken_codes import list_taken_codes

__all__ = ["find_code_notices"]


def find_code_notices(
    codes: Sequence[str],
    promotions: Iterable[Promotion],
    outcome: PromotionOutcome,
    *,
    pooled: Mapping[tuple[str | None, str], tuple[str, ...]],
) -> Iterator[Notice]:
    """Yield a notice for each code that takes nothing off: an error where no promotion takes it, else a warning.

    Args:
        codes: As they were entered.
        promotions: Those that may apply to the cart.
        outcome: What came of them.
        pooled: The codes that are of a pool, by its owner and name.
    """
    takers = {promotion.id: list_taken_codes(promotion, codes, pooled) for promotion in promotions}
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
