"""Records that are looked for only while another one lasts, which they name."""

import attrs

__all__ = ["Lasting"]


@attrs.frozen
class Lasting:
    """That a record is of no more interest once another one has ended, which a column of it names.

    Stores that keep marks let the record's mark end with the other one, whichever of the two is written later: what
    ended is not walked over, however much of it there is. A record whose other one is not there lasts.

    Attributes:
        column: The column of which the record has its one mark, which has no period of its own.
        named_in: The column that names the other record, by its id.
        kind: Name of the other one's kind.
        ends: Its ordered column that tells when it ends; one without a value does not.
    """

    column: str
    named_in: str
    kind: str
    ends: str
