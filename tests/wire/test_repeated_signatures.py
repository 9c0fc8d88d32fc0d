"""Whoever signed one move signed most of them: read once, and never for somebody else, nor in place of a refusal."""

from datetime import UTC, datetime

import pytest

from mktcore.caller_scope import Scope
from mktcore.orders.history import OrderStep
from mktcore.processes.portions import Move
from mktcore.wire import Codec
from mktcore.wire.errors import InvalidDocument

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
AUTHORS = [Scope.merchant("acme"), Scope.merchant("acme"), Scope.merchant("acme", user="fay"), Scope.buyer("acme")]


def make_step(authors: list[Scope]) -> OrderStep:
    moves = [Move(f"l{place}", 1, None, "new", "", NOON, by, "") for place, by in enumerate(authors)]
    return OrderStep("o1/00000001", "o1", "o1", None, "ann", 1, moves=tuple(moves))


def test_each_move_names_its_own_author() -> None:
    authors = [*AUTHORS, *reversed(AUTHORS)]
    read = Codec().from_json(Codec().to_json(make_step(authors)))
    assert isinstance(read, OrderStep)
    assert [move.by for move in read.moves] == authors


def test_what_looks_like_the_one_before_and_is_not_is_refused() -> None:
    document = Codec().to_json(make_step([AUTHORS[0], AUTHORS[0]])).decode()
    head, tail = document.rsplit('"id":"acme"', 1)
    with pytest.raises(InvalidDocument):
        Codec().from_json(f'{head}"id":true{tail}')
