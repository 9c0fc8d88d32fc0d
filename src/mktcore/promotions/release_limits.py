"""What an order gives back of promotions' limits when lines of it are cancelled. Pure."""

from collections.abc import Iterable, Mapping

import attrs

from mktcore.promotions.limit_counters import to_budget_counter
from mktcore.promotions.outcome import PromotionOutcome

__all__ = ["PromotionUse", "UsedPart", "find_returns", "list_uses"]


@attrs.frozen
class UsedPart:
    """What a promotion took off one line or charge.

    Attributes:
        minor: How much, in minor units.
        lines: The lines whose cancellation gives it back: the line itself, or for a charge every line it was for.
        lapsed: What was given back as what is left no longer earned it, with what was given back before that.
    """

    minor: int
    lines: tuple[str, ...]
    lapsed: int = attrs.field(default=0, metadata={"omitted": True})

    def find_returned(self, canceled: Mapping[str, int], pieces: Mapping[str, int]) -> int:
        """Return how much of it is given back when so many pieces are cancelled, by line."""
        if len(self.lines) == 1:
            # To date, and rounded down: whatever the steps, all of it is back when the last piece is. What lapsed did
            # so on pieces that are canceled first, so it is not given back again with them.
            return max(self.minor * canceled.get(self.lines[0], 0) // pieces[self.lines[0]], self.lapsed)
        return self.minor if self.is_canceled(canceled, pieces) else 0

    def lapse(self, minor: int, canceled: Mapping[str, int], pieces: Mapping[str, int]) -> "UsedPart":
        """Return it with so much more given back of what is not canceled."""
        known = self.find_returned(canceled, pieces)
        return attrs.evolve(self, lapsed=min(known + minor, self.minor))

    def is_gone(self, canceled: Mapping[str, int], pieces: Mapping[str, int]) -> bool:
        """Tell whether nothing of it is taken any more: all of it lapsed, or every piece of its lines is cancelled."""
        return (bool(self.minor) and self.lapsed == self.minor) or self.is_canceled(canceled, pieces)

    def is_canceled(self, canceled: Mapping[str, int], pieces: Mapping[str, int]) -> bool:
        """Tell whether every piece of its lines is cancelled."""
        return all(canceled.get(line, 0) >= pieces[line] for line in self.lines)


@attrs.frozen
class PromotionUse:
    """What an order took of one promotion's limits, and what for.

    Attributes:
        promotion: The promotion.
        parts: What it took off which lines and charges.
        counters: Names of the counters of uses that the order is one of.
        budget: Name of the counter of its budget, where it has one.
    """

    promotion: str
    parts: tuple[UsedPart, ...]
    counters: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    budget: str | None = attrs.field(default=None, kw_only=True)

    def find_returned(self, canceled: Mapping[str, int], pieces: Mapping[str, int]) -> dict[str, int]:
        """Return what each counter has been given back, to date, when so many pieces are cancelled."""
        found: dict[str, int] = {}
        # Only with the last of it: a use that came back at the first cancelled piece could be had twice.
        if all(part.is_gone(canceled, pieces) for part in self.parts):
            found |= dict.fromkeys(self.counters, 1)
        if self.budget is not None:
            found[self.budget] = sum([part.find_returned(canceled, pieces) for part in self.parts])
        return found

    def lapse(
        self, lapsed: Mapping[str, int], canceled: Mapping[str, int], pieces: Mapping[str, int]
    ) -> "PromotionUse":
        """Return it with what lapsed of it given back, by line in minor units.

        Args:
            lapsed: What lapsed on pieces that are not cancelled.
            canceled: Pieces cancelled by then, by line.
            pieces: Pieces ordered, by line.
        """
        if not any(lapsed.values()):
            return self
        parts = tuple(
            part.lapse(lapsed[part.lines[0]], canceled, pieces)
            if len(part.lines) == 1 and part.lines[0] in lapsed
            else part
            for part in self.parts
        )
        return attrs.evolve(self, parts=parts)


def list_uses(outcome: PromotionOutcome, charged: Mapping[str, tuple[str, ...]]) -> tuple[PromotionUse, ...]:
    """Return what an order takes of limits; a promotion without limits takes nothing.

    Args:
        outcome: The promotions of its simulation.
        charged: The lines that each charge is for, by the charge's key.
    """
    uses = []
    for one in outcome.applied:
        if one.claims:
            parts = tuple(UsedPart(amount.minor, charged.get(key, (key,))) for key, amount in one.parts.items())
            budget = next(
                (claim.counter for claim in one.claims if claim.counter == to_budget_counter(one.promotion)), None
            )
            counters = tuple(claim.counter for claim in one.claims if claim.counter != budget)
            uses.append(PromotionUse(one.promotion.id, parts, counters=counters, budget=budget))
    return tuple(uses)


def find_returns(
    uses: Iterable[PromotionUse],
    before: Mapping[str, int],
    after: Mapping[str, int],
    *,
    pieces: Mapping[str, int],
    revised: Iterable[PromotionUse] | None = None,
) -> dict[str, int]:
    """Return what an order gives back to which counter when it came from one state of cancellation to another.

    A use comes back once everything that the promotion took something off is cancelled; of a budget comes back what
    was taken off the pieces that are cancelled. Both follow from what is cancelled to date, so no sequence of
    cancellations, and no repetition of one, gives back more or less.

    >>> use = PromotionUse("SUMMER", (UsedPart(1000, ("l1",)),), counters=("uses",), budget="budget")
    >>> find_returns([use], {}, {"l1": 1}, pieces={"l1": 3})
    {'budget': 333}
    >>> find_returns([use], {"l1": 1}, {"l1": 3}, pieces={"l1": 3})
    {'budget': 667, 'uses': 1}

    Args:
        uses: What the order took.
        before: Pieces cancelled before, by line.
        after: Pieces cancelled now, by line.
        pieces: Pieces ordered, by line.
        revised: The same uses with what lapsed of them since; None where nothing did.
    """
    returns: dict[str, int] = {}
    taken = tuple(uses)
    for use, then in zip(taken, taken if revised is None else revised, strict=True):
        known = use.find_returned(before, pieces)
        for counter, amount in then.find_returned(after, pieces).items():
            more = amount - known.get(counter, 0)
            if more > 0:
                returns[counter] = returns.get(counter, 0) + more
    # In the order in which they are claimed, so that an order and a cancellation never wait in a circle.
    return dict(sorted(returns.items()))
