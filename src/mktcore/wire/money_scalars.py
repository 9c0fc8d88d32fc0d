"""Currencies and amounts as JSON: minor units and a code, and nothing else."""

import attrs

from mktcore.errors import MktcoreError
from mktcore.money import Currency, ExactMoney, Money
from mktcore.money.currency import find_known
from mktcore.wire.errors import InvalidDocument
from mktcore.wire.number_scalars import read_fraction, write_fraction
from mktcore.wire.refuse_value import refuse_type

__all__ = ["read_currency", "read_exact", "read_money", "write_currency", "write_exact", "write_money"]


def read_currency(value: object) -> Currency:
    """Return the currency of a code that is known here."""
    if type(value) is not str:
        raise refuse_type(value, "a currency code")
    try:
        return Currency.of(value)
    except MktcoreError as error:
        raise InvalidDocument((error.to_notice(),)) from None


def write_currency(currency: Currency) -> str:
    """Return the code of a currency, if whoever reads the code finds the same currency again."""
    known = Currency.of(currency.code)
    if known != currency:
        raise InvalidDocument.at("", "wire.unregistered-currency", f"{currency.code} is registered with other digits")
    return currency.code


def read_money(value: object) -> Money:
    """Return an amount of whole minor units."""
    if type(value) is dict and len(value) == 2:  # noqa: PLR2004 - these two
        minor, code = value.get("minor"), value.get("currency")
        if type(minor) is int and type(code) is str and (known := find_known(code)) is not None:
            try:
                return Money.from_minor(minor, known)
            except MktcoreError as error:
                raise InvalidDocument((error.to_notice(),)) from None
    return _read_doubtful_money(value)


def _read_doubtful_money(value: object) -> Money:
    """Return an amount of a currency that nobody asked for before, or say what is wrong with it."""
    currency, minor = _read_amount(value)
    if type(minor) is not int:
        raise _put_at(refuse_type(minor, "a whole number of minor units"), "minor")
    try:
        return Money.from_minor(minor, currency)
    except MktcoreError as error:
        raise InvalidDocument((error.to_notice(),)) from None


def write_money(money: Money) -> dict[str, object]:
    """Return an amount as its minor units and its code."""
    return {"minor": money.minor, "currency": money.currency.code}


def read_exact(value: object) -> ExactMoney:
    """Return an unrounded amount, its minor units a fraction in lowest terms."""
    currency, minor = _read_amount(value)
    try:
        return ExactMoney(read_fraction(minor), currency)
    except InvalidDocument as error:
        raise _put_at(error, "minor") from None


def write_exact(money: ExactMoney) -> dict[str, object]:
    """Return an unrounded amount as its fraction of minor units and its code."""
    return {"minor": write_fraction(money.minor), "currency": money.currency.code}


def _read_amount(value: object) -> tuple[Currency, object]:
    if type(value) is not dict:
        raise refuse_type(value, "an amount: an object of minor and currency")
    if len(value) != 2 or "minor" not in value or "currency" not in value:  # noqa: PLR2004 - these two
        raise InvalidDocument.at("", "wire.wrong-fields", "an amount has the fields minor and currency, and no other")
    try:
        return read_currency(value["currency"]), value["minor"]
    except InvalidDocument as error:
        raise _put_at(error, "currency") from None


def _put_at(error: InvalidDocument, field: str) -> InvalidDocument:
    return InvalidDocument(tuple(attrs.evolve(problem, where=field) for problem in error.problems))
