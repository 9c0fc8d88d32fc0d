"""Values that are one JSON text or number: how each is written, and the only way it may be written.

Every value has one canonical text, and reading accepts no other: `"1.50"` and `"1.5"` are two Decimals, `"+1.5"` is
none. A reader takes exactly the JSON type it expects.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Any, TypeVar

import attrs

from mktcore.clock import to_utc
from mktcore.errors import MktcoreError, Refused
from mktcore.extra import PARTS, Extra, Json
from mktcore.money import Currency, ExactMoney, Money
from mktcore.wire.errors import InvalidDocument
from mktcore.wire.json_text import Duplicates, NotExact

__all__ = ["SCALARS", "Scalar", "describe_json", "refuse_type"]

MAX_DIGITS = 64
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,63})(?:\.[0-9]{1,64})?")
_FRACTION = re.compile(r"(-?(?:0|[1-9][0-9]{0,199}))/([1-9][0-9]{0,199})")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{6})?")
_FLOAT = re.compile(r"-?[0-9]{1,20}\.[0-9]{1,20}(?:[eE][+-]?[0-9]{1,3})?|-?[0-9]{1,20}[eE][+-]?[0-9]{1,3}")
_TEXTS: dict[type, str] = {str: "a text", int: "an int", bool: "a boolean", list: "an array", dict: "an object"}

T = TypeVar("T")


@attrs.frozen(eq=False)
class Scalar:
    """How one type travels.

    Attributes:
        read: From a JSON value; raises `InvalidDocument`.
        write: To a JSON value, of a value whose exact type was checked.
        json_type: The type of the JSON value: str, int, bool or dict.
        schema: Its JSON Schema.
        is_omitted: Whether a field of it that holds its default is left out of documents, which grow by nothing then.
    """

    read: Callable[[object], object]
    write: Callable[[Any], object]
    json_type: type
    schema: dict[str, object]
    is_omitted: bool = False


def describe_json(value: object) -> str:
    """Say what a JSON value is, in a few words, whatever its size."""
    if value is None:
        return "null"
    if isinstance(value, NotExact):
        return f"the inexact number {value}"
    if isinstance(value, Duplicates):
        return f"an object with the key {value.key[:40]!r} twice"
    if isinstance(value, (dict, list)):
        return f"{_TEXTS[type(value)]} of {len(value)}" if type(value) in _TEXTS else type(value).__name__
    if isinstance(value, int) and value.bit_length() > 256:  # noqa: PLR2004 - beyond it, repr costs quadratic time
        return f"an int of {value.bit_length()} bits"
    text = repr(value[:40]) if isinstance(value, str) else repr(value)[:80]
    return f"the {type(value).__name__} {text}"


def refuse_type(value: object, expected: str) -> InvalidDocument:
    """Return the refusal of a value of another JSON type."""
    if isinstance(value, Duplicates):
        return InvalidDocument.at("", "wire.duplicate-key", f"the key {value.key[:40]!r} stands twice")
    return InvalidDocument.at("", "wire.wrong-type", f"expected {expected}, not {describe_json(value)}")


def _refuse_text(value: object, expected: str) -> InvalidDocument:
    return InvalidDocument.at("", "wire.wrong-text", f"expected {expected}, not {describe_json(value)}")


def _expect(kind: type[T], expected: str) -> Callable[[object], T]:
    def read(value: object) -> T:
        if type(value) is kind:
            return value
        raise refuse_type(value, expected)

    return read


_read_text = _expect(str, "a text")
_read_int = _expect(int, "an int")
_read_bool = _expect(bool, "true or false")


def _read_decimal(value: object) -> Decimal:
    expected = 'a decimal number as text, such as "19.99"'
    if type(value) is not str:
        raise refuse_type(value, expected)
    if len(value) > 2 * MAX_DIGITS + 2 or not _DECIMAL.fullmatch(value):
        raise _refuse_text(value, expected)
    return Decimal(value)


def _write_decimal(number: Decimal) -> str:
    if not number.is_finite():
        raise InvalidDocument.at("", "wire.not-finite", f"{number} is no number to store")
    exponent = int(number.as_tuple().exponent)
    if not -MAX_DIGITS <= exponent <= MAX_DIGITS or number.adjusted() > MAX_DIGITS - 1:
        raise InvalidDocument.at("", "wire.too-many-digits", f"a Decimal of more than {MAX_DIGITS} digits")
    return f"{number:f}"


def _read_fraction(value: object) -> Fraction:
    expected = 'a fraction in lowest terms as text, such as "1/3"'
    if type(value) is not str:
        raise refuse_type(value, expected)
    match = _FRACTION.fullmatch(value) if len(value) <= 402 else None  # noqa: PLR2004 - what the pattern can match
    fraction = Fraction(int(match[1]), int(match[2])) if match else None
    if fraction is None or _write_fraction(fraction) != value:
        raise _refuse_text(value, expected)
    return fraction


def _write_fraction(fraction: Fraction) -> str:
    if max(fraction.numerator.bit_length(), fraction.denominator.bit_length()) > 660:  # noqa: PLR2004 - 200 digits, less one
        raise InvalidDocument.at("", "wire.too-many-digits", "a Fraction of more than 198 digits")
    return f"{fraction.numerator}/{fraction.denominator}"


def _read_instant(value: object) -> datetime:
    expected = 'an instant in UTC as text, such as "2026-05-01T12:00:00Z"'
    if type(value) is not str:
        raise refuse_type(value, expected)
    if len(value) > 27 or not _INSTANT.fullmatch(value):  # noqa: PLR2004 - the longest form
        raise _refuse_text(value, expected)
    try:
        found = datetime.fromisoformat(value[:-1]).replace(tzinfo=UTC)
    except ValueError:
        raise _refuse_text(value, expected) from None
    if value.endswith(".000000Z"):
        raise _refuse_text(value, expected)
    return found


def _write_instant(instant: datetime) -> str:
    return to_utc(instant).isoformat().replace("+00:00", "Z")


def _read_date(value: object) -> date:
    expected = 'a date as text, such as "2026-05-01"'
    if type(value) is not str:
        raise refuse_type(value, expected)
    if not _DATE.fullmatch(value[:11]):
        raise _refuse_text(value, expected)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise _refuse_text(value, expected) from None


def _read_time(value: object) -> time:
    expected = 'a time of day as text, such as "09:30:00"'
    if type(value) is not str:
        raise refuse_type(value, expected)
    if not _TIME.fullmatch(value[:16]) or value.endswith(".000000"):
        raise _refuse_text(value, expected)
    return time.fromisoformat(value)


def _write_date(value: date) -> str:
    return value.isoformat()


def _write_time(value: time) -> str:
    if value.tzinfo is not None:
        raise InvalidDocument.at("", "wire.wrong-type", "a time of day has no time zone here")
    return value.isoformat()


def _read_duration(value: object) -> timedelta:
    if type(value) is not int:
        raise refuse_type(value, "a whole number of microseconds")
    try:
        return timedelta(microseconds=value)
    except OverflowError:
        raise _refuse_text(value, "a duration below 999,999,999 days") from None


def _write_duration(value: timedelta) -> int:
    return value // timedelta(microseconds=1)


def _read_float(value: object) -> float:
    if type(value) is not NotExact or not _FLOAT.fullmatch(value.text):
        raise refuse_type(value, "a finite number with a point")
    return float(value.text)


def _write_float(number: float) -> float:
    if not isfinite(number):
        raise InvalidDocument.at("", "wire.not-finite", f"{number} is no number to store")
    return number


def _read_currency(value: object) -> Currency:
    if type(value) is not str:
        raise refuse_type(value, "a currency code")
    try:
        return Currency.of(value)
    except MktcoreError as error:
        raise InvalidDocument((error.to_notice(),)) from None


def _write_currency(currency: Currency) -> str:
    known = Currency.of(currency.code)
    if known != currency:
        raise InvalidDocument.at("", "wire.unregistered-currency", f"{currency.code} is registered with other digits")
    return currency.code


def _read_money(value: object) -> Money:
    currency, minor = _read_amount(value)
    if type(minor) is not int:
        raise _place(refuse_type(minor, "a whole number of minor units"), "minor")
    try:
        return Money.from_minor(minor, currency)
    except MktcoreError as error:
        raise InvalidDocument((error.to_notice(),)) from None


def _write_money(money: Money) -> dict[str, object]:
    return {"minor": money.minor, "currency": money.currency.code}


def _read_exact(value: object) -> ExactMoney:
    currency, minor = _read_amount(value)
    try:
        return ExactMoney(_read_fraction(minor), currency)
    except InvalidDocument as error:
        raise _place(error, "minor") from None


def _write_exact(money: ExactMoney) -> dict[str, object]:
    return {"minor": _write_fraction(money.minor), "currency": money.currency.code}


def _read_amount(value: object) -> tuple[Currency, object]:
    if type(value) is not dict:
        raise refuse_type(value, "an amount: an object of minor and currency")
    if value.keys() != {"minor", "currency"}:
        raise InvalidDocument.at("", "wire.wrong-fields", "an amount has the fields minor and currency, and no other")
    try:
        return _read_currency(value["currency"]), value["minor"]
    except InvalidDocument as error:
        raise _place(error, "currency") from None


def _read_extra(value: object) -> Extra:
    if type(value) is not dict:
        raise refuse_type(value, f"an object of {', '.join(PARTS)}")
    unknown = [part for part in value if part not in PARTS]
    if unknown:
        raise InvalidDocument.at(str(unknown[0])[:80], "wire.unknown-field", f"host data is of {', '.join(PARTS)}")
    try:
        return Extra(**value)
    except Refused as error:
        raise InvalidDocument(error.problems) from None


def _write_extra(extra: Extra) -> dict[str, dict[str, Json]]:
    return extra.to_plain()


def _place(error: InvalidDocument, field: str) -> InvalidDocument:
    return InvalidDocument(tuple(attrs.evolve(problem, where=field) for problem in error.problems))


def _keep(value: object) -> object:
    return value


def _amount_schema(minor: dict[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": {"minor": minor, "currency": {"type": "string"}},
        "required": ["minor", "currency"],
        "additionalProperties": False,
    }


def _extra_schema() -> dict[str, object]:
    parts = {part: {"type": "object"} for part in PARTS}
    return {"type": "object", "properties": parts, "additionalProperties": False}


def _text_schema(pattern: re.Pattern[str]) -> dict[str, object]:
    return {"type": "string", "pattern": f"^(?:{pattern.pattern})$"}


def _read_number(value: object) -> Decimal | Fraction:
    return _read_fraction(value) if type(value) is str and "/" in value else _read_decimal(value)


def _write_number(value: object) -> str:
    if type(value) is Fraction:
        return _write_fraction(value)
    if type(value) is Decimal:
        return _write_decimal(value)
    if type(value) is int:
        return _write_decimal(Decimal(value))
    raise refuse_type(value, "an int, a Decimal or a Fraction")


SCALARS: dict[object, Scalar] = {
    str: Scalar(_read_text, _keep, str, {"type": "string"}),
    int: Scalar(_read_int, _keep, int, {"type": "integer"}),
    bool: Scalar(_read_bool, _keep, bool, {"type": "boolean"}),
    float: Scalar(_read_float, _write_float, float, {"type": "number"}),
    Decimal: Scalar(_read_decimal, _write_decimal, str, _text_schema(_DECIMAL)),
    Fraction: Scalar(_read_fraction, _write_fraction, str, _text_schema(_FRACTION)),
    int | Decimal | Fraction: Scalar(
        _read_number, _write_number, str, {"anyOf": [_text_schema(_DECIMAL), _text_schema(_FRACTION)]}
    ),
    datetime: Scalar(_read_instant, _write_instant, str, _text_schema(_INSTANT)),
    date: Scalar(_read_date, _write_date, str, {"type": "string", "format": "date"}),
    time: Scalar(_read_time, _write_time, str, _text_schema(_TIME)),
    timedelta: Scalar(_read_duration, _write_duration, int, {"type": "integer", "description": "microseconds"}),
    Currency: Scalar(_read_currency, _write_currency, str, {"type": "string", "description": "currency code"}),
    Money: Scalar(_read_money, _write_money, dict, _amount_schema({"type": "integer"})),
    Extra: Scalar(_read_extra, _write_extra, dict, _extra_schema(), is_omitted=True),
    ExactMoney: Scalar(_read_exact, _write_exact, dict, _amount_schema(_text_schema(_FRACTION))),
}
"""By exact type; a subclass is another type. An exact number of any type travels as text, an int as its digits."""
