"""Each column of a row: what it takes, and that one faulty column hides no other."""

from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mktcore.commissions import (
    COMMISSION_RULES,
    AmountBand,
    CommissionBase,
    CommissionOn,
    CommissionRule,
    Fixed,
    Per,
    Percentage,
    Reversal,
    SaleFilter,
    Tier,
    TierBy,
    Tiers,
)
from mktcore.delivery import SHIPPING_FEES
from mktcore.errors import InvalidValue
from mktcore.loading.folder_records import FolderContents
from mktcore.loading.load_faults import LoadFaults
from mktcore.loading.read_folder import read_folder
from mktcore.money import Currency, Money, Rounding
from mktcore.offers import OFFERS
from mktcore.parties import Merchant
from mktcore.pricing import PRICE_SCHEDULES
from mktcore.taxes import TAX_RULES

OFFER_COLUMNS = "offer,merchant,sku,price,stock,valid_from,valid_until\n"


def read(folder: Path, **files: str) -> tuple[FolderContents, list[str]]:
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content)
    faults = LoadFaults()
    return read_folder(folder, Currency.of("EUR"), faults), [str(problem) for problem in faults.problems]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0001-01-01T00:00:00+14:00", "lies outside the years 1 to 9999 in UTC"),
        ("9999-12-31T23:59:59-12:00", "lies outside the years 1 to 9999 in UTC"),
        ("2026-01-01T00:00:00.00000000000000+00:00garbage", "is no date"),
        ("2026-01-01T00:00:00+00:00 and more", "is no date"),
        ("2026W01T18", "is no date"),
        ("20260101", "is no date"),
        ("2026-02-30", "is no date"),
        ("2026-01-01T25:00Z", "is no date"),
        ("2026-01-01T18", "is no date"),
        ("2026-01-01T18:00", "has no time zone"),
        ("2026-01-01", "has no time zone"),
        ("2026-01-01T24:00Z", "is no date"),
        ("2026-01-01 18:00:00.5", "has no time zone"),
        ("\u0662\u0660\u0662\u0666-\u0660\u0661-\u0660\u0661", "is no date"),
    ],
)
def test_what_is_no_instant_is_a_fault_of_its_column(tmp_path: Path, text: str, reason: str) -> None:
    _, faults = read(tmp_path, offers=OFFER_COLUMNS + f"o1,acme,camera,1.00,5,{text},\n")
    assert len(faults) == 1
    assert faults[0].startswith("offers.csv:2:valid_from: '")
    assert f" {reason} (" in faults[0]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-12-31T18:00Z", "2026-12-31T18:00:00+00:00"),
        ("2026-12-31 18:00:00.25+01:00", "2026-12-31T17:00:00.250000+00:00"),
        ("2026-12-31T18:00:00-0530", "2026-12-31T23:30:00+00:00"),
    ],
)
def test_an_instant_is_kept_in_utc(tmp_path: Path, text: str, utc: str) -> None:
    files, faults = read(tmp_path, offers=OFFER_COLUMNS + f"o1,acme,camera,1.00,5,{text},\n")
    assert not faults
    start = files.records(OFFERS)["o1"].valid.start
    assert start is not None
    assert start.isoformat() == utc


RULE_COLUMNS = (
    "rule,group,priority,on,base,rate,fixed,fixed_per,tiers,tiers_by,slab,floor,cap,bounds_per,rounding,reversal,active,"
    "categories,brands,price_from,price_below,merchant_attributes,channels,except_merchants,except_brands\n"
)


def test_a_commission_rule_of_any_sort_is_a_row(tmp_path: Path) -> None:
    rows = (
        "plain,,,,,0.12,,,,,,,,,,,,,,,,,,,\n"
        "bands,sale,5,item,net-before-reductions,,,,0:0.15; 100:0.10; 500:0.05,unit-price,yes,0.50,9.00,piece,"
        "half-even,"
        "keep,no,photo; goods,Orlik,10.00,99.50,state=SP|RJ; tier=gold,web; app,acme; bolt,Solara\n"
        "ship,freight,,freight,,,2.00,order,,,,,,,,,,,,,,,,,\n"
    )
    files, faults = read(tmp_path, commission_rules=RULE_COLUMNS + rows)
    assert not faults
    rules = files.records(COMMISSION_RULES)
    assert rules["plain"] == CommissionRule("plain", Percentage(Decimal("0.12")))
    assert rules["ship"] == CommissionRule(
        "ship", Fixed(Money.of("2.00", "EUR"), per=Per.ORDER), group="freight", on=CommissionOn.FREIGHT
    )
    starts = (("0", "0.15"), ("100", "0.10"), ("500", "0.05"))
    assert rules["bands"] == CommissionRule(
        "bands",
        Tiers(
            [Tier(Money.of(start, "EUR"), Decimal(rate)) for start, rate in starts], by=TierBy.UNIT_PRICE, is_slab=True
        ),
        priority=5,
        base=CommissionBase.NET_BEFORE,
        floor=Money.of("0.50", "EUR"),
        cap=Money.of("9.00", "EUR"),
        bounds_per=Per.PIECE,
        rounding=Rounding.HALF_EVEN,
        reversal=Reversal.KEEP,
        is_active=False,
        where=SaleFilter(
            categories=["photo", "goods"],
            brands=["Orlik"],
            price=AmountBand(Money.of("10.00", "EUR"), Money.of("99.50", "EUR")),
            merchant_attributes={"state": ["SP", "RJ"], "tier": ["gold"]},
            channels=["web", "app"],
            excluding=[SaleFilter(brands=["Solara"]), SaleFilter(merchants=["acme", "bolt"])],
        ),
    )


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"tiers": "0:15"}, "tiers"),
        ({"tiers": "0-0.1"}, "tiers"),
        ({"tiers": "5:0.1; 5:0.2"}, "tiers"),
        ({"tiers": "0:0.1", "rate": "0.1"}, "rate"),
        ({"rate": "0.1", "on": "goods"}, "on"),
        ({"rate": "0.1", "floor": "2", "cap": "1"}, "rule"),
        ({"rate": "0.1", "price_from": "5", "price_below": "5"}, "price_below"),
        ({"rate": "0.1", "merchant_attributes": "SP"}, "merchant_attributes"),
        ({"rate": "0.1", "rounding": "up-half"}, "rounding"),
        ({"fixed": "1.00", "fixed_per": "box"}, "fixed_per"),
    ],
)
def test_a_faulty_commission_rule_is_told_of_by_column(tmp_path: Path, cells: dict[str, str], column: str) -> None:
    row = "rule," + ",".join(cells) + "\nr1," + ",".join(cells.values()) + "\n"
    _, faults = read(tmp_path, commission_rules=row)
    assert [fault.split(": ")[0] for fault in faults] == [f"commission_rules.csv:2:{column}"]


@pytest.mark.parametrize(
    ("row", "start", "end"),
    [
        ("2026-11-23,2026-11-29", "2026-11-22T23:00:00+00:00", "2026-11-29T23:00:00+00:00"),
        ("2026-10-25,2026-10-25", "2026-10-24T22:00:00+00:00", "2026-10-25T23:00:00+00:00"),
        ("2026-11-23 09:30,2026-11-29T18:00", "2026-11-23T08:30:00+00:00", "2026-11-29T17:00:00+00:00"),
        ("2026-11-23T00:00Z,", "2026-11-23T00:00:00+00:00", None),
    ],
)
def test_a_date_is_a_day_on_the_clocks_that_the_load_is_told(
    tmp_path: Path, row: str, start: str, end: str | None
) -> None:
    (tmp_path / "offers.csv").write_text(OFFER_COLUMNS + f"o1,acme,camera,1.00,5,{row}\n")
    faults = LoadFaults()
    files = read_folder(tmp_path, Currency.of("EUR"), faults, zone=ZoneInfo("Europe/Berlin"))
    valid = files.records(OFFERS)["o1"].valid
    assert [at and at.isoformat() for at in (valid.start, valid.end)] == [start, end]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-03-29T02:30", "does not exist: the clocks of Europe/Berlin skip it"),
        ("2026-10-25T02:30", "is there twice: the clocks of Europe/Berlin are put back over it"),
    ],
)
def test_a_time_that_the_clocks_do_not_show_once_is_a_fault(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "offers.csv").write_text(OFFER_COLUMNS + f"o1,acme,camera,1.00,5,{text},\n")
    faults = LoadFaults()
    read_folder(tmp_path, Currency.of("EUR"), faults, zone=ZoneInfo("Europe/Berlin"))
    assert [f"{problem.where}: {problem.message}" for problem in faults.problems] == [
        f"offers.csv:2:valid_from: '{text}' {reason}"
    ]


def test_the_time_zone_of_a_row_goes_first(tmp_path: Path) -> None:
    columns = "schedule,price,valid_from,time_zone\n"
    (tmp_path / "price_schedules.csv").write_text(columns + "s1,1.00,2026-07-01,Asia/Tokyo\ns2,1.00,2026-07-01,\n")
    faults = LoadFaults()
    files = read_folder(tmp_path, Currency.of("EUR"), faults, zone=ZoneInfo("Europe/Berlin"))
    assert not faults.problems
    starts = [schedule.valid.start for schedule in files.records(PRICE_SCHEDULES).values()]
    assert [start and start.isoformat() for start in starts] == [
        "2026-06-30T15:00:00+00:00",
        "2026-06-30T22:00:00+00:00",
    ]
    (tmp_path / "price_schedules.csv").write_text(columns + "s1,1.00,2026-07-01,Mars/Olympus\n")
    read_folder(tmp_path, Currency.of("EUR"), faults)
    assert [problem.where for problem in faults.problems] == ["price_schedules.csv:2:valid_from"]


def test_windows_and_calendars_are_on_the_clocks_that_the_load_is_told(tmp_path: Path) -> None:
    recurring = "schedule,price,recurs,first_day,opens,minutes\ns1,1.00,FREQ=DAILY,2026-07-01,18:00,60\n"
    (tmp_path / "price_schedules.csv").write_text(recurring)
    tiers = "rule,tiers,tiers_by,period\nr1,0:0.15; 100:0.10,volume,month\n"
    (tmp_path / "commission_rules.csv").write_text(tiers)
    for zone, name in ((ZoneInfo("Europe/Berlin"), "Europe/Berlin"), (None, "UTC")):
        faults = LoadFaults()
        files = read_folder(tmp_path, Currency.of("EUR"), faults, zone=zone)
        assert not faults.problems
        schedule, rule = files.records(PRICE_SCHEDULES)["s1"], files.records(COMMISSION_RULES)["r1"]
        assert schedule.recurs is not None
        assert isinstance(rule.terms, Tiers)
        assert (schedule.recurs.time_zone, rule.terms.time_zone) == (name, name)


@pytest.mark.parametrize(("day", "opens"), [("20260701", "18:00"), ("2026-W27-3", "18:00"), ("2026-07-01", "18")])
def test_a_day_and_a_time_have_one_form(tmp_path: Path, day: str, opens: str) -> None:
    _, faults = read(
        tmp_path,
        price_schedules=f"schedule,price,recurs,first_day,opens,minutes\ns1,1.00,FREQ=DAILY,{day},{opens},60\n",
    )
    assert ["is not what a recurring window needs" in fault for fault in faults] == [True]


def test_every_faulty_column_of_a_row_is_reported(tmp_path: Path) -> None:
    files, faults = read(
        tmp_path,
        offers="currency," + OFFER_COLUMNS + "USD,o 1,gh ost,nosku,12x,-1,2026-12-31T00:00Z,2026-12-01T00:00Z\n",
        price_breaks="offer,quantity,price\nnone,1,x\n",
        commission_rules="rule,priority,merchant,category,rate,fixed\nr 1,x,nobody,toys,1.5,\n",
    )
    places = {fault.split(": ")[0] for fault in faults}
    places |= {f"{one.file}:{line}:{one.column}" for one in files.references.values() for line in one.lines}
    assert places == {
        "offers.csv:2:currency",
        "offers.csv:2:offer",
        "offers.csv:2:merchant",
        "offers.csv:2:sku",
        "offers.csv:2:price",
        "offers.csv:2:stock",
        "offers.csv:2:valid_until",
        "price_breaks.csv:2:offer",
        "price_breaks.csv:2:quantity",
        "price_breaks.csv:2:price",
        "commission_rules.csv:2:rule",
        "commission_rules.csv:2:priority",
        "commission_rules.csv:2:merchant",
        "commission_rules.csv:2:category",
        "commission_rules.csv:2:rate",
    }


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("skus", f"sku,name,tax_category\ncamera,Camera,{'x' * 1500}\n", "skus.csv:2:tax_category: 1500 characters"),
        ("skus", f"sku,name,tax_category,category\nc,C,,{'x' * 501}\n", "skus.csv:2:category: 501 characters"),
        ("commission_rules", f"rule,rate\nr1,{'9' * 1500}\n", "commission_rules.csv:2:rate: 1500 characters"),
        ("shipping_fees", f"merchant,fee,free_from\na,1,{'9' * 1500}\n", "shipping_fees.csv:2:free_from: 1500"),
        ("merchants", f"merchant,name\n{'m' * 61},M\n", "merchants.csv:2:merchant: 61 characters (the id of a"),
        ("merchants", f"merchant,name\n{'m' * 121},M\n", "merchants.csv:2:merchant: 'mmmmm"),
        ("tax_rates", "tax_category,name,rate\nstandard,,0.19\n", "tax_rates.csv:2:name: it is empty"),
        ("tax_rates", "tax_category,name,rate\nstandard,VAT,1\n", "tax_rates.csv:2:rate: 1 is the whole (1 % is 0.01;"),
    ],
)
def test_one_fault_is_reported_once(tmp_path: Path, name: str, content: str, fault: str) -> None:
    _, faults = read(tmp_path, **{name: content})
    assert len(faults) == 1
    assert faults[0].startswith(fault)


def test_a_tax_may_have_any_name(tmp_path: Path) -> None:
    names = [
        "VAT",
        "VAT 19%",
        "VAT (std)",
        "Impôt réduit",
        "\u041d\u0414\u0421",
        "VAT A",
        "VAT-A",
        "VAT_A",
        "vat",
        "V:A",
        "x" * 1000,
    ]
    rows = "".join(f"{category},{name},0.19\n" for category in ("standard", "c" * 120) for name in names)
    files, faults = read(tmp_path, tax_rates="tax_category,name,rate\n" + rows)
    assert not faults
    assert len(files.records(TAX_RULES)) == 2 * len(names)
    assert [rule.name for rule in files.records(TAX_RULES).values()] == 2 * names
    assert files.records(TAX_RULES)["standard:VAT-A"].name == "VAT-A"


def test_a_commission_of_everything_is_a_rate(tmp_path: Path) -> None:
    files, faults = read(tmp_path, commission_rules="rule,rate\nall,1\n")
    assert not faults
    assert str(files.records(COMMISSION_RULES)["all"].terms) == "100 %"


def test_a_merchants_id_leaves_room_for_the_ids_that_hold_it() -> None:
    assert Merchant("m" * 60, "M").id == "m" * 60
    with pytest.raises(InvalidValue, match="60 characters at most"):
        Merchant("m" * 61, "M")


def test_a_fee_without_an_amount_is_left_out(tmp_path: Path) -> None:
    files, faults = read(tmp_path, shipping_fees="merchant,fee\nacme,\n")
    assert faults == ["shipping_fees.csv:2:fee: it is empty"]
    assert not files.records(SHIPPING_FEES)
