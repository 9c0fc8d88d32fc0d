"""One statement for look-ups of several kinds, built and compiled once for each set of kinds and columns."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

import attrs
from sqlalchemy import ColumnElement, and_, bindparam, literal_column, select, true, union_all

from mktcore.persistence.kinds import Column, Kind
from mktcore.persistence.references_to_ended import Ended
from mktcore.sql.column_comparisons import AMONG, AMONG_OR_NONE, Conditions, Shape, to_column_text
from mktcore.sql.kind_statements import KindStatements

__all__ = ["LookupStatements", "Sought"]

LASTING = "*lasting"
MARKED: Shape = (("marks", "marked"),)
"""How a look-up by marks is told from those by columns."""


@attrs.frozen
class Sought:
    """What one look-up asks for.

    Attributes:
        kind: Name of the kind.
        shape: Which columns are compared, and how.
        values: With what, by position.
        is_existence: Whether it asks only if there is any.
    """

    kind: str
    shape: Shape
    values: tuple[Any, ...]
    is_existence: bool = False

    @classmethod
    def among(cls, kind: Kind[Any], column: str, values: AbstractSet[Column]) -> "Sought":
        """Ask for the records that have one of these values in a column which is not ordered."""
        # As `Conditions.of` has it, without its ways for all else: a cart asks a dozen of these.
        texts = tuple(sorted([text for text in map(to_column_text, values) if text is not None]))
        return cls(kind.name, ((column, AMONG_OR_NONE if None in values else AMONG),), (texts,))

    @classmethod
    def marked(cls, kind: Kind[Any], marks: AbstractSet[str], at: datetime) -> "Sought":
        """Ask for the records that have one of these marks at an instant."""
        return cls(kind.name, MARKED, (tuple(sorted(marks)), at))

    @classmethod
    def lasting(cls, kind: Kind[Any], column: str, values: AbstractSet[Column], *, unless_over: Ended) -> "Sought":
        """Ask for the records that have one of these values in a column, but those whose other record has ended."""
        texts = frozenset(value for value in values if isinstance(value, str))
        if len(texts) == len(values) and unless_over.is_marked(kind, column):
            return cls.marked(kind, texts, unless_over.at)
        among = cls.among(kind, column, values)
        # Named like no column: which one names the other record, of which kind, and by what that ends.
        over = (f"{LASTING} {unless_over.named_in}", f"{unless_over.kind.name} {unless_over.ends}")
        return cls(kind.name, (*among.shape, over), (*among.values, unless_over.at))

    @classmethod
    def existence(cls, kind: Kind[Any], conditions: Conditions) -> "Sought":
        """Ask whether there is a record."""
        names = [f"where_{number}" for number in range(len(conditions.shape))]
        values = tuple(conditions.values.get(name) for name in names)
        return cls(kind.name, conditions.shape, values, is_existence=True)

    def list_parameters(self, place: int) -> dict[str, Any]:
        """Return the values by parameter, where this is the look-up with that number in a statement."""
        named = {f"sought_{place}_{n}": value for n, value in enumerate(self.values) if value is not None}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in named.items()}


class LookupStatements:
    """Statements over the tables of several kinds.

    Attributes:
        kinds: The statements of each kind, by its name.
        followers: Whose marks end with records of a kind, by its name: each with the column that tells the end.
    """

    def __init__(self, kinds: Mapping[str, KindStatements]) -> None:
        """Start with none built."""
        self.kinds = kinds
        self.followers: dict[str, list[tuple[str, KindStatements]]] = {}
        for one in kinds.values():
            if one.kind.lasting is not None:
                self.followers.setdefault(one.kind.lasting.kind, []).append((one.kind.lasting.ends, one))
        self._built: dict[tuple[tuple[str, Shape, bool], ...], Any] = {}

    def build(self, sought: Sequence[Sought]) -> tuple[Any, dict[str, Any]]:
        """Return a statement that selects the number of a look-up with the type and document of each record it finds.

        Of one that asks for existence, two empty texts are selected where there is a record.

        Returns:
            The statement and its parameters.
        """
        key = tuple([(one.kind, one.shape, one.is_existence) for one in sought])
        statement = self._built.get(key)
        if statement is None:
            parts = [self._select(place, one) for place, one in enumerate(sought)]
            statement = self._built[key] = parts[0] if len(parts) == 1 else union_all(*parts)
        parameters: dict[str, Any] = {}
        for place, one in enumerate(sought):
            parameters |= one.list_parameters(place)
        return statement, parameters

    def _select(self, place: int, sought: Sought) -> Any:
        statements = self.kinds[sought.kind]
        table = statements.table
        number: Any = literal_column(str(place)).label("number")
        if sought.shape == MARKED:
            has_mark = statements.compare_marks(f"sought_{place}_0", f"sought_{place}_1")
            return select(number, table.c.type, table.c.document).where(has_mark)
        matches = [
            self._compare(statements, column, how, name=f"sought_{place}_{n}")
            for n, (column, how) in enumerate(sought.shape)
        ]
        match = and_(true(), *matches)
        if sought.is_existence:
            nothing: Any = literal_column("''")
            found = select(literal_column("1")).select_from(table).where(match).exists()
            return select(number, nothing.label("type"), nothing.label("document")).where(found)
        return select(number, table.c.type, table.c.document).where(match)

    def _compare(self, statements: KindStatements, column: str, how: str, *, name: str) -> ColumnElement[bool]:
        if not column.startswith(LASTING):
            return statements.match(column, how, name)
        other_kind, _, ends = how.partition(" ")
        other, naming = self.kinds[other_kind].table, statements.table.c[column.removeprefix(f"{LASTING} ")]
        has_ended = other.c[ends] <= bindparam(name, type_=other.c[ends].type)
        return ~select(literal_column("1")).select_from(other).where(other.c.id == naming, has_ended).exists()
