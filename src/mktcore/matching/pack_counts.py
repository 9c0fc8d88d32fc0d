"""How many pieces a name says are in a pack."""

import re
from collections.abc import Sequence

__all__ = ["find_pack_count"]

MAX_COUNT = 9_999
_PACK = frozenset(
    ["pack", "packs", "pk", "multipack", "packung", "packungen", "paquet", "confezione", "caja", "pakket"]
)
"""Words after which a number counts pieces."""
_BOX = frozenset(["box", "case", "carton", "karton", "kiste", "crate", "tray", "set", "lot", "bundle", "sixpack"])
"""Words after which it does only behind an "of": an iPhone case 13 is one case."""
_OF = frozenset(["of", "de", "a", "di", "da", "von", "mit", "zu", "met"])
_PIECES = frozenset(["stuck", "stk", "st", "cans", "bottles", "dosen", "flaschen", "er"])
"""Words before which a number counts pieces; "24 pieces" and "24-pack" are one word each."""
_COUNTED = re.compile(r"([0-9]{1,4})(?:pk|er)")
_NUMBER = re.compile(r"[0-9]{1,4}")


def find_pack_count(words: Sequence[str]) -> int:
    """Return how many pieces a name says are in a pack; 1 where it says nothing.

    >>> find_pack_count(["cola", "250ml", "pack", "of", "24"]), find_pack_count(["24er", "pack", "cola"])
    (24, 24)

    Args:
        words: Those of the name in their order, see `split_words`; "24 x 250 ml" is one quantity already.
    """
    for place, word in enumerate(words):
        counted = _COUNTED.fullmatch(word)
        found = int(counted[1]) if counted else _count_at(words, place)
        if 1 < found <= MAX_COUNT:
            return found
    return 1


def _count_at(words: Sequence[str], place: int) -> int:
    """Return the number of pieces that stands at a place of a name, or 1."""
    if not _NUMBER.fullmatch(words[place]):
        return 1
    before, after = words[max(0, place - 2) : place], words[place + 1 : place + 2]
    follows_pack = bool(before) and (before[-1] in _PACK or (before[-1] in _OF and before[0] in _PACK | _BOX))
    # In "30 x 20" nobody counts: those are two sides.
    follows_times = before[-1:] == ["x"] and not _NUMBER.fullmatch(before[0])
    precedes_times = after == ["x"] and not _NUMBER.fullmatch("".join(words[place + 2 : place + 3]))
    is_counted = follows_pack or follows_times or precedes_times or not _PIECES.isdisjoint(after)
    return int(words[place]) if is_counted else 1
