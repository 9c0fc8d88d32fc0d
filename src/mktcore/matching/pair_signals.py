"""What two records have in common and where they differ, in whole thousandths.

Every signal reads the same both ways, so that it does not matter which of two records is called the left one. Whole
numbers, because a sum of floats depends on its order, and the order of words in a set on the process.
"""

from collections.abc import Iterable
from math import isqrt

import attrs

from mktcore.matching.near_words import EXACT, compare_codes, pair_words
from mktcore.matching.record_profile import Profile
from mktcore.matching.sibling_words import COLOURS, EDITIONS

__all__ = ["DIRECTIONS", "MISSING", "SIGNALS", "WordMatch", "compare_record_profiles", "match_words"]

MISSING = -2000
"""What a signal is that cannot be told, such as the ratio of two prices where one is unknown."""
ONE_SIDED = -1500
"""What a signal is when only one side says anything."""
NEAR_ENOUGH = 700
"""From this rate on a word counts as met by the other name."""
DIFFERENT_CODE = 500
"""Below this rate no part number of the other side is like it."""
LEAD_WORDS = 3

_DIRECTIONS = {
    "words.shared_of_shorter": 1,
    "words.shared_of_longer": 1,
    "words.cosine": 1,
    "words.near_of_shorter": 1,
    "words.near_of_longer": 1,
    "words.known_most": 1,
    "words.known_least": 1,
    "words.unmet_most": -1,
    "words.unmet_least": -1,
    "words.rarest_unmet_most": -1,
    "words.rarest_unmet_least": -1,
    "words.rarest_shared": 0,
    "words.shared": 0,
    "words.length": 0,
    "words.fewest": 0,
    "words.first": 0,
    "words.order": 0,
    "letters.cosine": 0,
    "letters.shared_of_shorter": 0,
    "codes.best": 0,
    "codes.known": 0,
    "codes.unmet": 0,
    "codes.mpn": 0,
    "numbers.shared": 0,
    "numbers.clash": -1,
    "numbers.same_quantities": 1,
    "numbers.other_quantities": -1,
    "brand.same": 0,
    "price.ratio": 0,
    "edition.differing": 0,
    "edition.swapped": 0,
    "colour.same": 0,
    "category.shared": 0,
    "detail.shared": 0,
    "rivals.lead": 1,
    "rivals.lead_back": 1,
}
SIGNALS = tuple(_DIRECTIONS)
"""Names of all signals, in the order of the numbers; what stands before the point is what a reason is about."""
DIRECTIONS = tuple(_DIRECTIONS.values())
"""Per signal: 1 where more of it never speaks against a pair, -1 where it never speaks for it, 0 where it may."""


@attrs.define(slots=True)
class WordMatch:
    """Which words of two names meet.

    Attributes:
        shared: In both.
        pairs: Different words that are near each other, with the rate in thousandths.
        left: Words of the left name that nothing on the right explains.
        right: Words of the right name that nothing on the left explains.
        signals: The numbers that follow, in the order of `SIGNALS`.
    """

    shared: frozenset[str]
    pairs: list[tuple[str, str, int]]
    left: list[str]
    right: list[str]
    signals: list[int]


# positional: for each of the candidates of each record
def compare_record_profiles(left: Profile, right: Profile, lead: int = MISSING, lead_back: int = MISSING) -> list[int]:
    """Return all signals of two profiles.

    Args:
        left: One of them.
        right: The other one.
        lead: How much more alike their names are than the left one's and its best rival among the right ones.
        lead_back: The same from the other side.
    """
    met = match_words(left, right)
    signals = met.signals
    signals += _compare_letters(left, right)
    signals += _compare_codes(left, right, met)
    signals += _compare_numbers(left, right)
    signals.append(_compare_brands(left, right))
    signals.append(_compare_prices(left, right))
    signals += _compare_editions(left, right)
    signals.append(_compare_colours(left, right))
    signals.append(_compare_sets(left.fields.category, right.fields.category))
    detail = min(len(left.detail), len(right.detail))
    signals.append(1000 * len(left.detail & right.detail) // detail if detail else MISSING)
    signals += (lead, lead_back)
    return signals


def match_words(left: Profile, right: Profile) -> WordMatch:
    """Find which words of two names meet, and what that says."""
    shared = left.words & right.words
    rest_left = [word for word in left.weights if word not in shared]
    rest_right = [word for word in right.weights if word not in shared]
    pairs = pair_words(rest_left, rest_right) if rest_left and rest_right else []
    near_left: dict[str, int] = {}
    near_right: dict[str, int] = {}
    for word, near, rate in pairs:
        near_left[word] = max(rate, near_left.get(word, 0))
        near_right[near] = max(rate, near_right.get(near, 0))
    weights, others = left.weights, right.weights
    common = sum([weights[word] for word in shared])
    one = _count_known(left, right, rest=rest_left, near=near_left, common=common)
    two = _count_known(right, left, rest=rest_right, near=near_right, common=common)
    short, long = (left.total, right.total) if left.total <= right.total else (right.total, left.total)
    first, second = list(weights)[:1], list(others)[:1]
    signals = [
        1000 * common // (short or 1),
        1000 * common // (long or 1),
        1000 * sum([weights[word] ** 2 for word in shared]) // (isqrt(left.square * right.square) or 1),
        max(one.near, two.near),
        min(one.near, two.near),
        max(one.known, two.known),
        min(one.known, two.known),
        max(one.unmet, two.unmet),
        min(one.unmet, two.unmet),
        max(one.rarest, two.rarest),
        min(one.rarest, two.rarest),
        max([weights[word] for word in shared], default=0),
        common,
        1000 * min(len(weights), len(others)) // (max(len(weights), len(others)) or 1),
        1000 * min(len(weights), len(others)),
        1000 if first == second else 0,
        _compare_order(left, right, shared),
    ]
    return WordMatch(shared, pairs, left=one.words, right=two.words, signals=signals)


@attrs.define(slots=True)
class _Side:
    near: int
    known: int
    unmet: int
    rarest: int
    words: list[str]


def _count_known(mine: Profile, other: Profile, rest: list[str], *, near: dict[str, int], common: int) -> _Side:
    """Count how much of one name the other record explains: by its name, brand, part number or description."""
    weights = mine.weights
    near_sum, known, unmet, rarest = common * 1000, common * 1000, 0, 0
    words = []
    for word in rest:
        weight = weights[word]
        rate = near.get(word, 0)
        near_sum += weight * rate
        if word in other.brand or word in other.detail or word == other.fields.mpn:
            known += weight * 1000
            continue
        known += weight * rate
        if rate < NEAR_ENOUGH:
            words.append(word)
            unmet += weight
            rarest = max(rarest, weight)
    total = mine.total or 1
    return _Side(near_sum // total, known // total, unmet=unmet, rarest=rarest, words=words)


def _compare_order(left: Profile, right: Profile, shared: frozenset[str]) -> int:
    if not shared:
        return MISSING
    one = [word for word in left.weights if word in shared][:LEAD_WORDS]
    other = [word for word in right.weights if word in shared][:LEAD_WORDS]
    return 1000 if one == other else 0


def _compare_letters(left: Profile, right: Profile) -> tuple[int, int]:
    one, other = len(left.grams), len(right.grams)
    shared = len(left.grams & right.grams)
    return 1000 * shared // (isqrt(one * other) or 1), 1000 * shared // (min(one, other) or 1)


def _compare_codes(left: Profile, right: Profile, met: WordMatch) -> tuple[int, int, int, int]:
    ours, theirs = left.codes, right.codes
    best = compare_codes(ours, theirs) if ours and theirs else MISSING
    mpn, other = left.fields.mpn, right.fields.mpn
    known = best == EXACT or _is_any_in(ours, right.detail) or _is_any_in(theirs, left.detail)
    unmet = _has_strange(ours, theirs, unmet=met.left, side=left) + _has_strange(
        theirs, ours, unmet=met.right, side=right
    )
    return best, 1000 * known, 1000 * unmet, compare_codes((mpn,), (other,)) if mpn and other else MISSING


def _is_any_in(codes: tuple[str, ...], words: frozenset[str]) -> bool:
    return bool(words) and not words.isdisjoint(codes)


def _has_strange(codes: tuple[str, ...], others: tuple[str, ...], unmet: list[str], *, side: Profile) -> bool:
    """Tell whether one side has a part number like none of the other side's."""
    return any(
        (code in unmet or code == side.fields.mpn) and compare_codes((code,), others) < DIFFERENT_CODE for code in codes
    )


def _compare_numbers(left: Profile, right: Profile) -> tuple[int, int, int, int]:
    ours, theirs = left.numbers, right.numbers
    if ours and theirs:
        shared = 1000 * len(ours & theirs) // len(ours | theirs)
    else:
        shared = ONE_SIDED if ours or theirs else MISSING
    # A number that the other's description has does not clash.
    clash = min(len(ours - theirs - right.detail), len(theirs - ours - left.detail))
    same = different = 0
    for unit, values in left.quantities.items():
        others = right.quantities.get(unit)
        if others is not None:
            if values.isdisjoint(others):
                different += 1
            else:
                same += 1
    return shared, 1000 * clash, 1000 * same, 1000 * different


def _compare_brands(left: Profile, right: Profile) -> int:
    ours, theirs = left.brand, right.brand
    if ours and theirs:
        if not ours.isdisjoint(theirs):
            return 1000
        if not ours.isdisjoint(right.words) or not theirs.isdisjoint(left.words):
            return 500
        return 500 if pair_words(sorted(ours), sorted(theirs)) else 0
    if ours or theirs:
        brand, words = (ours, right.words) if ours else (theirs, left.words)
        # A brand that the other's name has is nearly as good as given twice.
        return 200 if brand.isdisjoint(words) else 900
    return 1000 if list(left.weights)[:1] == list(right.weights)[:1] else MISSING


def _compare_prices(left: Profile, right: Profile) -> int:
    one, other = left.fields.price, right.fields.price
    if not one or not other or left.fields.currency != right.fields.currency:
        return MISSING
    return 1000 * min(one, other) // max(one, other)


def _compare_editions(left: Profile, right: Profile) -> tuple[int, int]:
    ours, theirs = left.words & EDITIONS, right.words & EDITIONS
    if not ours and not theirs:
        return 0, 0
    return 1000 * len(ours ^ theirs), 1000 * min(len(ours - theirs), len(theirs - ours))


def _compare_colours(left: Profile, right: Profile) -> int:
    ours, theirs = left.words & COLOURS, right.words & COLOURS
    if not ours and not theirs:
        return MISSING
    if not ours or not theirs:
        return ONE_SIDED
    return 0 if ours.isdisjoint(theirs) else 1000


def _compare_sets(left: Iterable[str], right: Iterable[str]) -> int:
    ours, theirs = frozenset(left), frozenset(right)
    return 1000 * len(ours & theirs) // len(ours | theirs) if ours and theirs else MISSING
