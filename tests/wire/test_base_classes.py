"""A field of a base class without fields and without a tag holds any registered subclass, with its tag."""

from typing import Any

import attrs
import jsonschema
import pytest

from mktcore.persistence.stored import Stored
from mktcore.wire import Codec, InvalidDocument, Registry, build_schema


@attrs.frozen
class Treat:
    """The base."""


@attrs.frozen
class Cake(Treat):
    slices: int


@attrs.frozen
class Sweet(Treat):
    """One without fields."""


@attrs.frozen
class Secret(Treat):
    """A member that nobody registered."""


@attrs.frozen
class Box:
    treat: Treat
    maybe: Treat | None = None
    more: tuple[Treat, ...] = ()


@attrs.frozen
class Nail:
    """No treat."""


REGISTRY = Registry(
    [
        Stored("host.cake", 1, Cake),
        Stored("host.sweet", 1, Sweet),
        Stored("host.box", 1, Box),
        Stored("host.nail", 1, Nail),
    ]
)
CODEC = Codec(REGISTRY)


def test_members_travel_with_their_tags() -> None:
    box = Box(Cake(3), Sweet(), (Sweet(), Cake(1)))
    text = CODEC.to_json(box)
    assert CODEC.from_json(text, Box) == box
    assert b'"treat":{"$type":"host.cake.v1","slices":3}' in text
    assert CODEC.from_json(CODEC.to_json(Box(Sweet())), Box) == Box(Sweet())


@pytest.mark.parametrize("treat", ['{"$type":"host.nail.v1"}', '{"slices":3}', '"cake"', "null", "[]"])
def test_what_is_no_member_is_refused_with_its_path(treat: str) -> None:
    with pytest.raises(InvalidDocument, match="@ treat"):
        CODEC.from_json(f'{{"$type":"host.box.v1","treat":{treat}}}', Box)


@pytest.mark.parametrize(("field", "box"), [("treat", Box(Secret())), ("maybe", Box(Sweet(), Secret()))])
def test_a_member_that_nobody_registered_is_not_written(field: str, box: Box) -> None:
    with pytest.raises(InvalidDocument, match=f"@ {field}"):
        CODEC.to_json(box)


def test_a_class_of_its_own_stands_for_itself_alone() -> None:
    assert REGISTRY.list_members(Nail) == ()
    assert REGISTRY.list_members(Cake) == ()
    assert [member.type for member in REGISTRY.list_members(Treat)] == [Cake, Sweet]


def test_the_schema_lists_the_members() -> None:
    schema: Any = build_schema(Box, registry=REGISTRY)
    plain: dict[str, Any] = {
        "$type": "host.box.v1",
        "treat": {"$type": "host.cake.v1", "slices": 3},
        "maybe": None,
        "more": [],
    }
    jsonschema.validate(plain, schema)
    for wrong in ({"slices": 3}, {"$type": "host.nail.v1"}, None):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**plain, "treat": wrong}, schema)
