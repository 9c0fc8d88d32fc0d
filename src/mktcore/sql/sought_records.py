"""Records that are looked for by more than a column: by marks, or by what else they name."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, Generic, TypeVar

from mktcore.persistence.kinds import Aggregate, Column, Condition
from mktcore.persistence.references_to_ended import Ended
from mktcore.sql.column_comparisons import Conditions
from mktcore.sql.kind_statements import KindStatements
from mktcore.sql.known_documents import KnownDocuments
from mktcore.sql.lookup_statements import LookupStatements, Sought
from mktcore.sql.session import SqlSession

__all__ = ["SoughtRecords"]

T = TypeVar("T", bound=Aggregate)


class SoughtRecords(Generic[T]):
    """Finds records of one kind, in what was fetched beforehand or in the database, and notes what it found."""

    def __init__(
        self,
        session: SqlSession,
        statements: KindStatements,
        documents: KnownDocuments,
        *,
        lookups: LookupStatements | None,
    ) -> None:
        """Work inside a unit's session; without `lookups`, records of other kinds are not looked at."""
        self._session = session
        self._statements = statements
        self._documents = documents
        self._lookups = lookups

    def find_marked(self, marks: AbstractSet[str], at: datetime, reads: Mapping[str, Condition]) -> list[T]:
        """Return the records that have one of the marks at an instant, of those that a scope reads."""
        sought = Sought.marked(self._statements.kind, marks, at)
        noted = self._session.noted
        held = None if noted is None else noted.find_exactly(sought)
        if held is not None:
            return held
        conditions = Conditions.of(self._statements.kind, reads)
        asked = {**conditions.values, "marks": sorted(marks), "marked_at": at}
        return self._note(self._session.fetch(self._statements.find_marked(conditions), asked), sought)

    def find_lasting(self, column: str, wanted: AbstractSet[Column], unless_over: Ended) -> list[T] | None:
        """Return the records whose column has one of the values, but those that name another one which has ended.

        Whoever reads them; None where that cannot be told here.
        """
        if self._lookups is None:
            return None
        sought = Sought.lasting(self._statements.kind, column, wanted, unless_over=unless_over)
        noted = self._session.noted
        held = None if noted is None else noted.find_exactly(sought)
        if held is not None:
            return held
        rows = self._session.fetch(*self._lookups.build([sought]))
        return self._note([row[1:] for row in rows], sought)

    def _note(self, found: Iterable[Any], sought: Sought) -> list[T]:
        rows = [(name, document) for name, document in found]
        if self._session.noted is not None:
            self._session.noted.note(sought, rows)
        return [self._documents.read_fields(name, document) for name, document in rows]
