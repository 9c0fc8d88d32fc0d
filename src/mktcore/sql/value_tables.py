"""The tables of columns of several values: for each text of a record a row, beside the columns that pages go by."""

from typing import Any

from sqlalchemy import Column, Index, MetaData, Table

from mktcore.persistence import Kind
from mktcore.persistence.kinds import name_values
from mktcore.sql.database_names import Naming
from mktcore.sql.types import COLUMN_TYPES, SortedText

__all__ = ["build_values"]


def build_values(kind: Kind[Any], name: str, naming: Naming, *, metadata: MetaData) -> Table:
    """Return the table of a column of several values.

    Its columns bear the names that they have in the kind, so that what compares the ones compares the others.
    """
    by, beside = kind.several[name].order, kind.list_beside(name)
    order = () if by is None else (by,)
    walks = [(*partner, name, *order, "id") for partner in ((), *kind.find_value_partners(name))]
    table = name_values(kind, name)
    return Table(
        naming.name_values(kind.name, name),
        metadata,
        Column("id", SortedText, primary_key=True),
        Column(name, SortedText, primary_key=True),
        *(Column(one, COLUMN_TYPES[kind.ordered[one].type] if one in kind.ordered else SortedText) for one in beside),
        *(Index(naming.name_index(table, *walk[:-1]), *walk) for walk in walks),
        schema=naming.schema,
    )
