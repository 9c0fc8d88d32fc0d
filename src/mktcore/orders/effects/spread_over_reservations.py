"""Which reservations of a line its pieces leave and come back to: one alone, or several locations, for each part."""

from collections.abc import Callable, Mapping

import attrs

from mktcore.orders.errors import GoodsGone
from mktcore.orders.order_line import LineSource, OrderLine
from mktcore.stock import Reservation

__all__ = ["LinePieces"]


@attrs.frozen
class LinePieces:
    """What a line's reservations of one part hold, what left them, and what is asked of them in one transition.

    A line without parts is one. Whoever asks, asks for pieces of the line.

    Attributes:
        line: The line's key.
        first: Id of the first reservation.
        per: Pieces of the part in one piece of the line.
        wanted: Pieces that are to be reserved in the end.
        held: Pieces that reservations hold, by id, first location first; one that was not read is left out.
        away: Pieces that left them, by id.
        consumed: Pieces that leave, by reservation.
        freed: Pieces that become available again.
        recalled: Pieces that come back, and are reserved again.
        returned: Pieces that come back, for anybody.
    """

    line: str
    first: str
    per: int
    wanted: int
    held: dict[str, int]
    away: dict[str, int]
    consumed: dict[str, int] = attrs.field(factory=dict)
    freed: dict[str, int] = attrs.field(factory=dict)
    recalled: dict[str, int] = attrs.field(factory=dict)
    returned: dict[str, int] = attrs.field(factory=dict)

    @classmethod
    def list_of(
        cls, line: OrderLine, reservations: Mapping[str, Reservation], *, wanted: int
    ) -> "tuple[LinePieces, ...]":
        """Return the parts of a line of which nothing is asked yet, with what was read of their reservations.

        Args:
            line: The line; one whose pieces nobody counts has no part.
            reservations: What was read, by id.
            wanted: Pieces of the line that are to be reserved in the end.
        """
        return tuple(cls._of(line.key, sources, reservations, wanted=wanted) for sources in line.group_sources())

    @classmethod
    def _of(
        cls, line: str, sources: tuple[LineSource, ...], reservations: Mapping[str, Reservation], *, wanted: int
    ) -> "LinePieces":
        found = [reservations[one.reservation] for one in sources if one.reservation in reservations]
        held, away = {one.id: one.remaining for one in found}, {one.id: one.away for one in found}
        first = sources[0]
        return cls(line, first.reservation, first.per, wanted=wanted * first.per, held=held, away=away)

    def spread(self, move: Callable[["LinePieces", int], None], quantity: int) -> None:
        """Let so many pieces of the line make a move: of this part, as many as they hold of it."""
        move(self, quantity * self.per)

    def consume(self, quantity: int) -> None:
        """Let pieces leave; what no reservation holds falls to the line's first, which refuses it."""
        self._move(quantity, self.held, self.consumed)

    def free(self, quantity: int) -> None:
        """Make pieces available again; what no reservation holds falls to the line's first, which refuses it."""
        self._move(quantity, self.held, self.freed)

    def bring_back(self, quantity: int) -> None:
        """Let pieces come back; those that never left become available again."""
        there = min(quantity, max(sum(self.away.values()), quantity - self._count_idle()))
        self._move(there, self.away, self.returned)
        self.free(quantity - there)

    def hold_again(self, quantity: int) -> None:
        """Reserve pieces that left, as far as the reservations do not hold them already.

        Raises:
            GoodsGone: So many did not leave: they are anybody's.
        """
        missing = min(quantity, max(self.wanted - sum(self.held.values()), 0))
        self._check_there(missing, sum(self.away.values()))
        for name, pieces in self._move(missing, self.away, self.recalled).items():
            self.held[name] = self.held.get(name, 0) + pieces

    def send_anyway(self, quantity: int) -> None:
        """Let pieces leave that are in no reserved state, as far as they are reserved all the same.

        Raises:
            GoodsGone: So many are not: they are anybody's.
        """
        self._check_there(quantity, self._count_idle())
        self.consume(quantity)

    def _count_idle(self) -> int:
        """Return how many pieces are reserved although no state says so, as at the start of some processes."""
        return max(sum(self.held.values()) - self.wanted, 0)

    def _check_there(self, quantity: int, there: int) -> None:
        if quantity > there:
            raise GoodsGone(self.line, quantity, there)

    def _move(self, quantity: int, stock: dict[str, int], into: dict[str, int]) -> dict[str, int]:
        """Take pieces out of `stock`, the first location's first, and note them; return what was taken of which."""
        taken, rest = dict[str, int](), quantity
        for name, there in stock.items():
            if rest and there > 0:
                taken[name] = min(rest, there)
                rest -= taken[name]
        if rest:
            taken[self.first] = taken.get(self.first, 0) + rest
        for name, pieces in taken.items():
            stock[name] = stock.get(name, 0) - pieces
            into[name] = into.get(name, 0) + pieces
        return taken
