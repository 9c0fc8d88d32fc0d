"""A table whose rows keep their past as long as somebody may look at it.

Every row is a chain of values, each with the number of the commit that wrote it, newest last. A reader that began at
commit 7 sees the newest value written at or before 7, whatever is committed meanwhile. Beside each value stands what
its columns hold: a value is read, and checked, once when it is written, however often it is looked for.
"""

from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from heapq import merge
from itertools import product
from typing import Any

from mktcore.adapters.memory.mark_index import MarkIndex
from mktcore.adapters.memory.sorted_index import WHOLE, Entry, Part, SortedIndex, iterate_entries
from mktcore.persistence.dated_mark import Mark
from mktcore.persistence.kinds import Condition, holds
from mktcore.persistence.queries import Query
from mktcore.persistence.ranges import Bounds

__all__ = ["GONE", "MARKS", "Row", "Table", "View", "find_marks"]

Held = Mapping[str, object]
"""What the columns of a value hold, by name."""
Reader = Callable[[Any], Held]
Walk = tuple[str, ...]
"""The columns of an index; none of them for the keys themselves."""
Row = tuple[Any, Held]

ReadMarks = Callable[[Any], frozenset[Mark]]
MARKS = "*marks"
"""Beside the columns, where a table has marks; no column has such a name."""
GONE: Row = (None, {})
"""No row, or none any more."""


class Table:
    """Committed rows of one kind, ordered by key, with an index per column.

    An index lists every key that some kept value of the row has that column value for; readers check the value they
    see. Columns that are asked together have an index of their values too, and ordered ones a sorted index, of the
    whole table and of what has one value in each of its partners. Not safe for threads by itself: the store holds its
    latch around every call.
    """

    def __init__(
        self,
        columns: Iterable[str],
        read: Reader,
        *,
        ordered: Mapping[str, tuple[tuple[str, ...], ...]] | None = None,
        together: Iterable[tuple[str, ...]] = (),
        several: Iterable[str] = (),
        read_marks: ReadMarks | None = None,
    ) -> None:
        """Start empty.

        Args:
            columns: The names of the columns.
            read: Returns what they hold of a value.
            ordered: Which of them are ordered, and the partners of each.
            together: Which of them are asked together.
            several: Which of them hold several values, as a frozenset.
            read_marks: Returns what a value is found under besides; None where that is nothing.
        """
        self.columns = tuple(columns)
        self.ordered = ordered or {}
        self.several = frozenset(several)
        self._read = read
        self._read_marks = read_marks
        self._marks = MarkIndex()
        self._sorted = {name: SortedIndex() for name in self.ordered}
        self._chains: dict[str, list[tuple[int, Row]]] = {}
        self._keys: list[str] = []
        self._together = tuple(together)
        walks: list[Walk] = [*((name,) for name in self.columns), *self._together]
        self._indexes: dict[Walk, dict[tuple[object, ...], list[str]]] = {walk: {} for walk in walks}

    def read(self, value: Any) -> Row:
        """Return a value with what its columns hold; a removed row's hold nothing."""
        if value is None:
            return GONE
        held = self._read(value)
        return (value, held) if self._read_marks is None else (value, {**held, MARKS: self._read_marks(value)})

    def find(self, key: str, commit: int) -> Row:
        """Return the row as of a commit; `GONE` where there was none."""
        for number, row in reversed(self._chains.get(key, ())):
            if number <= commit:
                return row
        return GONE

    def find_latest(self, key: str) -> Row:
        """Return the row as it is now; `GONE` where there is none."""
        chain = self._chains.get(key)
        return chain[-1][1] if chain else GONE

    def iterate_keys(self, walk: Walk, values: tuple[object, ...], after: str) -> Iterator[str]:
        """Yield keys above `after`, in order, of rows that have, or lately had, these values in the columns."""
        keys = self._indexes[walk].get(values, []) if walk else self._keys
        for position in range(bisect_right(keys, after), len(keys)):
            yield keys[position]

    def list_walks(self, where: Mapping[str, object]) -> Iterator[Walk]:
        """Yield the indexes along which what is asked can be found."""
        yield from ((name,) for name in where)
        if len(where) > 1:
            yield from (names for names in self._together if where.keys() >= set(names))

    def count_candidates(self, walk: Walk, values: tuple[object, ...]) -> int:
        """Return how many keys an index lists for values."""
        return len(self._indexes[walk].get(values, ()))

    def iterate_ordered(self, query: Query, where: Mapping[str, Condition]) -> Iterator[Entry]:
        """Yield what a query walks along, of the part that its conditions choose; readers check the rows."""
        column = query.order.column or ""
        index, part = self._sorted[column], choose_part(where, self.ordered[column])
        return iterate_entries(index.get_valued(part), index.get_lacking(part), query)

    def iterate_marked(self, marks: Iterable[str], at: datetime) -> Iterator[str]:
        """Yield keys of rows that have, or lately had, one of the marks at an instant, some of them twice."""
        return self._marks.iterate(marks, at)

    def write(self, key: str, row: Row, *, commit: int, oldest: int) -> bool:
        """Append a committed value (`GONE` removes the row); tell whether the row kept a past to forget later.

        Args:
            key: The row.
            row: What it holds from this commit on.
            commit: Number of the commit.
            oldest: The oldest commit that somebody still reads at.
        """
        chain = self._chains.get(key)
        if chain is None:
            chain = self._chains[key] = []
            insort(self._keys, key)
        # Most changes leave the columns as they were: then every index lists the key already.
        if row is not GONE and not (chain and chain[-1][1][1] == row[1]):
            self._list(key, row[1])
        chain.append((commit, row))
        # Once for each value that is kept: what is forgotten takes out what it entered, and no more.
        self._marks.add(key, find_marks(row[1]))
        # A first value has no past to forget; the mark of a row that came and went in one unit has.
        return (len(chain) > 1 or row is GONE) and self.forget(key, oldest)

    def forget(self, key: str, oldest: int) -> bool:
        """Drop values of a row that nobody can see any more; tell whether some had to stay."""
        chain = self._chains.get(key, [])
        # The newest value that the oldest reader sees has to stay; those before it go.
        seen = next((at for at in range(len(chain) - 1, -1, -1) if chain[at][0] <= oldest), 0)
        past = [row[1] for _, row in chain[:seen] if row is not GONE]
        for _, row in chain[:seen]:
            self._marks.remove(key, find_marks(row[1]))
        del chain[:seen]
        # A removed row leaves a mark while somebody may still see what was there before.
        if len(chain) == 1 and chain[0][1] is GONE and chain[0][0] <= oldest:
            chain.clear()
            del self._chains[key]
            del self._keys[bisect_right(self._keys, key) - 1]
        kept = [row[1] for _, row in chain if row is not GONE]
        dropped = [held for held in past if held not in kept]
        if dropped:
            self._unlist(key, dropped, kept)
        return len(chain) > 1 or (bool(chain) and chain[0][1] is GONE)

    def _list(self, key: str, held: Held) -> None:
        for walk, index in self._indexes.items():
            for values in _pick_each(held, walk):
                listed = index.setdefault(values, [])
                if not _holds(listed, key):
                    insort(listed, key)
        for name, sorted_index in self._sorted.items():
            sorted_index.add((held[name], key), self._find_parts(name, held))

    def _unlist(self, key: str, dropped: list[Held], kept: list[Held]) -> None:
        for walk, index in self._indexes.items():
            for values in _pick_all(dropped, walk) - _pick_all(kept, walk):
                listed = index[values]
                del listed[bisect_right(listed, key) - 1]
                if not listed:
                    del index[values]
        for name, sorted_index in self._sorted.items():
            for value, part in self._find_places(name, dropped) - self._find_places(name, kept):
                sorted_index.remove((value, key), part)

    def _find_places(self, name: str, rows: list[Held]) -> set[tuple[object, Part]]:
        return {(held[name], part) for held in rows for part in self._find_parts(name, held)}

    def _find_parts(self, name: str, held: Held) -> list[Part]:
        return [WHOLE, *[(partner, one) for partner in self.ordered[name] for one in _pick_each(held, partner)]]


def choose_part(where: Mapping[str, Condition], partners: Iterable[tuple[str, ...]]) -> Part:
    """Return the smallest part of a table that a query needs to walk: that of most columns."""
    single = {name: wanted for name, wanted in where.items() if not isinstance(wanted, frozenset)}
    fitting = [partner for partner in partners if single.keys() >= set(partner)]
    best = max(fitting, key=len, default=())
    return best, _pick(single, best)


def find_marks(held: Held) -> frozenset[Mark]:
    """Return the marks of a row."""
    found = held.get(MARKS)
    return found if isinstance(found, frozenset) else frozenset()


def _pick(held: Mapping[str, object], walk: Walk) -> tuple[object, ...]:
    return tuple([held[name] for name in walk])


def _pick_each(held: Mapping[str, object], walk: Walk) -> Iterable[tuple[object, ...]]:
    """Return every combination that an index lists a row under: one, unless a column holds several values."""
    found = _pick(held, walk)
    if not any(isinstance(one, frozenset) for one in found):
        return (found,)
    return product(*(one if isinstance(one, frozenset) else (one,) for one in found))


def _pick_all(rows: Iterable[Held], walk: Walk) -> set[tuple[object, ...]]:
    return {values for held in rows for values in _pick_each(held, walk)}


def _holds(ordered: list[str], key: str) -> bool:
    position = bisect_right(ordered, key)
    return position > 0 and ordered[position - 1] == key


class View:
    """One unit's sight of a table: committed rows as of its start, and over them its own changes.

    Own changes have an index per column too, which lists a key for every value it ever had in this unit; readers check
    the value they see.
    """

    def __init__(self, table: Table, commit: int) -> None:
        """See `table` as of `commit`."""
        self._table = table
        self._commit = commit
        self.changes: dict[str, Row] = {}
        self._own: dict[str, dict[object, set[str]]] = {name: {} for name in table.columns}

    def read(self, value: Any) -> Row:
        """Return a value with what its columns hold."""
        return self._table.read(value)

    def change(self, key: str, value: Any) -> None:
        """Set what a row holds from now on, as this unit sees it; None removes it."""
        self.change_row(key, self._table.read(value))

    def change_row(self, key: str, row: Row) -> None:
        """Set a row to a value whose columns were read already."""
        self.changes[key] = row
        for name in self._own if row is not GONE else ():
            held = row[1][name]
            for one in held if isinstance(held, frozenset) else (held,):
                self._own[name].setdefault(one, set()).add(key)

    def find(self, key: str) -> Any:
        """Return the row as this unit sees it, or None."""
        found = self.changes.get(key)
        return (self._table.find(key, self._commit) if found is None else found)[0]

    def find_latest(self, key: str) -> Any:
        """Return the row as a guarded write must see it: own changes, else the last committed value."""
        return self.find_latest_row(key)[0]

    def find_row(self, key: str) -> Row:
        """Return the row as this unit sees it, with what its columns hold."""
        found = self.changes.get(key)
        return self._table.find(key, self._commit) if found is None else found

    def find_column(self, key: object, column: str) -> object:
        """Return what a column of a row holds as this unit sees it; None where there is no row."""
        return self.find_row(key)[1].get(column) if isinstance(key, str) else None

    def find_latest_row(self, key: str) -> Row:
        """Return the row as a guarded write must see it, with what its columns hold."""
        found = self.changes.get(key)
        return self._table.find_latest(key) if found is None else found

    def scan(self, where: Mapping[str, object], after: str = "", *, latest: bool = False) -> Iterator[tuple[str, Any]]:
        """Yield rows above `after` that match every column, in the order of keys."""
        find = self.find_latest_row if latest else self.find_row
        # Along the shortest index; the other conditions are checked row by row.
        walks = self._table.list_walks(where)
        walk = min(walks, key=lambda names: self._count_candidates(names, where), default=())
        committed = self._table.iterate_keys(walk, _pick(where, walk), after)
        changed = self._own[walk[0]].get(where[walk[0]], ()) if walk else self.changes
        own = sorted(key for key in changed if key > after)
        wanted = {name: value for name, value in where.items() if name not in self._table.several}.items()
        texts = [(name, str(where[name])) for name in self._table.several if name in where]
        previous = ""
        for key in merge(committed, own) if own else committed:
            # The merge gives a key twice that is committed and changed here.
            if key == previous:
                continue
            previous = key
            value, held = find(key)  # `GONE` too for a key whose change was undone
            if value is not None and wanted <= held.items() and all(holds(held[name], text) for name, text in texts):
                yield key, value

    def find_marked(self, marks: set[str], at: datetime) -> dict[str, Any]:
        """Return the rows that have one of the marks at an instant, by key, in the order of keys."""
        rows = {key: self.find_row(key) for key in sorted({*self._table.iterate_marked(marks, at), *self.changes})}

        # An entry may be of a value that the row had before, or has since this unit began.
        def has_mark(held: Held) -> bool:
            return any(mark.text in marks and mark.starts <= at < mark.ends for mark in find_marks(held))

        return {key: row[0] for key, row in rows.items() if has_mark(row[1])}

    def walk(self, query: Query, where: Mapping[str, Condition | Bounds]) -> Iterator[tuple[str, Any]]:
        """Yield rows that match every condition, in the order of a column, from where the query goes on."""
        column = query.order.column or ""
        conditions = {name: wanted for name, wanted in where.items() if not isinstance(wanted, Bounds)}

        # The walk itself keeps within the range of its own column.
        rest = {name: wanted for name, wanted in where.items() if name != column or not isinstance(wanted, Bounds)}

        def matches(row: Row) -> bool:
            return row is not GONE and all(holds(row[1][name], rest[name]) for name in rest)

        own = sorted(self._find_own(column, matches), key=_sort_entry)
        valued = [entry for entry in own if entry[0] is not None]
        mine = iterate_entries(valued, own[len(valued) :], query)
        committed = (one for one in self._table.iterate_ordered(query, conditions) if one[1] not in self.changes)
        entries = _merge_ordered(committed, mine, is_descending=query.order.is_descending) if own else committed
        for held, key in entries:
            row = self.find_row(key)
            # An entry may be of a value that the row had before, or has since this unit began.
            if matches(row) and row[1][column] == held:
                yield key, row[0]

    def _find_own(self, column: str, matches: Callable[[Row], bool]) -> Iterator[Entry]:
        for key, row in self.changes.items():
            if matches(row):
                yield row[1][column], key

    def _count_candidates(self, walk: Walk, where: Mapping[str, object]) -> int:
        own = self._own[walk[0]].get(where[walk[0]], ())
        return self._table.count_candidates(walk, _pick(where, walk)) + len(own)

    @contextmanager
    def undo_on_error(self) -> Iterator[None]:
        """Undo the changes made inside the block when it ends with an error."""
        # The index of own changes may go on listing what is undone: readers check the value they see.
        before = dict(self.changes)
        try:
            yield
        except BaseException:
            self.changes.clear()
            self.changes.update(before)
            raise


def _sort_entry(entry: Entry) -> Any:
    return (True, entry[1]) if entry[0] is None else (False, *entry)


def _merge_ordered(committed: Iterator[Entry], own: Iterator[Entry], *, is_descending: bool) -> Iterator[Entry]:
    """Merge two walks: those with a value in order, then those without one."""

    def to_key(entry: Entry) -> Any:
        lacks = entry[0] is None
        return (lacks != is_descending, entry[1] if lacks else entry)

    return merge(committed, own, key=to_key, reverse=is_descending)
