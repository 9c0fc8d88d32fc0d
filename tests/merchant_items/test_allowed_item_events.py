"""What a caller may do with a merchant item now, in every state of its life, as doing it then finds."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import attrs
import pytest

from markets import TWO_MERCHANTS, open_market
from mktcore.errors import MktcoreError
from mktcore.marketplace import Marketplace
from mktcore.merchant_items import MerchantItem, ReceivedItem
from mktcore.merchant_items.item_decision import Bind, Deny, NewProduct, NewSku, Pend, Unbind, Verdict
from mktcore.merchant_items.merchant_item import ItemState
from mktcore.persistence import NotFound, Scope
from mktcore.testing.fakes import ManualClock
from orders.forgetful_store import ForgetfulStore

OPERATOR, ACME = Scope.operator(), Scope.merchant("acme")
CLERK = attrs.evolve(ACME, user="u1", permissions=frozenset({"orders.read"}))
SENT = MerchantItem("acme", "A-17", "Camera")
VERDICTS: dict[str, Verdict] = {
    "bind": Bind("camera"),
    "make SKU": NewSku("camera", "camera-2"),
    "make product": NewProduct("camera-3", "camera-3"),
    "pend": Pend("look"),
    "deny": Deny("no"),
    "unbind": Unbind("no"),
}
WAYS: dict[ItemState, tuple[str, ...]] = {
    ItemState.RECEIVED: (),
    ItemState.PENDING: ("pend",),
    ItemState.BOUND: ("make product",),
    ItemState.DENIED: ("deny",),
    ItemState.UNBOUND: ("make product", "unbind"),
    ItemState.REMOVED: ("remove",),
}


@pytest.fixture
def market(tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    with open_market("memory", tmp_path, clock, TWO_MERCHANTS) as market:
        yield market


def bring(market: Marketplace, way: tuple[str, ...]) -> ReceivedItem:
    item = market.items.receive(SENT, scope=ACME)
    for event in way:
        if event == "remove":
            item = market.items.remove("acme", "A-17", scope=ACME)
        else:
            verdict = NewProduct("camera", "camera") if event == "make product" else VERDICTS[event]
            item = market.items.decide(item.id, verdict, version=item.version, scope=OPERATOR)
    return item


def try_event(market: Marketplace, item: ReceivedItem, event: str, scope: Scope) -> list[str]:
    """Do it, and return the codes by which it is refused."""
    attempts: dict[str, Callable[[], object]] = {
        "send again": lambda: market.items.receive(attrs.evolve(SENT, name="Camera, black"), scope=scope),
        "remove": lambda: market.items.remove("acme", "A-17", scope=scope),
    }
    verdict = VERDICTS.get(event)
    if verdict is not None:
        attempts[event] = partial(market.items.decide, item.id, verdict, version=item.version, scope=scope)
    try:
        attempts[event]()
    except MktcoreError as error:
        return [one.code for one in error.notices] or [error.code]
    return []


@pytest.mark.parametrize("state", ItemState)
@pytest.mark.parametrize("blocked", [False, True], ids=["active", "blocked"])
def test_it_never_disagrees_with_what_then_happens(market: Marketplace, state: ItemState, *, blocked: bool) -> None:
    item = bring(market, WAYS[state])
    assert item.state is state
    if blocked:
        market.onboarding.move("acme", "block", scope=OPERATOR, reason="late")
    judge = Marketplace(ForgetfulStore(market.store), "EUR", clock=market.clock)
    for scope in (OPERATOR, ACME):
        for one in market.items.allowed(item.id, scope=scope).events:
            codes = try_event(judge, item, one.event, scope)
            # Which SKU a verdict names is not asked: that one is not there, `decide` alone tells.
            assert set(codes) - {"catalog.unknown-sku", "catalog.unknown-product"} == {
                told.code for told in one.refusals
            }, (one, codes)


def test_who_decides_and_who_sends(market: Marketplace) -> None:
    item = bring(market, ())
    assert market.items.allowed(item.id, scope=ACME).list_names() == ("send again", "remove")
    operator = market.items.allowed(item.id, scope=OPERATOR)
    assert operator.list_names() == ("bind", "make SKU", "make product", "pend", "deny", "send again", "remove")
    denied = market.items.allowed(bring_denied(market), scope=ACME).find("send again")
    assert denied is not None
    assert [one.code for one in denied.refusals] == ["catalog.item-denied"]
    for scope in (Scope.merchant("bolt"), Scope.buyer("b1")):
        with pytest.raises(NotFound):
            market.items.allowed(item.id, scope=scope)


def bring_denied(market: Marketplace) -> str:
    item = market.items.get(SENT.id, scope=OPERATOR)
    return market.items.decide(item.id, Deny("no"), version=item.version, scope=OPERATOR).id
