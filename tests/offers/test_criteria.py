"""What offers are compared by, one criterion at a time, with literal figures."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest

from mktcore.errors import InvalidValue
from mktcore.money.amount import Money
from mktcore.notice import Notice
from mktcore.offers import BuyBoxPolicy, Condition, Offer, OfferCandidate, choose_offer
from mktcore.offers.buybox.candidate import ChoiceOccasion
from mktcore.offers.buybox.criteria import (
    ByAvailability,
    ByCondition,
    ByHandling,
    ByLandedPrice,
    ByPrice,
    ByRating,
    ByRotation,
    ByWeightedSum,
    Criterion,
)
from mktcore.persistence import Scope
from mktcore.pricing import PriceBook, PriceBreak, PriceQuery, PriceSchedule

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
OCCASION = ChoiceOccasion(NOW, "buyer-1", "cart-1")


def candidate(name: str, price: str = "9.00", **changes: Any) -> OfferCandidate:
    condition = changes.pop("condition", Condition.NEW)
    schedule = PriceSchedule(name, "m", (PriceBreak(1, Money.of(price, "EUR")),))
    found = PriceBook([schedule], defaults={name: name}).resolve(
        PriceQuery("lamp", "m", "EUR", offer=name, quantity=2), now=NOW
    )
    made = OfferCandidate(
        Offer(name, "m", "lamp", schedule=name, condition=condition),
        price=found,
        available=2,
        quantity=2,
        is_valid=True,
    )
    return attrs.evolve(made, **changes)


@pytest.mark.parametrize(
    ("criterion", "winner", "loser", "reason"),
    [
        (ByPrice(), {}, {"price": "9.01"}, "costs more"),
        (ByCondition(), {}, {"condition": Condition.USED}, "used, not new"),
        (ByCondition((Condition.USED,)), {"condition": Condition.USED}, {}, "new, not used"),
        (ByLandedPrice(), {"price": "10.00"}, {"shipping": Money.of("2.01", "EUR")}, "costs more with shipping"),
        (ByHandling(), {"handling_days": 2}, {"handling_days": 3}, "handed over in 3 days, not 2"),
        (ByAvailability(), {}, {"is_backordered": True}, "not all on hand"),
        (ByRating(), {"rating": Decimal("90.5")}, {"rating": Decimal("89.9")}, "rated 89.9, not 90.5"),
        (ByRating(), {"rating": Decimal(51)}, {}, "rated nothing yet, not 51"),
        (
            ByWeightedSum([(ByPrice(), 1), (ByHandling(), 50), (ByAvailability(), 1)]),
            {"price": "9.40", "is_backordered": True},
            {"handling_days": 1},
            "costs less, handed over in 1 days, not 0, all on hand",
        ),
    ],
)
def test_the_better_one_wins_and_the_other_is_told_why(
    criterion: Criterion, winner: dict[str, Any], loser: dict[str, Any], reason: str
) -> None:
    field = [candidate("aaa", **loser), candidate("zzz", **winner)]  # the loser would win by its id
    box = choose_offer(field, BuyBoxPolicy([criterion]), OCCASION)
    assert box.winner is field[1]
    assert box.explain().parts[1].reason == reason


@pytest.mark.parametrize(
    ("criterion", "reason"),
    [
        (ByPrice(), "costs as much"),
        (ByCondition(), "in as good a condition"),
        (ByLandedPrice(), "costs as much with shipping"),
        (ByHandling(), "as quick"),
        (ByAvailability(), "as available"),
        (ByRating(step=Decimal(5)), "rated as well"),
        (ByWeightedSum([(ByPrice(), 1), (ByHandling(), Decimal("0.5"))]), "costs as much, as quick"),
    ],
)
def test_of_equals_the_lesser_id_wins(criterion: Criterion, reason: str) -> None:
    field = [candidate("b", rating=Decimal(91)), candidate("a", rating=Decimal(94))]
    box = choose_offer(field, BuyBoxPolicy([criterion]), OCCASION)
    assert [part.reason for part in box.explain().parts] == ["wins", f"{reason}, sorts later"]


def test_a_policy_says_what_it_goes_by() -> None:
    policy = BuyBoxPolicy([ByWeightedSum([(ByLandedPrice(), 1), (ByHandling(), 50)]), ByRating(), ByRotation()])
    assert policy.describe() == (
        "by 1 x landed price + 50 x handling time, then rating, then turn, of those that can serve the quantity"
    )


def test_weights_are_rates_of_exchange() -> None:
    policy = BuyBoxPolicy([ByWeightedSum([(ByPrice(), 1), (ByHandling(), 50)])])
    dear = candidate("dear", "9.60")
    assert choose_offer([dear, candidate("slow", handling_days=1)], policy).winner != dear  # 950, against 960
    assert choose_offer([dear, candidate("slow", handling_days=2)], policy).winner == dear  # 1,000, against 960


def test_equals_take_turns() -> None:
    field = [candidate(name) for name in ("a", "b", "c")]
    policy = BuyBoxPolicy([ByPrice(), ByRotation(period=timedelta(hours=6))])

    def find_winner(buyer: str, hours: int = 0) -> str:
        winner = choose_offer(field, policy, ChoiceOccasion(NOW + timedelta(hours=hours), buyer, "cart")).winner
        assert winner is not None
        return winner.offer.id

    winners = [find_winner(f"buyer-{number}") for number in range(600)]
    assert winners == [find_winner(f"buyer-{number}", hours=5) for number in range(600)]  # the same six hours
    assert all(170 < winners.count(name) < 230 for name in ("a", "b", "c"))
    assert len({find_winner("buyer-1", hours) for hours in range(0, 120, 6)}) == 3
    box = choose_offer(field, policy, ChoiceOccasion(NOW, "buyer-1"))
    assert box.winner is not None
    assert box.explain().parts[1].reason == f"as good, it is the turn of {box.winner.offer.id}"


def test_turns_go_by_buyer_or_by_cart() -> None:
    one, other = ChoiceOccasion(NOW, "buyer-1", "cart-1"), ChoiceOccasion(NOW, "buyer-1", "cart-2")
    offered = candidate("a")
    assert ByRotation().measure(offered, one) == ByRotation().measure(offered, other)
    assert ByRotation("cart").measure(offered, one) != ByRotation("cart").measure(offered, other)


@attrs.frozen
class ByName:
    """A host's own criterion."""

    title = "name"

    def measure(self, candidate: OfferCandidate, occasion: ChoiceOccasion) -> Fraction:
        del occasion
        return Fraction(-ord(candidate.offer.id[0]))

    def compare(self, candidate: OfferCandidate, winner: OfferCandidate) -> str:
        return f"{candidate.offer.id} is no {winner.offer.id}"


def test_a_host_brings_criteria_of_its_own() -> None:
    policy = BuyBoxPolicy([ByName()])
    box = choose_offer([candidate("a", "1.00"), candidate("z")], policy)
    assert [part.to_line() for part in box.explain().parts] == ["z: 9.00 EUR - wins", "a: 1.00 EUR - a is no z"]


def test_a_buyer_does_not_learn_what_merchants_agreed() -> None:
    secret = candidate("s", refusals=(Notice("not-in-agreement", "", "m may not offer this brand here: X"),))
    known = candidate("k", refusals=(Notice("offer-closed", "", "m is closed"),))
    box = choose_offer([secret, known, candidate("w")])
    assert {one.offer.id for one in box.candidates} == {"s", "k", "w"}
    assert {one.offer.id for one in box.view_for(Scope.buyer("b1")).candidates} == {"k", "w"}
    assert box.view_for(Scope.buyer("b1")).winner == box.winner


def test_a_candidate_without_a_price_can_be_measured() -> None:
    unpriced = candidate("u", price="1.00")
    unpriced = attrs.evolve(unpriced, price=None)
    for criterion in (ByPrice(), ByLandedPrice()):
        assert criterion.measure(unpriced, OCCASION) == 0
    assert ByPrice().compare(unpriced, candidate("p")) == "costs less"


@pytest.mark.parametrize(
    "build",
    [
        lambda: BuyBoxPolicy([]),
        lambda: ByWeightedSum([]),
        lambda: ByWeightedSum([(ByPrice(), -1)]),
        lambda: ByWeightedSum([(ByPrice(), Decimal("NaN"))]),
        lambda: ByRating(step=Decimal(0)),
        lambda: ByRotation("wind"),  # type: ignore[arg-type]  # on purpose
        lambda: ByRotation(period=timedelta(0)),
    ],
)
def test_what_cannot_be_compared_by_is_refused(build: Any) -> None:
    with pytest.raises(InvalidValue):
        build()
