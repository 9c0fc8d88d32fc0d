"""Which pieces suppliers are to cancel, as the merchant order that they send them for wants them no more. Pure."""

from collections.abc import Mapping, Sequence

import attrs

from mktcore.forwarded_orders.forwarded_order import ForwardedOrder

__all__ = ["SupplierPieces", "count_excess"]


@attrs.frozen
class SupplierPieces:
    """A link, and where the supplier's pieces of it are.

    Attributes:
        forwarded: The link.
        held: Pieces by line that the supplier still has.
        canceled: Pieces by line that are canceled there.
    """

    forwarded: ForwardedOrder
    held: Mapping[str, int]
    canceled: Mapping[str, int]

    def count_asked(self, line: str) -> int:
        """Return the pieces of a line that the supplier was asked to cancel, and did not."""
        return max(self.forwarded.asked.get(line, 0) - self.canceled.get(line, 0), 0)


def count_excess(held: Mapping[str, int], suppliers: Sequence[SupplierPieces]) -> dict[str, dict[str, int]]:
    """Return the pieces that suppliers are to be asked to cancel, by link and line; who was asked is not asked again.

    Pieces of a line are alike: those that the merchant would send itself are canceled before those that suppliers
    send, and of these the latest forwarded first.

    Args:
        held: Pieces by line that the merchant order still holds.
        suppliers: All links of it, the earliest first.
    """
    excess: dict[str, dict[str, int]] = {}
    for line in dict.fromkeys(line for one in suppliers for line in one.forwarded.lines):
        there = sum(one.held.get(line, 0) for one in suppliers)
        wanted = there - held.get(line, 0) - sum(one.count_asked(line) for one in suppliers)
        for one in reversed(suppliers):
            pieces = min(wanted, one.held.get(line, 0) - one.count_asked(line))
            if pieces > 0:
                excess.setdefault(one.forwarded.id, {})[line] = pieces
                wanted -= pieces
    return excess
