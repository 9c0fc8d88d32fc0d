"""Values that are one JSON text or number: how each is written, and the only way it may be written.

Every value has one canonical text, and reading accepts no other: `"1.50"` and `"1.5"` are two Decimals, `"+1.5"` is
none. A reader takes exactly the JSON type it expects.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

import attrs

from mktcore.extra import Extra
from mktcore.money import Currency, ExactMoney, Money
from mktcore.wire.extra_scalar import build_extra_schema, read_extra, write_extra
from mktcore.wire.money_scalars import read_currency, read_exact, read_money, write_currency, write_exact, write_money
from mktcore.wire.number_scalars import (
    DECIMAL,
    FRACTION,
    read_decimal,
    read_float,
    read_fraction,
    read_number,
    write_decimal,
    write_float,
    write_fraction,
    write_number,
)
from mktcore.wire.refuse_value import refuse_type
from mktcore.wire.time_scalars import (
    INSTANT,
    TIME,
    read_date,
    read_duration,
    read_instant,
    read_time,
    write_date,
    write_duration,
    write_instant,
    write_time,
)

__all__ = ["SCALARS", "WireScalar"]

T = TypeVar("T")


@attrs.frozen(eq=False)
class WireScalar:
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


def _expect(kind: type[T], expected: str) -> Callable[[object], T]:
    def read(value: object) -> T:
        if type(value) is kind:
            return value
        raise refuse_type(value, expected)

    return read


_read_text = _expect(str, "a text")
_read_int = _expect(int, "an int")
_read_bool = _expect(bool, "true or false")


def _keep(value: object) -> object:
    return value


def _amount_schema(minor: dict[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": {"minor": minor, "currency": {"type": "string"}},
        "required": ["minor", "currency"],
        "additionalProperties": False,
    }


def _text_schema(pattern: re.Pattern[str]) -> dict[str, object]:
    return {"type": "string", "pattern": f"^(?:{pattern.pattern})$"}


def _described(kind: str, description: str) -> dict[str, object]:
    return {"type": kind, "description": description}


SCALARS: dict[object, WireScalar] = {
    str: WireScalar(_read_text, _keep, json_type=str, schema={"type": "string"}),
    int: WireScalar(_read_int, _keep, json_type=int, schema={"type": "integer"}),
    bool: WireScalar(_read_bool, _keep, json_type=bool, schema={"type": "boolean"}),
    float: WireScalar(read_float, write_float, json_type=float, schema={"type": "number"}),
    Decimal: WireScalar(read_decimal, write_decimal, json_type=str, schema=_text_schema(DECIMAL)),
    Fraction: WireScalar(read_fraction, write_fraction, json_type=str, schema=_text_schema(FRACTION)),
    int | Decimal | Fraction: WireScalar(
        read_number, write_number, json_type=str, schema={"anyOf": [_text_schema(DECIMAL), _text_schema(FRACTION)]}
    ),
    datetime: WireScalar(read_instant, write_instant, json_type=str, schema=_text_schema(INSTANT)),
    date: WireScalar(read_date, write_date, json_type=str, schema={"type": "string", "format": "date"}),
    time: WireScalar(read_time, write_time, json_type=str, schema=_text_schema(TIME)),
    timedelta: WireScalar(read_duration, write_duration, json_type=int, schema=_described("integer", "microseconds")),
    Currency: WireScalar(read_currency, write_currency, json_type=str, schema=_described("string", "currency code")),
    Money: WireScalar(read_money, write_money, json_type=dict, schema=_amount_schema({"type": "integer"})),
    Extra: WireScalar(read_extra, write_extra, json_type=dict, schema=build_extra_schema(), is_omitted=True),
    ExactMoney: WireScalar(read_exact, write_exact, json_type=dict, schema=_amount_schema(_text_schema(FRACTION))),
}
"""By exact type; a subclass is another type. An exact number of any type travels as text, an int as its digits."""
