"""Laws of parties: nobody grants more than they hold, agreements never overlap, and eligibility has no gap."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import attrs
from hypothesis import given
from hypothesis import strategies as st

from mktcore.access import DEFAULT_ROLES, User, UserRefused
from mktcore.access.permissions import PARTY_PERMISSIONS
from mktcore.access.user import check_user, find_permissions
from mktcore.parties import Activity, Agreement, Eligibility, Relation, SellingRights, rate_merchant
from mktcore.parties.agreements.agreement import AgreementOverlap, find_agreement, follow_agreement
from mktcore.parties.onboarding.allowed_activities import ACTIVITIES, may_do
from mktcore.parties.onboarding.membership import move_membership, start_membership
from mktcore.parties.onboarding.merchant_life import MERCHANT_LIFE
from mktcore.parties.organisations.rating_formula import RatingFormula, RatingMeasure, TrackRecord
from mktcore.parties.relations.relation import to_relation_id
from mktcore.parties.selling_rights.rights import find_rule, opt_in, opt_out, weigh_rules
from mktcore.periods import EmptyPeriod, Period
from mktcore.persistence import Party, Scope
from mktcore.processes import EventRefused

START = datetime(2026, 1, 1, tzinfo=UTC)
ROLES = {role.id: role for role in DEFAULT_ROLES}
MERCHANTS = ("acme", "bolt", "cozy")
merchants = st.sampled_from(MERCHANTS)
permissions = st.frozensets(st.sampled_from(sorted(PARTY_PERMISSIONS[Party.OPERATOR])))
days = st.integers(0, 20)


@given(st.sampled_from(list(Party)), permissions, permissions, st.frozensets(st.sampled_from(sorted(ROLES))))
def test_a_user_holds_no_more_than_its_creator_and_its_kind_of_party(
    party: Party, held: frozenset[str], wanted: frozenset[str], roles: frozenset[str]
) -> None:
    whose = "" if party is Party.OPERATOR else "x"
    by = Scope(party, whose, "boss", permissions=held)
    user = User("u", party, whose, roles=roles, permissions=wanted)
    granted = find_permissions(user, ROLES)
    fits = granted <= held and granted <= PARTY_PERMISSIONS[party] and all(ROLES[name].party is party for name in roles)
    try:
        check_user(user, ROLES, by)
    except UserRefused:
        assert not fits
    else:
        assert fits


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(st.none() | days)
    end = draw(st.none() | st.integers(1, 10))
    first = None if start is None else START + timedelta(days=start)
    last = None if end is None else (first or START) + timedelta(days=end)
    try:
        return Period(first, last)
    except EmptyPeriod:  # pragma: no cover - an end always follows here
        raise AssertionError(first, last) from None


@given(st.lists(periods(), max_size=6))
def test_at_most_one_agreement_is_in_force_whatever_is_signed(signed: Sequence[Period]) -> None:
    kept: dict[str, Agreement] = {}
    for number, period in enumerate(signed):
        new = Agreement(f"a{number}", "acme", period)
        clash = [one for one in kept.values() if one.valid.overlaps(period)]
        try:
            changed = follow_agreement(kept.values(), new)
        except AgreementOverlap:
            assert clash
            continue
        for one in changed:
            before = kept.get(one.id)
            assert before is None or before.valid.start == one.valid.start
            kept[one.id] = one
        assert len(changed) - 1 == len(clash)
    for offset in range(-2, 40):
        at = START + timedelta(days=offset)
        in_force = [one for one in kept.values() if one.valid.contains(at)]
        assert len(in_force) <= 1
        assert find_agreement(kept.values(), at) == (in_force[0] if in_force else None)


@st.composite
def rights(draw: st.DrawFn) -> SellingRights:
    owner, default = draw(st.none() | merchants), draw(st.none() | merchants)
    opted = draw(st.frozensets(merchants))
    if owner is not None:
        return SellingRights("lamp", owner, default, opted_in=opted)
    return SellingRights(
        "lamp",
        None,
        default,
        all_merchants_can_sell=draw(st.booleans()),
        admitted=draw(st.frozensets(merchants)),
        opted_in=opted,
    )


@given(rights(), merchants)
def test_a_merchant_may_sell_exactly_when_one_of_four_rules_holds(found: SellingRights, merchant: str) -> None:
    outcomes = weigh_rules(found, merchant)
    by_hand = (
        found.default_merchant == merchant,
        found.owner == merchant,
        found.owner is None and merchant in found.admitted,
        found.owner is None and found.all_merchants_can_sell and merchant in found.opted_in,
    )
    assert tuple(outcome.holds for outcome in outcomes) == by_hand
    assert (find_rule(found, merchant) is not None) is any(by_hand)
    assert all(bool(outcome.remedy) is not outcome.holds for outcome in outcomes)
    refusal = Eligibility("ann", rights={"lamp": found}).find_refusal(merchant, "lamp", START)
    assert (refusal is None) is any(by_hand)


@given(rights(), merchants, merchants)
def test_opting_in_and_out_touches_nobody_else(found: SellingRights, merchant: str, other: str) -> None:
    if found.owner is not None or merchant == other:
        return
    for changed in (opt_in(found, merchant, by_operator=True), opt_out(found, merchant)):
        assert find_rule(changed, other) == find_rule(found, other)
    assert find_rule(opt_in(found, merchant, by_operator=True), merchant) is not None
    assert find_rule(opt_out(found, merchant), merchant) in {None, "default-merchant"}


@given(
    st.none() | merchants,
    merchants,
    st.frozensets(merchants),
    st.frozensets(merchants),
    st.sampled_from(sorted(ACTIVITIES)),
)
def test_an_offer_is_refused_exactly_when_routing_relation_or_life_says_so(
    sold_by: str | None, merchant: str, closed: frozenset[str], related: frozenset[str], state: str
) -> None:
    memberships = {
        name: attrs.evolve(
            start_membership(name, now=START, by=Scope.operator(), state=state), all_buyers_can_order=name not in closed
        )
        for name in MERCHANTS
    }
    relations = frozenset(Relation.of("ann", name).id for name in related)
    eligibility = Eligibility("ann", sold_by, memberships, relations=relations)
    refusal = eligibility.find_refusal(merchant, "lamp", START)
    routed = sold_by in {None, merchant}
    reachable = merchant not in closed or merchant in related
    assert (refusal is None) is (routed and reachable and state == "active")
    if refusal is not None:
        expected = "sold-by-another" if not routed else "no-relation" if not reachable else "merchant-not-selling"
        assert refusal.code == expected


@given(
    st.text("ab:7", max_size=4), st.text("ab:7", max_size=4), st.text("ab:7", max_size=4), st.text("ab:7", max_size=4)
)
def test_two_relations_never_share_an_id(buyer: str, merchant: str, buyer_2: str, merchant_2: str) -> None:
    same = (buyer, merchant) == (buyer_2, merchant_2)
    assert (to_relation_id(buyer, merchant) == to_relation_id(buyer_2, merchant_2)) is same


@given(st.lists(st.tuples(st.sampled_from([event.name for event in MERCHANT_LIFE.events]), days), max_size=12))
def test_a_life_takes_declared_steps_only_and_its_history_explains_it(steps: list[tuple[str, int]]) -> None:
    declared = {(one.source, one.target) for one in MERCHANT_LIFE.transitions}
    membership, now = start_membership("acme", now=START, by=Scope.operator(), state="invited"), START
    for event, wait in steps:
        now += timedelta(days=wait)
        until = now + timedelta(days=3) if event == "suspend" else None
        try:
            membership = move_membership(membership, event, now=now, by=Scope.operator(), until=until)
        except EventRefused:
            continue
        assert membership.state == membership.state_at(now)
    first, *later = membership.history
    assert {(step.source, step.target) for step in later} <= declared
    assert [step.source for step in later] == [step.target for step in (first, *later)][:-1]
    assert membership.history[-1].target == membership.state
    assert may_do(membership, Activity.SELL, now) is (membership.state_at(now) == "active")


counts = st.integers(0, 50)


@st.composite
def records(draw: st.DrawFn) -> TrackRecord:
    orders, shipped, delivered, reviews = draw(counts), draw(counts), draw(counts), draw(st.integers(0, 9))
    return TrackRecord(
        orders,
        draw(st.integers(0, orders)),
        shipped,
        late=draw(st.integers(0, shipped)),
        delivered=delivered,
        returned=draw(st.integers(0, delivered)),
        questions=draw(counts),
        answer_time=timedelta(minutes=draw(st.integers(0, 10_000))),
        reviews=reviews,
        stars=draw(st.integers(reviews, 5 * reviews)),
    )


@given(records(), st.dictionaries(st.sampled_from(RatingMeasure), st.integers(0, 9).map(Decimal)), st.integers(2, 5))
def test_a_rating_lies_between_0_and_100_and_does_not_change_when_all_weights_grow_alike(
    record: TrackRecord, weights: dict[RatingMeasure, Decimal], factor: int
) -> None:
    rating = rate_merchant("acme", record, RatingFormula(weights=weights))
    scaled = {measure: weight * factor for measure, weight in weights.items()}
    assert rate_merchant("acme", record, RatingFormula(weights=scaled)).score == rating.score
    assert rating.score is None or 0 <= rating.score <= 100
    assert len(rating.explain().parts) == len(RatingMeasure)


@given(records())
def test_a_better_record_is_never_rated_lower(record: TrackRecord) -> None:
    formula = RatingFormula()
    before = rate_merchant("acme", record, formula).score
    for change in (
        {"canceled": max(0, record.canceled - 1)},
        {"late": max(0, record.late - 1)},
        {"returned": max(0, record.returned - 1)},
        {"stars": min(5 * record.reviews, record.stars + 1)},
        {"answer_time": record.answer_time / 2},
    ):
        after = rate_merchant("acme", attrs.evolve(record, **change), formula).score
        assert (before is None and after is None) or (before is not None and after is not None and after >= before)
