"""Records that do not matter any more, as another one that they name has ended."""

from datetime import datetime
from typing import Any

import attrs

from mktcore.persistence.kinds import Kind
from mktcore.persistence.lasting_records import Lasting

__all__ = ["Ended"]


@attrs.frozen
class Ended:
    """That a record names another one which has ended.

    Attributes:
        named_in: The column that names the other record, by its id.
        kind: Of what kind the other one is.
        ends: Its ordered column that tells when it ends; one without a value does not.
        at: The instant, aware: what ends at it has ended.
    """

    named_in: str
    kind: Kind[Any]
    ends: str = attrs.field(kw_only=True)
    at: datetime = attrs.field(kw_only=True)

    def is_marked(self, kind: Kind[Any], column: str) -> bool:
        """Tell whether records of a kind that have some value in a column are found under it as a mark till then."""
        return kind.lasting == Lasting(column, named_in=self.named_in, kind=self.kind.name, ends=self.ends)
