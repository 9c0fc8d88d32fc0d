"""What a unit read, and the one statement that tells whether all of it is as it was."""

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import attrs

from mktcore.persistence.kinds import Column, Kind, is_storable
from mktcore.persistence.noted_reads import Existence, Lookup, NotedReads
from mktcore.sql.lookup_statements import LookupStatements, Sought
from mktcore.sql.statements import Conditions, to_column_text
from mktcore.wire import Codec

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
        self, run: Callable[[Any, Mapping[str, Any]], Iterable[Any]], statements: LookupStatements, codec: Codec
    ) -> None:
        """Begin to note.

        Args:
            run: Runs a query inside the unit.
            statements: Of the store.
            codec: Reads documents.
        """
        self._run = run
        self._statements = statements
        self._codec = codec
        self._noted: dict[Sought, Rows] = {}
        self._held: dict[tuple[str, str], _Held] = {}
        self._existences: dict[Sought, bool] = {}
        self._is_known = True
        self.is_open = True

    def fetch(self, foreseen: Iterable[Lookup | Existence]) -> None:
        """Make look-ups at once."""
        wanted = [(one, _to_sought(one)) for one in foreseen]
        asked = [(one, sought) for one, sought in wanted if sought is not None and sought not in self._noted]
        if not asked:
            return
        for (one, sought), rows in zip(asked, self._select([sought for _, sought in asked]), strict=True):
            self.note(sought, rows)
            if isinstance(one, Existence):
                self._existences[sought] = bool(rows)
            else:
                self._hold(one, [self._codec.read_fields(*row) for row in rows])

    def _hold(self, lookup: Lookup, found: list[Any]) -> None:
        key = lookup.kind.name, lookup.column
        known = self._held.get(key)
        if known is not None:
            # Found by both is found once: what the later of two statements saw is what still has to hold.
            lookup = Lookup(lookup.kind, lookup.column, lookup.values | known.values)
            found = list({one.id: one for one in (*known.found, *found)}.values())
        self._held[key] = _Held(lookup.values, found)

    def find(self, kind: Kind[Any], column: str, wanted: AbstractSet[Column]) -> list[Any] | None:
        """Return the records that have one of these values in a column, if they were fetched."""
        held = self._held.get((kind.name, column))
        if held is None or not held.values >= wanted:
            return None
        if len(held.values) == len(wanted):
            return held.found
        return [one for one in held.found if _read_column(kind, column, one) in wanted]

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

    def still_hold(self) -> bool:
        """Look everything up again, in one statement, which sees one instant."""
        self.is_open = False
        if not self._is_known:
            return False
        noted = list(self._noted)
        found = self._select(noted) if noted else []
        return all(sorted(self._noted[one]) == sorted(rows) for one, rows in zip(noted, found, strict=True))

    def _select(self, sought: list[Sought]) -> list[Rows]:
        found: list[Rows] = [[] for _ in sought]
        for number, name, document in self._run(*self._statements.build(sought)):
            found[number].append((name, document))
        return found


def _to_sought(one: Lookup | Existence) -> Sought | None:
    """Return what is asked for; None where it is nothing, or is not to be fetched beforehand."""
    if isinstance(one, Existence):
        return Sought.existence(one.kind, Conditions.of(one.kind, one.where))
    is_short = 0 < len(one.values) <= _LONGEST and one.column not in one.kind.ordered
    if not is_short or not all(value is None or is_storable(str(value)) for value in one.values):
        return None
    return Sought.among(one.kind, one.column, one.values)


def _read_column(kind: Kind[Any], column: str, value: Any) -> str | None:
    return str(value.id) if column == "id" else to_column_text(kind.read_column(column, value))
