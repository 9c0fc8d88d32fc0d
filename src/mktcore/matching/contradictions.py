"""What speaks against two records being one thing although an identifier says so.

Feeds copy the number of one bottle to the crate of 24, of the black shoe to the brown one. Equal numbers decide only
where nothing else that both sides tell is against it.
"""

from collections.abc import Iterator
from decimal import Decimal

from mktcore.matching.pack_counts import find_pack_count
from mktcore.matching.record_profile import Profile
from mktcore.matching.sibling_words import COLOURS
from mktcore.matching.words import split_quantity

__all__ = ["find_record_contradictions"]

NEAR_PRICE = 400
"""Thousandths of the dearer price below which the cheaper one is of something else: merchants differ by less than two
and a half times, and three of a thing cost more."""
_POURED = frozenset({"ml", "g"})
"""Units of which a pack holds so many times as much."""


def find_record_contradictions(left: Profile, right: Profile) -> tuple[str, ...]:
    """Return what two records tell that cannot both be true of one thing, as lines of text.

    Sizes that are given, else quantities and numbers of pieces in the names; prices of one currency; colours.
    """
    found = [*_contradict_amounts(left, right)]
    one, other = left.fields.price, right.fields.price
    has_prices = one and other and left.fields.currency == right.fields.currency
    if one and other and has_prices and 1000 * min(one, other) < NEAR_PRICE * max(one, other):
        found.append(f"a price of {one} is not near {other}")
    ours, theirs = left.words & COLOURS, right.words & COLOURS
    if ours and theirs and ours.isdisjoint(theirs):
        found.append(f"{_list(ours)} is not {_list(theirs)}")
    return tuple(found)


def _contradict_amounts(left: Profile, right: Profile) -> Iterator[str]:
    one, other = left.fields.size, right.fields.size
    if one and other:
        if one != other:
            yield f"{one} is not {other}"
        return
    ours, theirs = _count_pieces(left), _count_pieces(right)
    is_same_pack = ours == theirs
    for unit in sorted((left.quantities.keys() & right.quantities.keys()) - {"pk"}):
        mine, others = _total(left, unit, ours), _total(right, unit, theirs)
        # A name tells what one piece holds, or all of them: "24 x 250 ml" is a pack of 24.
        is_same_pack = is_same_pack or (unit in _POURED and not mine[1].isdisjoint(others[1]))
        if (mine[0] | mine[1]).isdisjoint(others[0] | others[1]):
            yield f"{_show(mine[0], unit)} is not {_show(others[0], unit)}"
    if not is_same_pack:
        yield f"{ours} in a pack is not {theirs}"


def _count_pieces(profile: Profile) -> int:
    given = split_quantity(profile.fields.size) if profile.fields.size else None
    if given is not None and given[0] == "pk" and given[1].isdigit():
        return int(given[1])
    return find_pack_count(profile.fields.name)


def _total(profile: Profile, unit: str, count: int) -> tuple[set[Decimal], set[Decimal]]:
    """Return the quantities of a unit as they are told, and in all pieces of the pack."""
    told = {Decimal(value) for value in profile.quantities[unit]}
    return told, {value * count for value in told} if unit in _POURED else told


def _show(amounts: set[Decimal], unit: str) -> str:
    return _list({f"{amount:f}{unit}" for amount in amounts})


def _list(words: set[str] | frozenset[str]) -> str:
    return ", ".join(sorted(words))
