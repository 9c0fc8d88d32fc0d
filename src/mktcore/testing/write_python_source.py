"""Values as the Python that makes them: what a failing test shows can be pasted into a test of its own."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

import attrs

from mktcore.extra import Extra
from mktcore.money import Currency, Money

__all__ = ["write_source"]


def write_source(value: object) -> str:
    """Return the source text of a value: fields that are as by default are left out, enumerations go by their names.

    >>> from mktcore.carts import CartLine
    >>> write_source(CartLine("l1", sku="lamp", quantity=2))
    "CartLine(key='l1', sku='lamp', quantity=2)"

    Args:
        value: An attrs value of this library or the host's, or anything that it is made of.
    """
    cls = type(value)
    written = _WRITERS.get(cls)
    if written is not None:
        return written(value)
    if isinstance(value, Enum):
        return f"{cls.__name__}.{value.name}"
    if attrs.has(cls):
        return f"{cls.__name__}({', '.join(_list_arguments(value))})"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{write_source(key)}: {write_source(one)}' for key, one in value.items())}}}"
    return repr(value)


def _list_arguments(value: Any) -> list[str]:
    """Return the arguments that make an attrs value, in the order of its fields."""
    found = []
    for field in attrs.fields(type(value)):
        own = getattr(value, field.name)
        if field.init and not _is_default(field, own):
            found.append(f"{field.alias}={write_source(own)}")
    return found


def _is_default(field: "attrs.Attribute[Any]", own: object) -> bool:
    default: Any = field.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # a function to mypy, a class to attrs
        # A factory that looks at the value itself may give anything: such a field is always written.
        return not default.takes_self and bool(own == default.factory())
    return default is not attrs.NOTHING and bool(own == default)


def _write_many(values: Any, opening: str, closing: str) -> str:
    return f"{opening}{', '.join(map(write_source, values))}{closing}"


def _write_tuple(values: Any) -> str:
    return _write_many(values, "(", ",)" if len(values) == 1 else ")")


def _write_set(values: Any) -> str:
    return f"frozenset({_write_many(sorted(values), '{', '}')})" if values else "frozenset()"


def _write_duration(value: timedelta) -> str:
    # In whole days and seconds, as a person writes it.
    parts = {"days": value.days, "seconds": value.seconds, "microseconds": value.microseconds}
    return f"timedelta({', '.join(f'{name}={part}' for name, part in parts.items() if part)})"


def _write_instant(value: datetime) -> str:
    found = value.astimezone(UTC)
    parts = [found.year, found.month, found.day, found.hour, found.minute, found.second, found.microsecond]
    while len(parts) > 3 and not parts[-1]:  # noqa: PLR2004 - year, month and day are always needed
        parts.pop()
    return f"datetime({', '.join(map(str, parts))}, tzinfo=UTC)"


_WRITERS: Mapping[type, Callable[[Any], str]] = {
    # These write themselves so already.
    Money: repr,
    Extra: repr,
    Currency: lambda one: f"Currency.of({one.code!r})",
    Decimal: lambda one: f"Decimal({str(one)!r})",
    Fraction: lambda one: f"Fraction({one.numerator}, {one.denominator})",
    datetime: _write_instant,
    timedelta: _write_duration,
    tuple: _write_tuple,
    list: lambda values: _write_many(values, "[", "]"),
    frozenset: _write_set,
}
