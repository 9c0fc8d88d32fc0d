"""Parts of documents that repeat each other are read once, and a part that only resembles another is read anew."""

import attrs
import pytest

from mktcore.persistence.stored import Stored
from mktcore.wire import Codec, InvalidDocument
from mktcore.wire.read_memory import ReadMemory
from mktcore.wire.registry import Registry


@attrs.frozen
class Shelf:
    """A part of what is stored."""

    name: str
    is_full: bool
    pieces: int


@attrs.frozen
class Store:
    """What is stored."""

    id: str
    shelves: tuple[Shelf, ...]


CODEC = Codec(Registry([Stored("testing.store", 1, Store)]))
TOP = '{"name":"top","is_full":true,"pieces":1}'


def read(memory: ReadMemory, *shelves: str) -> Store:
    with memory.use():
        found = CODEC.read_fields("testing.store.v1", f'{{"id":"s1","shelves":[{",".join(shelves)}]}}')
    assert isinstance(found, Store)
    return found


def test_a_part_that_repeats_is_one_value() -> None:
    memory = ReadMemory(max_bytes=1000)
    first, second = read(memory, TOP), read(memory, TOP, TOP.replace("top", "low"))
    assert second.shelves[0] is first.shelves[0]
    assert second.shelves[1] == Shelf("low", is_full=True, pieces=1)


@pytest.mark.parametrize("other", [TOP.replace("true", "1"), TOP.replace(":1}", ":true}"), TOP.replace(":1}", ":1.0}")])
def test_what_python_takes_for_equal_is_refused_all_the_same(other: str) -> None:
    memory = ReadMemory(max_bytes=1000)
    read(memory, TOP)
    for _ in range(2):
        with pytest.raises(InvalidDocument, match="shelves"):
            read(memory, other)


def test_nothing_is_remembered_outside_and_not_for_ever() -> None:
    memory = ReadMemory(max_bytes=100)
    first = read(memory, TOP).shelves[0]
    document = f'{{"id":"s1","shelves":[{TOP}]}}'
    assert CODEC.read_fields("testing.store.v1", document).shelves[0] is not first
    read(memory, *(TOP.replace("top", f"shelf {number}") for number in range(9)))
    again = read(memory, TOP).shelves[0]
    assert again == first
    assert again is not first
