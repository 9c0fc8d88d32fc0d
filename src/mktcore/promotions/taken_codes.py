"""Which of the coupon codes that were entered a promotion takes. Pure."""

from collections.abc import Iterable, Mapping

from mktcore.promotions.conditions import WithCode, WithPoolCode, list_conditions
from mktcore.promotions.promotion import Promotion

__all__ = ["list_taken_codes"]


def list_taken_codes(
    promotion: Promotion, entered: Iterable[str], pooled: Mapping[tuple[str | None, str], tuple[str, ...]]
) -> tuple[str, ...]:
    """Return those of the codes that its condition asks for, case-folded, in the order in which they were entered.

    Args:
        promotion: The promotion.
        entered: As they were entered.
        pooled: Those that are of a pool, by the pool's owner and name.
    """
    taken: set[str] = set()
    for condition in list_conditions(promotion.condition):
        if isinstance(condition, WithCode):
            taken |= condition.folded
        elif isinstance(condition, WithPoolCode):
            taken.update(pooled.get((promotion.owner, condition.pool), ()))
    return tuple(dict.fromkeys(code.casefold() for code in entered if code.casefold() in taken)) if taken else ()
