"""A stored document that somebody changed by hand says what is wrong and where, whichever parser is installed."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from mktcore.money import Money
from mktcore.persistence.stored import Stored
from mktcore.wire import Codec, InvalidDocument, Registry
from mktcore.wire.canonical_text import encode_canonical
from mktcore.wire.cattrs_converter import make_converter
from wire.samples import CODEC, Everything, make_everything
from yardstick import check_cost


@attrs.frozen
class Parcel:
    id: str
    pieces: int
    price: Money
    note: str | None = None
    score: float = 0.5
    facts: object = None
    inner: "Parcel | None" = None


ORJSON = "mktcore.wire.canonical_text.orjson"
PARCELS = Codec(Registry([Stored("test.parcel", 1, Parcel)]))
TEXT = '{"id":"p1","pieces":3,"price":{"minor":199,"currency":"EUR"},"note":null,"score":0.5,"facts":null,"inner":null}'
BOTH = [pytest.param(True, id="orjson"), pytest.param(False, id="standard")]


@pytest.fixture(params=BOTH)
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    assert encode_canonical(1) == b"1", "the tests want the extra `fast`"
    if not request.param:
        monkeypatch.setattr(ORJSON, None)


def change(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new)


REFUSED = [
    (change('"pieces":3', '"pieces":3,"pieces":4'), "wire.duplicate-key", ""),
    (change('"minor":199', '"minor":199,"minor":1'), "wire.duplicate-key", "price"),
    (change('"minor":199,"currency"', '"minor":199,"minor"'), "wire.duplicate-key", "price"),
    (change('"pieces":3', '"pieces":3.0'), "wire.wrong-type", "pieces"),
    (change('"pieces":3', '"pieces":3e0'), "wire.wrong-type", "pieces"),
    (change('"pieces":3', '"pieces":true'), "wire.wrong-type", "pieces"),
    (change('"pieces":3', '"pieces":"3"'), "wire.wrong-type", "pieces"),
    (change('"pieces":3', f'"pieces":{"9" * 41}'), "wire.wrong-type", "pieces"),
    (change('"pieces":3', '"pieces":NaN'), "wire.wrong-type", "pieces"),
    (change('"minor":199', '"minor":199.0'), "wire.wrong-type", "price.minor"),
    (change('"minor":199', '"minor":1e400'), "wire.wrong-type", "price.minor"),
    (change('"minor":199', f'"minor":{10**37}'), "money.invalid-amount", "price"),
    (change('"currency":"EUR"', '"currency":"EURO"'), "money.unknown-currency", "price.currency"),
    (change('"currency":"EUR"', '"currency":"EUR","tax":1'), "wire.wrong-fields", "price"),
    (change('"id":"p1",', ""), "wire.missing-field", "id"),
    (change('"id":"p1"', '"id":null'), "wire.wrong-type", "id"),
    (change('"id":"p1"', '"id":"\\ud800"'), "wire.half-a-pair", "id"),
    (change('"id":"p1"', '"id":"p1","colour":"red"'), "wire.unknown-field", "colour"),
    (change('"score":0.5', '"score":1'), "wire.wrong-type", "score"),
    (change('"facts":null', '"facts":{"a":[1,{"b":0.1}]}'), "wire.wrong-type", "facts.a[1].b"),
    (change('"facts":null', f'"facts":{"[" * 70}{"]" * 70}'), "wire.too-deep", "facts" + "[0]" * 64),
    (change('"facts":null', '"facts":{"$type":"none.v1"}'), "wire.unknown-tag", "facts.$type"),
    (change('"inner":null', '"inner":-'), "wire.not-json", ""),
    (change('"inner":null', f'"inner":{TEXT.replace("199", "null")}'), "wire.wrong-type", "inner.price.minor"),
    ("[]", "wire.wrong-type", ""),
    ("\ufeff" + TEXT, "wire.not-json", ""),
    (TEXT[:-1], "wire.not-json", ""),
    ("", "wire.not-json", ""),
]  # fmt: skip


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize(("text", "code", "where"), REFUSED)
def test_what_was_made_wrong_is_told_with_its_place(text: str, code: str, where: str) -> None:
    with pytest.raises(InvalidDocument) as told:
        PARCELS.read_fields("test.parcel.v1", text)
    assert [(one.code, one.where) for one in told.value.problems] == [(code, where)]


SAME: list[tuple[str, Callable[[Parcel], Any], Any]] = [
    (TEXT, lambda one: (one.pieces, one.price.minor, one.score), (3, 199, 0.5)),
    (change('"pieces":3', '"pieces": 4'), lambda one: one.pieces, 4),
    (change('"pieces":3', f'"pieces":{10**30}'), lambda one: one.pieces, 10**30),
    (change('"pieces":3', '"pieces":18446744073709551616'), lambda one: one.pieces, 2**64),
    (change('"pieces":3', '"pieces":-9223372036854775809'), lambda one: one.pieces, -(2**63) - 1),
    (change('"pieces":3', '"pieces":-0'), lambda one: one.pieces, 0),
    (change('"minor":199', f'"minor":{10**30}'), lambda one: one.price.minor, 10**30),
    (change('"id":"p1"', '"id":"\\u0041"'), lambda one: one.id, "A"),
    (change('"id":"p1"', '"id":"\\ud83d\\ude00"'), lambda one: one.id, "😀"),
    (change('"score":0.5', '"score":1e-05'), lambda one: one.score, 0.00001),
    (change('"score":0.5', '"score":0.00001'), lambda one: one.score, 0.00001),
    (change(',"note":null', ""), lambda one: one.note, None),
    (change('"facts":null', '"facts":{"b":[1,true,"x"]}'), lambda one: one.facts, {"b": (1, True, "x")}),
]


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize(("text", "look", "figure"), SAME)
def test_what_still_means_something_means_the_same(text: str, look: Callable[[Parcel], Any], figure: Any) -> None:
    found = look(PARCELS.read_fields("test.parcel.v1", text))
    assert found == figure
    assert type(found) is type(figure)


TEXTS = ["", "x" * 300, '"\\/', "".join(map(chr, range(0x300))), "\u2028\u2029\ufffe", "😀 ﷽", "</script>"]
VALUES = [
    *[Parcel(text, 1, Money.from_minor(0, "EUR"), note=text, facts={text: (text,)}) for text in TEXTS],
    *[Parcel("p", number, Money.from_minor(number, "JPY")) for number in (0, -1, 2**63, -(2**63) - 1, 2**64, 10**35)],
    *[Parcel("p", 1, Money.from_minor(1, "EUR"), score=one) for one in (1e16, 1e-05, 1e300, -0.0, 0.1, 5e-324)],
]


@pytest.mark.parametrize("value", VALUES)
def test_the_same_bytes_are_written_and_read_by_either(value: Parcel, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = PARCELS.write_fields(value)
    monkeypatch.setattr(ORJSON, None)
    assert PARCELS.write_fields(value) == quick
    assert PARCELS.read_fields(*quick) == value
    monkeypatch.undo()
    assert PARCELS.read_fields(*quick) == value


@pytest.mark.usefixtures("_parser")
def test_every_shape_of_field_is_read_from_what_was_stored() -> None:
    value = make_everything()
    assert CODEC.read_fields(*CODEC.write_fields(value)) == value
    assert isinstance(CODEC.from_json(CODEC.to_json(value)), Everything)


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize(
    ("value", "where"),
    [
        (Parcel("\ud800", 1, Money.from_minor(1, "EUR")), "id"),
        (Parcel("p", 10**40, Money.from_minor(1, "EUR")), "pieces"),
        (Parcel("p", 1, Money.from_minor(1, "EUR"), facts=[1, 0.5]), "facts[1]"),
        (Parcel("p", 1, Money.from_minor(1, "EUR"), score=float("nan")), "score"),
        (Parcel("p", 1, "1.99 EUR"), "price"),  # type: ignore[arg-type]  # that is what is tried
        (Parcel("p", pieces=True, price=Money.from_minor(1, "EUR")), "pieces"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(value: Parcel, where: str) -> None:
    with pytest.raises(InvalidDocument) as told:
        PARCELS.write_fields(value)
    assert [one.where for one in told.value.problems] == [where]


class Angle:
    """A host's own number, which its hooks read and write as they like."""

    def __init__(self, degrees: object) -> None:
        self.degrees = degrees


@attrs.frozen
class Turn:
    angle: Angle


def make_turns(to_plain: Callable[[Angle], object]) -> Codec:
    registry = Registry([Stored("test.turn", 1, Turn)])
    converter = make_converter(registry=registry)
    converter.register_structure_hook(Angle, lambda data, _: Angle(data))
    converter.register_unstructure_hook(Angle, to_plain)
    return Codec(registry, converter)


@pytest.mark.usefixtures("_parser")
def test_a_hosts_hook_is_given_numbers_as_they_were_written() -> None:
    turn = make_turns(lambda angle: angle.degrees).read_fields("test.turn.v1", '{"angle":{"of":[0.1]}}')
    assert str(turn.angle.degrees["of"][0]) == "0.1"
    assert not isinstance(turn.angle.degrees["of"][0], float)


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize("odd", [float("nan"), float("inf"), Money.from_minor(1, "EUR"), {1, 2}, b"x"])
def test_what_a_hosts_hook_makes_is_json(odd: object) -> None:
    with pytest.raises(InvalidDocument) as told:
        make_turns(lambda _: [odd]).write_fields(Turn(Angle(1)))
    assert [one.where for one in told.value.problems] == ["angle"]


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize("field", ["inner", "facts"])
def test_a_fault_at_a_great_depth_costs_what_reading_does(field: str) -> None:
    # Each level reads its fields again to tell all faults: were what is refused read again too, 60 levels never ended.
    text = change('"pieces":3', '"pieces":null')
    for _ in range(60):
        tag = '"$type":"test.parcel.v1",' if field == "facts" else ""
        text = TEXT.replace(f'"{field}":null', f'"{field}":' + text.replace("{", "{" + tag, 1))

    def read() -> None:
        with pytest.raises(InvalidDocument) as told:
            PARCELS.read_fields("test.parcel.v1", text)
        assert [one.where for one in told.value.problems] == [f"{field}." * 60 + "pieces"]

    check_cost(read, yards=5)
