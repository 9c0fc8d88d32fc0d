"""What a gift rests on: the goods that earned it, as an order keeps them. Canceling those takes it back. Pure."""

from collections.abc import Iterable, Mapping
from itertools import islice, product

import attrs

from mktcore.money import Money
from mktcore.promotions.conditions import AllOf, Amount, AnyOf, Condition, Quantity
from mktcore.promotions.promotion_lines import Part

__all__ = ["GiftGround", "GiftNeed", "KeptLine", "find_gift_grounds", "stands"]

MAX_GROUNDS = 50
"""Ways in which one gift was earned; what is nested deeper than that rests on the first of them."""


@attrs.frozen
class GiftNeed:
    """So much of some lines has to be kept.

    Attributes:
        lines: Keys of the lines that count.
        pieces: The fewest pieces.
        amount: The least that they cost before reductions; None where only pieces count.
    """

    lines: tuple[str, ...]
    pieces: int = 1
    amount: Money | None = None


@attrs.frozen
class GiftGround:
    """One way in which a gift was earned: all of its needs are met."""

    needs: tuple[GiftNeed, ...]


@attrs.frozen
class KeptLine:
    """What is left of a line of an order.

    Attributes:
        pieces: How many pieces are kept.
        of: Of how many.
        amount: What all of them cost before reductions, in minor units.
    """

    pieces: int
    of: int
    amount: int


def find_gift_grounds(condition: Condition | None, parts: Iterable[Part]) -> tuple[GiftGround, ...]:
    """Return the ways in which parts of a cart, which meet a gift's condition, earned it.

    What a condition asks of goods, an amount or pieces, has to be kept. What else it asks for (a code, a group, a day)
    was so when the order was placed, and one piece of the part has to be kept.
    """
    found: list[GiftGround] = []
    for part in parts:
        for needs in islice(_list_ways(condition, part), MAX_GROUNDS - len(found)):
            lines = tuple([line.line.key for line in part.lines])
            found.append(GiftGround(tuple(needs) or (GiftNeed(lines),)))
    return tuple(found)


def _list_ways(condition: Condition | None, part: Part) -> list[list[GiftNeed]]:
    """Return the needs of each way in which a part meets a condition."""
    if isinstance(condition, Amount | Quantity):
        lines = tuple([line.line.key for line in part.find(condition.of)])
        if isinstance(condition, Amount):
            return [[GiftNeed(lines, amount=condition.at_least)]]
        return [[GiftNeed(lines, pieces=condition.at_least)]]
    if isinstance(condition, AnyOf):
        return [way for one in condition.conditions if one.holds(part) for way in _list_ways(one, part)][:MAX_GROUNDS]
    if isinstance(condition, AllOf):
        ways = [_list_ways(one, part) for one in condition.conditions]
        return [[need for way in chosen for need in way] for chosen in islice(product(*ways), MAX_GROUNDS)]
    return [[]]


def stands(grounds: Iterable[GiftGround], kept: Mapping[str, KeptLine]) -> bool:
    """Tell whether a gift is still earned by what is kept of an order's lines.

    >>> grounds = [GiftGround((GiftNeed(("l1",), amount=Money.of("50.00", "EUR")),))]
    >>> [stands(grounds, {"l1": KeptLine(pieces, of=2, amount=6_000)}) for pieces in (2, 1)]
    [True, False]
    """
    return any(all(_is_met(need, kept) for need in ground.needs) for ground in grounds)


def _is_met(need: GiftNeed, kept: Mapping[str, KeptLine]) -> bool:
    lines = [kept[key] for key in need.lines if key in kept]
    if sum([line.pieces for line in lines]) < need.pieces:
        return False
    # In whole minor units of a line, exact: a third of 10.00 is no 3.34.
    return need.amount is None or sum([line.amount * line.pieces // line.of for line in lines]) >= need.amount.minor
