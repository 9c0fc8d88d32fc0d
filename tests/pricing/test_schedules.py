"""Which break applies, and which quantities a schedule accepts."""

from datetime import UTC, datetime

import pytest

from mktcore.errors import InvalidValue
from mktcore.money import CurrencyMismatch, Money
from mktcore.pricing import PriceBreak, PriceSchedule
from mktcore.totals import Option

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


TEA = PriceSchedule("tea", "acme", (PriceBreak(10, eur("3.50")), PriceBreak(2, eur("4.00"))))


@pytest.mark.parametrize(("quantity", "price"), [(1, None), (2, "4.00"), (9, "4.00"), (10, "3.50"), (11, "3.50")])
def test_the_break_with_the_highest_quantity_reached_applies(quantity: int, price: str | None) -> None:
    found = TEA.find_break(quantity)
    assert (None if found is None else found.unit_price) == (None if price is None else eur(price))
    assert TEA.accepts(quantity) == (price is not None)


@pytest.mark.parametrize(
    ("bounds", "accepted", "text"),
    [
        ({}, range(2, 21), "2 or more"),
        ({"minimum": 5}, range(5, 21), "5 or more"),
        ({"maximum": 12}, range(2, 13), "2 to 12"),
        ({"restricted": True}, (2, 10), "2 or 10"),
        ({"restricted": True, "minimum": 3}, (10,), "10"),
        ({"restricted": True, "minimum": 11}, (), "none"),
    ],
)
def test_a_schedule_says_which_quantities_it_accepts(
    bounds: dict[str, int], accepted: range | tuple[int, ...], text: str
) -> None:
    tea = PriceSchedule("tea", "acme", TEA.breaks, **bounds)  # type: ignore[arg-type]  # of several types
    assert [quantity for quantity in range(1, 21) if tea.accepts(quantity)] == list(accepted)
    assert tea.describe_accepted() == text


def test_a_schedule_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(InvalidValue, match="at least one break"):
        PriceSchedule("x", "acme", ())
    with pytest.raises(InvalidValue, match="one break for each quantity"):
        PriceSchedule("x", "acme", (PriceBreak(1, eur("1")), PriceBreak(1, eur("2"))))
    with pytest.raises(CurrencyMismatch):
        PriceSchedule("x", "acme", (PriceBreak(1, eur("1")), PriceBreak(2, Money.of("2", "USD"))))
    with pytest.raises(CurrencyMismatch):
        PriceSchedule("x", "acme", (PriceBreak(1, eur("1")),), options=(Option("o", Money.of("2", "USD")),))
    with pytest.raises(CurrencyMismatch):
        PriceBreak(1, eur("1"), Money.of("1", "USD"))
    with pytest.raises(InvalidValue, match="above zero"):
        PriceBreak(0, eur("1"))
    with pytest.raises(InvalidValue, match="zero or more"):
        PriceBreak(1, eur("-1"))
    with pytest.raises(InvalidValue, match="zero or more"):
        PriceBreak(1, eur("1"), eur("-1"))
    with pytest.raises(InvalidValue, match="above zero"):
        PriceSchedule("x", "acme", (PriceBreak(1, eur("1")),), per=0)
    with pytest.raises(InvalidValue, match="not below the least"):
        PriceSchedule("x", "acme", (PriceBreak(3, eur("1")),), maximum=2)


def test_a_price_that_no_cart_could_add_up_is_refused() -> None:
    most = Money.from_minor(10**18 - 1, "EUR")
    assert PriceBreak(1, most, most).unit_price == most
    for prices in ((most + Money.from_minor(1, "EUR"), None), (most, most + Money.from_minor(1, "EUR"))):
        with pytest.raises(InvalidValue, match="18 digits"):
            PriceBreak(1, *prices)
