"""A synthetic catalogue: words as frequent as in language, and twenty near-namesakes of each thing."""

from collections.abc import Iterator
from itertools import accumulate
from random import Random as _Random

import attrs

from mktcore.matching import MatchRecord

__all__ = ["NAMESAKES", "Catalogue"]

NAMESAKES = 20
SYLLABLES = [first + second for first in "bcdfghklmnprstvz" for second in ("a", "e", "i", "o", "u", "an", "er", "ol")]
COLOURS = ["black", "white", "red", "blue", "green", "silver", "gold", "grey", "pink", "brown", "orange", "purple"]
VARIANTS = [*COLOURS, *(f"{size}{unit}" for unit in ("gb", "cm", "ml") for size in (1, 2, 4, 8, 16, 32, 64))]


@attrs.frozen
class Catalogue:
    """So many SKUs, made from a seed, twenty to a family.

    A family shares a brand, five to eight words drawn by Zipf's law (the n-th word of 50,000 is n times rarer than the
    first) and the beginning of its part numbers; its members differ in the end of the part number and in one word for
    the variant.
    """

    size: int
    seed: int = 7
    words: int = 50_000

    def list_records(self) -> Iterator[MatchRecord]:
        """Yield the SKUs, one after the other."""
        chance = _start(self.seed)
        language = Language(self.words, chance)
        for family in range(0, self.size, NAMESAKES):
            brand, *words = language.draw(chance, 1 + chance.randint(5, 8))
            stem = "".join(chance.choices("abcdefghjkmnpqrstuvwxyz", k=2)) + str(chance.randint(100, 9999))
            price = chance.randint(500, 200_000)
            variants = chance.sample(VARIANTS, NAMESAKES)
            for member in range(min(NAMESAKES, self.size - family)):
                name = " ".join([brand, *words, f"{stem}{chr(97 + member)}{member % 7}", variants[member]])
                yield MatchRecord(
                    f"sku-{family + member:07}", name, brand=brand, price=price + 10 * member, currency="EUR"
                )

    def list_queries(self, every: int) -> Iterator[tuple[MatchRecord, str]]:
        """Yield each so-many-th SKU as a merchant might write it, and its id.

        Each word is dropped with a chance of 1 in 10 and mistyped (a letter lost, doubled or changed round) with a
        chance of 1 in 10, two words are added, all are shuffled; half of them lack the brand, and prices differ by up
        to a fifth. A SKU whose part number and variant are both lost cannot be told from its namesakes.
        """
        chance = _start(self.seed + 1)
        language = Language(self.words, _start(self.seed))
        for number, record in enumerate(self.list_records()):
            if number % every == every // 2:
                words = [_mistype(word, chance) for word in record.name.split() if chance.random() >= 0.1]
                words += language.draw(chance, 2)
                chance.shuffle(words)
                brand = record.brand if chance.random() < 0.5 else ""
                price = round((record.price or 0) * chance.uniform(0.8, 1.2))
                yield MatchRecord("item", " ".join(words), brand=brand, price=price, currency="EUR"), record.id


def _start(seed: int) -> _Random:
    return _Random(seed)  # noqa: S311 - a catalogue to measure with, the same every time


class Language:
    """Words as frequent as Zipf's law says."""

    def __init__(self, size: int, chance: _Random) -> None:
        self._words = list(
            dict.fromkeys("".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(size))
        )
        self._sums = list(accumulate(1 / rank for rank in range(1, len(self._words) + 1)))

    def draw(self, chance: _Random, count: int) -> list[str]:
        return chance.choices(self._words, cum_weights=self._sums, k=count)


def _mistype(word: str, chance: _Random) -> str:
    if chance.random() >= 0.1 or len(word) < 3:
        return word
    place = chance.randrange(1, len(word) - 1)
    one, two = word[place], word[place + 1]
    return word[:place] + chance.choice([two, one + one + two, two + one]) + word[place + 2 :]
