"""Spryker's conditions of commissions, such as `item-price >= '500' AND category IS IN 'computer'`, as filters.

Their language has alternatives (`OR`) and brackets; a filter of ours holds where all of its parts do. What cannot be
said so is refused, with its place: a condition that is half understood would charge somebody wrongly.
"""

import re
from collections.abc import Iterator, Mapping

import attrs

from mktcore.commissions import AmountBand, SaleFilter
from mktcore.errors import MktcoreError
from mktcore.money import Currency, Money

__all__ = ["GROSS_MODE", "NET_MODE", "ConditionRefused", "read_item_condition", "read_price_mode"]

GROSS_MODE = "GROSS_MODE"
NET_MODE = "NET_MODE"
_CLAUSE = re.compile(
    r"""\s*(?P<field>[A-Za-z][A-Za-z0-9._-]*)\s*
        (?P<operator>>=|<=|!=|=|>|<|IS\s+NOT\s+IN|IS\s+IN)\s*
        (?P<quote>['"])(?P<value>[^'"]*)(?P=quote)\s*""",
    re.VERBOSE | re.IGNORECASE,
)
_AND = re.compile(r"AND\b", re.IGNORECASE)
_FIELDS = ("category", "sku", "brand")
_ATTRIBUTE = "attribute."
_MAX_CLAUSES = 50


class ConditionRefused(ValueError):
    """A condition that cannot be said in a filter; the text says why."""


@attrs.frozen
class Comparison:
    """One comparison: a field, an operator in capitals, and the values it names."""

    field: str
    operator: str
    values: tuple[str, ...]


def read_item_condition(text: str, currency: Currency) -> SaleFilter:
    """Return the filter that an item condition is; every sale for an empty one.

    >>> EUR = Currency.of("EUR")
    >>> found = read_item_condition("item-price >= '200' AND item-price < '500' AND category IS IN 'computer'", EUR)
    >>> str(found.price), found.categories
    ('from 200.00 EUR to below 500.00 EUR', ('computer',))

    Args:
        text: The condition.
        currency: Of its prices.

    Raises:
        ConditionRefused: It has alternatives, a field or an operator that a filter lacks, or no such form.
    """
    chosen: dict[str, tuple[str, ...]] = {}
    excluding: list[SaleFilter] = []
    bounds: dict[str, Money] = {}
    for clause in _split(text):
        if clause.field == "item-price":
            _bound(clause, bounds, currency)
        elif clause.operator in {"!=", "IS NOT IN"}:
            excluding.append(_to_filter({_name(clause): clause.values}))
        elif clause.operator not in {"=", "IS IN"}:
            message = f"{clause.operator} does not go with {clause.field}"
            raise ConditionRefused(message)
        else:
            _choose(chosen, _name(clause), clause)
    return attrs.evolve(_to_filter(chosen), price=_to_band(bounds, currency), excluding=excluding)


def _to_filter(chosen: Mapping[str, tuple[str, ...]]) -> SaleFilter:
    attributes = {name.removeprefix(_ATTRIBUTE): values for name, values in chosen.items() if name not in _FIELDS}
    return SaleFilter(
        categories=chosen.get("category", ()),
        skus=chosen.get("sku", ()),
        brands=chosen.get("brand", ()),
        attributes=attributes,
    )


def read_price_mode(text: str) -> str:
    """Return the price mode that an order condition asks for; empty for none.

    Raises:
        ConditionRefused: It asks for anything else.
    """
    mode = ""
    for clause in _split(text):
        is_mode = clause.field == "price-mode" and clause.operator in {"=", "IS IN"} and len(clause.values) == 1
        if not is_mode or clause.values[0] not in {GROSS_MODE, NET_MODE} or mode not in {"", clause.values[0]}:
            message = f"only price-mode = '{GROSS_MODE}' or '{NET_MODE}' is understood of an order"
            raise ConditionRefused(message)
        mode = clause.values[0]
    return mode


def _split(text: str) -> Iterator[Comparison]:
    position, count, rest = 0, 0, text.strip()
    while position < len(rest):
        found = _CLAUSE.match(rest, position)
        count += 1
        if found is None or count > _MAX_CLAUSES:
            message = f"from {rest[position : position + 30]!r} on it is no comparison joined by AND"
            raise ConditionRefused(message)
        operator = " ".join(found["operator"].upper().split())
        values = tuple(part.strip() for part in found["value"].split(";") if part.strip())
        if not values:
            message = f"{found['field']} is compared with nothing"
            raise ConditionRefused(message)
        head, dot, name = found["field"].partition(".")
        yield Comparison(f"{head.lower()}{dot}{name}", operator, values)
        position = found.end()
        if position < len(rest):
            joint = _AND.match(rest, position)
            if joint is None or joint.end() == len(rest):
                message = f"from {rest[position : position + 30]!r} on it is no comparison joined by AND"
                raise ConditionRefused(message)
            position = joint.end()


def _name(clause: Comparison) -> str:
    if clause.field not in _FIELDS and not clause.field.startswith(_ATTRIBUTE):
        message = f"{clause.field} is no field that a filter has: item-price, category, sku, brand, attribute.NAME"
        raise ConditionRefused(message)
    return clause.field


def _choose(chosen: dict[str, tuple[str, ...]], name: str, clause: Comparison) -> None:
    """Narrow a choice: of two that are both asked for, what both name."""
    if name == "category" and name in chosen:
        message = "two categories at once cannot be said in a filter"
        raise ConditionRefused(message)
    known = chosen.get(name, clause.values)
    chosen[name] = tuple(value for value in clause.values if value in known)
    if not chosen[name]:
        message = f"nothing is {' and '.join(known)} and {' and '.join(clause.values)} at once"
        raise ConditionRefused(message)


def _bound(clause: Comparison, bounds: dict[str, Money], currency: Currency) -> None:
    try:
        amount = Money.of(clause.values[0], currency)
    except MktcoreError as error:
        raise ConditionRefused(error.describe()) from None
    if len(clause.values) > 1 or clause.operator not in {">=", "<", ">", "<=", "="} or amount.is_negative():
        message = f"a price is compared with one amount of zero or more, by >=, >, <, <= or =, not {clause.operator}"
        raise ConditionRefused(message)
    # Prices are whole minor units, so "above" and "at most" are bands too.
    after = Money.from_minor(amount.minor + 1, currency)
    if clause.operator in {">=", ">", "="}:
        start = after if clause.operator == ">" else amount
        bounds["start"] = max(bounds.get("start", start), start)
    if clause.operator in {"<", "<=", "="}:
        end = amount if clause.operator == "<" else after
        bounds["end"] = min(bounds.get("end", end), end)


def _to_band(bounds: Mapping[str, Money], currency: Currency) -> AmountBand | None:
    if not bounds:
        return None
    try:
        return AmountBand(bounds.get("start", Money.zero(currency)), bounds.get("end"))
    except MktcoreError as error:
        raise ConditionRefused(error.describe()) from None
