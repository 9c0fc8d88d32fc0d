"""From an invitation to the first sale, and out again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest

from mktcore.access import Permission, PermissionDenied, User
from mktcore.carts import Cart, CartLine
from mktcore.checkout import PlacementRefused
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.parties import Activity, ActivityRefused, Identifier, Merchant, MerchantProfile
from mktcore.parties.onboarding.allowed_activities import ACTIVITIES
from mktcore.parties.onboarding.invitation import InvitationExpired, InvitationUsed
from mktcore.parties.onboarding.merchant_life import MERCHANT_LIFE
from mktcore.parties.onboarding.requirements import Requirement, RequirementProof, RequirementsMissing
from mktcore.parties.organisations.legal_profile import Document
from mktcore.persistence import NotFound, Party, Scope, UniqueViolation
from mktcore.processes import EventRefused, verify
from mktcore.testing.fakes import ManualClock

COZY = Merchant("cozy", "Cozy")


def invite(market: Marketplace, clock: ManualClock, days: int = 7) -> str:
    expires = clock.now() + timedelta(days=days)
    return market.onboarding.invite(COZY, "c@cozy.example", expires_at=expires, scope=market.as_operator()).id


def make_profile(clock: ManualClock) -> MerchantProfile:
    vat = Identifier.parse("vat", "DE136695976")
    bank = Identifier.parse("iban", "DE89 3704 0044 0532 0130 00")
    paper = Document("register", "Extract", "s3://papers/cozy.pdf", at=clock.now())
    return MerchantProfile("cozy", "Cozy GmbH", "DE", identifiers=[vat, bank], documents=[paper])


def state(market: Marketplace, merchant: str) -> str:
    return market.parties.get_membership(merchant, scope=market.as_operator()).state


def test_a_merchant_is_invited_comes_in_is_approved_and_sells(
    market: Marketplace, clock: ManualClock, tmp_path: Any
) -> None:
    operator, onboarding = market.as_operator(), market.onboarding
    user = onboarding.accept(invite(market, clock), user="cleo", name="Cleo")
    cleo = market.as_user(user.id)
    assert (cleo.id, state(market, "cozy"), cleo.allows(Permission.USERS)) == ("cozy", "registered", True)
    with pytest.raises(RequirementsMissing) as refused:
        onboarding.move("cozy", "ask for review", scope=cleo)
    assert [problem.where for problem in refused.value.problems] == ["vat-number", "terms"]
    onboarding.save_profile(make_profile(clock), scope=cleo)
    onboarding.answer_requirement("cozy", "terms", "attested", scope=cleo)
    onboarding.move("cozy", "ask for review", scope=cleo)
    assert [one.where for one in onboarding.find_missing("cozy", "approve", scope=operator)] == ["documents"]
    onboarding.answer_requirement("cozy", "documents", "reviewed", scope=operator)
    onboarding.move("cozy", "approve", scope=operator)
    (tmp_path / "files" / "merchants.csv").write_text("merchant,name\nacme,Acme\nbolt,Bolt\ncozy,Cozy\n")
    with pytest.raises(RequirementsMissing, match="waits for: load the first offers"):
        onboarding.move("cozy", "activate", scope=operator)
    offers = "offer,merchant,sku,price,stock\ncozy-lamp,cozy,lamp,20.00,5\nacme-lamp,acme,lamp,30.00,9\n"
    (tmp_path / "files" / "offers.csv").write_text(offers)
    market.load(tmp_path / "files")
    cart = Cart.of("c1", buyer="ann", lines=[CartLine("l1", "lamp", 1, offer="cozy-lamp")])
    codes = [issue.code for issue in market.simulate(cart, scope=market.as_buyer("ann")).issues]
    assert codes == ["merchant-not-selling"]
    done = onboarding.move("cozy", "activate", scope=operator)
    assert market.simulate(cart, scope=market.as_buyer("ann")).is_placeable()
    steps = [(move.event, move.target, str(move.by), move.by.user if move.by else "") for move in done.history]
    assert steps == [
        ("", "invited", "operator", None),
        ("register", "registered", "merchant:cozy", "cleo"),
        ("ask for review", "in review", "merchant:cozy", "cleo"),
        ("approve", "approved", "operator", None),
        ("activate", "active", "operator", None),
    ]


def test_an_invitation_expires_and_is_used_once(market: Marketplace, clock: ManualClock) -> None:
    first = invite(market, clock)
    clock.advance(timedelta(days=7))
    with pytest.raises(InvitationExpired):
        market.onboarding.accept(first, user="cleo")
    second = invite(market, clock)
    market.onboarding.accept(second, user="cleo")
    with pytest.raises(InvitationUsed):
        market.onboarding.accept(second, user="eve")
    with pytest.raises(NotFound):
        market.onboarding.accept("no-such", user="eve")
    with pytest.raises(UniqueViolation):
        invite(market, clock)
    with pytest.raises(NotFound):
        market.as_user("eve")


def test_two_open_invitations_let_one_user_in(market: Marketplace, clock: ManualClock) -> None:
    first, second = invite(market, clock), invite(market, clock)
    market.onboarding.accept(first, user="cleo")
    with pytest.raises(EventRefused):
        market.onboarding.accept(second, user="eve")
    with pytest.raises(NotFound):
        market.as_user("eve")


def test_a_requirement_is_waived_with_a_reason(market: Marketplace, clock: ManualClock) -> None:
    operator = market.as_operator()
    market.onboarding.accept(invite(market, clock), user="cleo")
    cleo = market.as_user("cleo")
    wrongs: tuple[Callable[[], object], ...] = (
        lambda: market.onboarding.answer_requirement("cozy", "vat-number", "waived", scope=operator),
        lambda: market.onboarding.answer_requirement("cozy", "vat-number", "attested", scope=cleo),
        lambda: market.onboarding.answer_requirement("cozy", "terms", "reviewed", scope=operator),
    )
    for wrong in wrongs:
        with pytest.raises(InvalidValue):
            wrong()
    for how in ("waived", "reviewed"):
        with pytest.raises(PermissionDenied):
            market.onboarding.answer_requirement("cozy", "terms", how, scope=cleo, reason="we are small")
    with pytest.raises(NotFound):
        market.onboarding.answer_requirement("cozy", "no-such", "attested", scope=cleo)
    market.onboarding.answer_requirement("cozy", "vat-number", "waived", scope=operator, reason="too small for VAT")
    waived = market.onboarding.answer_requirement("cozy", "terms", "attested", scope=cleo)
    assert [(one.requirement, one.how, one.reason) for one in waived.answers] == [
        ("vat-number", "waived", "too small for VAT"),
        ("terms", "attested", ""),
    ]
    assert market.onboarding.move("cozy", "ask for review", scope=cleo).state == "in review"


def test_a_number_that_another_merchant_has_meets_nothing_until_somebody_looked(
    market: Marketplace, clock: ManualClock
) -> None:
    operator, onboarding = market.as_operator(), market.onboarding
    profile = make_profile(clock)
    onboarding.save_profile(attrs.evolve(profile, id="acme"), scope=market.as_merchant("acme"))
    cleo = market.as_user(onboarding.accept(invite(market, clock), user="cleo").id)
    onboarding.save_profile(profile, scope=cleo)
    onboarding.answer_requirement("cozy", "terms", "attested", scope=cleo)
    with pytest.raises(RequirementsMissing, match="the operator is to look at the number that was given") as refused:
        onboarding.move("cozy", "ask for review", scope=cleo)
    assert [problem.where for problem in refused.value.problems] == ["vat-number"]
    assert "acme" not in str(refused.value)
    missing = onboarding.find_missing("cozy", "approve", scope=operator)
    assert [one.where for one in missing] == ["bank-account", "documents"]
    onboarding.answer_requirement("cozy", "vat-number", "waived", scope=operator, reason="one VAT group")
    assert onboarding.move("cozy", "ask for review", scope=cleo).state == "in review"


def test_a_suspended_merchant_finishes_its_orders_and_sells_nothing_new(
    market: Marketplace, clock: ManualClock
) -> None:
    cart = Cart.of("c1", buyer="ann", lines=[CartLine("l1", "lamp", 1, offer="bolt-lamp")])
    order = market.place(cart, key="k1", scope=market.as_buyer("ann"))
    until = clock.now() + timedelta(days=3)
    suspended = market.onboarding.move("bolt", "suspend", scope=market.as_operator(), reason="late thrice", until=until)
    assert (suspended.state, suspended.reason, suspended.until) == ("suspended", "late thrice", until)
    again = Cart.of("c2", buyer="ann", lines=[CartLine("l1", "lamp", 1, offer="bolt-lamp")])
    with pytest.raises(PlacementRefused, match="bolt sells nothing at present"):
        market.place(again, key="k2", scope=market.as_buyer("ann"))
    market.fire(order.merchant_orders[0].id, "ship", key="s1", scope=market.as_merchant("bolt"))
    clock.advance(timedelta(days=3))
    market.place(again, key="k3", scope=market.as_buyer("ann"))
    renewed = market.onboarding.move("bolt", "suspend", scope=market.as_operator(), reason="late again")
    assert [(move.target, move.why) for move in renewed.history[1:]] == [
        ("suspended", "late thrice"),
        ("active", "the suspension ran out"),
        ("suspended", "late again"),
    ]
    assert renewed.until is None


def test_a_blocked_merchant_does_nothing(market: Marketplace) -> None:
    cart = Cart.of("c1", buyer="ann", lines=[CartLine("l1", "lamp", 1, offer="bolt-lamp")])
    part = market.place(cart, key="k1", scope=market.as_buyer("ann")).merchant_orders[0].id
    operator, bolt = market.as_operator(), market.as_merchant("bolt")
    market.onboarding.move("bolt", "block", scope=operator, reason="fraud")
    with pytest.raises(ActivityRefused, match="merchant bolt is blocked and may not fulfil"):
        market.fire(part, "ship", key="s1", scope=bolt)
    with pytest.raises(ActivityRefused):
        market.onboarding.save_profile(MerchantProfile("bolt", "Bolt", "DE"), scope=bolt)
    market.onboarding.move("bolt", "unblock", scope=operator)
    market.onboarding.move("bolt", "resume", scope=operator)
    market.fire(part, "ship", key="s1", scope=bolt)
    ended = market.onboarding.move("bolt", "terminate", scope=operator, reason="moved away")
    assert ended.state == "terminated"
    with pytest.raises(EventRefused):
        market.onboarding.move("bolt", "resume", scope=operator)


def test_steps_belong_to_their_party_and_have_reasons(market: Marketplace, clock: ManualClock) -> None:
    operator, bolt = market.as_operator(), market.as_merchant("bolt")
    for step in ("suspend", "resume", "terminate"):
        with pytest.raises(EventRefused):
            market.onboarding.move("bolt", step, scope=bolt, reason="x")
    with pytest.raises(InvalidValue, match="to suspend a merchant needs a reason"):
        market.onboarding.move("bolt", "suspend", scope=operator)
    for step, until in (("suspend", clock.now()), ("block", clock.now() + timedelta(days=1))):
        with pytest.raises(InvalidValue):
            market.onboarding.move("bolt", step, scope=operator, reason="x", until=until)
    for merchant in ("bolt", "no-such"):
        with pytest.raises(NotFound):
            market.onboarding.move(merchant, "ask for review", scope=market.as_merchant("acme"))
    with pytest.raises(PermissionDenied):
        market.onboarding.move("bolt", "approve", scope=market.as_buyer("ann"))
    with pytest.raises(NotFound):
        market.onboarding.move("no-such", "block", scope=operator, reason="x")


def test_the_legal_side_of_a_merchant_is_its_own(market: Marketplace, clock: ManualClock) -> None:
    market.onboarding.accept(invite(market, clock), user="cleo")
    stored = market.onboarding.save_profile(make_profile(clock), scope=market.as_user("cleo"))
    assert market.onboarding.find_profile("cozy", scope=market.as_operator()) == stored
    assert market.onboarding.find_profile("cozy", scope=market.as_user("cleo")) == stored
    assert market.onboarding.find_profile("cozy", scope=market.as_merchant("acme")) is None
    with pytest.raises(NotFound):
        market.onboarding.save_profile(stored, scope=market.as_merchant("acme"))
    with pytest.raises(InvalidValue, match="one of each"):
        MerchantProfile("cozy", "Cozy", "DE", identifiers=stored.identifiers * 2)


def test_a_merchants_life_is_told_to_it_alone(market: Marketplace) -> None:
    market.onboarding.move("bolt", "suspend", scope=market.as_operator(), reason="late thrice")
    seen = []
    for scope in (market.as_merchant("bolt"), market.as_merchant("acme"), market.as_buyer("ann")):
        with market.store.begin(scope) as unit:
            seen.append([entry.event.reason for entry in unit.find_events("membership", "bolt")])  # type: ignore[attr-defined]  # this kind's only event
    assert seen == [["late thrice"], [], []]


def test_a_merchant_reads_reasons_and_not_the_operators_people(market: Marketplace) -> None:
    rita, bolt = Scope.operator(user="rita"), Scope.merchant("bolt", user="jo")
    market.onboarding.move("bolt", "suspend", scope=rita, reason="late thrice")
    own, whole = (market.parties.get_membership("bolt", scope=scope) for scope in (bolt, rita))
    assert (own.reason, own.history[-1].by, whole.history[-1].by) == ("late thrice", Scope.operator(), rita)
    told = market.parties.change_membership("bolt", all_buyers_can_order=False, scope=bolt)
    assert (told.membership.history[-1].by, len(told.ignored)) == (Scope.operator(), 1)


def test_an_answer_names_its_own_partys_people_only(market: Marketplace, clock: ManualClock) -> None:
    market.onboarding.accept(invite(market, clock), user="cleo")
    rita = Scope.operator(user="rita")
    answered = market.onboarding.answer_requirement("cozy", "terms", "waived", scope=rita, reason="known for years")
    assert answered.answers[-1].by == rita
    own = market.parties.get_membership("cozy", scope=market.as_user("cleo"))
    assert [(one.by.user, one.reason) for one in own.answers] == [(None, "known for years")]
    assert [step.by.user for step in own.history if step.by and step.by.party is Party.MERCHANT] == ["cleo"]


def test_the_life_is_a_sound_process_and_every_state_says_what_may_be_done() -> None:
    assert verify(MERCHANT_LIFE) == ()
    assert {one.name for one in MERCHANT_LIFE.states} == set(ACTIVITIES)
    assert ACTIVITIES["active"] == frozenset(Activity)
    assert [name for name, may in ACTIVITIES.items() if Activity.SELL in may] == ["active"]


def test_a_requirement_gates_a_step_that_there_is() -> None:
    with pytest.raises(InvalidValue):
        Requirement("x", RequirementProof.ATTESTED, "no such step", text="x")


def test_users_of_a_merchant_need_the_permission(market: Marketplace) -> None:
    market.access.save_user(User("pat", Scope.merchant("bolt").party, "bolt"), scope=market.as_merchant("bolt"))
    with pytest.raises(PermissionDenied):
        market.onboarding.find_missing("bolt", "approve", scope=market.as_user("pat"))
