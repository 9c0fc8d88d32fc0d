"""Events as CloudEvents 1.0 in JSON, the form that brokers, functions and webhooks of many makers take."""

import json
from typing import Any

from mktcore.clock import to_utc
from mktcore.errors import InvalidValue
from mktcore.events import Envelope, Event
from mktcore.wire.documents import Codec
from mktcore.wire.json_text import dump_json
from mktcore.wire.registered_types import REGISTRY
from mktcore.wire.registry import Registry
from mktcore.wire.schemas import build_schema

__all__ = ["CLOUD_EVENTS_TYPE", "build_event_schemas", "to_cloud_event", "to_cloud_event_json"]

CLOUD_EVENTS_TYPE = "application/cloudevents+json"
"""The media type of one event in the structured mode."""
_SEQUENCE_DIGITS = 19  # of the largest number that a store counts to: so that texts sort as the numbers do


def to_cloud_event(
    envelope: Envelope, *, source: str, prefix: str = "", schemas: str = "", codec: Codec | None = None
) -> dict[str, Any]:
    """Return an event as the members of a CloudEvent.

    Its `type` is the tag that the event is stored under, its `subject` the aggregate, its `data` the event's fields.
    `id` is the same for every delivery; with `source` it is unlike every other's. Of the known extensions it has
    `sequence`, in the order of the aggregate's events, and `partitionkey`, which keeps these in one partition.

    Args:
        envelope: The event as it was committed.
        source: Who tells: a URI or path of the marketplace, such as `/shop/market` or `https://shop.example/market`.
        prefix: Begins the type, such as `com.example.`.
        schemas: Begins the URI of the data's schema, which ends with the tag and `.json`; none where it is empty.
        codec: How events are written; the shared one by default.

    Raises:
        InvalidValue: The source is empty.
        UnregisteredType: The event has no tag.
    """
    if not source:
        raise InvalidValue("CloudEvent", "source", source, "a URI reference that is not empty")
    event, codec = envelope.event, codec or Codec()
    name, _ = codec.write_fields(event)
    subject = f"{event.subject_kind}/{event.subject}"
    return {
        "specversion": "1.0",
        "id": envelope.id,
        "source": source,
        "type": f"{prefix}{name}",
        "subject": subject,
        "time": to_utc(event.at).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        **({"dataschema": f"{schemas}{name}.json"} if schemas else {}),
        "sequence": f"{envelope.sequence:0{_SEQUENCE_DIGITS}d}",
        "partitionkey": subject,
        "data": json.loads(codec.to_json(event)),
    }


def to_cloud_event_json(
    envelope: Envelope, *, source: str, prefix: str = "", schemas: str = "", codec: Codec | None = None
) -> bytes:
    """Return an event as the JSON text of a CloudEvent in the structured mode; see `to_cloud_event`."""
    return dump_json(to_cloud_event(envelope, source=source, prefix=prefix, schemas=schemas, codec=codec))


def build_event_schemas(registry: Registry = REGISTRY) -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of every event that can be published, by its tag.

    >>> schemas = build_event_schemas()
    >>> schemas["offers.shortage-recorded.v1"]["title"], len(schemas) > 20
    ('offers.shortage-recorded.v1', True)

    Args:
        registry: What is known; `REGISTRY.join(stored)` with a host's own events.
    """
    events = {known.name: known.type for known in registry if issubclass(known.type, Event)}
    return {name: build_schema(events[name], registry=registry) for name in sorted(events)}
