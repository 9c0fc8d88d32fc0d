"""What can be wrong with one field: each check yields its problems, placed where the caller says."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from mktcore.money import Currency, InvalidNumber, Money
from mktcore.money.rounding import to_ratio
from mktcore.notice import Notice

__all__ = [
    "MAX_COUNT",
    "check_count",
    "check_fraction",
    "check_key",
    "check_money",
    "check_number",
    "check_positive",
    "check_rate",
    "find_duplicates",
    "is_key",
]

MAX_COUNT = 10**18
"""Times the 18 digits of the highest price it stays within the 36 digits that an amount may have."""


def is_key(key: object) -> bool:
    """Tell whether this can be a key: a text that is not empty."""
    return isinstance(key, str) and bool(key)


def check_key(key: object, where: str) -> Iterator[Notice]:
    """Find fault with a key."""
    if not is_key(key):
        yield Notice("totals.invalid-key", where, f"{key!r} is no key", "give a text that is not empty")


def check_money(amount: object, where: str, currency: Currency) -> Iterator[Notice]:
    """Find fault with an amount: no `Money`, or of another currency."""
    if not isinstance(amount, Money):
        kind = type(amount).__name__
        yield Notice("totals.not-money", where, f"a {kind} is not money", "give a Money", operands={"value": amount})
    elif amount.currency != currency:
        yield Notice(
            "totals.currency-mismatch",
            where,
            f"expected {currency.code}, not {amount.currency.code}",
            "convert first; an order has one currency",
            operands={"expected": currency.code, "actual": amount.currency.code},
        )


def check_positive(amount: object, where: str, currency: Currency) -> Iterator[Notice]:
    """Find fault with an amount that cannot be below zero."""
    yield from check_money(amount, where, currency)
    if isinstance(amount, Money) and amount.is_negative():
        yield Notice(
            "totals.negative-amount", where, f"{amount} is below zero", "give zero or more", operands={"amount": amount}
        )


def check_count(value: object, where: str, least: int) -> Iterator[Notice]:
    """Find fault with a whole number."""
    if type(value) is not int:
        kind = type(value).__name__
        yield Notice(
            "totals.not-a-count", where, f"a {kind} is not a whole number", "give an int", operands={"value": value}
        )
    elif value < least:
        code = "totals.negative-quantity" if least == 0 else "totals.not-a-count"
        yield Notice(code, where, f"{value} is below {least}", f"give {least} or more", operands={"value": value})
    elif value > MAX_COUNT:
        yield Notice("totals.not-a-count", where, "it is beyond every practical size", f"at most {MAX_COUNT}")


def check_number(value: object, where: str, *, positive: bool = True) -> Iterator[Notice]:
    """Find fault with an exact number, which most of the time is above zero."""
    try:
        numerator, _ = to_ratio(value)  # type: ignore[arg-type]  # it refuses what is no number
    except InvalidNumber as error:
        yield error.to_notice(where)
        return
    if positive and numerator <= 0:
        yield Notice("totals.not-positive", where, f"{value} is not above zero", "give more than zero")


def check_fraction(value: object, where: str) -> Iterator[Notice]:
    """Find fault with a number that runs from 0 to 1."""
    problems = list(check_number(value, where, positive=False))
    yield from problems
    if not problems and not 0 <= value <= 1:  # type: ignore[operator]  # a number, as was just checked
        yield Notice(
            "totals.not-a-fraction",
            where,
            f"{value} is not between 0 and 1",
            "10 % is Decimal('0.1')",
            operands={"value": value},
        )


def check_rate(rate: object, where: str) -> Iterator[Notice]:
    """Find fault with a tax rate; one above 1 was meant in percent."""
    problems = list(check_number(rate, where, positive=False))
    yield from problems
    if problems:
        return
    if rate > 1:  # type: ignore[operator]  # a number, as was just checked
        yield Notice(
            "totals.rate-above-one",
            where,
            f"a tax rate of {rate} is {rate} times the price",
            f"rates are fractions: {rate} % is Decimal('{Decimal(str(rate)) / 100}')"
            if isinstance(rate, (int, Decimal))
            else "",
            operands={"rate": rate},
        )
    elif rate < 0:  # type: ignore[operator]  # as above
        yield Notice("totals.negative-rate", where, f"a tax rate of {rate} is below zero", "rates run from 0 to 1")


def find_duplicates(kind: str, keys: Sequence[str]) -> Iterator[Notice]:
    """Find every key that stood before."""
    seen: dict[object, int] = {}
    for index, key in enumerate(keys):
        # Told by the check of the key itself.
        if not isinstance(key, str):
            continue
        first = seen.setdefault(key, index)
        if first != index:
            yield Notice(
                "totals.duplicate-key",
                f"{kind}[{index}].key",
                f"{key!r} is the key of {kind}[{first}] already",
                "give each its own key",
                operands={"key": key, "first": first},
            )
