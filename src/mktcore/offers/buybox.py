"""The buy box: which of several offers of a SKU leads, and why."""

from collections.abc import Iterable
from fractions import Fraction

import attrs

from mktcore.explain import Explanation
from mktcore.offers.offer import Condition, Offer
from mktcore.pricing import PriceResolution

__all__ = ["BuyBox", "Candidate", "choose_offer"]


@attrs.frozen
class Candidate:
    """An offer of the SKU with what the choice needs to know.

    Attributes:
        offer: The offer.
        price: Its price for the quantity; None when it has none now.
        available: Pieces that could be reserved now, counted up to `quantity`.
        quantity: Pieces asked for.
        is_valid: Whether it can be bought now.
        unpriced: Why it has no price, where it has none.
    """

    offer: Offer
    price: PriceResolution | None
    available: int
    quantity: int
    is_valid: bool
    unpriced: str = "no price for this quantity"

    def refusal(self) -> str:
        """Say why it cannot win, or nothing when it can."""
        if not self.is_valid:
            return "not valid now"
        if self.price is None:
            return self.unpriced
        if self.available < self.quantity:
            return f"only {self.available} available"
        return ""


@attrs.frozen
class BuyBox:
    """The outcome: the winner (None when no offer can serve), and every candidate in the order of preference."""

    winner: Candidate | None
    candidates: tuple[Candidate, ...]

    def explain(self) -> Explanation:
        """Say who won, who lost, and why."""
        parts = tuple(
            Explanation(
                candidate.offer.id,
                "" if candidate.price is None else str(candidate.price.unit_price),
                self._verdict(candidate),
            )
            for candidate in self.candidates
        )
        chosen = "none" if self.winner is None else self.winner.offer.id
        return Explanation("buy box", chosen, "the cheapest in the best condition that can serve the quantity", parts)

    def _verdict(self, candidate: Candidate) -> str:
        refusal, winner = candidate.refusal(), self.winner
        if refusal or winner is None or winner.price is None or candidate.price is None:
            return refusal
        if candidate is winner:
            return "wins"
        if candidate.offer.condition is not winner.offer.condition:
            return f"{candidate.offer.condition}, not {winner.offer.condition}"
        costs_more = candidate.price.exact_unit_minor > winner.price.exact_unit_minor
        return "costs more" if costs_more else "costs as much, sorts later"


def choose_offer(candidates: Iterable[Candidate]) -> BuyBox:
    """Choose the best offer that is valid and in stock for the whole quantity.

    New goods come before refurbished and used ones; of one condition the cheapest leads, and a tie goes to the lesser
    id. The result does not depend on the order of the candidates.
    """
    ordered = sorted(candidates, key=_preference)
    winner = ordered[0] if ordered and not ordered[0].refusal() else None
    return BuyBox(winner, tuple(ordered))


_CONDITIONS = tuple(Condition)


def _preference(candidate: Candidate) -> tuple[bool, int, Fraction, str]:
    offer, price = candidate.offer, Fraction(0) if candidate.price is None else candidate.price.exact_unit_minor
    return bool(candidate.refusal()), _CONDITIONS.index(offer.condition), price, offer.id
