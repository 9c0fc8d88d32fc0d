"""What a check noticed: a value to read, not an exception to catch."""

import attrs

__all__ = ["Finding"]


@attrs.frozen
class Finding:
    """One thing that a check of a process noticed.

    Attributes:
        code: Stable name: `"unreachable-state"`. Hosts filter and test by it.
        where: Its place: `states['paid']`, `transitions[3]`, or `orders.xml:12:5` (line and column).
        message: One English sentence with the names in it.
        remedy: What would mend it; may be empty.
    """

    code: str
    where: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        remedy = f" ({self.remedy})" if self.remedy else ""
        return f"{self.where}: {self.message} [{self.code}]{remedy}"
