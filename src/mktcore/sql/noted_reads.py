"""What a unit read, and the one statement that tells whether all of it is as it was."""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import attrs

from mktcore.persistence.declared_columns import is_storable
from mktcore.persistence.kinds import Column, Kind
from mktcore.persistence.noted_reads import Existence, Foreseen, Lookup, MarkLookup, NotedReads
from mktcore.sql.column_comparisons import Conditions, to_column_text
from mktcore.sql.driver_statements import Answer, Call
from mktcore.sql.known_documents import KnownDocuments
from mktcore.sql.lookup_statements import LookupStatements, Sought

__all__ = ["SqlReads"]

_LONGEST = 1000
"""Values of a look-up that is made beforehand: longer ones are made in parts, when they are asked for."""
Rows = list[tuple[str, str]]
"""Types and documents."""


@attrs.frozen
class _Held:
    """Records that were fetched, and the values that they were fetched by."""

    values: AbstractSet[Column]
    found: list[Any]


class SqlReads(NotedReads):
    """Notes what repositories find, and answers them from what was fetched beforehand.

    Not ids and versions are compared but whole documents: of a record that was removed and made anew the version is the
    same. They are compared as text, so that nothing is decoded twice.

    Attributes:
        is_open: Whether it notes still.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Call]], Sequence[Answer]],
        statements: LookupStatements,
        documents: KnownDocuments,
        *,
        select_stock: Any,
    ) -> None:
        """Begin to note.

        Args:
            run: Runs queries inside the unit.
            statements: Of the store.
            documents: Reads documents.
            select_stock: The query for the levels of the stock items `ids`.
        """
        self._run = run
        self._statements = statements
        self._documents = documents
        self._select_stock = select_stock
        self._levels: dict[str, Sequence[Any] | None] = {}
        self._noted: dict[Sought, Rows] = {}
        self._held: dict[tuple[str, str], _Held] = {}
        self._existences: dict[Sought, bool] = {}
        self._exact: dict[Sought, list[Any]] = {}
        self._is_known = True
        self.is_open = True

    def fetch(self, foreseen: Iterable[Foreseen], *, stock: Iterable[str] = ()) -> None:
        """Make look-ups at once."""
        wanted = [(one, _to_sought(one)) for one in foreseen]
        asked = [(one, sought) for one, sought in wanted if sought is not None and sought not in self._noted]
        items = sorted(set(stock))
        calls = [Call(*self._statements.build([sought for _, sought in asked]))] if asked else []
        if items and len(items) <= _LONGEST:
            calls.append(Call(self._select_stock, {"ids": items}))
            self._levels |= dict.fromkeys(items)
        found = self._run(calls) if calls else ()
        if len(found) > len(asked[:1]):
            self._levels |= {row[0]: row for row in found[-1].rows}
        for (one, sought), rows in zip(asked, _split(found[0], len(asked)) if asked else (), strict=True):
            self.note(sought, rows)
            if isinstance(one, Existence):
                self._existences[sought] = bool(rows)
                continue
            found_now = [self._documents.read_fields(*row) for row in rows]
            if isinstance(one, MarkLookup) or one.unless_over is not None:
                self._exact[sought] = found_now
            else:
                self._hold(one, found_now)

    def _hold(self, lookup: Lookup, found: list[Any]) -> None:
        key = lookup.kind.name, lookup.column
        known = self._held.get(key)
        if known is not None:
            # Found by both is found once: what the later of two statements saw is what still has to hold.
            lookup = Lookup(lookup.kind, lookup.column, lookup.values | known.values)
            found = list({one.id: one for one in (*known.found, *found)}.values())
        self._held[key] = _Held(lookup.values, found)

    def find(
        self, kind: Kind[Any], column: str, wanted: AbstractSet[Column]
    ) -> tuple[Sequence[Any], AbstractSet[Column]]:
        """Return the records that were fetched by one of these values in a column, and the values that were not."""
        held = self._held.get((kind.name, column))
        if held is None:
            return (), wanted
        if held.values == wanted:
            return held.found, frozenset()
        return [one for one in held.found if _read_column(kind, column, one) in wanted], wanted - held.values

    def find_exactly(self, sought: Sought) -> list[Any] | None:
        """Return the records that this very look-up finds, if it was made."""
        return self._exact.get(sought)

    def find_levels(self, items: AbstractSet[str]) -> Sequence[Sequence[Any]] | None:
        """Return the rows of stock items, if all were fetched."""
        if not items <= self._levels.keys():
            return None
        return [row for item, row in self._levels.items() if row is not None and item in items]

    def find_existence(self, kind: Kind[Any], conditions: Conditions) -> bool | None:
        """Tell whether there is such a record, if that was fetched."""
        return self._existences.get(Sought.existence(kind, conditions))

    def note(self, sought: Sought, rows: Rows) -> None:
        """Remember what a look-up found."""
        known = self._noted.setdefault(sought, rows)
        if known is not rows and sorted(known) != sorted(rows):
            self.lose_track()

    def lose_track(self) -> None:
        """Note that something was read that is not noted."""
        self._is_known = False

    def let_go(self) -> None:
        """Answer nothing more from what was fetched: the unit is about to write."""
        self._held.clear()
        self._existences.clear()
        self._exact.clear()
        self._levels.clear()

    def still_hold(self) -> bool:
        """Look everything up again, in one statement, which sees one instant."""
        self.is_open = False
        if not self._is_known:
            return False
        if not self._noted:
            return True
        (answer,) = self._run([Call(*self._statements.build(list(self._noted)))])
        found = _split(answer, len(self._noted))
        return all(sorted(known) == sorted(rows) for known, rows in zip(self._noted.values(), found, strict=True))


def _split(answer: Answer, count: int) -> list[Rows]:
    """Return the types and documents that a statement found, look-up by look-up."""
    found: list[Rows] = [[] for _ in range(count)]
    for number, name, document in answer.rows:
        found[number].append((name, document))
    return found


def _to_sought(one: Foreseen) -> Sought | None:
    """Return what is asked for; None where it is nothing, or is not to be fetched beforehand."""
    if isinstance(one, Existence):
        return Sought.existence(one.kind, Conditions.of(one.kind, one.where))
    if isinstance(one, MarkLookup):
        return Sought.marked(one.kind, one.marks, one.at) if one.marks else None
    # Answered later by the value that a record holds: of several there is not one.
    is_single = one.column not in one.kind.ordered and one.column not in one.kind.several
    is_short = is_single and 0 < len(one.values) <= _LONGEST
    # In one text, which no store can hold either if it cannot hold one of them: of hundreds of ids that is quicker.
    if not is_short or not is_storable("".join([str(value) for value in one.values])):
        return None
    if one.unless_over is not None:
        return Sought.lasting(one.kind, one.column, one.values, unless_over=one.unless_over)
    return Sought.among(one.kind, one.column, one.values)


def _read_column(kind: Kind[Any], column: str, value: Any) -> str | None:
    return str(value.id) if column == "id" else to_column_text(kind.read_column(column, value))
