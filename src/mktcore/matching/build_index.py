"""Building an index from a stream of records."""

from array import array
from collections.abc import Callable, Iterable
from itertools import accumulate, pairwise
from math import isqrt, log

import attrs

from mktcore.errors import InvalidValue
from mktcore.matching.index import NOTHING, SECTIONS, Index
from mktcore.matching.record import MatchRecord
from mktcore.matching.record_profile import ProfileFields, read_fields

__all__ = ["Progress", "build_index"]

PRIOR = 100
"""Records that are thought to stand beside those of the index, so that in a small one each word is rare."""
STEP = 10_000
"""Records between two reports of progress."""
Progress = Callable[[int], None]
"""Called now and then with how many records are done."""


@attrs.define(slots=True)
class _Draft:
    """Records in the order they came."""

    ids: list[str] = attrs.Factory(list)
    numbers: dict[str, int] = attrs.Factory(dict)
    starts: "array[int]" = attrs.Factory(lambda: array("Q", [0]))
    runs: "array[int]" = attrs.Factory(lambda: array("I"))
    mpns: "array[int]" = attrs.Factory(lambda: array("q"))
    prices: "array[int]" = attrs.Factory(lambda: array("q"))
    facts: "array[int]" = attrs.Factory(lambda: array("I"))
    tables: dict[tuple[tuple[str, ...], tuple[str, ...], str, str], int] = attrs.Factory(dict)

    def add(self, record_id: str, fields: ProfileFields) -> None:
        """Append one record."""
        numbers, runs, starts = self.numbers, self.runs, self.starts
        self.ids.append(record_id)
        for words in (fields.name, fields.identifiers, fields.detail):
            runs.extend([numbers.setdefault(word, len(numbers)) for word in words])
            starts.append(len(runs))
        self.mpns.append(numbers.setdefault(fields.mpn, len(numbers)) if fields.mpn else NOTHING)
        # An array of 64 bits holds no more.
        self.prices.append(NOTHING if fields.price is None else min(fields.price, 1 << 62))
        fact = (tuple(fields.brand), tuple(fields.category), fields.size, fields.currency)
        self.facts.append(self.tables.setdefault(fact, len(self.tables)))


def build_index(records: Iterable[MatchRecord], progress: Progress | None = None) -> Index:
    """Read records one by one and index them.

    Raises:
        InvalidValue: Two records have one id.
    """
    draft = _Draft()
    for count, record in enumerate(records, 1):
        draft.add(record.id, read_fields(record))
        if progress is not None and count % STEP == 0:
            progress(count)
    if progress is not None:
        progress(len(draft.ids))
    order = sorted(range(len(draft.ids)), key=draft.ids.__getitem__)
    ids = [draft.ids[row] for row in order]
    for one, following in pairwise(ids):
        if one == following:
            raise InvalidValue("Index", "records", one, "records with ids of their own")
    return _finish(draft, order, ids)


def _finish(draft: _Draft, order: list[int], ids: list[str]) -> Index:
    starts, runs = _reorder(draft, order)
    mpns = array("q", [draft.mpns[row] for row in order])
    weights = _weigh_words(starts, runs, words=len(draft.numbers), records=len(ids))
    posting_starts, postings = _post(starts, runs, mpns=mpns, words=len(draft.numbers))
    return Index(
        ids=ids,
        numbers=draft.numbers,
        words=list(draft.numbers),
        weights=weights,
        starts=starts,
        runs=runs,
        norms=_measure_names(starts, runs, weights=weights, records=len(ids)),
        posting_starts=posting_starts,
        postings=postings,
        mpns=mpns,
        prices=array("q", [draft.prices[row] for row in order]),
        facts=array("I", [draft.facts[row] for row in order]),
        tables=list(draft.tables),
    )


def _reorder(draft: _Draft, order: list[int]) -> "tuple[array[int], array[int]]":
    """Lay the runs of words out in the order of ids."""
    starts, runs = array("Q", [0]), array("I")
    for row in order:
        first = SECTIONS * row
        shift = len(runs) - draft.starts[first]
        runs.extend(draft.runs[draft.starts[first] : draft.starts[first + SECTIONS]])
        starts.extend([draft.starts[first + section] + shift for section in range(1, SECTIONS + 1)])
    return starts, runs


def _weigh_words(starts: "array[int]", runs: "array[int]", words: int, *, records: int) -> "array[int]":
    """Return the inverse document frequency of each word in thousandths of that of a word in one record only."""
    counts = array("I", bytes(4 * words))
    for row in range(records):
        first = SECTIONS * row
        name = runs[starts[first] : starts[first + 1]]
        detail = runs[starts[first + 2] : starts[first + SECTIONS]]
        # Once per record, wherever in it the word stands.
        for word in name if not detail else {*name, *detail}:
            counts[word] += 1
    # The weight of a word in one record only, as `count + 0.5` below has it.
    top = log((records + PRIOR) / 1.5)
    scale = {count: round(1000 * log((records + PRIOR) / (count + 0.5)) / top) for count in set(counts) | {1}}
    scale[0] = 1000  # part numbers and identifiers that stand in no name
    return array("I", [scale[count] for count in counts])


def _measure_names(starts: "array[int]", runs: "array[int]", weights: "array[int]", *, records: int) -> "array[int]":
    """Return the length of each name as a vector of weighted words."""
    names = (runs[starts[SECTIONS * row] : starts[SECTIONS * row + 1]] for row in range(records))
    return array("I", [isqrt(sum([weights[word] * weights[word] for word in name])) for name in names])


def _post(
    starts: "array[int]", runs: "array[int]", mpns: "array[int]", *, words: int
) -> "tuple[array[int], array[int]]":
    """Return for each word the records that have it in their name, as part number or as identifier."""
    # Counted first and filled in afterwards: two walks, and no list of its own for each word.
    counts = [0] * (words + 1)
    for row, mpn in enumerate(mpns):
        terms = runs[starts[SECTIONS * row] : starts[SECTIONS * row + 2]]
        for word in terms:
            counts[word + 1] += 1
        # A part number that the name has too is listed once.
        if mpn != NOTHING and mpn not in terms:
            counts[mpn + 1] += 1
    places = list(accumulate(counts))
    posting_starts = array("Q", places)
    postings = array("I", bytes(4 * places[-1]))
    for row, mpn in enumerate(mpns):
        terms = runs[starts[SECTIONS * row] : starts[SECTIONS * row + 2]]
        for word in terms:
            postings[places[word]] = row
            places[word] += 1
        if mpn != NOTHING and mpn not in terms:
            postings[places[mpn]] = row
            places[mpn] += 1
    return posting_starts, postings
