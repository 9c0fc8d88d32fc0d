"""Linting promotions: what can never hold, and what is meant for goods that nobody sells. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import attrs

from mktcore.money import Currency
from mktcore.notice import Notice, Severity
from mktcore.promotions.conditions import (
    AnyOf,
    Condition,
    InChannel,
    InGroup,
    WithCode,
    list_conditions,
)
from mktcore.promotions.line_filter import LineFilter
from mktcore.promotions.list_filters import list_filters
from mktcore.promotions.promotion import Promotion
from mktcore.promotions.promotion_currencies import list_currencies
from mktcore.promotions.promotion_line import PromotionLine

__all__ = ["lint_promotions"]


@attrs.frozen(eq=False)
class _Meant:
    """Lines that a promotion means, and where it says so."""

    promotion: Promotion
    place: str
    filter: LineFilter

    def matches(self, line: PromotionLine) -> bool:
        return self.promotion.owner in {None, line.line.merchant} and self.filter.matches(line)


def lint_promotions(
    promotions: Iterable[Promotion], goods: Iterable[PromotionLine], *, currency: Currency, now: datetime
) -> tuple[Notice, ...]:
    """Return what is wrong with promotions before a buyer misses them: findings, in the order of codes and places.

    Each finding has the operand `merchant`: whose matter it is, None for the operator's.

    Args:
        promotions: Those to judge; what is over by now needs no mending.
        goods: What is sold, a line for each offer; read as far as it is needed, and once.
        currency: The market's.
        now: The present instant, UTC.
    """
    judged = [one for one in promotions if one.valid.end is None or one.valid.end > now]
    findings = [found for one in judged for found in _judge_promotion(one, currency)]
    left = [meant for one in judged for meant in _list_meant(one)]
    for line in goods:
        # Struck off as soon as something is meant: what is right costs little, however much is sold.
        left = [meant for meant in left if not meant.matches(line)]
        if not left:
            break
    findings += [_to_finding(meant) for meant in left]
    return tuple(sorted(findings, key=lambda one: (one.code, one.where, one.message)))


def _judge_promotion(promotion: Promotion, currency: Currency) -> Iterator[Notice]:
    foreign = sorted(list_currencies(promotion) - {currency.code})
    if foreign:
        message = f"it speaks of {', '.join(foreign)}, and the market of {currency}"
        yield _tell(promotion, "promotions.foreign-currency", message, remedy=f"give its amounts in {currency}")
    for condition in list_conditions(promotion.condition):
        if _is_empty(condition):
            message = f"{type(condition).__name__} of nothing never holds"
            yield _tell(promotion, "promotions.never-holds", message, remedy="name what it asks for, or leave it out")
    if 0 in {promotion.limits.uses, promotion.limits.per_buyer, promotion.limits.per_code}:
        message, remedy = "its limits allow no use", "raise them, or remove it"
        yield _tell(promotion, "promotions.never-holds", message, remedy=remedy)


def _is_empty(condition: Condition) -> bool:
    match condition:
        case AnyOf(conditions=()) | InChannel(channels=()) | InGroup(groups=()) | WithCode(codes=()):
            return True
        case _:
            return False


def _list_meant(promotion: Promotion) -> Iterator[_Meant]:
    for place, wanted in list_filters(promotion):
        yield _Meant(promotion, place, wanted)


def _to_finding(meant: _Meant) -> Notice:
    whose = "anybody" if meant.promotion.owner is None else meant.promotion.owner
    message = f"its {meant.place} means nothing that {whose} sells"
    remedy = "name SKUs, categories, brands, merchants and attributes that there are, or remove it"
    return _tell(meant.promotion, "promotions.matches-nothing", message, remedy=remedy)


def _tell(promotion: Promotion, code: str, message: str, *, remedy: str) -> Notice:
    operands = {"promotion": promotion.id, "merchant": promotion.owner}
    where = f"promotion {promotion.id}"
    return Notice(code, where, message, remedy, operands=operands, severity=Severity.WARNING)
