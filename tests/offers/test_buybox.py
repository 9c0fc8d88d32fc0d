"""Who wins the buy box, and why the others lost."""

from datetime import UTC, datetime
from itertools import permutations

from mktcore.money import Money
from mktcore.offers import Condition, Offer, OfferCandidate, choose_offer
from mktcore.pricing import PriceBook, PriceBreak, PriceQuery, PriceSchedule

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def candidate(
    name: str,
    price: str | None,
    available: int = 9,
    *,
    is_valid: bool = True,
    condition: Condition = Condition.NEW,
) -> OfferCandidate:
    found = None
    if price is not None:
        schedule = PriceSchedule(name, "m", (PriceBreak(1, Money.of(price, "EUR")),))
        query = PriceQuery("camera", "m", "EUR", offer=name, quantity=2)
        found = PriceBook([schedule], defaults={name: name}).resolve(query, now=NOW)
    return OfferCandidate(
        Offer(name, "m", "camera", schedule=name, condition=condition),
        price=found,
        available=available,
        quantity=2,
        is_valid=is_valid,
    )


FIELD = [
    candidate("dear", "9.00"),
    candidate("cheap", "7.00"),
    candidate("same", "7.00"),
    candidate("worn", "2.00", condition=Condition.USED),
    candidate("short", "5.00", available=1),
    candidate("late", "4.00", is_valid=False),
    candidate("unpriced", None),
]


def test_the_cheapest_that_can_serve_wins_whatever_the_order() -> None:
    boxes = [choose_offer(order) for order in permutations(FIELD)]
    assert {box.winner.offer.id for box in boxes if box.winner is not None} == {"cheap"}
    assert len({tuple(entry.offer.id for entry in box.candidates) for box in boxes}) == 1


def test_everybody_is_told_why() -> None:
    assert choose_offer(FIELD).explain().to_text().splitlines() == [
        "buy box: cheap - the cheapest in the best condition that can serve the quantity",
        "├─ cheap: 7.00 EUR - wins",
        "├─ same: 7.00 EUR - costs as much, sorts later",
        "├─ dear: 9.00 EUR - costs more",
        "├─ worn: 2.00 EUR - used, not new",
        "├─ unpriced - no price for this quantity",
        "├─ late: 4.00 EUR - not valid now",
        "└─ short: 5.00 EUR - only 1 available",
    ]


def test_nobody_wins_when_nobody_can_serve() -> None:
    assert choose_offer([candidate("short", "5.00", available=1)]).winner is None
    assert (
        choose_offer([]).explain().to_text()
        == "buy box: none - the cheapest in the best condition that can serve the quantity"
    )
