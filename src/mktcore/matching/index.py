"""Millions of records in arrays of numbers, found again by their rarest words.

Words are kept once and numbered; a record is a run of word numbers. Records are numbered in the order of their ids, so
that the order of the input plays no part, and a smaller number is a smaller id.
"""

from array import array
from bisect import bisect_left
from collections.abc import Mapping
from heapq import nsmallest
from itertools import combinations
from math import sqrt
from sys import getsizeof
from typing import NamedTuple

import attrs

from mktcore.matching.near_words import compare_codes, rate_words
from mktcore.matching.record_profile import ProfileFields
from mktcore.matching.words import is_model_number

__all__ = ["Index", "NearRecord"]

MAX_READ = 1_500
"""Entries that one search reads; the rarest words come first."""
MAX_COMMON = 12_000
"""Entries read of a common word when the rare ones do not decide."""
MAX_CROSSED = 3
MAX_LISTS = 24
ENOUGH = 3
"""Reading ends when the best record meets so many times as much as all words that were not read may add."""
LEAST_RANKED = 32
MAX_RANKED = 500
"""Records whose names are compared in full."""
MAX_LOOKED_AT = 24
FAR_BEHIND = 250
"""Records whose cosine is less than the best one's by more are not looked at again."""
MAX_FOUND = 16
"""Records that a search returns."""
MAX_STRANGE = 4
NEAR_SHARE = 8
"""A word that is met but for a typing error counts an eighth of a thousandth part of the cosine."""
ROW_BITS = 32
ROW_MASK = (1 << ROW_BITS) - 1
UNKNOWN_SQUARE = 1_000_000
SECTIONS = 3
"""Runs of words of a record: name, identifiers, detail."""
NOTHING = -1


class NearRecord(NamedTuple):
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
    """Built by `build_index`; does not change.

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

    def find_row(self, record: str) -> int:
        """Return the number of the record that an id names.

        Raises:
            KeyError: There is none.
        """
        row = bisect_left(self.ids, record)
        if row == len(self.ids) or self.ids[row] != record:
            raise KeyError(record)
        return row

    def read(self, row: int) -> ProfileFields:
        """Return the words of a record."""
        words, runs, starts = self._words, self._runs, self._starts
        name, identifiers, detail, end = starts[SECTIONS * row : SECTIONS * row + SECTIONS + 1]
        mpn, price = self._mpns[row], self._prices[row]
        brand, category, size, currency = self._tables[self._facts[row]]
        # positional: built for every record that comes near, hundreds for one match; in the order of its fields
        return ProfileFields(
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

    def search(self, fields: ProfileFields) -> list[NearRecord]:
        """Return the records most like one, best first: those that an identifier names, then by the names' cosine."""
        numbers, weights = self._numbers, self._weights
        name = {number: weights[number] for word in fields.name if (number := numbers.get(word)) is not None}
        keys = {number for word in fields.identifiers if (number := numbers.get(word)) is not None}
        if fields.mpn and fields.mpn in numbers:
            keys.add(numbers[fields.mpn])
        counts, identified, rest = self._collect({**name, **dict.fromkeys(keys, 1000)}, keys)
        best = max(counts.values(), default=0)
        # number and row in one int, because ints sort several times faster than tuples
        ranked = sorted([(-count << ROW_BITS) + row for row, count in counts.items()])
        open_end = bisect_left(ranked, (rest - best + 1) << ROW_BITS, hi=min(len(ranked), MAX_RANKED))
        del ranked[max(open_end, LEAST_RANKED) :]  # what comes behind cannot come out best any more
        rows = {place & ROW_MASK for place in ranked}.union(sorted(identified)[:MAX_RANKED])
        strange = [word for word in fields.name if word not in numbers]
        squares = {word: weight * weight for word, weight in name.items()}
        norm = sqrt(sum(squares.values()) + UNKNOWN_SQUARE * len(strange)) or 1.0
        found = self._rank(rows, identified, squares=squares, norm=norm)
        return self._look_closer(found, name, strange) if strange and len(found) > 1 else found[:MAX_FOUND]

    def _rank(
        self, rows: set[int], identified: set[int], squares: Mapping[int, int], *, norm: float
    ) -> list[NearRecord]:
        """Compare names in full: those that an identifier names first, then by cosine, then by id."""
        starts, runs, norms = self._starts, self._runs, self._norms
        found = []
        for row in rows:
            run = runs[starts[SECTIONS * row] : starts[SECTIONS * row + 1]]
            shared = sum([squares[word] for word in run if word in squares])
            found.append((row not in identified, -int(1000 * shared / (norm * (norms[row] or 1))), row))
        found.sort()
        return [NearRecord(row, -cosine, not strange) for strange, cosine, row in found]

    def _look_closer(self, found: list[NearRecord], name: Mapping[int, int], strange: list[str]) -> list[NearRecord]:
        """Put those of equal names first whose other words are near words that no record has: typing errors."""
        words, starts, runs = self._words, self._starts, self._runs
        near = []
        least = max([one.cosine for one in found[:MAX_LOOKED_AT]]) - FAR_BEHIND
        for one in found[:MAX_LOOKED_AT]:
            if one.cosine < least:
                near.append((not one.identified, -one.cosine, one.row, one))
                continue
            run = runs[starts[SECTIONS * one.row] : starts[SECTIONS * one.row + 1]]
            rest = [words[number] for number in run if number not in name]
            rate = sum([max([_rate(word, other) for other in rest], default=0) for word in strange[:MAX_STRANGE]])
            near.append((not one.identified, -one.cosine - rate // NEAR_SHARE, one.row, one))
        return [one for *_, one in sorted(near, key=lambda entry: entry[:3])][:MAX_FOUND]

    def _collect(self, weights: Mapping[int, int], keys: set[int]) -> tuple[dict[int, int], set[int], int]:
        """Read the entries of identifiers and of the rarest words, within bounds.

        Returns:
            What each record meets; which records an identifier names; what the words that were not read may add.
        """
        starts, postings, words = self._posting_starts, self._postings, self._words
        # words that are equally rare in the order of their letters: their numbers depend on the order of the input
        lists = sorted([(word not in keys, starts[word + 1] - starts[word], words[word], word) for word in weights])
        counts: dict[int, int] = {}
        identified: set[int] = set()
        read = 0
        rest = sum([weight * weight for weight in weights.values()])
        for place, (common, length, _, word) in enumerate(lists[:MAX_LISTS]):
            if read + length > MAX_READ:
                if max(counts.values(), default=0) < rest:
                    self._add_common(counts, [number for *_, number in lists[place:]], weights)
                return counts, identified, rest
            read += length
            square = weights[word] ** 2
            rest -= square
            rows = postings[starts[word] : starts[word + 1]]
            for row in rows:
                counts[row] = counts.get(row, 0) + square
            if word in keys:
                identified.update(rows)
            if common and length and max(counts.values()) > ENOUGH * rest:
                break  # no record that has none of these words can be as good
        return counts, identified, rest

    def _add_common(self, counts: dict[int, int], words: list[int], weights: Mapping[int, int]) -> None:
        """Add records that have two of three common words, or, where nothing else is found, all common words."""
        starts, postings = self._posting_starts, self._postings
        some = [word for word in words if starts[word + 1] - starts[word] <= MAX_COMMON][:MAX_CROSSED]
        entries = [(weights[word], frozenset(postings[starts[word] : starts[word + 1]])) for word in some]
        for (one, rows), (other, more) in combinations(entries, 2):
            # The smallest rows are the smallest ids: which records stay does not depend on the order of a set.
            for row in nsmallest(MAX_READ, rows & more):
                counts[row] = counts.get(row, 0) + one * other
        if not counts:
            counts.update(self._intersect(words))

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

    def count_bytes(self) -> int:
        """Return the bytes of everything the index keeps, Python's own objects included."""
        arrays = (
            self._weights, self._starts, self._runs, self._norms, self._posting_starts, self._postings, self._mpns,
            self._prices, self._facts,
        )  # fmt: skip
        size = sum(len(numbers) * numbers.itemsize for numbers in arrays)
        size += getsizeof(self.ids) + sum(map(getsizeof, self.ids))
        size += getsizeof(self._words) + getsizeof(self._numbers) + sum(map(getsizeof, self._words))
        # Python keeps the ints up to 256 once for all.
        return size + sum(map(getsizeof, range(257, len(self._words)))) + 400 * len(self._tables)


def _rate(strange: str, word: str) -> int:
    """Return how near a word is to one that no record has; part numbers with typing errors count here."""
    # First letters are hardly ever mistyped, and this clears most pairs at once.
    if strange[0] != word[0]:
        return 0
    return compare_codes((strange,), (word,)) if is_model_number(strange) else rate_words(strange, word)
