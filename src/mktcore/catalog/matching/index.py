"""Millions of records in arrays of numbers, found again by their rarest words.

Words are kept once and numbered; a record is a run of word numbers. Records are numbered in the order of their ids, so
that the order of the input plays no part, and a smaller number is a smaller id.
"""

from array import array
from collections.abc import Iterable, Mapping
from heapq import nsmallest
from itertools import accumulate
from math import log, sqrt
from sys import getsizeof

import attrs

from mktcore.catalog.matching.profile import Fields

__all__ = ["Found", "Index"]

MAX_READ = 1_200
"""Entries that one search reads; the rarest words come first."""
MAX_COMMON = 20_000
"""Entries read of a word when every word of a record is common."""
MAX_LISTS = 24
MAX_RANKED = 48
"""Records whose names are compared in full."""
PRIOR = 100
"""Records that are thought to stand beside those of the index, so that in a small one each word is rare."""
SECTIONS = 3
"""Runs of words of a record: name, identifiers, detail."""
NOTHING = -1


@attrs.define(slots=True)
class Found:
    """A record of the index that is like the one asked for.

    Attributes:
        row: Its number in the index.
        cosine: How alike the names are, in thousandths: the cosine of their weighted words.
        identified: Whether an identifier or a part number is the same.
    """

    row: int
    cosine: int
    identified: bool


@attrs.define(slots=True)
class Index:
    """Built by `IndexBuilder`; does not change.

    Attributes:
        ids: All ids, sorted.
    """

    ids: list[str]
    _numbers: dict[str, int]
    _words: list[str]
    _weights: "array[int]"
    _starts: "array[int]"
    _runs: "array[int]"
    _norms: "array[int]"
    _posting_starts: "array[int]"
    _postings: "array[int]"
    _mpns: "array[int]"
    _prices: "array[int]"
    _facts: "array[int]"
    _tables: list[tuple[tuple[str, ...], tuple[str, ...], str, str]]

    def __len__(self) -> int:
        return len(self.ids)

    def weigh(self, word: str) -> int:
        """Return how rare a word is in thousandths; one that no record has is as rare as can be."""
        number = self._numbers.get(word)
        return 1000 if number is None else self._weights[number]

    def read(self, row: int) -> Fields:
        """Return the words of a record."""
        words, runs, starts = self._words, self._runs, self._starts
        name, identifiers, detail, end = starts[SECTIONS * row : SECTIONS * row + SECTIONS + 1]
        mpn, price = self._mpns[row], self._prices[row]
        brand, category, size, currency = self._tables[self._facts[row]]
        return Fields(
            [words[number] for number in runs[name:identifiers]],
            brand,
            category,
            [words[number] for number in runs[detail:end]],
            words[mpn] if mpn != NOTHING else "",
            [words[number] for number in runs[identifiers:detail]],
            size,
            price if price != NOTHING else None,
            currency,
        )

    def search(self, fields: Fields, skip: str | None = None) -> list[Found]:
        """Return the records most like one, best first: those that an identifier names, then by the names' cosine.

        Args:
            fields: The words to look for.
            skip: Id of a record to leave out.
        """
        numbers, weights = self._numbers, self._weights
        name = {number: weights[number] for word in fields.name if (number := numbers.get(word)) is not None}
        keys = {number for word in fields.identifiers if (number := numbers.get(word)) is not None}
        if fields.mpn and fields.mpn in numbers:
            keys.add(numbers[fields.mpn])
        counts, identified = self._collect({**name, **dict.fromkeys(keys, 1000)}, keys)
        if not counts:
            return []
        ranked = nsmallest(MAX_RANKED, counts, key=lambda row: (-counts[row], row)) if len(counts) > MAX_RANKED else counts
        unknown = 1_000_000 * (len(fields.name) - len(name))
        norm = sqrt(sum([weight * weight for weight in name.values()]) + unknown) or 1.0
        rows = set(ranked).union(identified)
        found = [Found(row, self._compare(row, name, norm), row in identified) for row in rows]
        if skip is not None:
            found = [one for one in found if self.ids[one.row] != skip]
        found.sort(key=lambda one: (not one.identified, -one.cosine, one.row))
        return found

    def _collect(self, weights: Mapping[int, int], keys: set[int]) -> tuple[dict[int, int], set[int]]:
        """Read the entries of the rarest words, within bounds; return the weight met by each record."""
        starts, postings = self._posting_starts, self._postings
        lists = sorted((starts[word + 1] - starts[word], word) for word in weights)
        counts: dict[int, int] = {}
        identified: set[int] = set()
        read = 0
        for length, word in lists[:MAX_LISTS]:
            if read + length > MAX_READ:
                if not counts:
                    counts = self._intersect([number for _, number in lists])
                break
            read += length
            square = weights[word] ** 2
            rows = postings[starts[word] : starts[word + 1]]
            for row in rows:
                counts[row] = counts.get(row, 0) + square
            if word in keys:
                identified.update(rows)
        return counts, identified

    def _intersect(self, words: list[int]) -> dict[int, int]:
        """Return the records that have as many of some common words, rarest first, as leave any record."""
        starts, postings = self._posting_starts, self._postings
        rows: set[int] = set()
        for word in words:
            start = starts[word]
            some = postings[start : min(starts[word + 1], start + MAX_COMMON)]
            both = rows.intersection(some) if rows else set(some)
            if not both:
                break
            rows = both
        return dict.fromkeys(nsmallest(MAX_READ, rows), 0)

    def _compare(self, row: int, weights: Mapping[int, int], norm: float) -> int:
        starts = self._starts
        run = self._runs[starts[SECTIONS * row] : starts[SECTIONS * row + 1]]
        shared = sum([weights[word] ** 2 for word in run if word in weights])
        return int(1000 * shared / (norm * (self._norms[row] or 1)))

    def count_bytes(self) -> int:
        """Return the bytes of everything the index keeps, Python's own objects included."""
        arrays = (
            self._weights, self._starts, self._runs, self._norms, self._posting_starts, self._postings, self._mpns,
            self._prices, self._facts,
        )  # fmt: skip
        size = sum(len(numbers) * numbers.itemsize for numbers in arrays)
        size += getsizeof(self.ids) + sum(map(getsizeof, self.ids))
        size += getsizeof(self._words) + getsizeof(self._numbers) + sum(map(getsizeof, self._words))
        return size + sum(map(getsizeof, range(257, len(self._words)))) + 400 * len(self._tables)
