"""What terms take: tiers, fixed amounts, floors and caps, and the tax on the fee, to the cent."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import attrs
import pytest

from mktcore.commissions import (
    Commission,
    CommissionBase,
    CommissionLine,
    CommissionOn,
    CommissionRule,
    Fixed,
    Per,
    Percentage,
    Tier,
    TierBy,
    Tiers,
)
from mktcore.commissions.commission_book import CommissionBook
from mktcore.commissions.commission_policy import CommissionPolicy
from mktcore.commissions.commissionable_line import LineNature, SaleFacts
from mktcore.commissions.fee_tax import FeeTax, FeeTaxPolicy, FeeTaxReason, MerchantSeat
from mktcore.commissions.fee_terms import VolumePeriod
from mktcore.commissions.verify_commission import find_commission_contradictions
from mktcore.errors import InvalidValue
from mktcore.money import CurrencyMismatch, Money, Rounding

NOW = datetime(2026, 5, 1, tzinfo=UTC)
BANDS = (("0", "0.15"), ("100", "0.10"), ("500", "0.05"))
VAT = FeeTax(Decimal("0.19"), FeeTaxReason.STANDARD)
UNBOUND = CommissionPolicy(is_within_proceeds=False)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def percent(rate: str) -> Percentage:
    return Percentage(Decimal(rate))


def make_tiers(*bands: tuple[str, str], by: TierBy = TierBy.LINE, is_slab: bool = False) -> Tiers:
    return Tiers([Tier(eur(start), Decimal(rate)) for start, rate in bands], by=by, is_slab=is_slab)


def sell(net: str, quantity: int = 1, *, key: str = "1", sale: SaleFacts | None = None) -> CommissionLine:
    line = CommissionLine(key, "acme", quantity=quantity, net=eur(net), gross=eur(net))
    return line if sale is None else attrs.evolve(line, sale=sale)


def take(
    rules: CommissionRule | list[CommissionRule],
    *lines: CommissionLine,
    policy: CommissionPolicy = CommissionPolicy(),  # noqa: B008 - frozen
) -> tuple[Commission, ...]:
    entries = CommissionBook(rules if isinstance(rules, list) else [rules], policy).calculate(lines, now=NOW)
    assert [problem for entry in entries for problem in find_commission_contradictions(entry)] == []
    return entries


def amounts(entries: tuple[Commission, ...]) -> list[str]:
    return [str(entry.amount.amount) for entry in entries]


def test_marginal_bands_with_a_floor_and_tax_on_each_fee() -> None:
    rule = CommissionRule("bands", make_tiers(*BANDS), floor=eur("0.50"))
    taxed = SaleFacts(fee_tax=VAT)
    large, small = take(rule, sell("588.22", 2, sale=taxed), sell("2.09", key="2", sale=taxed))
    assert (str(large.amount), str(large.tax)) == ("59.41 EUR", "11.29 EUR")
    assert (str(small.amount), str(small.tax)) == ("0.50 EUR", "0.10 EUR")
    assert [(clamp.bound, str(clamp.before), str(clamp.after)) for clamp in small.clamps] == [
        ("floor", "0.31 EUR", "0.50 EUR")
    ]
    # Frozen line by line, and summed: of the sum it would be a cent less.
    assert str(large.tax + small.tax) == "11.39 EUR"
    assert str(((large.amount + small.amount) * Decimal("0.19")).round(Rounding.HALF_UP)) == "11.38 EUR"


def test_a_slab_takes_the_whole_at_one_rate() -> None:
    rule = CommissionRule("slab", make_tiers(*BANDS, is_slab=True))
    assert amounts(take(rule, sell("499.99"), sell("500.00", key="2"))) == ["50.00", "25.00"]


def test_the_unit_price_can_decide() -> None:
    by_piece = make_tiers(*BANDS, by=TierBy.UNIT_PRICE, is_slab=True)
    assert amounts(take(CommissionRule("r", by_piece), sell("500.00", 6))) == ["75.00"]  # 83.33 a piece
    assert amounts(take(CommissionRule("r", by_piece), sell("500.00", 5))) == ["50.00"]  # 100.00 a piece
    marginal = make_tiers(*BANDS, by=TierBy.UNIT_PRICE)
    assert amounts(take(CommissionRule("r", marginal), sell("1200.00", 2))) == ["120.00"]  # 15 + 40 + 5 for each piece


def test_below_the_first_tier_nothing_is_taken() -> None:
    rule = CommissionRule("r", make_tiers(("100", "0.10")))
    assert amounts(take(rule, sell("99.99"), sell("150.00", key="2"))) == ["0.00", "5.00"]


def test_the_volume_of_the_period_decides_where_a_sale_goes_on() -> None:
    monthly = make_tiers(("0", "0.12"), ("10000", "0.10"), ("25000", "0.08"), by=TierBy.VOLUME)
    rule, sold, taken = CommissionRule("monthly", monthly), 0, []
    for sale in ("6400", "4800", "17500"):
        (entry,) = take(rule, sell(sale, sale=SaleFacts(volume={"monthly": sold})))
        assert entry.sold_before == Money.from_minor(sold, "EUR")
        taken.append(str(entry.amount.amount))
        sold += entry.base.minor
    assert taken == ["768.00", "552.00", "1676.00"]


def test_lines_of_one_order_go_up_the_tiers_one_after_the_other() -> None:
    monthly = make_tiers(("0", "0.12"), ("10000", "0.10"), ("25000", "0.08"), by=TierBy.VOLUME)
    lines = [sell(sale, key=sale) for sale in ("6400", "4800", "17500")]
    assert amounts(take(CommissionRule("monthly", monthly), *lines)) == ["768.00", "552.00", "1676.00"]


def test_a_volume_slab_takes_the_rate_that_the_sale_reaches_of_this_sale_alone() -> None:
    slab = make_tiers(("0", "0.12"), ("10000", "0.10"), by=TierBy.VOLUME, is_slab=True)
    assert amounts(take(CommissionRule("r", slab), sell("6400", key="a"), sell("4800", key="b"))) == [
        "768.00",
        "480.00",
    ]


def test_a_period_is_of_its_own_calendar() -> None:
    new_year = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
    tiers = make_tiers(("0", "0.12"), by=TierBy.VOLUME)
    berlin = attrs.evolve(tiers, time_zone="Europe/Berlin")
    assert [tiers.name_period(new_year), berlin.name_period(new_year)] == ["2025-12", "2026-01"]
    assert attrs.evolve(berlin, period=VolumePeriod.QUARTER).name_period(new_year) == "2026-q1"
    assert attrs.evolve(berlin, period=VolumePeriod.YEAR).name_period(new_year) == "2026"
    with pytest.raises(InvalidValue, match="IANA"):
        attrs.evolve(tiers, time_zone="Mars/Olympus")


def test_thousands_of_tiers_cost_a_search() -> None:
    many = make_tiers(*((str(n), str(Decimal(n % 90) / 100)) for n in range(5000)))
    (entry,) = take(CommissionRule("r", many), sell("2500.00"))
    by_hand = sum((Decimal(n % 90) / 100 for n in range(2500)), Decimal(0))
    assert entry.amount.amount == by_hand.quantize(Decimal("0.01"))
    assert isinstance(entry.terms, Tiers)
    assert len(entry.terms.tiers) == 2501  # those it reached, and no others


@pytest.mark.parametrize(
    ("per", "expected"), [(Per.PIECE, ["3.00", "2.00"]), (Per.LINE, ["1.00", "1.00"]), (Per.ORDER, ["1.00"])]
)
def test_a_fixed_amount_counts_by_piece_line_or_order(per: Per, expected: list[str]) -> None:
    assert (
        amounts(take(CommissionRule("r", Fixed(eur("1.00"), per=per)), sell("50", 3), sell("70", 2, key="2")))
        == expected
    )


def test_a_fixed_amount_of_an_order_is_an_entry_of_its_own_over_its_lines() -> None:
    (entry,) = take(CommissionRule("r", Fixed(eur("1.00"), per=Per.ORDER)), sell("50", 3), sell("70", 2, key="2"))
    assert (entry.line, entry.lines, entry.quantity) == ("", ("1", "2"), 5)
    assert entry.explain().to_text() == "commission of the order: 1.00 EUR - rule r: 1.00 EUR an order"


def test_a_fixed_amount_is_taken_in_the_orders_currency_or_not_at_all() -> None:
    rule = CommissionRule("r", Fixed(eur("1.00"), others=[Money.of("1.10", "USD")]))
    dollars = CommissionLine("1", "acme", quantity=2, net=Money.of("9", "USD"), gross=Money.of("9", "USD"))
    (entry,) = take(rule, dollars)
    assert (str(entry.amount), entry.reason) == ("2.20 USD", "1.10 USD a piece for 2")
    pounds = CommissionLine("1", "acme", quantity=2, net=Money.of("9", "GBP"), gross=Money.of("9", "GBP"))
    fallback = CommissionRule("all", percent("0.10"), priority=-1)
    assert [one.rule for one in take([rule, fallback], pounds)] == ["all"]


@pytest.mark.parametrize("bounds", [{"floor": Money.of("1", "USD")}, {"cap": Money.of("1", "USD")}])
def test_a_bound_or_tier_in_another_currency_does_not_match_either(bounds: dict[str, Any]) -> None:
    bound = CommissionRule("r", percent("0.10"), **bounds)
    assert take(bound, sell("50")) == ()
    assert take(CommissionRule("r", Tiers([Tier(Money.zero("USD"), Decimal("0.1"))])), sell("50")) == ()


def test_a_percentage_is_held_between_floor_and_cap() -> None:
    pen = CommissionRule("pen", percent("0.05"), floor=eur("1.00"))
    screen = CommissionRule("tv", percent("0.10"), cap=eur("50.00"))
    assert amounts(take(pen, sell("4.00"))) == ["1.00"]
    (entry,) = take(screen, sell("900.00"))
    assert entry.explain().to_text() == (
        "commission of line 1: 50.00 EUR - rule tv: 10 % of 900.00 EUR net\n└─ cap: 50.00 EUR - instead of 90.00 EUR"
    )


@pytest.mark.parametrize(
    ("per", "expected"),
    [(Per.PIECE, ["3.00", "2.00"]), (Per.LINE, ["1.00", "1.00"]), (Per.ORDER, ["0.60", "0.40"])],
)
def test_a_floor_is_for_each_piece_or_line_or_for_all_of_an_order(per: Per, expected: list[str]) -> None:
    rule = CommissionRule("r", percent("0.01"), floor=eur("1.00"), bounds_per=per)
    assert amounts(take(rule, sell("30.00", 3), sell("20.00", 2, key="2"))) == expected


def test_a_cap_over_an_order_is_shared_by_what_each_line_took() -> None:
    rule = CommissionRule("r", percent("0.10"), cap=eur("5.00"), bounds_per=Per.ORDER)
    assert amounts(take(rule, sell("100.00"), sell("50.00", key="2"), sell("25.00", key="3"))) == [
        "2.86",
        "1.43",
        "0.71",
    ]


@pytest.mark.parametrize(
    ("mode", "expected"), [(Rounding.HALF_UP, "0.13"), (Rounding.HALF_EVEN, "0.12"), (Rounding.CEILING, "0.13")]
)
def test_the_rule_says_how_it_is_rounded(mode: Rounding, expected: str) -> None:
    assert amounts(take(CommissionRule("r", percent("0.05"), rounding=mode), sell("2.50"))) == [expected]


def test_the_base_is_before_or_after_whose_reductions_net_or_gross() -> None:
    """119.00 with tax; a voucher of 20.00, of which the merchant bears 12.00."""
    figures = {
        CommissionBase.NET_BEFORE: eur("100.00"),
        CommissionBase.NET_AFTER_ALL: eur("83.19"),
        CommissionBase.GROSS_BEFORE: eur("119.00"),
        CommissionBase.GROSS_AFTER_OWN: eur("107.00"),
    }
    line = CommissionLine("1", "acme", quantity=1, net=eur("89.91"), gross=eur("99.00"), figures=figures)
    taken = {
        base.value: amounts(take(CommissionRule("r", percent("0.12"), base=base), line))[0] for base in CommissionBase
    }
    assert taken == {
        "net": "10.79",
        "net-before-reductions": "12.00",
        "net-after-all-reductions": "9.98",
        "gross": "11.88",
        "gross-before-reductions": "14.28",
        "gross-after-merchant-borne": "12.84",
    }


def test_groups_together_take_no_more_than_a_line_brings() -> None:
    rules = [CommissionRule("fee", Fixed(eur("2.00")), group="fee"), CommissionRule("sale", percent("0.50"))]
    taken = take(rules, sell("3.00"))
    assert [(one.rule, str(one.amount)) for one in taken] == [("fee", "1.71 EUR"), ("sale", "1.29 EUR")]
    assert all(entry.clamps[-1].bound == "proceeds" for entry in taken)
    assert amounts(take(rules, sell("3.00"), policy=UNBOUND)) == ["2.00", "1.50"]


def test_what_is_taken_once_is_held_to_what_the_whole_order_leaves_and_never_to_a_line() -> None:
    once = CommissionRule("once", Fixed(eur("5.00"), per=Per.ORDER), group="once")
    rules = [once, CommissionRule("sale", percent("0.10"))]
    assert amounts(take(rules, sell("1.00"), sell("9.00", key="2"))) == ["0.10", "0.90", "5.00"]
    assert amounts(take(rules, sell("1.00"), sell("4.00", key="2"))) == ["0.10", "0.40", "4.50"]


def test_less_than_nothing_is_commissioned_with_nothing() -> None:
    refund = CommissionLine("1", "acme", quantity=1, net=eur("-5.00"), gross=eur("-5.95"))
    rules = [
        CommissionRule("p", percent("0.10"), floor=eur("0.50")),
        CommissionRule("t", make_tiers(*BANDS), group="tiers"),
        CommissionRule("f", Fixed(eur("1.00")), group="fixed"),
    ]
    assert amounts(take(rules, refund)) == ["0.00", "0.00", "0.00"]
    assert amounts(take(CommissionRule("p", percent("0.10")), refund, policy=UNBOUND)) == ["0.00"]


def test_huge_amounts_stay_exact() -> None:
    (entry,) = take(CommissionRule("r", percent("0.123456789")), sell("9" * 30))
    assert entry.amount == (eur("9" * 30) * Decimal("0.123456789")).round(Rounding.HALF_UP)


def test_freight_and_orders_are_commissioned_by_rules_of_their_own() -> None:
    freight = attrs.evolve(sell("5.00", key="shipping"), nature=LineNature.FREIGHT)
    rules = [
        CommissionRule("goods", percent("0.10")),
        CommissionRule("freight", percent("0.20"), on=CommissionOn.FREIGHT),
        CommissionRule("order", percent("0.01"), on=CommissionOn.ORDER),
    ]
    taken = take(rules, sell("100.00"), sell("50.00", key="2"), freight)
    assert [(str(one.on), one.line, one.lines, str(one.base.amount), str(one.amount.amount)) for one in taken] == [
        ("item", "1", ("1",), "100.00", "10.00"),
        ("item", "2", ("2",), "50.00", "5.00"),
        ("freight", "shipping", (), "5.00", "1.00"),
        ("order", "", ("1", "2"), "150.00", "1.50"),
    ]
    assert len({one.id for one in taken}) == 4


@pytest.mark.parametrize(
    ("seat", "rate", "reason"),
    [
        (MerchantSeat("DE"), "0.19", "standard"),
        (MerchantSeat("FR", is_registered=True), "0", "reverse-charge"),
        (MerchantSeat("FR"), "0.19", "standard"),
        (MerchantSeat("US"), "0", "none"),
        (MerchantSeat(), "0.19", "standard"),
    ],
)
def test_the_fee_is_taxed_by_the_merchants_seat(seat: MerchantSeat, rate: str, reason: str) -> None:
    found = FeeTaxPolicy("DE", Decimal("0.19")).find(seat)
    assert (found.rate, found.reason.value) == (Decimal(rate), reason)


def test_an_entry_says_its_tax() -> None:
    (entry,) = take(CommissionRule("r", percent("0.16")), sell("87.12", sale=SaleFacts(fee_tax=VAT)))
    assert entry.explain().to_text() == (
        "commission of line 1: 13.94 EUR - rule r: 16 % of 87.12 EUR net\n"
        "└─ tax on the fee: 2.65 EUR - 19 % on the marketplace's service"
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": eur("13.93")}, "it is 13.93 EUR, and not 13.94 EUR"),
        ({"base": eur("90.00")}, "it is 13.94 EUR, and not 14.40 EUR"),
        ({"tax": eur("0.01")}, "its tax is 0.01 EUR, and not 2.65 EUR"),
    ],
)
def test_an_entry_that_was_changed_contradicts_itself(changes: dict[str, Any], code: str) -> None:
    (entry,) = take(CommissionRule("r", percent("0.16")), sell("87.12", sale=SaleFacts(fee_tax=VAT)))
    notices = find_commission_contradictions(attrs.evolve(entry, **changes))
    assert any(code in notice.message for notice in notices)


@pytest.mark.parametrize(("starts", "rates"), [((), ()), (("5", "5"), ("0.1", "0.2")), (("5", "1"), ("0.1", "0.2"))])
def test_tiers_that_make_no_sense_are_refused(starts: tuple[str, ...], rates: tuple[str, ...]) -> None:
    with pytest.raises(InvalidValue, match="each starting above the last"):
        make_tiers(*zip(starts, rates, strict=True))


def test_bounds_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InvalidValue, match="at most the cap"):
        CommissionRule("r", percent("0.1"), floor=eur("2"), cap=eur("1"))
    with pytest.raises(InvalidValue, match="zero or more"):
        CommissionRule("r", percent("0.1"), cap=eur("-1"))
    with pytest.raises(CurrencyMismatch):
        CommissionRule("r", percent("0.1"), floor=eur("1"), cap=Money.of("2", "USD"))
    with pytest.raises(InvalidValue, match="zero or more"):
        Tier(eur("-1"), Decimal("0.1"))
    with pytest.raises(InvalidValue, match="one amount for each currency"):
        Fixed(eur("1"), others=[eur("2")])


def test_a_marginal_fee_never_falls_as_the_sale_grows() -> None:
    fees = [take(CommissionRule("r", make_tiers(*BANDS)), sell(str(net)))[0].amount for net in range(90, 600, 7)]
    assert all(low <= high for low, high in pairwise(fees))
