"""Commission as a marketplace takes it: by rules and by what is signed, frozen, and given back with cancellations."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from markets import NOON, TWO_MERCHANTS, open_market
from mktcore.access import PermissionDenied, User
from mktcore.carts import Cart, CartLine
from mktcore.catalog import Category
from mktcore.checkout import PlacementRefused
from mktcore.checkout.use_cases import place_order
from mktcore.commissions import (
    COMMISSION_RULES,
    CommissionLine,
    CommissionOn,
    CommissionRule,
    FeeTaxPolicy,
    Fixed,
    Per,
    Percentage,
    Reversal,
    SaleFilter,
    Tier,
    TierBy,
    Tiers,
    reverse_commission,
)
from mktcore.commissions.commission_policy import CommissionPolicy
from mktcore.commissions.verify_commission import find_commission_contradictions
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.orders import MerchantOrder
from mktcore.parties import Agreement, Identifier, MerchantProfile
from mktcore.parties.agreements.agreement import CommissionTerms
from mktcore.parties.organisations.legal_profile import PROFILES
from mktcore.periods import Period
from mktcore.persistence import NotFound, Party
from mktcore.persistence.errors import StaleVersion
from mktcore.promotions.outcome import Claim
from mktcore.testing.fakes import CountingIds, ManualClock
from mktcore.wire import from_json, to_json

FILES = TWO_MERCHANTS | {
    "merchants.csv": "merchant,name,attributes\nacme,Acme,state=SP\nbolt,Bolt,state=RJ; tier=gold\n",
    "categories.csv": (
        "category,name,parent\noffice,Office,\nchairs,Chairs,office\nswivel,Swivel,chairs\nbooks,Books,\n"
    ),
    "products.csv": "product,name,category,brand\nseats,Seats,swivel,Orlik\n",
    "skus.csv": (
        "sku,name,tax_category,category,product\n"
        "mug,Mug,,,\nnovel,Novel,,books,\nchair,Chair,,swivel,\nstool,Stool,,,seats\n"
    ),
    "offers.csv": (
        "offer,merchant,sku,price,stock\n"
        "mug,acme,mug,10.00,100\nnovel,acme,novel,100.00,100\nchair,acme,chair,100.00,100\n"
        "stool,acme,stool,100.00,100\nbolt-mug,bolt,mug,12.00,100\n"
    ),
    "shipping_fees.csv": "merchant,fee\nacme,5.00\n",
}


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def percent(rate: str) -> Percentage:
    return Percentage(Decimal(rate))


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, clock, FILES) as market:
        yield market


def save(market: Marketplace, *rules: CommissionRule) -> None:
    for rule in rules:
        market.commissions.save_rule(rule, scope=market.as_operator())


def place(market: Marketplace, *lines: tuple[str, int], key: str = "k1") -> MerchantOrder:
    wanted = tuple(CartLine(f"l{n}", sku, quantity) for n, (sku, quantity) in enumerate(lines, 1))
    order = market.place(Cart.of(f"cart-{key}", buyer="ann", lines=wanted), key=key, scope=market.as_operator())
    return order.merchant_orders[0]


def tell(part: MerchantOrder) -> list[tuple[str, str]]:
    return [(entry.rule, str(entry.amount.amount)) for entry in part.commissions or ()]


def test_a_rule_on_a_category_reaches_the_goods_of_those_below_it(market: Marketplace) -> None:
    save(market, CommissionRule("office", percent("0.10"), category="office"))
    assert tell(place(market, ("chair", 1), ("novel", 1))) == [("office", "10.00")]


def test_what_a_sku_does_not_say_its_product_says(market: Marketplace) -> None:
    save(market, CommissionRule("office", percent("0.10"), where=SaleFilter(categories=["office"], brands=["Orlik"])))
    assert tell(place(market, ("stool", 1))) == [("office", "10.00")]


def test_what_is_signed_is_charged(market: Marketplace) -> None:
    terms = CommissionTerms(Decimal("0.12"), {"books": Decimal("0.15"), "office": Decimal("0.05")}, eur("0.20"))
    signed = Agreement("a1", "acme", Period(NOON - timedelta(days=1)), commission=terms)
    market.agreements.sign(signed, scope=market.as_operator())
    save(market, CommissionRule("default", percent("0.50"), priority=10))
    part = place(market, ("mug", 1), ("novel", 1), ("chair", 1))
    assert tell(part) == [
        ("a1", "1.20"),
        ("a1:+", "0.20"),
        ("a1:books", "15.00"),
        ("a1:+", "0.20"),
        ("a1:office", "5.00"),
        ("a1:+", "0.20"),
    ]
    first = (part.commissions or ())[0]
    assert first.explain().to_text() == "commission of line l1: 1.20 EUR - agreement a1: 12 % of 10.00 EUR net"
    other = Cart.of("c2", buyer="ann", lines=[CartLine("l1", "mug", offer="bolt-mug")])
    order = market.place(other, key="k2", scope=market.as_operator())
    assert tell(order.merchant_orders[0]) == [("default", "6.00")]  # nothing is signed with bolt


def test_the_nearest_category_that_was_signed_holds(market: Marketplace) -> None:
    rates = {"office": Decimal("0.10"), "chairs": Decimal("0.07"), "books": Decimal("0.15")}
    signed = Agreement("a1", "acme", commission=CommissionTerms(by_category=rates))
    market.agreements.sign(signed, scope=market.as_operator())
    assert tell(place(market, ("chair", 1), ("mug", 1))) == [("a1:chairs", "7.00")]


def test_an_agreement_that_says_nothing_of_commission_leaves_it_to_the_rules(market: Marketplace) -> None:
    market.agreements.sign(Agreement("a1", "acme"), scope=market.as_operator())
    save(market, CommissionRule("default", percent("0.50")))
    assert tell(place(market, ("mug", 1))) == [("default", "5.00")]
    zero = Agreement("a2", "acme", Period(NOON), commission=CommissionTerms(Decimal(0)))
    market.agreements.sign(zero, scope=market.as_operator())
    assert tell(place(market, ("mug", 1), key="k2")) == [("a2", "0.00")]


def test_commission_follows_cancellation(market: Marketplace) -> None:
    save(
        market,
        CommissionRule("sale", percent("0.10")),
        CommissionRule("kept", Fixed(eur("0.10")), group="kept", reversal=Reversal.KEEP),
        CommissionRule("ship", percent("0.20"), on=CommissionOn.FREIGHT),
        CommissionRule("once", Fixed(eur("3.00"), per=Per.ORDER), group="once"),
    )
    part = place(market, ("mug", 10), ("novel", 1))
    assert str(part.commission) == "25.10 EUR"  # 10.00 + 10.00 on lines, 1.10 kept, 1.00 on freight, 3.00 once
    assert part.commission_reversals == ()
    acme = market.as_merchant("acme")
    part = market.fire(part.id, "cancel by merchant", key="x1", scope=acme, lines={"l1": 4})
    # 4.00 of the mugs' 10.00, and of the 3.00 what four mugs are of 200.00: 0.60.
    assert [(step.commission.split(":")[-1], str(step.amount)) for step in part.list_reversals()] == [
        ("sale", "4.00 EUR"),
        ("once", "0.60 EUR"),
    ]
    assert str(part.commission) == "20.50 EUR"
    part = market.fire(part.id, "cancel by merchant", key="x2", scope=acme)
    assert str(part.commission) == "1.10 EUR"
    assert market.orders.get_merchant_order(part.id, scope=acme).commission == part.commission
    assert market.verify() == ()


@pytest.mark.parametrize("steps", [(1, 1, 1), (2, 1), (3,)])
def test_however_it_is_cancelled_nothing_remains(market: Marketplace, steps: tuple[int, ...]) -> None:
    save(market, CommissionRule("sale", percent("0.1111")))
    part = place(market, ("mug", 3))
    assert str(part.commission) == "3.33 EUR"
    for number, pieces in enumerate(steps):
        part = market.fire(
            part.id, "cancel by merchant", key=f"x{number}", scope=market.as_merchant("acme"), lines={"l1": pieces}
        )
    assert str(part.commission) == "0.00 EUR"


def test_a_commission_that_is_not_shown_is_absent_and_not_zero(market: Marketplace) -> None:
    save(market, CommissionRule("sale", percent("0.10")))
    part = place(market, ("mug", 1))
    packer = User("fay", Party.MERCHANT, "acme", roles=frozenset({"merchant-fulfilment"}))
    market.access.save_user(packer, scope=market.as_merchant("acme"))
    seen = [
        market.orders.get(part.order, scope=market.as_buyer("ann")).merchant_orders[0],
        market.orders.get_merchant_order(part.id, scope=market.as_user("fay")),
    ]
    assert [(one.commission, one.commissions, one.commission_reversals) for one in seen] == [(None, None, None)] * 2
    assert str(market.orders.get_merchant_order(part.id, scope=market.as_merchant("acme")).commission) == "1.00 EUR"


def test_rules_ask_for_attributes_of_merchants_and_for_what_goes_into_the_order(market: Marketplace) -> None:
    save(
        market,
        CommissionRule("sp", percent("0.10"), where=SaleFilter(merchant_attributes={"state": ["SP"]})),
        CommissionRule("rj", percent("0.20"), where=SaleFilter(merchant_attributes={"state": ["RJ"]})),
        CommissionRule("app", percent("0.01"), group="app", where=SaleFilter(channels=["app"])),
    )
    lines = (CartLine("l1", "mug", offer="mug"), CartLine("l2", "mug", offer="bolt-mug"))
    order = market.place(Cart.of("c", buyer="ann", lines=lines), key="k", scope=market.as_operator())
    assert [tell(part) for part in order.merchant_orders] == [[("sp", "1.00")], [("rj", "2.40")]]


def test_the_fee_bears_the_tax_of_the_merchants_seat(clock: ManualClock) -> None:
    policy = CommissionPolicy(fee_tax=FeeTaxPolicy("DE", Decimal("0.19")))
    with Marketplace.in_memory("EUR", clock=clock, ids=CountingIds(), commissions=policy) as market:
        french = Identifier.parse("vat", "FR 40 303 265 045")
        with market.store.begin(market.as_operator()) as unit:
            unit.repository(PROFILES).add(MerchantProfile("bolt", "Bolt", "FR", identifiers=(french,)))
            unit.repository(PROFILES).add(MerchantProfile("acme", "Acme", "DE"))
            unit.commit()
        save(market, CommissionRule("sale", percent("0.10")))
        lines = [
            CommissionLine(merchant, merchant, quantity=1, net=eur("87.12"), gross=eur("87.12"))
            for merchant in ("acme", "bolt", "cosy")
        ]
        taken = market.commissions.calculate(lines, scope=market.as_operator())
        assert [(str(one.amount.amount), str(one.tax.amount), one.tax_reason.value) for one in taken] == [
            ("8.71", "1.65", "standard"),
            ("8.71", "0.00", "reverse-charge"),
            ("8.71", "1.65", "standard"),
        ]


MONTHLY = CommissionRule(
    "monthly",
    Tiers(
        [Tier(eur(start), Decimal(rate)) for start, rate in (("0", "0.12"), ("200", "0.10"))],
        by=TierBy.VOLUME,
        time_zone="Europe/Berlin",
    ),
)


def test_the_volume_of_the_month_is_counted_over_orders(market: Marketplace, clock: ManualClock) -> None:
    save(market, MONTHLY)
    assert tell(place(market, ("novel", 1), key="k1")) == [("monthly", "12.00")]
    assert tell(place(market, ("novel", 2), key="k2")) == [("monthly", "22.00")]  # 100 at 12 %, 100 at 10 %
    clock.advance(timedelta(days=31))
    assert tell(place(market, ("novel", 1), key="k3")) == [("monthly", "12.00")]


@pytest.mark.slow
def test_orders_at_once_count_each_sale_once(tmp_path: Path, clock: ManualClock) -> None:
    with open_market("postgresql", tmp_path, clock, FILES) as market:
        save(market, MONTHLY)
        with ThreadPoolExecutor(8) as pool:
            parts = list(pool.map(lambda n: place(market, ("novel", 1), key=f"k{n}"), range(12)))
        # Whatever their order: 200.00 at 12 %, the other 1,000.00 at 10 %.
        assert str(Money.sum([part.commission for part in parts if part.commission is not None])) == "124.00 EUR"


def test_a_rule_is_written_by_the_operator_read_archived_and_kept(market: Marketplace) -> None:
    operator = market.as_operator()
    stored = market.commissions.save_rule(CommissionRule("sale", percent("0.10")), scope=operator)
    assert market.commissions.get_rule("sale", scope=operator) == stored
    changed = market.commissions.save_rule(attrs.evolve(stored, terms=percent("0.20")), scope=operator)
    with pytest.raises(StaleVersion):
        market.commissions.save_rule(stored, scope=operator)
    part = place(market, ("mug", 1))
    assert [(entry.rule, entry.rule_version) for entry in part.commissions or ()] == [("sale", 2)]
    archived = market.commissions.archive_rule("sale", scope=operator)
    assert (archived.is_active, archived.version) == (False, 3)
    assert market.commissions.archive_rule("sale", scope=operator) == archived
    assert market.commissions.rules.page(scope=operator).items == (archived,)
    assert tell(place(market, ("mug", 1), key="k2")) == []
    assert changed.terms == percent("0.20")


def test_merchants_neither_write_nor_read_rules_and_see_what_they_take_of_them(market: Marketplace) -> None:
    save(market, CommissionRule("sale", percent("0.10")))
    acme = market.as_merchant("acme")
    for call in (
        lambda: market.commissions.save_rule(CommissionRule("x", percent("0")), scope=acme),
        lambda: market.commissions.archive_rule("sale", scope=acme),
        lambda: market.commissions.lint(scope=acme),
        lambda: market.commissions.rules.page(scope=acme),  # an empty page would say that nothing is taken
    ):
        with pytest.raises(PermissionDenied):
            call()
    with pytest.raises(NotFound):
        market.commissions.get_rule("sale", scope=acme)
    line = CommissionLine("1", "acme", quantity=1, net=eur("10"), gross=eur("10"))
    assert [str(one.amount) for one in market.commissions.calculate([line], scope=acme)] == ["1.00 EUR"]
    for scope in (market.as_merchant("bolt"), market.as_buyer("ann")):
        with pytest.raises(NotFound):
            market.commissions.calculate([line], scope=scope)


def test_only_agreements_make_signed_rules(market: Marketplace) -> None:
    with pytest.raises(InvalidValue, match="empty for a rule that is stored"):
        save(market, CommissionRule("x", percent("0"), agreement="a1"))


def test_lint_says_what_a_rule_names_that_does_not_exist(market: Marketplace) -> None:
    save(
        market,
        CommissionRule("books", percent("0.10"), category="boks"),
        CommissionRule("orlik", percent("0.10"), where=SaleFilter(brands=["Orlik", "Solara"])),
        CommissionRule("ghost", percent("0.10"), merchant="ghost", group="g"),
        CommissionRule("sku", percent("0.10"), where=SaleFilter(skus=["mugg"]), group="h"),
        CommissionRule("office", percent("0.10"), category="office", group="j"),
    )
    with market.store.begin(market.as_operator()) as unit:  # as an earlier release let it be written
        unit.repository(COMMISSION_RULES).add(CommissionRule("usd", Fixed(Money.of("1", "USD")), group="i"))
        unit.commit()
    found = market.commissions.lint(scope=market.as_operator())
    assert [(notice.where.split()[-1], notice.message, notice.remedy) for notice in found] == [
        ("books", "it can never match: there is no category 'boks'", "correct the name, or archive the rule"),
        ("ghost", "it can never match: there is no merchant 'ghost'", "correct the name, or archive the rule"),
        ("orlik", "there is no brand 'Solara'", "correct the name, or remove it"),
        ("sku", "it can never match: there is no SKU 'mugg'", "correct the name, or archive the rule"),
        ("usd", "it can never match: it says nothing in EUR, which orders are paid in", "give its amounts in EUR"),
    ]


def test_a_category_may_be_created_after_its_rule(market: Marketplace) -> None:
    save(market, CommissionRule("toys", percent("0.10"), category="toys"))
    assert len(market.commissions.lint(scope=market.as_operator())) == 1
    market.catalog.save_category(Category("toys", "Toys"), scope=market.as_operator())
    assert market.commissions.lint(scope=market.as_operator()) == ()


def test_other_rules_are_replayed_over_what_was_sold(market: Marketplace, clock: ManualClock) -> None:
    save(market, CommissionRule("sale", percent("0.10")))
    place(market, ("mug", 2), ("chair", 1), key="k1")
    clock.advance(timedelta(days=31))
    place(market, ("novel", 3), key="k2")
    lines = (CartLine("l1", "mug", offer="bolt-mug"),)
    market.place(Cart.of("c3", buyer="ann", lines=lines), key="k3", scope=market.as_operator())
    rules = [
        CommissionRule("office", percent("0.20"), category="office", priority=1),
        CommissionRule("rest", percent("0.05")),
        CommissionRule("ship", percent("0.10"), on=CommissionOn.FREIGHT),
    ]
    found = market.commissions.replay(Period(), rules, scope=market.as_operator())
    assert [one.explain().to_text() for one in found] == [
        "merchant acme: -5.00 EUR - 37.00 EUR in place of 42.00 EUR in 2 orders",
        "merchant bolt: -0.60 EUR - 0.60 EUR in place of 1.20 EUR in 1 orders",
    ]
    july = Period(NOON, NOON + timedelta(days=1))
    (acme,) = market.commissions.replay(july, rules, scope=market.as_operator())
    assert (acme.orders, str(acme.replayed)) == (1, "21.50 EUR")
    with ThreadPoolExecutor(2) as pool:
        assert market.commissions.replay(Period(), rules, scope=market.as_operator(), executor=pool) == found
    (acme, _) = market.commissions.replay(Period(), [MONTHLY], scope=market.as_operator())
    assert str(acme.replayed) == "48.40 EUR"  # 120.00 at 12 % in July; 200.00 at 12 % and 100.00 at 10 % in August
    with pytest.raises(PermissionDenied):
        market.commissions.replay(Period(), rules, scope=market.as_merchant("acme"))


def test_an_order_that_is_refused_adds_nothing_to_the_volume(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(market, MONTHLY)
    taken = Claim("summer", "promotion/summer/uses", amount=1, limit=1)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(place_order, "claim_all", lambda *_: taken)
        with pytest.raises(PlacementRefused):
            place(market, ("novel", 3), key="k1")
    with market.store.begin(market.as_operator()) as unit:
        assert unit.counters.count("commission-volume/monthly/acme/2026-07") == 0
    place(market, ("novel", 1), key="k2")
    with market.store.begin(market.as_operator()) as unit:
        assert unit.counters.count("commission-volume/monthly/acme/2026-07") == 10_000


NEW_FIELDS = (
    *("on", "lines", "merchant_order", "rule_version", "agreement", "quantity", "terms", "sold_before", "clamps"),
    *("tax", "tax_rate", "tax_reason", "reversal", "rounding", "at", "id"),
)


def test_an_order_of_the_last_release_is_read_and_given_back(market: Marketplace) -> None:
    save(market, CommissionRule("sale", percent("0.10")))
    part = place(market, ("mug", 10))
    document = json.loads(to_json(part))
    del document["commission_reversals"]
    for entry in document["commissions"]:
        for field in NEW_FIELDS:
            del entry[field]
    old = from_json(json.dumps(document))
    assert isinstance(old, MerchantOrder)
    assert str(old.commission) == "10.00 EUR"
    (entry,) = old.commissions or ()
    assert (entry.id, entry.lines, str(entry.tax), entry.at) == ("item:l1:sale:sale", ("l1",), "0.00 EUR", None)
    assert find_commission_contradictions(entry) == ()
    assert str(reverse_commission(entry, refunded=4, of=10).amount) == "4.00 EUR"


@pytest.mark.parametrize(
    ("terms", "rate"),
    [
        ({"rate": "0", "by_category": {}, "fixed": None}, None),
        ({"rate": "0.00", "by_category": {}, "fixed": None}, None),
        ({"rate": "0.12", "by_category": {}, "fixed": None}, Decimal("0.12")),
        ({"rate": "0", "by_category": {"books": "0.15"}, "fixed": None}, Decimal(0)),
    ],
)
def test_an_agreement_that_was_stored_without_a_rate_says_nothing_of_commission(
    terms: dict[str, object], rate: Decimal | None
) -> None:
    document = json.loads(to_json(Agreement("a1", "acme")))
    read = from_json(json.dumps({**document, "$type": "parties.agreement.v1", "commission": terms}))
    assert isinstance(read, Agreement)
    assert read.commission.rate == rate
    assert read.commission.is_silent() is (rate is None)
