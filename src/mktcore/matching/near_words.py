"""How near two different words are: typing errors, short forms, part numbers that go on."""

from collections.abc import Iterable, Sequence

from mktcore.matching.words import split_quantity

__all__ = ["EXACT", "compare_codes", "pair_words", "rate_words"]

EXACT = 1000
"""The rate of equal words; all rates are thousandths of it."""
MAX_PAIRED = 16
"""Words of each side that are tried against each other, so that long names cost no more."""
MIN_CODE = 4
MIN_SHORT_FORM = 3
MIN_TYPED = 5
GRAMMAR = 2
"""Letters that a plural or a case adds."""
PAIRS = 900
SHORT_FORM = 700
TYPING_ERROR = 850
CODE_PREFIX = 950
CODE_INSIDE = 900


def rate_words(left: str, right: str) -> int:
    """Return how much of a word another one is, 0 to 1000, the same both ways.

    >>> rate_words("printer", "printers"), rate_words("pro", "professional"), rate_words("wireless", "wirelss")
    (900, 700, 850)
    >>> rate_words("du1055", "du1055xtss"), rate_words("cz100", "cz101")
    (800, 0)
    """
    if left == right:
        return EXACT
    # First letters are hardly ever mistyped, and this clears most pairs at once.
    if left[0] != right[0]:
        return 0
    short, long = (left, right) if len(left) <= len(right) else (right, left)
    if not (left.isalpha() and right.isalpha()):
        if len(short) < MIN_CODE or not long.startswith(short) or not _has_digit(short):
            return 0
        # A quantity is whole: what only begins with it is something else.
        if split_quantity(short) is not None:
            return 0
        return 500 + 500 * len(short) // len(long)
    if len(short) >= MIN_SHORT_FORM and long.startswith(short):
        return PAIRS if len(long) - len(short) <= GRAMMAR else SHORT_FORM
    return TYPING_ERROR if len(short) >= MIN_TYPED and _is_one_edit(short, long) else 0


def _has_digit(word: str) -> bool:
    return any(letter.isdigit() for letter in word)


def _is_one_edit(short: str, long: str) -> bool:
    """Tell whether one letter too many, another one, or two changed round make one word of the other."""
    gap = len(long) - len(short)
    if gap > 1:
        return False
    same = _count_same(short, long)
    if gap == 1:
        return short[same:] == long[same + 1 :]
    if short[same + 1 :] == long[same + 1 :]:
        return True
    turned = short[same : same + 2][::-1] == long[same : same + 2]
    return turned and short[same + 2 :] == long[same + 2 :]


def _count_same(left: str, right: str) -> int:
    """Return how many letters two words begin with in common."""
    most = min(len(left), len(right))
    for place in range(most):
        if left[place] != right[place]:
            return place
    return most


def pair_words(left: Sequence[str], right: Sequence[str]) -> list[tuple[str, str, int]]:
    """Pair words of two sides that are near each other, the nearest first; each word at most once.

    Two neighbours on one side may make one word of the other ("cush top" and "cushtop").

    >>> pair_words(["wirelss", "cush", "top"], ["cushtop", "wireless"])
    [('cush', 'cushtop', 1000), ('top', 'cushtop', 1000), ('wirelss', 'wireless', 850)]
    """
    left, right = left[:MAX_PAIRED], right[:MAX_PAIRED]
    found = _join_neighbours(left, right)
    found += [(one, joined, rate) for joined, one, rate in _join_neighbours(right, left)]
    rates = []
    for one in left:
        first = one[0]
        for other in right:
            if first == other[0]:
                rate = rate_words(one, other)
                if rate:
                    # By both words, whichever side they are on: the pairs are then the same both ways.
                    rates.append((-rate, min(one, other), max(one, other), one, other))
    if not rates:
        return found
    taken_left, taken_right = {one for one, _, _ in found}, {other for _, other, _ in found}
    for rate, _, _, one, other in sorted(rates):
        if one not in taken_left and other not in taken_right:
            taken_left.add(one)
            taken_right.add(other)
            found.append((one, other, -rate))
    return found


def _join_neighbours(parts: Sequence[str], joined: Iterable[str]) -> list[tuple[str, str, int]]:
    found: list[tuple[str, str, int]] = []
    for place in range(len(parts) - 1):
        both = parts[place] + parts[place + 1]
        if both in joined:
            found += [(parts[place], both, EXACT), (parts[place + 1], both, EXACT)]
    return found


def compare_codes(left: Iterable[str], right: Iterable[str]) -> int:
    """Return how well the best pair of part numbers of two sides agrees, 0 to 1000.

    >>> compare_codes(["kxtg9332t"], ["kxtg9342t"]), compare_codes(["scbt100"], ["scbt100pk"])
    (800, 950)
    """
    best = 0
    for one in left:
        for other in right:
            if one == other:
                return EXACT
            best = max(best, _rate_codes(one, other))
    return best


def _rate_codes(one: str, other: str) -> int:
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    if one[0] != other[0]:
        return CODE_INSIDE if len(short) > MIN_CODE and long.endswith(short) else 0
    same = _count_same(one, other)
    if same == len(short) >= MIN_CODE:
        return CODE_PREFIX
    end = _count_same(one[:same:-1], other[:same:-1])
    return CODE_INSIDE * min(same + end, len(short)) // len(long)
