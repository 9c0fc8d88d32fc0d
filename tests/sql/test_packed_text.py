"""Answers under keys are kept packed: smaller, the same when they are read, and refused when somebody changed them."""

from pathlib import Path

import pytest
from sqlalchemy import text

from markets import LAMPS, NOON, open_market
from mktcore.carts import Cart, CartLine
from mktcore.sql.packed_text import pack_text, unpack_text
from mktcore.testing.fakes import ManualClock
from mktcore.wire import to_json
from mktcore.wire.errors import InvalidDocument

LONG = '{"lines":[' + ",".join(f'{{"sku":"lamp-{n}","quantity":1}}' for n in range(100)) + "]}"
MOST = 10**6


@pytest.mark.parametrize("given", ["", '"refused"', LONG, "ä\U0001f600" * 400])
def test_what_is_packed_is_read_as_it_was(given: str) -> None:
    assert unpack_text(pack_text(given), max_bytes=MOST) == given


def test_long_texts_are_smaller_and_what_older_releases_wrote_is_read() -> None:
    assert len(pack_text(LONG)) < len(LONG) / 3
    assert unpack_text(LONG, max_bytes=MOST) == LONG


@pytest.mark.parametrize(
    "change", [lambda kept: kept[:-9], lambda kept: kept[:40] + "~" + kept[41:], lambda kept: kept + "é"]
)
def test_what_was_changed_is_refused(change: object) -> None:
    assert callable(change)
    with pytest.raises(InvalidDocument):
        unpack_text(change(pack_text(LONG)), max_bytes=MOST)


def test_what_would_fill_the_memory_is_refused() -> None:
    with pytest.raises(InvalidDocument, match="more than 1000 bytes"):
        unpack_text(pack_text("x" * 10**6), max_bytes=1000)


def test_a_replay_answers_as_it_was_although_the_order_went_on(tmp_path: Path) -> None:
    with open_market("sqlite", tmp_path, ManualClock(NOON), LAMPS) as market:
        cart = Cart.of("c1", buyer="ann", lines=[CartLine("l1", "lamp"), CartLine("l2", "vase")])
        order = market.place(cart, key="k1", scope=market.as_buyer("ann"))
        market.fire(order.merchant_orders[0].id, "ship", key="s1", scope=market.as_operator())
        with market.store.engine.connect() as connection:  # type: ignore[attr-defined]
            kept = connection.execute(text("SELECT result FROM mktcore_record WHERE key = 'k1'")).scalar_one()
        assert len(kept) < len(to_json(order)) / 2
        assert market.place(cart, key="k1", scope=market.as_buyer("ann")) == order
        assert market.verify() == ()
