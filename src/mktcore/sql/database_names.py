"""How everything that the library makes in a database is named: with a prefix, and in a schema of the host's choice."""

import re
from typing import ClassVar
from zlib import crc32

import attrs

from mktcore.errors import ErrorCategory
from mktcore.persistence.errors import StoreError

__all__ = ["DEFAULT_PREFIX", "InvalidNaming", "Naming"]

DEFAULT_PREFIX = "mktcore_"
LONGEST_NAME = 63
"""What PostgreSQL does not cut."""
_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,19}")
_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_RESERVED = ("pg_", "sqlite_")


@attrs.define(eq=False, slots=False)
class InvalidNaming(StoreError):
    """A prefix or a schema that no database could have."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "store.invalid-naming"
    remedy: ClassVar[str] = (
        "begin with a small letter, go on with small letters, digits and _, a prefix of 20 characters at most, neither "
        "pg_ nor sqlite_; a schema is PostgreSQL's only"
    )
    part: str
    text: str

    def describe(self) -> str:
        """Name the part and the text."""
        return f"{self.text!r} cannot be the {self.part}"


@attrs.frozen
class Naming:
    """Names of tables and indexes.

    >>> Naming().name_table("offer"), Naming("shop_", "trade").name_index("offer", "sku")
    ('mktcore_offer', 'shop_offer_sku_489af9c0')

    Attributes:
        prefix: Begins the name of every table, index, constraint and sequence.
        schema: PostgreSQL's schema that they lie in; None for the connection's own.

    Raises:
        InvalidNaming: One of them cannot be.
    """

    prefix: str = DEFAULT_PREFIX
    schema: str | None = None

    def __attrs_post_init__(self) -> None:
        for part, text, pattern in (("prefix", self.prefix, _PREFIX), ("schema", self.schema, _SCHEMA)):
            is_missing = text is None and part == "schema"
            if not is_missing and not (isinstance(text, str) and pattern.fullmatch(text) and not _is_reserved(text)):
                raise InvalidNaming(part, str(text))

    def name_table(self, name: str) -> str:
        """Return the name of the table of a kind, or of one that every store has."""
        return f"{self.prefix}{name}"

    def name_values(self, kind: str, column: str) -> str:
        """Return the name of the table of a column of several values."""
        # Two names of 40 characters are longer than PostgreSQL's may be.
        name = f"{self.prefix}{kind}_{column}"
        return name if len(name) <= LONGEST_NAME else self.name_index(kind, column)

    def name_index(self, table: str, *columns: str) -> str:
        """Return the name of an index, unlike that of any other and of any table.

        Args:
            table: The kind, or the table that every store has.
            columns: What tells it from the table's other indexes.
        """
        # Joined alone, kind "a" by "b_c" and kind "a_b" by "c" would be one name; so would a kind "a_b".
        digest = f"{crc32('/'.join((table, *columns)).encode()):08x}"
        return f"{'_'.join((self.prefix + table, *columns))[: LONGEST_NAME - 9]}_{digest}"


def _is_reserved(text: str) -> bool:
    return text.startswith(_RESERVED) or text == "information_schema"
