"""A text that was read or written is not decoded again, and nothing else is answered from what is known."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import attrs
import pytest

from markets import EXAMPLE
from mktcore.carts import Cart, CartLine
from mktcore.catalog import SKUS
from mktcore.marketplace import Marketplace
from mktcore.persistence import Scope
from mktcore.sql.known_documents import KnownDocuments
from mktcore.wire import Codec
from mktcore.wire.errors import InvalidDocument
from mktcore.wire.registry import Registry

OPERATOR = Scope.operator()


@attrs.define
class Tray:
    name: str


@attrs.frozen
class Plate:
    name: str
    note: str = ""


class CountingCodec(Codec):
    """Counts what it decodes."""

    def __init__(self) -> None:
        registry = Registry()
        registry.register_type("test.tray", 1, Tray)
        registry.register_type("test.plate", 1, Plate)
        super().__init__(registry)
        self.decoded = list[str]()

    def read_fields(self, name: str, text: str | bytes) -> object:
        self.decoded.append(str(text))
        return super().read_fields(name, text)


@pytest.fixture(name="codec")
def give_codec() -> CountingCodec:
    return CountingCodec()


def test_a_text_is_decoded_once(codec: CountingCodec) -> None:
    documents = KnownDocuments(codec)
    name, text = Codec.write_fields(codec, Plate("p"))
    assert [documents.read_fields(name, text) for _ in range(3)] == [Plate("p")] * 3
    assert codec.decoded == [text]


def test_what_was_written_is_not_decoded(codec: CountingCodec) -> None:
    documents = KnownDocuments(codec)
    name, text = documents.write_fields(Plate("p"))
    assert documents.read_fields(name, text) == Plate("p")
    assert not codec.decoded


def test_what_can_be_changed_in_place_is_read_anew(codec: CountingCodec) -> None:
    documents = KnownDocuments(codec)
    name, text = documents.write_fields(Tray("t"))
    documents.read_fields(name, text).name = "changed"
    assert documents.read_fields(name, text) == Tray("t")


def test_what_was_not_asked_for_lately_is_forgotten(codec: CountingCodec) -> None:
    documents = KnownDocuments(codec, most=400)
    often = documents.write_fields(Plate("often"))
    for number in range(100):
        documents.write_fields(Plate(str(number), "x" * 50))
        documents.read_fields(*often)
    assert not codec.decoded
    documents.read_fields(*codec.write_fields(Plate("1", "x" * 50)))
    assert len(codec.decoded) == 1


@pytest.fixture(name="path")
def give_path(tmp_path: Path) -> Path:
    return tmp_path / "market.db"


@pytest.fixture(name="market")
def give_market(path: Path) -> Iterator[Marketplace]:
    with Marketplace.open(f"sqlite:///{path}", "EUR") as market:
        market.load(EXAMPLE)
        yield market


def change_by_hand(path: Path, old: str, new: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE mktcore_sku SET document = replace(document, ?, ?) WHERE id = 'battery'", (old, new))
        connection.commit()


def read_name(market: Marketplace) -> str:
    with market.store.begin(OPERATOR) as unit:
        return unit.repository(SKUS).get("battery").name


def test_a_document_changed_by_hand_is_read_as_it_is(market: Marketplace, path: Path) -> None:
    name = read_name(market)
    change_by_hand(path, f'"{name}"', '"Another"')
    assert read_name(market) == "Another"
    change_by_hand(path, '"Another"', "17")
    with pytest.raises(InvalidDocument):
        read_name(market)
    change_by_hand(path, '"name":17', f'"name":"{name}"')
    assert read_name(market) == name


def test_a_cart_that_comes_again_is_simulated_without_decoding(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded, read = list[str](), Codec.read_fields

    def note(codec: Codec, name: str, text: str | bytes) -> object:
        decoded.append(name)
        return read(codec, name, text)

    cart = Cart.of("c1", buyer="buyer-1", lines=[CartLine("l1", "battery", 2), CartLine("l2", "reader", 1)])
    first = market.simulate(cart, scope=OPERATOR)
    monkeypatch.setattr(Codec, "read_fields", note)
    assert market.simulate(cart, scope=OPERATOR).explain() == first.explain()
    assert not decoded
