"""Figures that are a value's own fields: their shapes come from its annotations, their meaning from its docstring."""

import inspect
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from mktcore.extra import Extra
from mktcore.money import Currency, Money
from mktcore.views.form import Field
from mktcore.views.shapes import (
    DATE,
    DECIMAL,
    DURATION,
    EXTRA,
    INSTANT,
    MONEY,
    TEXT,
    TIME,
    TRUTH,
    WHOLE,
    Label,
    Listed,
    Mapped,
    Shape,
)
from mktcore.wire.annotations import list_fields, split_null, take_apart
from mktcore.wire.errors import UnsupportedType

__all__ = ["find_label", "plain_fields"]

_SCALARS: Mapping[type, Shape] = {
    str: TEXT,
    int: WHOLE,
    bool: TRUTH,
    Decimal: DECIMAL,
    Money: MONEY,
    Currency: TEXT,
    datetime: INSTANT,
    date: DATE,
    time: TIME,
    timedelta: DURATION,
    Extra: EXTRA,
}
_NO_FORMS: Mapping[Any, Shape] = MappingProxyType({})
_ATTRIBUTE = re.compile(r"^    (\w+): (.*(?:\n {8,}.*)*)", re.MULTILINE)


def plain_fields(cls: type, *names: str, forms: Mapping[Any, Shape] = _NO_FORMS) -> tuple[Field, ...]:
    """Return some of the fields of an attrs class as figures: only those that are named, in this order.

    One that can be None is left out where it is; so are an empty text, an empty object and host data without any.

    Args:
        cls: The class; its docstring says under `Attributes:` what they mean.
        names: Which fields. All others stay inside.
        forms: The shapes of other classes, and of unions, that fields are annotated with.

    Raises:
        UnsupportedType: An annotation has no shape.
    """
    annotations = {one.name: one.annotation for one in list_fields(cls)}
    about = dict(_ATTRIBUTE.findall(inspect.getdoc(cls) or ""))
    return tuple(
        _to_field(name, annotations[name], " ".join(about.get(name, "").split()), forms=forms) for name in names
    )


@cache
def find_label(cls: type[Enum]) -> Label:
    """Return the label of an enumeration: its codes under the name of the class, `back-orders` for `BackOrders`."""
    group = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
    return Label(group, tuple(str(one.value) for one in cls))


def _to_field(name: str, annotation: Any, about: str, *, forms: Mapping[Any, Shape]) -> Field:
    rest, is_nullable = split_null(annotation)
    inner = rest[0] if len(rest) == 1 else annotation
    shape = _find_shape(inner, forms)
    kind = take_apart(inner)
    # What can be empty and says nothing then; a number, a truth and a list always say something.
    may_be_empty = inner in {str, Extra} or kind.name in {"class", "mapping"}
    is_always = not is_nullable and not (may_be_empty and inner is not Money)
    return Field(name, attrgetter(name), shape, about=about, is_always=is_always)


def _find_shape(annotation: Any, forms: Mapping[Any, Shape]) -> Shape:
    if annotation in forms:
        return forms[annotation]
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    shape = take_apart(annotation)
    if shape.name == "enum":
        return find_label(shape.type)
    if shape.name in {"tuple", "set"}:
        return Listed(_find_shape(shape.parts[0], forms))
    if shape.name == "mapping":
        return Mapped(_find_shape(shape.parts[1], forms))
    raise UnsupportedType(annotation, "a view has no shape for it; name its form")
