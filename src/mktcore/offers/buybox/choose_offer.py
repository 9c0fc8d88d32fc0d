"""The buy box: which of several offers of a SKU leads, and why."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from datetime import UTC, datetime
from fractions import Fraction

import attrs

from mktcore.explain import Explanation
from mktcore.offers.buybox.buybox_policy import CHEAPEST, BuyBoxPolicy
from mktcore.offers.buybox.candidate import ChoiceOccasion, OfferCandidate
from mktcore.persistence import Party, Scope

__all__ = ["BuyBox", "OfferRanking", "choose_offer"]


_ANY_TIME = ChoiceOccasion(datetime(1970, 1, 1, tzinfo=UTC))


@attrs.frozen
class BuyBox:
    """The outcome: the winner (None when no offer can serve), and every candidate in the order of preference."""

    winner: OfferCandidate | None
    candidates: tuple[OfferCandidate, ...]
    policy: BuyBoxPolicy = attrs.field(default=CHEAPEST, kw_only=True)
    occasion: ChoiceOccasion = attrs.field(default=_ANY_TIME, kw_only=True)

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
        return Explanation("buy box", chosen, self.policy.describe(), parts)

    def view_for(self, scope: Scope) -> "BuyBox":
        """Return what the caller may see: a buyer, none that lost for reasons between marketplace and merchant."""
        if scope.caller.party is not Party.BUYER:
            return self
        shown = {id(one): one.view_for(scope) for one in self.candidates if not one.is_confidential()}
        # The winner is told from its equals by identity, so that it stays the one among the candidates.
        winner = None if self.winner is None else shown.get(id(self.winner), self.winner)
        return attrs.evolve(self, winner=winner, candidates=tuple(shown.values()))

    def _verdict(self, candidate: OfferCandidate) -> str:
        refusal, winner = candidate.refusal(), self.winner
        if refusal or winner is None or candidate is winner:
            return refusal or "wins"
        for criterion in self.policy.criteria:
            if criterion.measure(candidate, self.occasion) != criterion.measure(winner, self.occasion):
                return criterion.compare(candidate, winner)
        return f"{self.policy.criteria[-1].compare(candidate, winner)}, sorts later"


Rank = tuple[bool, tuple[Fraction | int, ...], str]
"""The lower leads: what is refused comes last, then the measures, then the offer's id."""
_Entry = tuple[Rank, OfferCandidate]


def _get_rank(entry: _Entry) -> Rank:
    return entry[0]


class OfferRanking:
    """Candidates in the order of preference, of which some may change: the others are not measured again."""

    def __init__(self, candidates: Iterable[OfferCandidate], policy: BuyBoxPolicy, occasion: ChoiceOccasion) -> None:
        """Rank the candidates, one for each offer."""
        self._policy, self._occasion = policy, occasion
        # By rank alone, in which the id makes each another: candidates are never compared.
        self._entries = sorted([(self._rank(one), one) for one in candidates], key=_get_rank)
        self._ranks = {rank[-1]: rank for rank, _ in self._entries}

    def replace(self, candidate: OfferCandidate) -> None:
        """Put a candidate in the place of the one of the same offer."""
        before = self._ranks[candidate.offer.id]
        del self._entries[bisect_left(self._entries, before, key=_get_rank)]
        rank = self._ranks[candidate.offer.id] = self._rank(candidate)
        insort(self._entries, (rank, candidate), key=_get_rank)

    def choose(self) -> BuyBox:
        """Return the first that nothing refuses, and all in their order."""
        ordered = tuple([one for _, one in self._entries])
        # What is refused sorts last.
        winner = ordered[0] if ordered and not self._entries[0][0][0] else None
        return BuyBox(winner, ordered, policy=self._policy, occasion=self._occasion)

    def _rank(self, candidate: OfferCandidate) -> Rank:
        measures = [criterion.measure(candidate, self._occasion) for criterion in self._policy.criteria]
        # Mostly whole minor units and days: ints compare many times faster than fractions.
        whole = tuple([one.numerator if one.denominator == 1 else one for one in measures])
        # The id comes last, so that equals never change places with the order in which they were read.
        return candidate.is_refused(), whole, candidate.offer.id


def choose_offer(
    candidates: Iterable[OfferCandidate], policy: BuyBoxPolicy = CHEAPEST, occasion: ChoiceOccasion = _ANY_TIME
) -> BuyBox:
    """Choose the best offer that nothing refuses and that is in stock for the whole quantity.

    The result does not depend on the order of the candidates, and one that does not win changes nothing for the others.

    Args:
        candidates: The offers of the SKU.
        policy: By what; unless told otherwise new goods come before refurbished and used ones, and of one condition the
            cheapest leads.
        occasion: For whom and when; only `ByRotation` looks at it.
    """
    return OfferRanking(candidates, policy, occasion).choose()
