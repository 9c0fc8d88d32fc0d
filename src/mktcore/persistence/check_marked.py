"""Whether records of a kind can be looked for by marks at all."""

from typing import Any

from mktcore.persistence.errors import InvalidColumn
from mktcore.persistence.kinds import Kind

__all__ = ["check_marked"]


def check_marked(kind: Kind[Any]) -> None:
    """Refuse to look for marks of a kind that declares none: nothing found would be a false answer.

    Raises:
        InvalidColumn: It declares none.
    """
    if kind.marks is None:
        raise InvalidColumn(kind.name, "marks", "there are none")
