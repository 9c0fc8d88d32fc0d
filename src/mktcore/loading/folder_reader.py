"""What reading one row needs to know of all the others: which records the folder defines, and which it refers to."""

from typing import Any

import attrs

from mktcore.ids import MAX_ID_LENGTH
from mktcore.loading.folder_records import FolderContents, RecordOwner
from mktcore.loading.row_fields import RowFields
from mktcore.money import Currency
from mktcore.persistence import Kind

__all__ = ["FolderReader"]


@attrs.frozen
class FolderReader:
    """A folder that is being read.

    Attributes:
        currency: The marketplace's currency.
        contents: What was read so far.
        named: The ids that rows define, by the word for what they name. Those of faulty rows too: who refers to a
            faulty row is not at fault.
    """

    currency: Currency
    contents: FolderContents = attrs.field(factory=FolderContents)
    named: dict[str, set[str]] = attrs.field(factory=dict)

    def key(self, fields: RowFields, column: str, kind: str, *, longest: int = MAX_ID_LENGTH) -> str:
        """Return the id of the record that a row defines, faulty row or not."""
        key = fields.name(column, kind, longest)
        self.once(fields, kind, key, column=column)
        return key

    def once(self, fields: RowFields, kind: str, key: str, *, column: str) -> None:
        """Define a record, and note a row that does so again."""
        seen = self.named.setdefault(kind, set())
        if key and key in seen:
            fields.fault(column, f"{kind} {key[:80]} is there twice", "remove one of the rows")
        seen.add(key)

    def define(self, kind: str, key: str) -> None:
        """Define what several rows may define, such as a category of SKUs."""
        self.named.setdefault(kind, set()).add(key)

    def refer(self, fields: RowFields, column: str, kind: str) -> str:
        """Return the id of a record that another row, faulty or not, or else the store must define."""
        key = fields.name(column, kind)
        if fields.is_sound(column):
            self.expect(fields, kind, key, column=column)
        return key

    def refer_optional(self, fields: RowFields, column: str, kind: str) -> str:
        """Return such an id, or nothing when the column is empty."""
        return self.refer(fields, column, kind) if fields.read(column) else ""

    def expect(self, fields: RowFields, kind: str, key: str, *, column: str) -> None:
        """Note a record that must be there; files are read in such an order that the folder's own are known by now."""
        if key not in self.named.get(kind, ()):
            self.contents.refer(kind, key, file=fields.row.file, column=column, line=fields.row.line)

    def own(self, fields: RowFields, kind: Kind[Any], key: str, *, word: str, owner: str | None) -> None:
        """Note whose record a row defines, for a look at whose the store says it is."""
        row = fields.row
        self.contents.owners.append(
            RecordOwner(kind=kind, word=word, id=key, owner=owner, file=row.file, line=row.line)
        )

    def note_columns(self, fields: RowFields, key: str) -> None:
        """Keep which columns tell something of a record; mostly those of the header, in every row."""
        self.contents.note_told(fields.row.file, key, fields.row.told)
