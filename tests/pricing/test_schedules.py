"""Which break applies, and why."""

from datetime import UTC, datetime, timedelta

import pytest

from mktcore.errors import InvalidValue
from mktcore.money import CurrencyMismatch, Money
from mktcore.periods import Period
from mktcore.pricing import PriceBreak, PriceSchedule, resolve_price

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


TEA = PriceSchedule("tea", "acme", (PriceBreak(10, eur("3.50")), PriceBreak(2, eur("4.00"))))


@pytest.mark.parametrize(("quantity", "price"), [(1, None), (2, "4.00"), (9, "4.00"), (10, "3.50"), (11, "3.50")])
def test_the_break_with_the_highest_quantity_reached_applies(quantity: int, price: str | None) -> None:
    resolution = resolve_price(TEA, quantity, NOW)
    assert (None if resolution is None else resolution.unit_price) == (None if price is None else eur(price))


def test_every_break_is_explained() -> None:
    resolution = resolve_price(TEA, 3, NOW)
    assert resolution is not None
    assert resolution.explain().to_text().splitlines() == [
        "unit price: 4.00 EUR - price schedule tea for a quantity of 3",
        "├─ from 2: 4.00 EUR - applies: the highest quantity reached",
        "└─ from 10: 3.50 EUR - not reached",
    ]


def test_a_schedule_prices_nothing_outside_its_period() -> None:
    schedule = PriceSchedule("may", "acme", (PriceBreak(1, eur("1.00")),), Period(NOW, NOW + timedelta(days=31)))
    assert resolve_price(schedule, 1, NOW) is not None
    assert resolve_price(schedule, 1, NOW - timedelta(microseconds=1)) is None
    assert resolve_price(schedule, 1, NOW + timedelta(days=31)) is None


def test_a_schedule_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(InvalidValue, match="at least one break"):
        PriceSchedule("x", "acme", ())
    with pytest.raises(InvalidValue, match="one break for each quantity"):
        PriceSchedule("x", "acme", (PriceBreak(1, eur("1")), PriceBreak(1, eur("2"))))
    with pytest.raises(CurrencyMismatch):
        PriceSchedule("x", "acme", (PriceBreak(1, eur("1")), PriceBreak(2, Money.of("2", "USD"))))
    with pytest.raises(InvalidValue, match="above zero"):
        PriceBreak(0, eur("1"))
    with pytest.raises(InvalidValue, match="zero or more"):
        PriceBreak(1, eur("-1"))
