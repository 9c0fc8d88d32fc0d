"""A naive judge of orders' lives: whole numbers, tables written out, and no code of the library.

It is told every move that an order's history holds, and says what each line, merchant and order must then come to.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

__all__ = ["AWAY", "BACK", "FINAL", "HELD", "WAYS", "Disagreement", "JudgedOrder", "Purse", "expect"]

HELD = {"new", "picking", "held", "back-ordered", "cancellation asked", "cancellation granted"} | {
    "to be recalled",
    "recalled",
}
AWAY = {"shipped", "lost", "delivered", "return asked", "closed", "written off"}
BACK = {"returned", "refunded"}
FINAL = {"closed", "refunded", "written off", "canceled"}
WAYS = {
    "pick": {"new": "picking"},
    "ship": dict.fromkeys(("new", "picking", "back-ordered", "recalled", "cancellation asked"), "shipped"),
    "deliver": {"shipped": "delivered", "lost": "delivered"},
    "back-order": {"new": "back-ordered", "picking": "back-ordered"},
    "undo shipment": {"shipped": "to be recalled"},
    "confirm recall": {"to be recalled": "recalled"},
    "lose": {"shipped": "lost"},
    "refuse at door": {"shipped": "returned"},
    "hold": {"new": "held", "picking": "held"},
    "release": {"held": "new"},
    "cancel by merchant": dict.fromkeys(("new", "picking", "back-ordered", "recalled", "held"), "canceled"),
    "ask to cancel": {
        "new": "cancellation asked",
        "picking": "cancellation asked",
        "back-ordered": "cancellation granted",
    },
    "accept cancellation": {"cancellation asked": "canceled"},
    "grant cancellation": {"cancellation granted": "canceled"},
    "refuse cancellation": {"cancellation asked": "picking"},
    "close": {"delivered": "closed"},
    "ask to return": {"delivered": "return asked"},
    "receive return": {"return asked": "returned"},
    "refuse return": {"return asked": "delivered"},
    "refund": {"returned": "refunded", "lost": "written off"},
}
"""By event, from which state of a merchant order to which."""


class Disagreement(AssertionError):
    """The market came to something else than the naive model says."""


def expect(is_so: bool, told: str) -> None:
    """Raise a disagreement unless something is so.

    Raises:
        Disagreement: It is not.
    """
    if not is_so:
        raise Disagreement(told)


Figures = tuple[int, int, int, int, int, int]
"""Grand and its tax, canceled and its tax, refunded and its tax; in minor units."""


def share(amount: int, pieces: int, of: int) -> int:
    """Round half up what so many pieces are of what is left."""
    return (2 * amount * pieces + of) // (2 * of) if of else 0


@dataclass
class Purse:
    """The money of a line or charge: what is open, what is kept by its seller, what went back before and after."""

    pieces: int
    paid: int
    tax: int
    open: list[int] = field(default_factory=list)
    kept: list[int] = field(default_factory=lambda: [0, 0, 0])
    canceled: list[int] = field(default_factory=lambda: [0, 0, 0])
    refunded: list[int] = field(default_factory=lambda: [0, 0, 0])

    def __post_init__(self) -> None:
        self.open = [self.pieces, self.paid, self.tax]

    def take(self, pieces: int, source: list[int], target: list[int]) -> None:
        """Let so many pieces go, with their share of what is left."""
        if not pieces:
            return
        expect(0 <= pieces <= source[0], "more pieces than there are")
        taken = [pieces, share(source[1], pieces, source[0]), share(source[2], pieces, source[0])]
        for place in range(3):
            source[place] -= taken[place]
            target[place] += taken[place]

    def tell(self) -> Figures:
        """Return the figures of it."""
        canceled, refunded = self.canceled, self.refunded
        return (
            self.paid - canceled[1], self.tax - canceled[2], canceled[1], canceled[2], refunded[1], refunded[2],
        )  # fmt: skip


@dataclass
class JudgedOrder:
    """One order: its lines by key, with their merchants and money, and the charges of merchants."""

    merchants: Mapping[str, str]
    lines: Mapping[str, Purse]
    freight: Mapping[str, Purse]
    own: Purse
    states: dict[str, Counter[str]] = field(default_factory=dict)
    stock: Counter[str] = field(default_factory=Counter)
    """Pieces on hand and reserved, against the time before the order: `"l1 on hand"`, `"l1 reserved"`."""

    def __post_init__(self) -> None:
        for key, purse in self.lines.items():
            self.states[key] = Counter({"new": purse.pieces})
            self.stock[f"{key} reserved"] = purse.pieces

    def count(self, line: str, event: str) -> int:
        """Return how many pieces of a line an event could move."""
        return sum(self.states[line][state] for state in WAYS[event])

    def follow(self, moves: Iterable[tuple[str, int, str | None, str, str]]) -> None:
        """Follow moves of a merchant order that happened together: line, pieces, source, target, event."""
        lines = set()
        for line, pieces, source, target, event in moves:
            if source is None:
                raise Disagreement("nothing starts twice")
            expect(WAYS[event].get(source) == target, f"no {event} leads from {source} to {target}")
            expect(source not in FINAL, f"{source} was left")
            states = self.states[line]
            expect(0 < pieces <= states[source], "more pieces move than there are")
            states[source] -= pieces
            states[target] += pieces
            self._move_stock(line, pieces, source=source, target=target)
            lines.add(line)
        for line in lines:
            self._move_money(line)
        self._move_charges()

    def _move_stock(self, line: str, pieces: int, *, source: str, target: str) -> None:
        was_held, was_away = source in HELD, source in AWAY
        is_held, is_away = target in HELD, target in AWAY
        self.stock[f"{line} reserved"] += pieces * (is_held - was_held)
        # What is canceled before it left stays where it is; what left and comes back is there again.
        if was_held and is_away:
            self.stock[f"{line} on hand"] -= pieces
        if was_away and not is_away:
            self.stock[f"{line} on hand"] += pieces

    def _move_money(self, line: str) -> None:
        states, purse = self.states[line], self.lines[line]
        sold = sum(states[one] for one in ("shipped", "lost", "delivered", "return asked", "returned", "closed"))
        gone = sum(states[one] for one in ("canceled", "refunded", "written off"))
        waiting = purse.pieces - sold - gone
        more = gone - purse.canceled[0] - purse.refunded[0]
        purse.take(min(max(sold - purse.kept[0], 0), max(purse.open[0] - waiting, 0)), purse.open, purse.kept)
        unsold = min(more, max(purse.open[0] - waiting, 0))
        purse.take(unsold, purse.open, purse.canceled)
        purse.take(more - unsold, purse.kept, purse.refunded)

    def _move_charges(self) -> None:
        for merchant, purse in (*self.freight.items(), (None, self.own)):
            lines = [one for key, one in self.lines.items() if merchant in (None, self.merchants[key])]
            if not purse.open[0]:
                continue
            if any(one.kept[0] or one.refunded[0] for one in lines):
                purse.take(1, purse.open, purse.kept)
            elif not any(one.open[0] for one in lines):
                purse.take(1, purse.open, purse.canceled)

    def tell(self, merchant: str | None = None) -> Figures:
        """Return the figures of a merchant's part, or of the whole order."""
        purses = [one for key, one in self.lines.items() if merchant in (None, self.merchants[key])]
        purses += [one for owner, one in self.freight.items() if merchant in (None, owner)]
        if merchant is None:
            purses.append(self.own)
        columns = zip(*(one.tell() for one in purses), strict=True)
        return tuple(sum(column) for column in columns)

    def check(self) -> None:
        """Hold what must hold of the judge's own books, whatever happened."""
        for purse in (*self.lines.values(), *self.freight.values(), self.own):
            parts = (purse.open, purse.kept, purse.canceled, purse.refunded)
            sums = [sum(one[place] for one in parts) for place in range(3)]
            expect(sums == [purse.pieces, purse.paid, purse.tax], f"a purse holds {sums} of {purse}")
            expect(all(amount >= 0 for one in parts for amount in one), f"an amount below zero in {purse}")
