"""Tags and versions outlive classes; old documents are upgraded on read; writing is as strict as reading."""

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, NewType, cast

import attrs
import pytest
from cattrs import Converter

from mktcore.money import Currency, Money, register_currency
from mktcore.persistence.stored import Stored
from mktcore.wire import (
    Codec,
    InvalidDocument,
    Registry,
    TagConflict,
    UnknownTag,
    UnknownUpcast,
    UnregisteredType,
    UnsupportedType,
    build_schema,
    configure_converter,
    from_json,
    make_converter,
    register_type,
    register_upcaster,
    to_json,
)
from wire.samples import CODEC, Everything, Fixed, Level, Percentage, make_everything


@attrs.frozen
class Parcel:
    weight_g: int
    fragile: bool = False


@attrs.frozen
class Pallet:
    parcels: tuple[Parcel, ...]


Sku = NewType("Sku", str)


@attrs.frozen
class Wrapped:
    sku: Sku
    count: Annotated[int, "pieces"]
    names: Sequence[str]
    either: str | int | None
    maybe_money: Money | None
    nothing: None = None
    _hidden: int = 0
    computed: int = attrs.field(init=False, default=7)


def _registry() -> Registry:
    registry = Registry([Stored("host.parcel", 3, Parcel)])
    registry.register_upcaster("host.parcel", 1, lambda old: {"weight_g": cast("int", old["weight_kg"]) * 1000})
    registry.register_upcaster("host.parcel", 2, lambda old: {**old, "fragile": True})
    return registry


def test_old_documents_are_upgraded_step_by_step() -> None:
    codec = Codec(_registry())
    assert codec.from_json('{"$type":"host.parcel.v1","weight_kg":2}', Parcel) == Parcel(2000, fragile=True)
    assert codec.from_json('{"$type":"host.parcel.v2","weight_g":5}', Parcel) == Parcel(5, fragile=True)
    assert codec.from_json('{"$type":"host.parcel.v3","weight_g":5}', Parcel) == Parcel(5)
    assert codec.read_fields("host.parcel.v1", '{"weight_kg":2}') == Parcel(2000, fragile=True)


def test_a_damaged_old_document_is_refused_by_its_up_caster() -> None:
    with pytest.raises(InvalidDocument, match=r"not the fields of host\.parcel\.v1"):
        Codec(_registry()).from_json('{"$type":"host.parcel.v1","weight":2}', Parcel)


@pytest.mark.parametrize(
    "name", ["host.parcel.v4", "host.parcel.v0", "host.parcel.v03", "host.parcel", "x.v1", "", ".v1"]
)
def test_tags_that_nothing_can_read_are_refused(name: str) -> None:
    with pytest.raises(UnknownTag):
        Codec(_registry()).read_fields(name, "{}")


def test_a_version_without_an_up_caster_is_named() -> None:
    registry = Registry([Stored("host.parcel", 3, Parcel)])
    registry.register_upcaster("host.parcel", 1, dict)
    assert registry.get_missing_upcasters() == ("host.parcel.v2",)
    with pytest.raises(UnknownTag, match=r"host\.parcel\.v2"):
        registry.upcast("host.parcel.v1", {})
    for tag, version in (("host.parcel", 3), ("host.parcel", 0), ("host.none", 1)):
        with pytest.raises(UnknownUpcast, match=tag):
            registry.register_upcaster(tag, version, dict)


def test_a_tag_names_one_type_for_ever() -> None:
    registry = _registry()
    assert registry.register_type("host.parcel", 3, Parcel).name == "host.parcel.v3"
    for tag, version, cls in (("host.parcel", 4, Parcel), ("host.parcel", 3, Pallet), ("host.other", 3, Parcel)):
        with pytest.raises(TagConflict, match=tag):
            registry.register_type(tag, version, cls)
    with pytest.raises(TagConflict, match="no attrs class"):
        registry.register_type("host.text", 1, str)


def test_a_class_without_a_tag_is_neither_written_nor_expected() -> None:
    with pytest.raises(InvalidDocument, match="registered class"):
        to_json(Pallet(()))
    with pytest.raises(UnregisteredType, match="Pallet"):
        CODEC.write_fields(Pallet(()))
    with pytest.raises(UnregisteredType):
        build_schema(Pallet)


def test_the_type_expected_is_the_type_read() -> None:
    fixed = CODEC.to_json(Fixed(Money.of("1", "EUR")))
    with pytest.raises(InvalidDocument, match=r"expected samples\.percentage\.v1, not samples\.fixed\.v1 @ \$type"):
        CODEC.from_json(fixed, Percentage)
    assert CODEC.from_json(fixed) == Fixed(Money.of("1", "EUR"))
    with pytest.raises(InvalidDocument, match="expected an object"):
        CODEC.read_fields("samples.fixed.v1", "[]")


def test_hosts_register_their_own_types() -> None:
    register_type("tests.pallet", 2, Pallet)
    register_upcaster("tests.pallet", 1, lambda old: {"parcels": [old["parcel"]]})
    assert from_json('{"$type":"tests.pallet.v1","parcel":{"weight_g":1}}', Pallet) == Pallet((Parcel(1),))
    assert to_json(Pallet(())) == b'{"$type":"tests.pallet.v2","parcels":[]}'


def test_a_hosts_converter_learns_the_wire_and_keeps_its_own_hooks() -> None:
    class Point:
        def __init__(self, x: int) -> None:
            self.x = x

    @attrs.frozen
    class Place:
        point: Point
        price: Money

    converter = Converter()
    configure_converter(converter)
    converter.register_structure_hook(Point, lambda data, _: Point(data["x"]))
    converter.register_unstructure_hook(Point, lambda point: {"x": point.x})
    data = {"point": {"x": 3}, "price": {"minor": 5, "currency": "EUR"}}
    place = converter.structure(data, Place)
    assert (place.point.x, place.price) == (3, Money.from_minor(5, "EUR"))
    assert converter.unstructure(place) == data
    with pytest.raises(InvalidDocument, match="@ point"):
        converter.structure({**data, "point": {}}, Place)


def test_the_converter_coerces_nothing() -> None:
    converter = make_converter()
    for value, kind in (("5", int), (True, int), (1, bool), (5, str), ("1.5", float), (None, str)):
        with pytest.raises(InvalidDocument):
            converter.structure(value, kind)
    assert converter.structure([1, 2], tuple[int, ...]) == (1, 2)
    assert converter.unstructure("text") == "text"
    assert converter.structure("red", type(make_everything().colour)) == "red"


def test_every_plain_shape_is_carried() -> None:
    converter = make_converter()
    data = {
        "sku": "s1", "count": 2, "names": ["a"], "either": 3, "maybe_money": {"minor": 1, "currency": "EUR"},
        "nothing": None, "hidden": 4,
    }  # fmt: skip
    wrapped = converter.structure(data, Wrapped)
    assert (wrapped.either, wrapped._hidden, wrapped.computed) == (3, 4, 7)
    assert converter.unstructure(wrapped) == data
    assert converter.structure({**data, "either": "x", "maybe_money": None}, Wrapped).either == "x"
    wrongs: list[dict[str, object]] = [
        {"either": True},
        {"either": []},
        {"nothing": 0},
        {"_hidden": 1},
        {"computed": 7},
        {"names": [1]},
    ]
    for wrong in wrongs:
        with pytest.raises(InvalidDocument):
            converter.structure({**data, **wrong}, Wrapped)


@pytest.mark.parametrize(
    "annotation",
    [
        list[int],
        dict,
        tuple,
        set[int],
        Money | Percentage | Mapping[str, int],
        Decimal | str,
        tuple[int, ...] | frozenset[int],
    ],
    ids=str,
)
def test_annotations_that_cannot_be_carried_are_refused(annotation: Any) -> None:
    cls = attrs.make_class("Unfit", {"field": attrs.field(type=annotation)}, frozen=True)
    with pytest.raises(UnsupportedType):
        make_converter().structure({"field": 1}, cls)


def test_a_field_without_an_annotation_is_refused() -> None:
    with pytest.raises(UnsupportedType, match="no annotation"):
        make_converter().structure({}, attrs.make_class("Untyped", ["field"]))


def test_unions_of_classes_need_tags() -> None:
    either = attrs.make_class("Either", {"one": attrs.field(type=Parcel | Pallet)})  # type: ignore[arg-type]  # a union
    with pytest.raises(UnregisteredType):
        make_converter(registry=Registry()).structure({"one": {}}, either)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("count", "5"), ("count", True), ("flag", 1), ("price", 199), ("rate", 0.19), ("rate", Decimal("NaN")),
        ("rate", Decimal("1E+99")), ("share", Decimal(1)), ("at", "2026"), ("colour", "red"), ("mode", "c"),
        ("tags", {"x"}), ("names", ["a"]), ("pair", ("p",)), ("pair", ("p", "1")), ("taxes", []), ("rule", Parcel(1)),
        ("rules", (Percentage("0.1"),)), ("anything", 1.5), ("anything", {1: 2}), ("anything", {"$type": "x"}),  # type: ignore[arg-type]
        ("anything", Parcel(1)), ("score", float("nan")), ("score", 1), ("by_colour", {"red": 1}), ("reason", "why"),
    ],
)  # fmt: skip
def test_what_could_not_be_read_back_is_not_written(field: str, value: Any) -> None:
    with pytest.raises(InvalidDocument, match=f"@ {field}"):
        CODEC.to_json(attrs.evolve(make_everything(), **{field: value}))


def test_a_currency_that_others_know_otherwise_is_not_written() -> None:
    register_currency(Currency("WIRETEST", 0))
    with pytest.raises(InvalidDocument, match="other digits"):
        CODEC.to_json(attrs.evolve(make_everything(), currency=Currency("WIRETEST", 2)))


def test_deep_plain_values_are_not_written() -> None:
    deep: object = 1
    for _ in range(70):
        deep = [deep]
    with pytest.raises(InvalidDocument, match="nested deeper"):
        CODEC.to_json(attrs.evolve(make_everything(), anything=deep))


def test_what_a_class_refuses_is_reported_with_its_path() -> None:
    def explode(_: object) -> None:
        raise KeyError("boom")

    cls = attrs.make_class("Strict", {"field": attrs.field(type=int, validator=_refuse(explode))})
    with pytest.raises(InvalidDocument, match="boom"):
        make_converter().structure({"field": 1}, cls)


def _refuse(check: Callable[[object], None]) -> Callable[[Any, Any, Any], None]:
    return lambda _instance, _attribute, value: check(value)


def test_a_literal_of_numbers_is_exact() -> None:
    cls = attrs.make_class("Choice", {"field": attrs.field(type=cast("Any", Literal[1, 2]))})
    assert make_converter().structure({"field": 1}, cls).field == 1
    for wrong in (True, 1.0, "1", 3):
        with pytest.raises(InvalidDocument):
            make_converter().structure({"field": wrong}, cls)


def test_the_schema_refuses_what_only_the_host_knows() -> None:
    cls = attrs.make_class("Hosted", {"field": attrs.field(type=complex)})
    registry = Registry([Stored("host.hosted", 1, cls)])
    with pytest.raises(UnsupportedType, match="host"):
        build_schema(cls, registry=registry)


def test_everything_is_annotated() -> None:
    assert Everything.__annotations__.keys() == {field.name for field in attrs.fields(Everything)}


@attrs.frozen
class Mixed:
    choice: Literal["a", "b"] | int
    size: Level | str
    table: Mapping[str, int] | int | None
    pairs: Mapping[int, str] | None
    row: tuple[int, str] | str
    final: Final[int]
    items: Collection[Level]
    none_or: Literal[1] | None


MIXED: dict[str, Any] = {
    "choice": "a", "size": 2, "table": {"x": 1}, "pairs": [[1, "x"]], "row": [1, "x"], "final": 3, "items": [1, 2],
    "none_or": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"choice": 5},
        {"size": "large"},
        {"table": 7},
        {"table": None},
        {"pairs": None},
        {"row": "text"},
        {"none_or": None},
    ],
    ids=str,
)
def test_unions_of_what_json_tells_apart_are_carried(change: dict[str, object]) -> None:
    converter = make_converter()
    data = {**MIXED, **change}
    mixed = converter.structure(data, Mixed)
    assert converter.unstructure(mixed) == data
    assert mixed.items == (Level.LOW, Level.HIGH)


@pytest.mark.parametrize(
    "change",
    [
        {"choice": "c"},
        {"choice": True},
        {"size": 3},
        {"table": {"x": "1"}},
        {"pairs": [[1, "x"], [1, "y"]]},
        {"pairs": {"1": "x"}},
        {"row": [1]},
    ],
    ids=str,
)
def test_unions_refuse_what_no_member_accepts(change: dict[str, object]) -> None:
    with pytest.raises(InvalidDocument, match=f"@ {next(iter(change))}"):
        make_converter().structure({**MIXED, **change}, Mixed)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("choice", "c"),
        ("size", 2),
        ("table", {"x": "1"}),
        ("table", [1]),
        ("pairs", [1]),
        ("pairs", {1: 2}),
        ("row", (1,)),
        ("items", [Level.LOW]),
        ("none_or", 2),
    ],
    ids=str,
)
def test_unions_write_what_a_member_can_read(field: str, value: Any) -> None:
    mixed = attrs.evolve(make_converter().structure(MIXED, Mixed), **{field: value})
    with pytest.raises(InvalidDocument, match=f"@ {field}"):
        make_converter().unstructure(mixed)


def test_at_most_a_hundred_faults_are_reported_when_writing() -> None:
    wrong: dict[str, Any] = {"names": (1,) * 500, "by_colour": {f"c{n}": 1 for n in range(500)}}
    many = attrs.evolve(make_everything(), **wrong)
    with pytest.raises(InvalidDocument) as caught:
        CODEC.to_json(many)
    assert len(caught.value.problems) == 100
