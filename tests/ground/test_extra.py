"""Host data is bounded JSON, frozen, equal by value, and each party is shown its own part."""

import copy
import json
import pickle
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mktcore.errors import InvalidValue
from mktcore.extra import NO_EXTRA, PARTS, Extra, ExtraRefused
from mktcore.persistence import Party

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
KEYS = TEXTS.filter(lambda key: key and not key.startswith("$"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=3)
GIVEN = st.fixed_dictionaries(dict.fromkeys(PARTS, OBJECTS))
PARTIES = st.sampled_from(["operator", "merchant", "buyer"])


def build(parts: Mapping[str, Any]) -> Extra:
    return Extra(**parts)


def shuffle(value: Any) -> Any:
    """The same JSON with its keys in another order."""
    if isinstance(value, dict):
        return {key: shuffle(value[key]) for key in reversed(value)}
    return [shuffle(item) for item in value] if isinstance(value, list) else value


def test_the_parts_are_the_parties_by_name() -> None:
    assert ("everyone", *(party.value for party in (Party.OPERATOR, Party.MERCHANT, Party.BUYER))) == PARTS


@given(GIVEN)
def test_what_was_put_in_comes_out_and_order_makes_no_difference(parts: dict[str, Any]) -> None:
    extra = build(parts)
    assert {part: getattr(extra, part) for part in PARTS} == parts
    other = build(shuffle(parts))
    assert (other, hash(other), other.to_text()) == (extra, hash(extra), extra.to_text())
    assert build(json.loads(extra.to_text())) == extra
    assert extra.is_empty() is (extra == NO_EXTRA) is (not any(parts.values()))


@given(GIVEN)
def test_nothing_outside_changes_it(parts: dict[str, Any]) -> None:
    extra = build(parts)
    before = extra.to_text()
    parts["everyone"]["planted"] = [1]
    extra.everyone["planted"] = [1]
    assert extra.to_text() == before
    assert pickle.loads(pickle.dumps(extra)) == copy.deepcopy(extra) == extra  # noqa: S301 - its own bytes


def test_one_and_true_are_two_and_a_list_is_no_tuple() -> None:
    assert Extra({"a": 1}) != Extra({"a": True})
    assert Extra({"a": (1, 2)}) == Extra({"a": [1, 2]})
    assert Extra({"a": None}) != NO_EXTRA == Extra({})
    assert repr(Extra({"a": 1}, buyer={"b": "x"})) == "Extra(everyone={'a': 1}, buyer={'b': 'x'})"


@given(GIVEN, PARTIES)
def test_a_party_is_shown_everyones_part_and_its_own(parts: dict[str, Any], party: str) -> None:
    shown = build(parts).shown_to(party)
    seen = set(PARTS) if party == "operator" else {"everyone", party}
    assert shown == build({part: parts[part] if part in seen else {} for part in PARTS})
    assert shown.shown_to(party) == shown
    assert build(parts).shown_to(None) == Extra(parts["everyone"])


@given(GIVEN, GIVEN, PARTIES)
def test_writing_changes_what_the_writer_is_shown_and_nothing_else(
    before: dict[str, Any], wanted: dict[str, Any], party: str
) -> None:
    stored, written = build(before), build(wanted).shown_to(party)
    kept = written.keep_hidden(stored, party)
    assert kept.shown_to(party) == written
    for part in PARTS:
        if part not in {"everyone", party} and party != "operator":
            assert getattr(kept, part) == before[part]
    assert stored.keep_hidden(stored, party) == stored


@pytest.mark.parametrize(("party", "part"), [("buyer", "operator"), ("buyer", "merchant"), ("merchant", "buyer")])
def test_a_party_writes_no_part_that_it_is_not_shown(party: str, part: str) -> None:
    with pytest.raises(ExtraRefused) as caught:
        build({part: {"risk": 0}}).keep_hidden(build({part: {"risk": 99}}), party)
    [problem] = caught.value.problems
    assert (problem.code, problem.where) == ("extra.not-shown", part)
    assert "99" not in str(caught.value)


def test_a_party_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidValue, match="one of operator, merchant, buyer"):
        Extra().shown_to("everyone")


class Colour(StrEnum):
    RED = "red"


def nest(depth: int) -> Any:
    return 1 if depth == 0 else [nest(depth - 1)]


@pytest.mark.parametrize(
    ("value", "code", "where"),
    [
        (1.5, "wrong-type", "everyone.a"), (Decimal("1.5"), "wrong-type", "everyone.a"),
        (float("nan"), "wrong-type", "everyone.a"), (b"x", "wrong-type", "everyone.a"),
        ({1}, "wrong-type", "everyone.a"), (Colour.RED, "wrong-type", "everyone.a"),
        (2**53, "number-too-large", "everyone.a"), (-(2**53), "number-too-large", "everyone.a"),
        (10**1_000_000, "number-too-large", "everyone.a"), ("x" * 2001, "text-too-long", "everyone.a"),
        ("\0", "wrong-text", "everyone.a"), ("\ud800", "wrong-text", "everyone.a"),
        ([1, [2, 1.5]], "wrong-type", "everyone.a[1][1]"), ({"b": {"c": 1.5}}, "wrong-type", "everyone.a.b.c"),
        ({"$type": "orders.order.v1"}, "wrong-key", "everyone.a"), ({"": 1}, "wrong-key", "everyone.a"),
        ({1: 1}, "wrong-key", "everyone.a"), ({"k" * 61: 1}, "wrong-key", "everyone.a"),
        ({"\ud800": 1}, "wrong-key", "everyone.a"), (nest(6), "too-deep", "everyone.a[0][0][0][0][0]"),
        ([1] * 200, "too-many", "everyone.a"), (["x" * 1999] * 5, "too-long", ""),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 40 else "",
)  # fmt: skip
def test_what_is_no_bounded_json_is_refused_with_its_path(value: Any, code: str, where: str) -> None:
    with pytest.raises(ExtraRefused) as caught:
        Extra({"a": value})
    [problem] = caught.value.problems
    assert (problem.code, problem.where) == (f"extra.{code}", where)
    assert problem.remedy
    assert len(str(caught.value)) < 300


def test_what_is_just_within_the_bounds_is_taken() -> None:
    for value in (2**53 - 1, -(2**53) + 1, "x" * 2000, nest(5), [1] * 199, {"k" * 60: 1}):
        assert Extra({"a": value}).everyone == {"a": value}


def test_every_fault_is_told_at_once_up_to_twenty() -> None:
    with pytest.raises(ExtraRefused) as caught:
        build({"everyone": {"a": 1.5, "b": [2.5]}, "buyer": {"c": 10**20}})
    assert [problem.where for problem in caught.value.problems] == ["everyone.a", "everyone.b[0]", "buyer.c"]
    with pytest.raises(ExtraRefused) as caught:
        build({"everyone": {f"k{number}": 1.5 for number in range(100)}})
    assert len(caught.value.problems) == 20
    for wrong in ((), "text", 5):
        with pytest.raises(ExtraRefused, match="an object of JSON values"):
            build({"everyone": wrong})


class Endless(Mapping[str, Any]):
    """An object whose keys never end; each look at one is counted."""

    looks = 0

    def __iter__(self) -> Iterator[str]:
        number = 0
        while True:
            number += 1
            yield f"k{number}"

    def __getitem__(self, key: str) -> Any:
        self.looks += 1
        return 1

    def __len__(self) -> int:
        return 2**31


def test_hostile_values_cost_bounded_work() -> None:
    endless, cycle = Endless(), list[Any]()
    cycle += [cycle, cycle, cycle]
    for value in (endless, {"a": endless}, cycle, [cycle] * 199):
        with pytest.raises(ExtraRefused):
            Extra({"a": value})
    assert endless.looks <= 400
