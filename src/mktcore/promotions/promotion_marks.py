"""Under which marks a promotion is found: every cart to which it may apply asks for one of them. Pure.

A promotion says what it needs: a code, a group, goods of a category. A cart that has none of that cannot get it, so it
is found by one thing that it needs, the rarest; one that needs nothing is found by every cart. What is found may still
not apply: marks only leave out, they decide nothing.
"""

from collections.abc import Collection, Iterable, Iterator
from hashlib import sha256
from typing import Protocol

import attrs

from mktcore.periods import ALWAYS, Period
from mktcore.persistence.dated_mark import Mark
from mktcore.persistence.declared_columns import is_storable
from mktcore.promotions.conditions import (
    AllOf,
    Amount,
    AnyOf,
    Condition,
    During,
    InChannel,
    InGroup,
    Quantity,
    WithCode,
    WithPoolCode,
    list_conditions,
)
from mktcore.promotions.effects import Effect, Gift
from mktcore.promotions.line_filter import LineFilter

__all__ = ["SORTS", "list_marks", "to_mark"]

SORTS = ("code", "pool", "sku", "brand", "category", "merchant", "group", "channel", "any")
"""What promotions are found by, the rarest first."""
MOST_MARKS = 5_000
"""Of what names more of one sort, as a promotion of an earlier release may: each mark is a row of an index."""
_LONGEST = 200


def to_mark(sort: str, owner: str | None, value: str = "") -> str:
    """Return the text of a mark.

    >>> to_mark("code", None, "summer"), to_mark("any", "acme")
    ('code  summer', 'any acme ')

    Args:
        sort: One of `SORTS`.
        owner: Whose promotions are found; None for the operator's.
        value: The code, SKU and the like; of any length.
    """
    text = f"{sort} {owner or ''} {value}"
    if len(text) <= _LONGEST and is_storable(text):
        return text
    # Of a text that no column holds, its digest: two that came to one would only be looked at in vain.
    return f"{sort} #{sha256(text.encode(errors='surrogatepass')).hexdigest()}"


@attrs.frozen
class _Need:
    """One of the things of which a cart needs one, and when having it is enough."""

    sort: str
    value: str = ""
    valid: Period = ALWAYS


_Needs = Collection[_Need]
"""Any one of them is needed. Of none, it never applies."""
_ANYTHING: _Needs = (_Need("any"),)


class _Markable(Protocol):
    """What of a promotion says to which carts it may apply; the kind of promotions stands above this."""

    @property
    def owner(self) -> str | None: ...
    @property
    def condition(self) -> Condition | None: ...
    @property
    def targets(self) -> LineFilter: ...
    @property
    def effect(self) -> Effect: ...
    @property
    def valid(self) -> Period: ...


def list_marks(promotion: _Markable) -> Iterator[Mark]:
    """Yield the marks of a promotion.

    By its codes it is found whenever they are entered, also when it is over: whoever enters one is told that it is
    known.
    """
    owner, condition = promotion.owner, promotion.condition
    for one in list_conditions(condition):
        if isinstance(one, WithCode | WithPoolCode):
            yield from (Mark(to_mark(need.sort, owner, need.value)) for need in _find_needs(one, owner))
    needed = [(_Need("any", valid=promotion.valid),), _find_needs(condition, owner)]
    if not isinstance(promotion.effect, Gift):
        # A gift is a line of its own; everything else is for lines that it means.
        needed.append(_need_lines(promotion.targets, owner))
    for need in _need_all(needed):
        if need.sort not in {"code", "pool"}:
            yield Mark(to_mark(need.sort, owner, need.value), need.valid)


def _find_needs(condition: Condition | None, owner: str | None) -> _Needs:
    """Return what a cart needs for a condition to hold, as far as it can be told without its prices."""
    match condition:
        case AllOf():
            return _need_all([_find_needs(one, owner) for one in condition.conditions])
        case AnyOf():
            return _need_any([_find_needs(one, owner) for one in condition.conditions])
        case During():
            return (_Need("any", valid=condition.period),)
        case WithCode():
            return _name("code", condition.folded)
        case WithPoolCode():
            return _name("pool", [condition.pool])
        case InGroup():
            return _name("group", condition.groups)
        case InChannel():
            return _name("channel", condition.channels)
        case Quantity() if condition.at_least > 0:
            return _need_lines(condition.of, owner)
        case Amount() if condition.at_least.is_positive():
            return _need_lines(condition.of, owner)
    # Of what must not be, of a first order, of nothing at all: any cart may be it.
    return _ANYTHING


def _need_lines(wanted: LineFilter, owner: str | None) -> _Needs:
    """Return what lines need to be meant by a filter."""
    named = [("sku", wanted.skus)]
    if owner is None:
        # A merchant's own are few, by its quota, and found by the merchant where they name no SKU.
        named += [("brand", wanted.brands), ("category", wanted.categories), ("merchant", wanted.merchants)]
    return _choose([_name(sort, values) for sort, values in named if values])


def _name(sort: str, values: Iterable[str]) -> _Needs:
    return [_Need(sort, str(value)) for value in dict.fromkeys(values)]


def _need_all(needed: Iterable[_Needs]) -> _Needs:
    """Return the rarest of needs that are there at once, while all periods among them hold."""
    given = list(needed)
    # More than one period means any of them: then it is no bound.
    periods = [needs[0].valid for needs in map(list, given) if len(needs) == 1 and needs[0].sort == "any"]
    chosen = list(_choose(given))
    for period in periods:
        chosen = [kept for need in chosen if (kept := _keep_within(need, period)) is not None]
    return chosen


def _need_any(needed: Iterable[_Needs]) -> _Needs:
    return list(dict.fromkeys(need for needs in needed for need in needs))


def _choose(given: Collection[_Needs]) -> _Needs:
    few = [needs for needs in given if len(needs) <= MOST_MARKS]
    return min(few, key=_rate, default=_ANYTHING)


def _rate(needs: _Needs) -> tuple[int, int]:
    """Return how common what is needed is, by the most common of it, and how many they are."""
    return max([SORTS.index(need.sort) for need in needs], default=-1), len(needs)


def _keep_within(need: _Need, period: Period) -> _Need | None:
    """Return a need within a period; None where it is never enough then."""
    if not need.valid.overlaps(period):
        return None
    starts = [one.start for one in (need.valid, period) if one.start is not None]
    ends = [one.end for one in (need.valid, period) if one.end is not None]
    return attrs.evolve(need, valid=Period(max(starts, default=None), min(ends, default=None)))
