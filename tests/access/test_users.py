"""Users hold what their roles grant, and nobody grants what they do not hold."""

from collections.abc import Callable

import attrs
import pytest

from mktcore.access import (
    DEFAULT_ROLES,
    Permission,
    PermissionDenied,
    Role,
    User,
    UserKind,
    UserRefused,
    check_permission,
)
from mktcore.access.user import find_permissions
from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.orders import FireRequest
from mktcore.parties import Buyer
from mktcore.parties.organisations.buyer import BUYERS, BuyerKind
from mktcore.persistence import EVERY_MERCHANT, NotFound, Party, Scope
from mktcore.persistence.errors import ColumnFixed

ROLES = {role.id: role for role in DEFAULT_ROLES}


def add(market: Marketplace, name: str, scope: Scope, *roles: str, **extra: object) -> Scope:
    user = User(name, scope.party, scope.id, roles=frozenset(roles), **extra)  # type: ignore[arg-type]  # by field name
    market.access.save_user(user, scope=scope)
    return market.as_user(name)


def cart(name: str = "cart-1") -> Cart:
    return Cart.of(name, buyer="ann", lines=(CartLine("l1", "lamp", 1),))


def test_the_roles_that_ship_are_the_eight_that_are_promised() -> None:
    assert sorted(ROLES) == [
        "buyer-admin",
        "buyer-purchaser",
        "integration",
        "merchant-admin",
        "merchant-finance",
        "merchant-fulfilment",
        "operator-admin",
        "operator-support",
    ]
    assert ROLES["operator-admin"].permissions == frozenset(Permission)
    assert ROLES["integration"].permissions < ROLES["merchant-admin"].permissions


def test_a_role_holds_no_more_than_its_kind_of_party_may() -> None:
    with pytest.raises(InvalidValue, match=r"only what a merchant may do.*relations\.write"):
        Role("wide", Party.MERCHANT, [Permission.RELATIONS])
    assert Role("own", Party.MERCHANT, ["warehouse.open"]).permissions == {"warehouse.open"}


def test_a_user_acts_with_what_its_roles_grant(market: Marketplace) -> None:
    order = market.place(cart(), key="k1", scope=market.as_operator())
    packer = add(market, "fay", market.as_merchant("bolt"), "merchant-fulfilment")
    teller = add(market, "tom", market.as_merchant("bolt"), "merchant-finance")
    part = order.merchant_orders[0].id
    with pytest.raises(PermissionDenied) as denied:
        market.fire(part, "ship", key="s1", scope=teller)
    assert denied.value.operands() == {"party": "merchant:bolt", "user": "tom", "permission": "orders.fulfil"}
    moved = market.fire(part, "ship", key="s1", scope=packer)
    assert market.orders.page_merchant_order_history(moved.id, scope=packer).items[-1].moves[-1].by == Scope.merchant(
        "bolt", user="fay"
    )
    assert market.orders.get_merchant_order(part, scope=teller).states == {"l1": {"shipped": 1}}


def test_what_a_user_may_do_is_not_kept_in_histories(market: Marketplace) -> None:
    order = market.place(cart(), key="k1", scope=market.as_operator())
    packer = add(market, "fay", market.as_merchant("bolt"), "merchant-fulfilment")
    moved = market.fire(order.merchant_orders[0].id, "ship", key="s1", scope=packer)
    by = market.orders.page_merchant_order_history(moved.id, scope=packer).items[-1].moves[-1].by
    assert by is not None
    assert (by.permissions, by.merchants) == (None, frozenset())


def test_who_fires_by_way_of_the_orders_is_asked_the_same(market: Marketplace) -> None:
    order = market.place(cart(), key="k1", scope=market.as_operator())
    teller = add(market, "tom", market.as_merchant("bolt"), "merchant-finance")
    purchaser = add(market, "ann-1", market.as_buyer("ann"), "buyer-purchaser")
    [part], firing = order.merchant_orders, market.orders.firing
    with pytest.raises(PermissionDenied):
        firing.fire(FireRequest(part.id, "ship"), key="s1", scope=teller)
    with pytest.raises(PermissionDenied):
        firing.fire_order(FireRequest(order.id, "ask to cancel"), key="s1", scope=purchaser)
    assert market.orders.get_merchant_order(part.id, scope=market.as_operator()).version == part.version


@pytest.mark.parametrize("call", ["simulate", "place", "get", "page", "fire_order"])
def test_a_user_without_the_permission_is_refused_before_anything_is_read(market: Marketplace, call: str) -> None:
    scope = add(market, "ann-1", market.as_buyer("ann"))
    calls: dict[str, Callable[[], object]] = {
        "simulate": lambda: market.simulate(cart(), scope=scope),
        "place": lambda: market.place(cart(), key="k1", scope=scope),
        "get": lambda: market.orders.get("no-such", scope=scope),
        "page": lambda: market.orders.merchant_orders.page(scope=scope),
        "fire_order": lambda: market.orders.fire("no-such", "cancel", key="k1", scope=scope),
    }
    with pytest.raises(PermissionDenied):
        calls[call]()


def test_a_purchaser_places_and_cannot_cancel(market: Marketplace) -> None:
    scope = add(market, "ann-1", market.as_buyer("ann"), "buyer-purchaser")
    order = market.place(cart(), key="k1", scope=scope)
    with pytest.raises(PermissionDenied):
        market.orders.fire(order.id, "ask to cancel", key="c1", scope=scope)
    with pytest.raises(PermissionDenied):
        market.fire(order.merchant_orders[0].id, "ship", key="c1", scope=scope)


def test_nobody_grants_what_they_do_not_hold(market: Marketplace) -> None:
    acme = market.as_merchant("acme")
    lead = add(market, "lea", acme, "merchant-fulfilment", permissions=[Permission.USERS])
    with pytest.raises(UserRefused) as refused:
        add(market, "gus", lead, "merchant-finance", "merchant-fulfilment")
    assert [(problem.code, problem.operands["permission"]) for problem in refused.value.problems] == [
        ("parties.beyond-creator", "agreements.read"),
        ("parties.beyond-creator", "finance.read"),
    ]
    add(market, "gus", lead, "merchant-fulfilment")
    with pytest.raises(UserRefused):  # not even itself
        market.access.save_user(User("lea", Party.MERCHANT, "acme", roles=["merchant-admin"], version=1), scope=lead)


def test_nobody_changes_a_user_who_holds_more(market: Marketplace) -> None:
    acme = market.as_merchant("acme")
    add(market, "boss", acme, "merchant-admin")
    lead = add(market, "lea", acme, permissions=[Permission.USERS])
    with pytest.raises(UserRefused):
        market.access.save_user(User("boss", Party.MERCHANT, "acme", is_active=False, version=1), scope=lead)


def test_a_user_gets_roles_that_are_there_and_of_its_party(market: Marketplace) -> None:
    with pytest.raises(UserRefused, match="there is no role 'buyer-admin' for users of a merchant"):
        add(market, "gus", market.as_merchant("acme"), "buyer-admin")
    with pytest.raises(UserRefused, match=r"no user of a merchant may do relations\.write"):
        add(market, "gus", market.as_merchant("acme"), permissions=[Permission.RELATIONS])


def test_a_party_writes_its_own_users_only(market: Marketplace) -> None:
    acme, bolt = market.as_merchant("acme"), market.as_merchant("bolt")
    add(market, "lea", acme, "merchant-admin")
    lea = User("lea", Party.MERCHANT, "acme", roles=["merchant-admin"], version=1)
    with pytest.raises(NotFound):
        market.access.save_user(attrs.evolve(lea, is_active=False), scope=bolt)
    with pytest.raises(NotFound):
        market.access.save_user(User("new", Party.BUYER, "acme"), scope=acme)
    assert [user.id for user in market.access.users.page(scope=bolt).items] == []
    assert [user.id for user in market.access.users.page(scope=acme).items] == ["lea"]
    assert [user.id for user in market.access.users.page(scope=market.as_operator()).items] == ["lea"]
    with pytest.raises(ColumnFixed):
        market.access.save_user(User("lea", Party.MERCHANT, "bolt", version=1), scope=market.as_operator())


def test_a_user_that_is_gone_or_inactive_is_nobody(market: Marketplace) -> None:
    add(market, "lea", market.as_merchant("acme"), "merchant-admin")
    quit_ = User("lea", Party.MERCHANT, "acme", roles=["merchant-admin"], is_active=False, version=1)
    market.access.save_user(quit_, scope=market.as_operator())
    for name in ("lea", "no-such"):
        with pytest.raises(NotFound):
            market.as_user(name)
    assert find_permissions(quit_, ROLES) == frozenset()


def test_an_operator_replaces_a_role_that_ships(market: Marketplace) -> None:
    scope = add(market, "lea", market.as_merchant("acme"), "merchant-finance")
    assert scope.allows(Permission.FINANCE)
    market.access.save_role(Role("merchant-finance", Party.MERCHANT, ["own.thing"]), scope=market.as_operator())
    assert market.as_user("lea").permissions == frozenset({"own.thing"})
    roles = {role.id for role in market.access.find_roles(scope=market.as_merchant("acme"))}
    assert roles == {"merchant-admin", "merchant-finance", "merchant-fulfilment", "integration"}
    with pytest.raises(PermissionDenied):
        market.access.save_role(Role("x", Party.MERCHANT, []), scope=market.as_merchant("acme"))


def test_a_user_belongs_to_a_party() -> None:
    with pytest.raises(InvalidValue):
        User("u", Party.MERCHANT)
    with pytest.raises(InvalidValue):
        User("u", Party.OPERATOR, "acme")
    assert User("erp", Party.MERCHANT, "acme", kind=UserKind.INTEGRATION).kind is UserKind.INTEGRATION


def test_a_party_asks_for_what_its_kind_may() -> None:
    check_permission(Scope.operator(), Permission.RELATIONS)
    check_permission(Scope.merchant("acme"), "own.thing")
    with pytest.raises(PermissionDenied, match=r"^merchant:acme may not do relations\.write"):
        check_permission(Scope.merchant("acme"), Permission.RELATIONS)
    user = Scope(Party.MERCHANT, "acme", "u", permissions=frozenset({"own.thing"}))
    check_permission(user.to_operator(), "own.thing")
    with pytest.raises(PermissionDenied):
        check_permission(user.to_operator(), Permission.OFFERS)


def test_a_change_of_a_user_is_told_to_its_party(market: Marketplace) -> None:
    add(market, "lea", market.as_merchant("acme"), "merchant-admin")
    told = []
    for scope in (market.as_merchant("acme"), market.as_merchant("bolt"), market.as_buyer("ann")):
        with market.store.begin(scope) as unit:
            told.append(len(unit.find_events("user_account", "lea")))
    assert told == [1, 0, 0]


def test_a_buyers_record_is_the_operators_to_write_and_the_buyers_to_read(market: Marketplace) -> None:
    stored = market.parties.save_buyer(Buyer("ann", "Ann Ltd", BuyerKind.ORGANISATION), scope=market.as_operator())
    renamed = market.parties.save_buyer(attrs.evolve(stored, name="Ann & Co"), scope=market.as_operator())
    assert renamed.version == 2
    for scope in (market.as_buyer("ann"), market.as_merchant("acme")):
        with pytest.raises(PermissionDenied):
            market.parties.save_buyer(renamed, scope=scope)
    seen = []
    for scope in (market.as_buyer("ann"), market.as_buyer("bob"), market.as_merchant("acme")):
        with market.store.begin(scope) as unit:
            seen.append(unit.repository(BUYERS).find("ann"))
    assert seen == [renamed, None, None]


def test_a_buyers_user_knows_whom_the_buyer_can_order_from(market: Marketplace) -> None:
    assert add(market, "ann-1", market.as_buyer("ann"), "buyer-admin").merchants == EVERY_MERCHANT
    market.parties.change_membership("bolt", all_buyers_can_order=False, scope=market.as_operator())
    assert market.as_user("ann-1").merchants == frozenset({"acme"})
    market.parties.relate("ann", "bolt", scope=market.as_operator())
    assert market.as_user("ann-1").merchants == frozenset({"acme", "bolt"})
