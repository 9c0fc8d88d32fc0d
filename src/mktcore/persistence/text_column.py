"""A column of a text that nothing bounds."""

from collections.abc import Callable
from operator import attrgetter

from mktcore.persistence.declared_columns import MAX_COLUMN_TEXT, Column, is_storable

__all__ = ["text_column"]


def text_column(path: str) -> Callable[[object], Column]:
    """Return a column that reads the text at `path`; one that is too long for a column is found by no filter.

    What earlier releases stored must not fail to open because of a filter that came later.
    """
    read = attrgetter(path)

    def read_text(value: object) -> Column:
        text: str | None = read(value)
        return None if text is None or len(text) > MAX_COLUMN_TEXT or not is_storable(text) else text

    return read_text
