"""Events as CloudEvents: by the rules of CloudEvents 1.0.2 and of its JSON format, over every event of a sale."""

import json
import re
from datetime import datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from markets import EXAMPLE, NOON
from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.events import Envelope, Event
from mktcore.marketplace import Marketplace
from mktcore.testing.fakes import CountingIds, ManualClock
from mktcore.wire import REGISTRY
from mktcore.wire.cloud_events import build_event_schemas, to_cloud_event, to_cloud_event_json

TEXT = {"type": "string", "minLength": 1}
RULES = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "description": "CloudEvents 1.0.2: required and optional attributes (3.1), names and types of the others (3, 3.4)",
    "type": "object",
    "properties": {
        "id": TEXT,
        "source": {**TEXT, "format": "uri-reference"},
        "specversion": {"const": "1.0"},
        "type": TEXT,
        "datacontenttype": {**TEXT, "pattern": r"^[a-z]+/[a-z0-9.+-]+$"},
        "dataschema": {**TEXT, "pattern": r"^[a-z][a-z0-9+.-]*://"},
        "subject": TEXT,
        "time": {**TEXT, "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"},
        "data": {},
    },
    "required": ["id", "source", "specversion", "type"],
    "propertyNames": {"pattern": "^[a-z0-9]{1,20}$"},
    "additionalProperties": {"type": ["string", "boolean", "integer"]},
}
IS_CLOUD_EVENT = Draft202012Validator(RULES, format_checker=FormatChecker())


@pytest.fixture(scope="module")
def envelopes() -> list[Envelope]:
    """Every event of a market that was loaded, sold and shipped."""
    market = Marketplace.in_memory("EUR", clock=ManualClock(NOON), ids=CountingIds())
    market.load(EXAMPLE)
    cart = Cart.of("c1", buyer="b1", lines=[CartLine("l1", sku="camera"), CartLine("l2", sku="tripod", quantity=2)])
    operator = market.as_operator()
    order = market.place(cart, key="k1", scope=operator)
    for part in order.merchant_orders:
        market.fire(part.id, "ship", key=f"ship-{part.id}", scope=operator)
    with market.store.inspect() as inspection:  # type: ignore[attr-defined]  # stores that ship can be looked into
        return [kept.value for kept in inspection.iterate_events() if kept.value is not None]


def to_json(envelope: Envelope, **options: Any) -> Any:
    return json.loads(to_cloud_event_json(envelope, source="/shop/market", **options))


def test_every_event_of_a_sale_keeps_the_rules(envelopes: list[Envelope]) -> None:
    events = [to_json(envelope, schemas="https://shop.example/schemas/") for envelope in envelopes]
    faults = [f"{event['id']}: {fault.message}" for event in events for fault in IS_CLOUD_EVENT.iter_errors(event)]
    assert faults == []
    assert len({(event["source"], event["id"]) for event in events}) == len(events) > 60
    assert {event["data"]["$type"] for event in events} == {event["type"] for event in events}


def test_the_rules_catch_what_breaks_them(envelopes: list[Envelope]) -> None:
    event = to_json(envelopes[0])
    assert IS_CLOUD_EVENT.is_valid(event)
    for broken in ({"id": ""}, {"specversion": "0.3"}, {"camelCase": "x"}, {"time": "yesterday"}, {"sequence": None}):
        assert not IS_CLOUD_EVENT.is_valid({**event, **broken})


def test_an_event_as_a_broker_gets_it(envelopes: list[Envelope]) -> None:
    placed = next(one for one in envelopes if one.id.startswith("marketplace_order/") and one.sequence == 1)
    event = to_json(placed, prefix="com.example.", schemas="https://shop.example/schemas/")
    data = event.pop("data")
    assert event == {
        "specversion": "1.0",
        "id": "marketplace_order/order-1/1",
        "source": "/shop/market",
        "type": "com.example.orders.order-placed.v1",
        "subject": "marketplace_order/order-1",
        "time": "2026-07-01T12:00:00Z",
        "datacontenttype": "application/json",
        "dataschema": "https://shop.example/schemas/orders.order-placed.v1.json",
        "sequence": "0000000000000000001",
        "partitionkey": "marketplace_order/order-1",
    }
    assert (data["$type"], data["subject"], data["buyer"]) == ("orders.order-placed.v1", "order-1", "b1")
    assert datetime.fromisoformat(event["time"]) == NOON


def test_sequences_sort_as_texts(envelopes: list[Envelope]) -> None:
    ninth, tenth = (to_cloud_event(Envelope(envelopes[0].event, number), source="/m") for number in (9, 10))
    assert ninth["sequence"] < tenth["sequence"]


def test_a_source_is_asked_for(envelopes: list[Envelope]) -> None:
    with pytest.raises(InvalidValue, match="source"):
        to_cloud_event(envelopes[0], source="")


def test_there_is_a_schema_of_every_event() -> None:
    schemas = build_event_schemas()
    events = {known.name for known in REGISTRY if issubclass(known.type, Event)}
    assert set(schemas) == events
    assert all(re.fullmatch(r"[a-z-]+\.[a-z-]+\.v\d+", name) for name in schemas)
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)


def test_data_fits_the_schema_of_its_event_and_no_other(envelopes: list[Envelope]) -> None:
    schemas = {name: Draft202012Validator(schema) for name, schema in build_event_schemas().items()}
    kinds: dict[str, Any] = {}
    for envelope in envelopes:
        event = to_json(envelope)
        assert schemas[event["type"]].is_valid(event["data"])
        assert not schemas[event["type"]].is_valid({**event["data"], "unknown": 1})
        kinds[event["type"]] = event["data"]
    assert {"orders.order-placed.v1", "orders.merchant-order-moved.v1", "catalog.sku-changed.v1"} <= set(kinds)
    others = [(one, other) for one in kinds for other in kinds if one != other]
    assert not [pair for pair in others if schemas[pair[0]].is_valid(kinds[pair[1]])]
