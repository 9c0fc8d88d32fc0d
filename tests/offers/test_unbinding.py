"""An offer whose item is bound no longer is not sold: nobody follows its price and stock."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import attrs
import pytest

from mktcore.carts import Cart, CartLine
from mktcore.gateways import Succeeded
from mktcore.marketplace import Marketplace
from mktcore.merchant_items import Bind, MerchantItem, ReceivedItem
from mktcore.money.amount import Money
from mktcore.offers import ChangedItem, ItemTerms
from mktcore.offers.refresh.ports import ItemAnswer
from mktcore.persistence import Scope
from mktcore.testing.fakes import ManualClock

ACME = Scope.merchant("acme")


@attrs.frozen
class Gateway:
    clock: ManualClock

    def fetch(self, merchant: str, items: Sequence[str], *, deadline: timedelta) -> Mapping[str, ItemAnswer]:
        del merchant, deadline
        price = Money.of("1.23", "EUR")
        return {item: Succeeded(ItemTerms(item, self.clock.now(), price, 7)) for item in items}


@pytest.fixture
def followed(market: Marketplace, clock: ManualClock) -> Marketplace:
    return Marketplace(market.store, "EUR", clock=clock, merchant_gateway=Gateway(clock))


def bind(market: Marketplace, item: ReceivedItem) -> ReceivedItem:
    bound = market.items.decide(item.id, Bind("tripod"), version=item.version, scope=market.as_operator())
    market.offers.notify("acme", [ChangedItem("A")], scope=ACME)
    market.offers.refresh()
    return bound


def find_codes(market: Marketplace) -> list[str]:
    cart = Cart.of("c", buyer="ann", lines=(CartLine("1", "tripod", 1, offer="acme/A"),))
    return [issue.code for issue in market.simulate(cart, scope=market.as_operator()).issues]


@pytest.mark.parametrize("ends", ["unbound", "removed"])
def test_what_is_bound_no_longer_is_not_sold_until_it_is_followed_again(
    followed: Marketplace, clock: ManualClock, ends: str
) -> None:
    item = bind(followed, followed.items.receive(MerchantItem("acme", "A", "Tripod"), scope=ACME))
    assert find_codes(followed) == []
    clock.advance(timedelta(hours=1))
    if ends == "unbound":
        item = followed.items.unbind(item.id, version=item.version, scope=followed.as_operator(), reason="counterfeit")
    else:
        followed.items.remove("acme", "A", scope=ACME)
        item = followed.items.receive(MerchantItem("acme", "A", "Tripod"), scope=ACME)
    assert find_codes(followed) == ["offer-unavailable"]
    found = followed.offers.find_freshness("acme/A", scope=ACME)
    assert found is not None
    assert found.unavailable is not None
    assert found.unavailable.why == "its item is bound no longer, so its price and stock are not followed"
    bind(followed, item)
    assert find_codes(followed) == []
