"""The table of use case by state of a merchant's life, tried whole: every call, in every state, on one market."""

import inspect
from collections.abc import Iterator
from datetime import timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any

import attrs
import pytest

from market_lists import find_list
from marketplace.merchant_calls import OPERATOR, READS, WRITES, Call, as_pat, diverging, ordered, rule
from markets import LAMPS, NOON, open_market
from mktcore.access import PermissionDenied
from mktcore.access.permissions import PARTY_PERMISSIONS
from mktcore.access.record_list import ShownList
from mktcore.carts import Cart, CartLine
from mktcore.errors import MktcoreError
from mktcore.marketplace import Marketplace
from mktcore.marketplace.calls_by_merchant_state import LIST_VERBS, LISTS, USE_CASES, Bound, find_states, to_markdown
from mktcore.marketplace.list_table import find_rooms
from mktcore.orders import FireRequest
from mktcore.orders.price_approvals.price_approval import NotTheirTurn
from mktcore.parties import MEMBERSHIPS, Activity, ActivityRefused
from mktcore.parties.onboarding.allowed_activities import ACTIVITIES
from mktcore.parties.onboarding.membership import start_membership
from mktcore.persistence import NotFound, Scope, put
from mktcore.pricing import OnDivergence
from mktcore.testing.fakes import ManualClock

BOLT = Scope.merchant("bolt")
PAGE = Path(__file__).parents[2] / "docs" / "parties.md"
# Blocked merchants sell nothing, so a shop window of theirs is empty for everybody, which is told as absent.
NOT_SOLD = {"storefront.view_of_seller"}


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marketplace]:
    with open_market("memory", tmp_path_factory.mktemp("market"), ManualClock(NOON), LAMPS) as market:
        yield market


def be(market: Marketplace, state: str, **changes: Any) -> None:
    """Let bolt stand in a state of its life, however it got there."""
    with market.store.begin(OPERATOR) as unit:
        known = unit.repository(MEMBERSHIPS).find("bolt")
        new = start_membership("bolt", now=NOON, by=OPERATOR, state=state)
        put(unit, MEMBERSHIPS, attrs.evolve(new, version=0 if known is None else known.version, **changes))
        unit.commit()


def attempt(market: Marketplace, call: Call, state: str, scope: Scope = BOLT) -> str:
    """Return how a call ends, with all that it needs prepared before: "done", or the code of what was raised."""
    be(market, "active")
    given = call.prepare(market)
    be(market, state)
    try:
        call.act(market, given, scope)
    except MktcoreError as error:
        return error.code
    return "done"


@pytest.mark.parametrize("use_case", WRITES)
def test_a_merchant_changes_what_the_state_of_its_life_lets_it(market: Marketplace, use_case: str) -> None:
    found = {state: attempt(market, WRITES[use_case], state) for state in ACTIVITIES}
    allowed = find_states(use_case)
    assert found == {state: "done" if state in allowed else ActivityRefused.code for state in ACTIVITIES}


@pytest.mark.parametrize("use_case", READS)
def test_a_merchant_reads_in_every_state(market: Marketplace, use_case: str) -> None:
    found = {state: attempt(market, READS[use_case], state) for state in ACTIVITIES}
    assert found["active"] == "done"
    expected = {"done", "store.not-found"} if use_case in NOT_SOLD else {"done"}
    assert set(found.values()) == expected


@pytest.mark.parametrize("use_case", [name for name, bound in USE_CASES.items() if bound is Bound.PARTY])
def test_what_is_another_partys_is_no_merchants_in_any_state(market: Marketplace, use_case: str) -> None:
    call = attrgetter(use_case)(market)
    # Who asks is looked at before what is asked for: any text will do, but for a cart, which says whose it is.
    carts = {"cart": Cart.of("cart-x", buyer="ann", lines=[CartLine("l1", "lamp")])}
    parameters = inspect.signature(call).parameters.values()
    wanted = [one.name for one in parameters if one.default is one.empty and one.kind is not one.VAR_POSITIONAL]
    given = {name: carts.get(name, "x") for name in wanted if name != "scope"}
    for state in ACTIVITIES:
        be(market, state)
        with pytest.raises((PermissionDenied, NotFound)):
            call(**given, scope=BOLT)


APPROVERS_OWN = ("orders.approve_price", "orders.deny_price")
"""Nobody answers in an approver's place: the operator's user of that name is somebody else."""


@pytest.mark.parametrize("use_case", WRITES)
def test_the_operator_puts_things_right_in_every_state(market: Marketplace, use_case: str) -> None:
    expected = NotTheirTurn.code if use_case in APPROVERS_OWN else "done"
    for state in ("blocked", "terminated", "invited"):
        assert attempt(market, WRITES[use_case], state, OPERATOR) == expected


@pytest.mark.parametrize("use_case", [*WRITES, *READS])
def test_users_who_may_do_all_do_what_their_party_does(market: Marketplace, use_case: str) -> None:
    call = {**WRITES, **READS}[use_case]
    for scope in (BOLT, OPERATOR):
        held, is_another = PARTY_PERMISSIONS[scope.party], scope is OPERATOR and use_case in APPROVERS_OWN
        found = attempt(market, call, "active", attrs.evolve(scope, user="rita", permissions=held))
        assert found == (NotTheirTurn.code if is_another else "done")


@pytest.mark.parametrize("use_case", WRITES)
def test_users_who_may_do_nothing_change_nothing(market: Marketplace, use_case: str) -> None:
    for scope in (BOLT, OPERATOR):
        nobody = attrs.evolve(scope, user="nemo", permissions=frozenset[str]())
        assert attempt(market, WRITES[use_case], "active", nobody) == PermissionDenied.code


def test_the_figures_of_the_table() -> None:
    assert sorted(find_states("fire")) == ["active", "suspended"]
    assert sorted(find_states("prices.assign")) == ["active", "approved", "in review", "registered", "suspended"]
    assert (len(find_states("taxes.save")), len(find_states("offers.get"))) == (0, 8)


def list_calls(market: Marketplace) -> Iterator[str]:
    """Yield every public call of a marketplace that takes the scope of who asks, as a caller writes it."""
    rooms = {name: room for name, room in find_rooms(market).items() if not name.startswith("_") and name != "store"}
    for name, room in {"": market, **rooms}.items():
        fields = {field.name for field in attrs.fields(type(room))} if attrs.has(type(room)) else set[str]()
        for verb in {verb for verb in dir(room) if not verb.startswith("_")} - fields:
            call = getattr(room, verb)
            if isinstance(call, ShownList) and name:
                yield from (f"{name}.{verb}.{one}" for one in LIST_VERBS)
            elif inspect.ismethod(call) and "scope" in inspect.signature(call).parameters:
                yield f"{name}.{verb}" if name else verb


def test_every_use_case_is_in_the_table(market: Marketplace) -> None:
    assert sorted(list_calls(market)) == sorted(USE_CASES)


def test_every_row_of_the_table_is_tried() -> None:
    assert {name for name, bound in USE_CASES.items() if isinstance(bound, Activity)} == set(WRITES)
    assert {name for name, bound in USE_CASES.items() if bound is Bound.ARGUMENT} == {
        "onboarding.move",  # the steps of a life are tried where the life is
        "parties.check_activity",
    }
    # A hold is found by the id that the ledger's own tests know; it is read as balances are. Lists are tried below.
    lists = {f"{name}.{verb}" for name in LISTS for verb in LIST_VERBS}
    reads = {name for name, bound in USE_CASES.items() if bound is Bound.NOTHING}
    assert reads - {"ledger.get_hold"} - lists == set(READS)


@pytest.mark.parametrize("name", [name for name, bound in LISTS.items() if bound is Bound.NOTHING])
def test_a_merchant_reads_its_lists_in_every_state(market: Marketplace, name: str) -> None:
    listed, found = find_list(market, name), set()
    for state in ACTIVITIES:
        be(market, state)
        ids = [one.id for one in listed.iterate(scope=BOLT)]
        assert [listed.get(one, scope=BOLT).id for one in ids] == ids
        found.add((*ids, listed.count(scope=BOLT), len(listed.page(scope=BOLT, limit=1).items)))
    assert len(found) == 1


def test_a_suspension_that_ran_out_is_over(market: Marketplace) -> None:
    be(market, "active")
    order = ordered(market)
    be(market, "suspended", until=NOON + timedelta(hours=1))
    assert market.fire(order, "ship", key="over", scope=BOLT).states == {"l1": {"shipped": 1}}
    be(market, "blocked", until=NOON - timedelta(hours=1))
    with pytest.raises(ActivityRefused):
        market.fire(order, "deliver", key="over-2", scope=BOLT)
    with pytest.raises(ActivityRefused):
        market.orders.firing.fire(FireRequest(order, "deliver"), key="over-3", scope=BOLT)


@pytest.mark.parametrize("state", ["blocked", "invited", "terminated"])
def test_who_may_not_cancel_does_not_by_way_of_a_rule(market: Marketplace, state: str) -> None:
    be(market, "active")
    order = diverging(market)
    rule(market, OnDivergence.DENY)
    be(market, state)
    with pytest.raises(ActivityRefused, match=f"merchant bolt is {state} and may not fulfil"):
        market.orders.check_price(order, scope=as_pat(BOLT))
    assert market.orders.get_merchant_order(order, scope=OPERATOR).states == {"l1": {"new": 1}}


def test_only_sellers_that_sell_are_listed(market: Marketplace) -> None:
    listed = {}
    for state in ACTIVITIES:
        be(market, state)
        found = market.parties.find_sellers("ann", scope=market.as_buyer("ann"))
        listed[state] = [merchant.id for merchant in found]
    assert listed == {state: ["acme", "bolt"] if state == "active" else ["acme"] for state in ACTIVITIES}


def test_the_documentation_prints_the_table() -> None:
    assert to_markdown() in PAGE.read_text(encoding="utf-8")
