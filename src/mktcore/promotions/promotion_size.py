"""How much a promotion may ask of each cart."""

from collections.abc import Iterator

from mktcore.errors import InvalidValue
from mktcore.promotions.conditions import AllOf, AnyOf, Condition, InChannel, InGroup, Not, WithCode
from mktcore.promotions.line_filter import LineFilter
from mktcore.promotions.list_filters import list_filters
from mktcore.promotions.promotion import Promotion

__all__ = ["check_promotion_size"]

MAX_CONDITIONS = 100
MAX_DEPTH = 10
"""Conditions, or exclusions of filters, inside of each other."""
MAX_NAMED = 5_000
"""SKUs, brands, codes and the like, in all its conditions and filters."""


def check_promotion_size(promotion: Promotion) -> None:
    """Let a promotion pass that carts can look through.

    Asked before it is stored, and not of each promotion: what was stored before there were bounds can still be read.

    Raises:
        InvalidValue: It has more than 100 conditions, conditions or exclusions that are nested more than 10 deep, or
            names more than 5,000 SKUs, categories, brands, merchants, values, channels, groups and codes in all.
    """
    conditions = list(_walk(promotion.condition))
    named = sum(_count_named(one) for one in conditions) + len(promotion.combines_with or ())
    if promotion.charges is not None:
        named += len(promotion.charges.keys) + len(promotion.charges.merchants)
    for _, one in list_filters(promotion):
        named += _count_of_filter(one)
    if named > MAX_NAMED:
        raise InvalidValue("Promotion", "targets", named, f"{MAX_NAMED:,} names at most in conditions and filters")


def _walk(condition: Condition | None) -> Iterator[Condition]:
    """Yield a condition and all that it is made of, without going deeper or further than is allowed."""
    level, count = [] if condition is None else [condition], 0
    for _ in range(MAX_DEPTH):
        count += len(level)
        if count > MAX_CONDITIONS:
            raise InvalidValue("Promotion", "condition", count, f"{MAX_CONDITIONS} conditions at most")
        yield from level
        level = [inner for one in level for inner in _list_inner(one)]
    if level:
        raise InvalidValue("Promotion", "condition", MAX_DEPTH, f"conditions nested {MAX_DEPTH} deep at most")


def _list_inner(condition: Condition) -> tuple[Condition, ...]:
    if isinstance(condition, AllOf | AnyOf):
        return condition.conditions
    return (condition.condition,) if isinstance(condition, Not) else ()


def _count_named(condition: Condition) -> int:
    if isinstance(condition, WithCode):
        return len(condition.codes)
    if isinstance(condition, InGroup):
        return len(condition.groups)
    return len(condition.channels) if isinstance(condition, InChannel) else 0


def _count_of_filter(wanted: LineFilter) -> int:
    count, depth, one = 0, 0, wanted
    while True:
        count += sum(map(len, (one.skus, one.categories, one.brands, one.merchants)))
        count += sum(map(len, one.attributes.values())) + len(one.attributes)
        depth += 1
        if one.excluding is None:
            return count
        if depth >= MAX_DEPTH:
            raise InvalidValue("LineFilter", "excluding", depth, f"filters nested {MAX_DEPTH} deep at most")
        one = one.excluding
