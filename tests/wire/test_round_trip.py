"""Whatever is written is read back equal, for every registered type and every shape of field."""

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import mktcore.testing.stores  # noqa: F401 - registers the types that the conformance check stores
from mktcore.persistence.stored import Stored
from mktcore.ports import STORED
from mktcore.wire import REGISTRY as SHARED
from mktcore.wire import Codec, build_schema, from_json, to_json
from wire.samples import CODEC, REGISTRY, Everything
from wire.strategies_of_types import instances_of

RELAXED = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("registration", list(SHARED), ids=lambda found: found.name)
@RELAXED
@given(data=st.data())
def test_every_registered_type_survives_the_round_trip_and_fits_its_schema(
    registration: Stored, data: st.DataObject
) -> None:
    value = data.draw(instances_of(registration.type))  # drawn once for both: drawing is what takes the time
    document = to_json(value)
    assert from_json(document, registration.type) == value
    assert to_json(from_json(document)) == document
    schema, parsed = _get_validator(registration.type), json.loads(document)
    schema.validate(parsed)
    for spoiled in ({**parsed, "$type": "other.v1"}, {**parsed, "surplus": 1}):
        assert not schema.is_valid(spoiled)


@cache
def _get_validator(cls: type) -> Draft202012Validator:
    schema = build_schema(cls)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@RELAXED
@given(value=instances_of(Everything))
def test_every_shape_of_field_survives_the_round_trip(value: Any) -> None:
    document = CODEC.to_json(value)
    assert CODEC.from_json(document, Everything) == value
    Draft202012Validator(build_schema(Everything, registry=REGISTRY)).validate(json.loads(document))


@RELAXED
@given(value=instances_of(Everything))
def test_types_survive_not_only_values(value: Any) -> None:
    read = CODEC.from_json(CODEC.to_json(value), Everything)
    for name in ("count", "flag", "price", "rate", "share", "at", "colour", "level", "tags", "names", "score"):
        assert type(getattr(read, name)) is type(getattr(value, name))
    assert str(read.rate) == str(value.rate)


def test_the_table_is_registered_and_complete() -> None:
    assert {entry.tag for entry in STORED} <= {entry.tag for entry in SHARED}
    assert SHARED.get_missing_upcasters() == ()
    assert Codec().registry is SHARED
