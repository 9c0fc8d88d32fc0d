"""The wire against code written by hand with the same checks, values and codec: an order of 100 lines.

    python -m pytest tests/benchmarks/test_wire_round_trip.py -s

Floor: writing and reading back takes at most twice the time of the code by hand.
"""
# ruff: noqa: T201, E501 - figures are printed; code by hand is as plain as it would be

import re
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs

from mktcore.money import Currency, Money
from mktcore.persistence.stored import Stored
from mktcore.wire import Codec, Registry
from mktcore.wire.json_text import dump_json, parse_json

TIMES = 2.0
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,63})(?:\.[0-9]{1,64})?")


@attrs.frozen
class Line:
    id: str
    sku: str
    offer: str
    title: str
    merchant: str
    quantity: int
    unit_price: Money
    subtotal: Money
    discount: Money
    tax: Money
    total: Money
    gift: bool
    note: str | None
    rate: Decimal


@attrs.frozen
class Order:
    id: str
    buyer: str
    lines: tuple[Line, ...]
    total: Money
    version: int = 0


LINE_FIELDS = frozenset(field.name for field in attrs.fields(Line))
ORDER_FIELDS = frozenset(field.name for field in attrs.fields(Order)) | {"$type"}
CODEC = Codec(Registry([Stored("benchmark.order", 1, Order)]))


def make_order() -> Order:
    def euro(minor: int) -> Money:
        return Money.from_minor(minor, "EUR")

    lines = [
        Line(
            f"l{n}", f"sku-{n}", f"offer-{n}", "The title of a product", "acme", n + 1, euro(199), euro(199 * n), euro(0),
            euro(31), euro(230), gift=False, note=None, rate=Decimal("0.19"),
        )
        for n in range(100)
    ]  # fmt: skip
    return Order("o1", "b1", tuple(lines), euro(23_000), 3)


def text_of(data: dict[str, Any], name: str, where: str) -> str:
    value = data[name]
    if type(value) is not str:
        raise ValueError(f"expected a text @ {where}.{name}")
    return value


def int_of(data: dict[str, Any], name: str, where: str) -> int:
    value = data[name]
    if type(value) is not int:
        raise ValueError(f"expected an int @ {where}.{name}")
    return value


def bool_of(data: dict[str, Any], name: str, where: str) -> bool:
    value = data[name]
    if type(value) is not bool:
        raise ValueError(f"expected true or false @ {where}.{name}")
    return value


def money_of(data: dict[str, Any], name: str, where: str) -> Money:
    value = data[name]
    if type(value) is not dict or value.keys() != {"minor", "currency"}:
        raise ValueError(f"expected an amount @ {where}.{name}")
    currency, minor = value["currency"], value["minor"]
    if type(currency) is not str or type(minor) is not int:
        raise ValueError(f"expected an amount @ {where}.{name}")
    return Money.from_minor(minor, Currency.of(currency))


def decimal_of(data: dict[str, Any], name: str, where: str) -> Decimal:
    value = data[name]
    if type(value) is not str or len(value) > 130 or not _DECIMAL.fullmatch(value):
        raise ValueError(f"expected a decimal number @ {where}.{name}")
    return Decimal(value)


def read_line(data: Any, where: str) -> Line:
    if type(data) is not dict or data.keys() != LINE_FIELDS:
        raise ValueError(f"expected a line @ {where}")
    note = data["note"]
    if note is not None and type(note) is not str:
        raise ValueError(f"expected a text @ {where}.note")
    return Line(
        text_of(data, "id", where),
        text_of(data, "sku", where),
        text_of(data, "offer", where),
        text_of(data, "title", where),
        text_of(data, "merchant", where),
        int_of(data, "quantity", where),
        money_of(data, "unit_price", where),
        money_of(data, "subtotal", where),
        money_of(data, "discount", where),
        money_of(data, "tax", where),
        money_of(data, "total", where),
        bool_of(data, "gift", where),
        note,
        decimal_of(data, "rate", where),
    )


def read_by_hand(document: bytes) -> Order:
    data: Any = parse_json(document)
    if type(data) is not dict or data.keys() != ORDER_FIELDS or data["$type"] != "benchmark.order.v1":
        raise ValueError("expected an order")
    lines = data["lines"]
    if type(lines) is not list:
        raise ValueError("expected an array @ lines")
    return Order(
        text_of(data, "id", ""),
        text_of(data, "buyer", ""),
        tuple([read_line(line, f"lines[{number}]") for number, line in enumerate(lines)]),
        money_of(data, "total", ""),
        int_of(data, "version", ""),
    )


def plain_money(money: Money) -> dict[str, Any]:
    if type(money) is not Money:
        raise ValueError("expected an amount")
    return {"minor": money.minor, "currency": money.currency.code}


def write_by_hand(order: Order) -> bytes:
    lines = []
    for line in order.lines:
        plain = {
            "id": line.id, "sku": line.sku, "offer": line.offer, "title": line.title, "merchant": line.merchant,
            "quantity": line.quantity, "unit_price": plain_money(line.unit_price), "subtotal": plain_money(line.subtotal),
            "discount": plain_money(line.discount), "tax": plain_money(line.tax), "total": plain_money(line.total),
            "gift": line.gift, "note": line.note, "rate": f"{line.rate:f}",
        }  # fmt: skip
        for name in ("id", "sku", "offer", "title", "merchant"):
            if type(plain[name]) is not str:
                raise ValueError(f"expected a text @ {name}")
        if type(line.quantity) is not int or type(line.gift) is not bool or type(line.rate) is not Decimal:
            raise ValueError("expected another type")
        lines.append(plain)
    total = plain_money(order.total)
    plain_order = {"$type": "benchmark.order.v1", "id": order.id, "buyer": order.buyer, "lines": lines, "total": total}
    return dump_json({**plain_order, "version": order.version})


def best_of(work: Callable[[], object], rounds: int = 40) -> float:
    found = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return min(found)


def test_the_round_trip_takes_at_most_twice_the_time_of_code_by_hand() -> None:
    order = make_order()
    document = CODEC.to_json(order)
    assert write_by_hand(order) == document
    assert read_by_hand(document) == CODEC.from_json(document, Order) == order
    writing, reading = best_of(lambda: CODEC.to_json(order)), best_of(lambda: CODEC.from_json(document, Order))
    by_hand = best_of(lambda: write_by_hand(order)), best_of(lambda: read_by_hand(document))
    ratio = (writing + reading) / sum(by_hand)
    print(f"\nwrite {writing * 1e6:.0f} us ({writing / by_hand[0]:.2f}x), read {reading * 1e6:.0f} us", end=" ")
    print(f"({reading / by_hand[1]:.2f}x), together {ratio:.2f}x of the code by hand, {len(document)} bytes")
    assert ratio <= TIMES
