"""Hypothesis strategies for any class that the wire carries, made from its annotations."""

from datetime import UTC
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from mktcore.errors import MktcoreError
from mktcore.money import Currency, ExactMoney, Money
from mktcore.wire.annotations import list_fields, take_apart

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,8}", fullmatch=True)
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "USD"]).map(Currency.of)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4)
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: IDS | TEXT,
    int: st.integers(0, 50) | st.integers(-(10**30), 10**30),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    Decimal: DECIMALS,
    Currency: CURRENCIES,
    Money: st.builds(Money.from_minor, st.integers(-(10**12), 10**12), CURRENCIES),
    ExactMoney: st.builds(ExactMoney, st.fractions(max_denominator=10**6), CURRENCIES),
}


def values_of(annotation: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    shape = take_apart(annotation)
    if shape.name == "scalar":
        name = getattr(shape.type, "__name__", "")
        if name == "datetime":
            return st.datetimes(timezones=st.just(UTC))
        return SCALARS[shape.type] if shape.type in SCALARS else st.from_type(shape.type)
    if shape.name == "class":
        return st.deferred(lambda: instances_of(shape.type, depth + 1))
    if shape.name in {"enum", "literal"}:
        return st.sampled_from(list(shape.type))
    if shape.name == "null":
        return st.none()
    if shape.name == "any":
        return st.none() | st.booleans() | st.integers() | TEXT | st.tuples(TEXT, st.integers())
    if shape.name == "union":
        return st.one_of([values_of(part, depth) for part in shape.parts])
    if shape.name == "row":
        return st.tuples(*[values_of(part, depth) for part in shape.parts])
    size = 3 if depth < 3 else 0
    if shape.name == "mapping":
        return st.dictionaries(*[values_of(part, depth) for part in shape.parts], max_size=size)
    items = st.lists(values_of(shape.parts[0], depth), max_size=size)
    return items.map(frozenset if shape.name == "set" else tuple)


def instances_of(cls: type, depth: int = 0) -> st.SearchStrategy[Any]:
    """Return values of a class; fields that its invariants refuse together are tried again."""
    fields = {field.argument: values_of(field.annotation, depth) for field in list_fields(cls)}
    return st.fixed_dictionaries(fields).map(lambda given: _build(cls, given)).filter(lambda value: value is not None)


def _build(cls: type, given: dict[str, Any]) -> Any:
    if "quantity" in given and "consumed" in given:
        given["consumed"] = min(given["consumed"], given["quantity"])
    try:
        return cls(**given)
    except (MktcoreError, ValueError, TypeError):
        return None
