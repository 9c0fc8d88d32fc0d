"""What offers are compared by in the buy box: each criterion is a value with one exact measure, the less the better.

A measure looks at one candidate and never at the others, so that a candidate which cannot win changes nothing.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Literal, Protocol

import attrs

from mktcore.clock import to_utc
from mktcore.errors import InvalidValue
from mktcore.offers.buybox.candidate import ChoiceOccasion, OfferCandidate
from mktcore.offers.offer import Condition

__all__ = [
    "ByAvailability",
    "ByCondition",
    "ByHandling",
    "ByLandedPrice",
    "ByPrice",
    "ByRating",
    "ByRotation",
    "ByWeightedSum",
    "Criterion",
]


class Criterion(Protocol):
    """A way to compare offers; a host's own is any frozen value with these three.

    `measure` is a pure function of the candidate and the occasion.
    """

    @property
    def title(self) -> str:
        """What it goes by, after "by": `"landed price"`."""
        ...

    def measure(self, candidate: OfferCandidate, occasion: ChoiceOccasion) -> Fraction:
        """Return how good the candidate is: the less, the better."""
        ...

    def compare(self, candidate: OfferCandidate, winner: OfferCandidate) -> str:
        """Say in a clause how the candidate is to the winner: worse, as good, or, as a part of others, better."""
        ...


@attrs.frozen
class ByCondition:
    """New goods before refurbished ones before used ones, or in another order; what is not listed comes last."""

    order: tuple[Condition, ...] = tuple(Condition)
    title: ClassVar[str] = "condition"

    def measure(self, candidate: OfferCandidate, occasion: ChoiceOccasion) -> Fraction:
        """Return the place of its condition in the order."""
        del occasion
        condition = candidate.offer.condition
        return Fraction(self.order.index(condition) if condition in self.order else len(self.order))

    def compare(self, candidate: OfferCandidate, winner: OfferCandidate) -> str:
        """Name both conditions."""
        if candidate.offer.condition is winner.offer.condition:
            return "in as good a condition"
        return f"{candidate.offer.condition}, not {winner.offer.condition}"


@attrs.frozen
class ByPrice:
    """The lower price of one piece first, in minor units and unrounded; a candidate without a price measures 0."""

    title: ClassVar[str] = "price"

    def measure(self, candidate: OfferCandidate, occasion: ChoiceOccasion) -> Fraction:
        """Return what one piece costs."""
        del occasion
        return Fraction(0) if candidate.price is None else candidate.price.exact_unit_minor

    def compare(self, candidate: OfferCandidate, winner: OfferCandidate) -> str:
        """Say which costs more."""
        own, other = [Fraction(0) if one.price is None else one.price.exact_unit_minor for one in (candidate, winner)]
        return _compare_costs(own, other)


@attrs.frozen
class ByLandedPrice:
    """The lower price with shipping first: all pieces of the line and the merchant's fee for them, in minor units.

    The fee is the one that the merchant would charge if this line were all that is bought of it.
    """

    title: ClassVar[str] = "landed price"

    def measure(self, candidate: OfferCandidate, occasion: ChoiceOccasion) -> Fraction:
        """Return what the line costs with shipping."""
        del occasion
        return candidate.compute_landed_cost()

    def compare(self, candidate: OfferCandidate, winner: OfferCandidate) -> str:
        """Say which costs more with shipping."""
        own, other = candidate.compute_landed_cost(), winner.compute_landed_cost()
        return f"{_compare_costs(own, other)} with shipping"


def _compare_costs(own: Fraction, other: Fraction) -> str:
    return "costs as much" if own == other else "costs more" if own > other else "costs less"


@attrs.frozen
class ByHandling:
    """What is handed over sooner first: days of handling, with those of a closure and of back-ordered pieces."""

    title: ClassVar[str] = "handling time"

    def measure(self, candidate: OfferCandidate, occasion: ChoiceOccasion) -> Fraction:
        """Return the days until it is handed over."""
        del occasion
        return Fraction(candidate.handling_days)

    def compare(self, candidate: OfferCandidate, winner: OfferCandidate) -> str:
        """Name both days."""
        if candidate.handling_days == winner.handling_days:
            return "as quick"
        return f"handed over in {candidate.handling_days} days, not {winner.handling_days}"


@attrs.frozen
class ByAvailability:
    """Offers that have all pieces on hand before those that would promise some."""

    title: ClassVar[str] = "availability"

    def measure(self, candidate: OfferCandidate, occasion: ChoiceOccasion) -> Fraction:
        """Return 0 when all pieces are on hand, 1 otherwise."""
        del occasion
        return Fraction(candidate.is_backordered)

    def compare(self, candidate: OfferCandidate, winner: OfferCandidate) -> str:
        """Say which is on back-order."""
        if candidate.is_backordered == winner.is_backordered:
            return "as available"
        return "not all on hand" if candidate.is_backordered else "all on hand"


@attrs.frozen
class ByRating:
    """Better rated merchants first.

    Attributes:
        unrated: The score of a merchant without a rating, 0 to 100.
        step: Scores count in steps of so many points, so that tenths of a point do not decide.
    """

    unrated: Decimal = Decimal(50)
    step: Decimal = Decimal(1)
    title: ClassVar[str] = "rating"

    def __attrs_post_init__(self) -> None:
        if not self.step > 0:
            raise InvalidValue("ByRating", "step", self.step, "above zero")

    def measure(self, candidate: OfferCandidate, occasion: ChoiceOccasion) -> Fraction:
        """Return by how many points, in whole steps, its rating is below zero."""
        del occasion
        return -self._score(candidate)

    def compare(self, candidate: OfferCandidate, winner: OfferCandidate) -> str:
        """Name both ratings."""
        if self._score(candidate) == self._score(winner):
            return "rated as well"
        return f"rated {_show(candidate.rating)}, not {_show(winner.rating)}"

    def _score(self, candidate: OfferCandidate) -> Fraction:
        score = self.unrated if candidate.rating is None else candidate.rating
        # In steps: a hair's breadth of rating must not beat a price.
        return Fraction(score // self.step) * Fraction(self.step)


def _show(rating: Decimal | None) -> str:
    return "nothing yet" if rating is None else f"{rating:f}"


@attrs.frozen
class ByRotation:
    """Equals take turns: each buyer, or cart, is shown one of them for a period, and another maybe in the next.

    The turn is a digest of who asks, the period, and the offer: the same for everybody who computes it, without chance,
    spread evenly, and untouched by candidates that come and go. It belongs last.

    Attributes:
        by: `"buyer"` or `"cart"`.
        period: How long a turn lasts.
    """

    by: Literal["buyer", "cart"] = "buyer"
    period: timedelta = timedelta(days=1)
    title: ClassVar[str] = "turn"

    def __attrs_post_init__(self) -> None:
        if self.by not in {"buyer", "cart"}:
            raise InvalidValue("ByRotation", "by", self.by, "'buyer' or 'cart'")
        if self.period <= timedelta(0):
            raise InvalidValue("ByRotation", "period", self.period, "longer than nothing")

    def measure(self, candidate: OfferCandidate, occasion: ChoiceOccasion) -> Fraction:
        """Return the offer's place in this turn, from 0 to below 1."""
        who = occasion.buyer if self.by == "buyer" else occasion.cart
        turn = (to_utc(occasion.at) - _EPOCH) // self.period
        # The length in front keeps "ab" + "c" and "a" + "bc" apart.
        digest = hashlib.sha256(f"{len(who)}/{who}/{turn}/{candidate.offer.id}".encode()).digest()
        return Fraction(int.from_bytes(digest[:8], "big"), 1 << 64)

    def compare(self, candidate: OfferCandidate, winner: OfferCandidate) -> str:
        """Say whose turn it is."""
        return "as good" if candidate.offer.id == winner.offer.id else f"as good, it is the turn of {winner.offer.id}"


_EPOCH = to_utc(datetime.fromisoformat("1970-01-01T00:00:00+00:00"))


def _to_weights(weights: Iterable[tuple[Criterion, int | Decimal]]) -> tuple[tuple[Criterion, int | Decimal], ...]:
    return tuple((criterion, weight) for criterion, weight in weights)


@attrs.frozen
class ByWeightedSum:
    """Several criteria as one: the sum of their measures, each times its weight.

    A weight is a rate of exchange: in `ByWeightedSum([(ByLandedPrice(), 1), (ByHandling(), 50)])` a day is worth 50
    minor units. Nothing is scaled to what the other candidates measure.

    Attributes:
        weights: Each criterion with its weight, zero or more, exact.
    """

    weights: tuple[tuple[Criterion, int | Decimal], ...] = attrs.field(converter=_to_weights)

    def __attrs_post_init__(self) -> None:
        if not self.weights or any(not Decimal(weight).is_finite() or weight < 0 for _, weight in self.weights):
            raise InvalidValue("ByWeightedSum", "weights", self.weights, "at least one, each zero or more")

    @property
    def title(self) -> str:
        """Every criterion with its weight."""
        return " + ".join(f"{weight} x {criterion.title}" for criterion, weight in self.weights)

    def measure(self, candidate: OfferCandidate, occasion: ChoiceOccasion) -> Fraction:
        """Return the weighted sum."""
        parts = [Fraction(weight) * criterion.measure(candidate, occasion) for criterion, weight in self.weights]
        return sum(parts, Fraction(0))

    def compare(self, candidate: OfferCandidate, winner: OfferCandidate) -> str:
        """Say how the two compare by each criterion."""
        return ", ".join(criterion.compare(candidate, winner) for criterion, _ in self.weights)
