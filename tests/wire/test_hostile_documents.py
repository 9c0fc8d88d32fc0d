"""Hostile documents are refused with the path of each fault, in bounded time and memory, by every reader."""
# ruff: noqa: E501 - a hostile document is best read on one line

import json
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

import mktcore.testing.stores  # noqa: F401 - registers the types that the conformance check stores
from mktcore.wire import REGISTRY, InvalidDocument, from_json
from wire.samples import CODEC, Everything, make_everything
from yardstick import check_cost

GOOD: dict[str, Any] = json.loads(CODEC.to_json(make_everything()))

# What no field of the name accepts, whatever its type.
ALWAYS_WRONG: list[Any] = [
    [[]], {"a": {}}, "\x00\x01", -1.5, 1e400, [None], {"$type": "x.v1"}, [1, "a"], {"": ""}, "\u202e" * 3,
]  # fmt: skip
WRONG: dict[str, list[Any]] = {
    "id": [1, True, None, ["a"], 1.5],
    "count": ["5", "", 1.0, 1.5, True, None, "1e3", [], {}, "0x10", "五"],
    "flag": [1, 0, "true", "yes", "no", None, "", [], 1.0],
    "price": [
        "1.99 EUR", 199, 1.99, None, {}, {"minor": 199}, {"currency": "EUR"}, {"minor": "199", "currency": "EUR"},
        {"minor": 1.99, "currency": "EUR"}, {"minor": True, "currency": "EUR"}, {"minor": 199, "currency": "eur"},
        {"minor": 199, "currency": "XXX1"}, {"minor": 199, "currency": 978}, {"minor": None, "currency": "EUR"},
        {"minor": 199, "currency": "EUR", "x": 1}, {"amount": "1.99", "currency": "EUR"}, {"minor": 10**37, "currency": "EUR"},
        {"minor": 1, "currency": "XAU"}, {"minor": 1, "currency": ""}, {"minor": 1, "currency": "€"}, [199, "EUR"],
    ],
    "exact": [
        {"minor": "1/0", "currency": "EUR"}, {"minor": "2/4", "currency": "EUR"}, {"minor": "1", "currency": "EUR"},
        {"minor": 1, "currency": "EUR"}, {"minor": "1/3", "currency": "e"}, {"minor": "0.5", "currency": "EUR"},
    ],
    "currency": ["", "euro", "eur", "XX", None, 978, "A" * 10_000, ["EUR"]],
    "rate": [
        0.19, 1, "NaN", "Infinity", "-Infinity", "sNaN", "1e3", "1E+3000000", "1E-3000000", "", " 1", "1 ", "+1", "1.",
        ".5", "01", "0x1", "1_000", "1,5", "٣", "--1", "-", "9" * 65, "0." + "1" * 65, "1\n", None, True, "9" * 1_000_000,
    ],
    "share": ["1", "1/0", "2/4", "-1/-3", "1/3 ", "0.5", 0.5, 1, None, "1/", "/3", "0/2", "9" * 300 + "/7", "1/1/1"],
    "at": [
        "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.000000Z",
        "2026-01-01 00:00:00Z", "0000-01-01T00:00:00Z", "2026-01-01T00:00:00z", 0, 1767225600, None, "", "now", "9" * 99_999,
    ],
    "day": ["2026-02-30", "2026-1-1", "20260101", "2026-01-01T00:00:00Z", 20260101, None, "2026-W01-1", ""],
    "opens": ["24:00:00", "9:30:00", "09:30", "09:30:00Z", "09:30:00+01:00", "09:60:00", 930, None, "09:30:00.000000"],
    "lasts": ["PT1H", "3600", 1.5, None, True, 10**30],
    "colour": ["RED", "green", "", 1, None, True, ["red"], {"red": 1}, "red "],
    "level": ["1", "LOW", 1.0, True, 3, None, [1]],
    "mode": ["c", "A", 1, None, True, ["a"]],
    "note": [1, True, ["x"], {"x": 1}, 1.5],
    "tags": [None, "x", {"x": 1}, [1], ["x", "x"], [None], [["x"]]],
    "names": [None, "x", {"0": "x"}, [1], [None], ["x", 2, None, True]],
    "pair": [None, [], ["p"], ["p", "1"], ["p", 1, 2], [1, "p"], ["p", True], ["p", 1.0], {"p": 1}],
    "taxes": [
        {}, {"VAT": 1}, [["VAT", 1]], [[["VAT", 0.19], {"minor": 1, "currency": "EUR"}]], [[["VAT", "0.19"]]],
        [[["VAT", "0.19"], {"minor": 1, "currency": "EUR"}], [["VAT", "0.19"], {"minor": 2, "currency": "EUR"}]],
        [[["VAT"], {"minor": 1, "currency": "EUR"}]], None,
    ],
    "by_colour": [[], None, {"green": 1}, {"red": "1"}, {"red": True}, {"red": None}, {"RED": 1}],
    "rule": [
        None, {}, {"rate": "0.1"}, {"$type": "samples.percentage"}, {"$type": "samples.percentage.v2", "rate": "0.1"},
        {"$type": "samples.percentage.v0", "rate": "0.1"}, {"$type": "samples.percentage.v01", "rate": "0.1"},
        {"$type": "samples.percentage.v1"}, {"$type": "samples.percentage.v1", "rate": 0.1}, {"$type": 1, "rate": "0.1"},
        {"$type": "samples.everything.v1"}, {"$type": "os.system.v1"}, {"$type": None}, {"$type": ["samples.fixed.v1"]},
        {"$type": "samples.fixed.v1", "rate": "0.1"}, {"$type": "samples.percentage.v" + "9" * 5_000, "rate": "0.1"},
        {"$type": "samples.percentage.v1", "rate": "0.1", "surplus": 1}, {"$type": "__main__.Percentage.v1"},
    ],
    "rules": [None, {}, [None], [{}], [{"$type": "samples.percentage.v1", "rate": "0.1"}, {"rate": "0.1"}]],
    "reason": ["why", [], {}, {"title": 1}, {"title": "t", "parts": [{"title": "t", "parts": [{"titel": "t"}]}]}],
    "anything": [1.5, {"a": [{"b": 0.1}]}, {"$type": "samples.unknown.v1"}, {"$type": "builtins.eval.v1", "x": 1}],
    "score": [1, "0.5", None, True, "NaN", [], "1.0"],
    "valid": [
        None, "always", {"start": "2026-01-02T00:00:00Z", "end": "2026-01-01T00:00:00Z"}, {"begin": None}, [],
        {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}, {"start": 1, "end": None},
    ],
    "version": ["0", None, 0.0, False, [], {}],
}  # fmt: skip
PAIRS = [(name, value) for name, values in WRONG.items() for value in values]
MALFORMED: list[bytes] = [
    b"", b" ", b"null", b"true", b"5", b'"text"', b"[]", b"{}", b"{", b"}", b'{"a"', b"{'a': 1}", b"{a: 1}", b'{"a": 1,}',
    b"[1,]", b"nul", b"NaN", b"Infinity", b"-Infinity", b"{} {}", b"// comment", b"\xff\xfe", b"\xef\xbb\xbf{}",
    b'{"a": "\xff"}', b'{"a": "\\ud800"}', b'{"\\udfff": 1}', b'{"a": "\n"}', b'{"a": "\\x41"}', b'{"$type": "x.v1"}',
    b'{"$type": "samples.everything.v1"}', b'{"$type": "samples.everything.v1", "$type": "samples.everything.v1"}',
    b"[" * 100_000, b'{"a":' * 100_000, b"[" * 500 + b"]" * 500, b"9" * 5_000, b"-" + b"9" * 100_000, b"1e9999999",
    b"0" * 100, b"1.", b".5", b"+1", b"0x10", b"1_000", b"\x00", b'{"a": 1e400}', "{}".encode("utf-16"),
    json.dumps({**GOOD, "count": 5}).encode().replace(b'"count": 5', b'"count": 5, "count": 5'),
    json.dumps(GOOD).encode().replace(b'"minor": 199', b'"minor": 199, "minor": 200'),
    json.dumps(GOOD).encode().replace(b'"minor": 199', b'"minor": NaN'),
    json.dumps(GOOD).encode().replace(b'"minor": 199', b'"minor": 1.99'),
    json.dumps(GOOD).encode().replace(b'"minor": 199', b'"minor": ' + b"9" * 1_000_000),
    json.dumps(GOOD).encode()[:-1],
]  # fmt: skip


def _refuse(data: bytes | str, cls: type | None = Everything) -> InvalidDocument:
    caught: list[InvalidDocument] = []

    def refuse() -> None:
        with pytest.raises(InvalidDocument) as found:
            CODEC.from_json(data, cls) if cls is not None else CODEC.from_json(data)
        caught.append(found.value)

    check_cost(refuse, yards=1_000)
    return caught[-1]


def test_the_good_document_is_read() -> None:
    assert CODEC.from_json(json.dumps(GOOD), Everything) == make_everything()


@pytest.mark.parametrize(("name", "value"), PAIRS, ids=[f"{name}-{number}" for number, (name, _) in enumerate(PAIRS)])
def test_a_wrong_value_is_refused_with_its_path(name: str, value: Any) -> None:
    refused = _refuse(json.dumps({**GOOD, name: value}))
    assert all(problem.where.startswith(name) for problem in refused.problems)
    assert f"@ {name}" in str(refused)
    assert len(str(refused)) < 20_000


@pytest.mark.parametrize("data", MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_document_is_refused(data: bytes) -> None:
    assert _refuse(data).problems


def test_there_are_at_least_300_hostile_documents() -> None:
    assert len(PAIRS) + len(MALFORMED) >= 300


def test_every_fault_is_reported_at_once_with_its_path() -> None:
    lines = {**GOOD, "count": "5", "pair": ["p", True], "surplus": 1, "reason": {"title": "t", "parts": [{"title": 1}]}}
    del lines["flag"]
    places = [problem.where for problem in _refuse(json.dumps(lines)).problems]
    assert places == ["count", "flag", "pair[1]", "reason.parts[0].title", "surplus"]


@pytest.mark.parametrize("registration", list(REGISTRY), ids=lambda found: found.name)
def test_every_registered_reader_refuses_nonsense(registration: Any) -> None:
    for value in ALWAYS_WRONG:
        with pytest.raises(InvalidDocument):
            from_json(json.dumps(value), registration.type)
        with pytest.raises(InvalidDocument):
            from_json(json.dumps({"$type": registration.name, "surplus": value}), registration.type)


@pytest.mark.slow
@pytest.mark.parametrize(
    "write",
    [
        lambda: json.dumps({**GOOD, "names": [1] * 150_000}),
        lambda: json.dumps({**GOOD, "tags": ["x"] * 150_000}),
        lambda: json.dumps({**GOOD, **{f"surplus{number}": 1 for number in range(150_000)}}),
        lambda: json.dumps({**GOOD, "by_colour": {f"c{number}": "x" for number in range(150_000)}}),
        lambda: json.dumps({**GOOD, "anything": [0.5] * 150_000}),
        lambda: '{"$type":"samples.everything.v1","reason":' + '{"title":"t","parts":[' * 400 + "]}" * 400 + "}",
        lambda: '{"$type":"samples.everything.v1","anything":' + "[" * 900 + "]" * 900 + "}",
        lambda: '{"$type":"samples.everything.v1","' + "k" * 100_000 + '":' + '{"' * 0 + "1}",
        lambda: '{"a":' * 200 + '["\\ud800"' + ',"x"' * 100_000 + "]" + "}" * 200,
    ],
    ids=[
        "ints-for-texts",
        "doubles",
        "surplus",
        "keys",
        "floats",
        "deep-reasons",
        "deep-lists",
        "long-key",
        "surrogate",
    ],
)
def test_large_hostile_documents_are_refused_in_bounded_time_and_memory(
    write: Callable[[], str],
) -> None:
    data = write()
    tracemalloc.start()
    try:
        refused = _refuse(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(refused.problems) <= 100
    assert len(str(refused)) < 100_000
    assert peak < 100 * len(data)


def test_a_document_beyond_the_limit_is_refused_unread() -> None:
    refused = _refuse(b" " * (4 * 2**20 + 1))
    assert [problem.code for problem in refused.problems] == ["wire.too-long"]
    with pytest.raises(InvalidDocument):
        CODEC.from_json(json.dumps(GOOD), Everything, max_bytes=100)


def test_instants_are_read_in_utc() -> None:
    assert CODEC.from_json(json.dumps(GOOD), Everything).at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changed", "code", "where"),
    [
        ({"count": 10**40}, "wire.too-many-digits", "count"),
        ({"count": -(10**5000)}, "wire.too-many-digits", "count"),
        ({"id": "a\ud800"}, "wire.half-a-pair", "id"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(changed: dict[str, Any], code: str, where: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        CODEC.write_fields(attrs.evolve(make_everything(), **changed))
    assert [(one.code, one.where) for one in refused.value.problems] == [(code, where)]
