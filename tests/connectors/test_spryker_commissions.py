"""Commission rules from Spryker's CSV: their priorities ascend, and of equal ones the last created wins."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mktcore.commissions import CommissionLine, CommissionRule
from mktcore.commissions.commission_book import calculate_commissions
from mktcore.commissions.commissionable_line import SaleFacts
from mktcore.connectors.spryker import load_merchant_commissions
from mktcore.errors import InvalidValue
from mktcore.loading.load_faults import LoadRefused
from mktcore.money import Money
from mktcore.periods import Period

NOW = datetime(2026, 5, 1, tzinfo=UTC)
HEADER = (
    "key,name,description,valid_from,valid_to,is_active,amount,calculator_type_plugin,"
    "merchant_commission_group_key,priority,item_condition,order_condition\n"
)
GROSS = '"price-mode = ""GROSS_MODE"""'
ROWS = (
    f"c1,One,,2024-01-01,2029-06-01,1,5,percentage,primary,1,"
    f"item-price >= '500' AND category IS IN 'computer',{GROSS}\n"
    f"c2,Two,,2024-01-01,2029-06-01,1,10,percentage,primary,2,"
    f"item-price >= '200' AND item-price < '500' AND category IS IN 'computer;tablet',{GROSS}\n"
    f"c3,Rest,,2024-01-01,2029-06-01,1,12.5,percentage,primary,4,,{GROSS}\n"
    f"c4,Later,,2024-01-01,2029-06-01,1,13,percentage,primary,4,,{GROSS}\n"
    f"c5,Fee,,2024-01-01,2029-06-01,1,,fixed,secondary,4,,{GROSS}\n"
    f"c6,Old,,2020-01-01,2021-01-01,1,99,percentage,primary,1,,\n"
    f"c7,Off,,,,0,98,percentage,primary,1,,\n"
    f"c8,Net,,,,1,97,percentage,primary,1,,price-mode = 'NET_MODE'\n"
)
AMOUNTS = "merchant_commission_key,currency,value_net,value_gross\nc5,EUR,0,50\nc5,CHF,0,60\n"


def write(folder: Path, rows: str, header: str = HEADER) -> Path:
    path = folder / "merchant_commission.csv"
    path.write_text(header + rows, encoding="utf-8")
    return path


@pytest.fixture
def rules(tmp_path: Path) -> tuple[CommissionRule, ...]:
    (tmp_path / "amounts.csv").write_text(AMOUNTS, encoding="utf-8")
    return load_merchant_commissions(write(tmp_path, ROWS), "EUR", amounts=tmp_path / "amounts.csv")


def take(
    rules: tuple[CommissionRule, ...], category: str, price: str, code: str = "EUR", *, sale: SaleFacts | None = None
) -> list[tuple[str, str]]:
    gross = Money.of(price, code)
    line = CommissionLine("1", "acme", category, quantity=1, net=gross, gross=gross, sale=sale or SaleFacts())
    return [(entry.rule, str(entry.amount)) for entry in calculate_commissions([line], rules, now=NOW)]


@pytest.mark.parametrize(
    ("category", "price", "taken"),
    [
        ("computer", "500.00", [("c1", "25.00 EUR"), ("c5", "0.50 EUR")]),
        ("computer", "499.99", [("c2", "50.00 EUR"), ("c5", "0.50 EUR")]),
        ("tablet", "200.00", [("c2", "20.00 EUR"), ("c5", "0.50 EUR")]),
        ("computer", "199.99", [("c4", "26.00 EUR"), ("c5", "0.50 EUR")]),
        ("books", "10.00", [("c4", "1.30 EUR"), ("c5", "0.50 EUR")]),
    ],
)
def test_the_lowest_priority_is_asked_first_and_ties_go_to_the_last_row(
    rules: tuple[CommissionRule, ...], category: str, price: str, taken: list[tuple[str, str]]
) -> None:
    assert take(rules, category, price) == taken


def test_a_fixed_amount_is_of_each_currency_that_it_has(rules: tuple[CommissionRule, ...]) -> None:
    assert take(rules, "books", "10.00", "CHF") == [("c4", "1.30 CHF"), ("c5", "0.60 CHF")]
    assert take(rules, "books", "10.00", "USD") == [("c4", "1.30 USD")]


def test_the_file_of_the_back_office_has_all_in_one(tmp_path: Path) -> None:
    header = (
        "key,name,description,valid_from,valid_to,is_active,amount,calculator_type_plugin,group,priority,"
        "item_condition,order_condition,merchants_allow_list,fixed_amount_configuration,stores\n"
    )
    until = "6/30/2020 0:00:00,8/30/2029 0:00:00"
    rows = f'f,Fee,,{until},1,0,fixed,primary,1,,,"acme,bolt","EUR|0.4|0.5,CHF|0.6|0.7","DE,AT"\n'
    rules = load_merchant_commissions(write(tmp_path, rows, header), "EUR", prices_include_tax=False)
    (rule,) = rules
    assert (rule.group, rule.where.merchants, rule.where.channels) == ("primary", ("acme", "bolt"), ("DE", "AT"))
    assert rule.valid.start == datetime(2020, 6, 30, tzinfo=UTC)
    assert take(rules, "x", "10", sale=SaleFacts(channel="DE")) == [("f", "0.40 EUR")]
    assert take(rules, "x", "10", "CHF", sale=SaleFacts(channel="AT")) == [("f", "0.60 CHF")]
    assert take(rules, "x", "10") == []


@pytest.mark.parametrize(
    ("condition", "matches"),
    [
        ("sku IS IN 'a;b'", True),
        ("sku = 'b'", False),
        ("sku != 'a'", False),
        ("category IS NOT IN 'x;y'", True),
        ("category IS NOT IN 'x;goods'", False),
        ("attribute.Colour = 'red'", True),
        ("attribute.colour = 'red'", False),
        ("attribute.Colour != 'red'", False),
        ("item-price > '10.00'", False),
        ("item-price <= '10.00' and item-price = '10.00'", True),
        ("SKU is in 'a' AND sku IS IN 'a;c'", True),
    ],
)
def test_conditions_mean_what_theirs_mean(tmp_path: Path, condition: str, matches: bool) -> None:
    rules = load_merchant_commissions(write(tmp_path, f"r,R,,,,1,5,percentage,p,1,{condition},\n"), "EUR")
    ten = Money.of("10", "EUR")
    line = CommissionLine("1", "acme", "goods", quantity=1, net=ten, gross=ten, sku="a", attributes={"Colour": "red"})
    assert bool(calculate_commissions([line], rules, now=NOW)) is matches


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("r,R,,,,1,5,percentage,p,1,sku = 'a' OR sku = 'b',", "item_condition: from \"OR sku = 'b'\" on it is no"),
        ("r,R,,,,1,5,percentage,p,1,(sku = 'a'),", "item_condition: from \"(sku = 'a')\" on it is no comparison"),
        ("r,R,,,,1,5,percentage,p,1,weight = '5',", "item_condition: weight is no field that a filter has"),
        ("r,R,,,,1,5,percentage,p,1,sku >= 'a',", "item_condition: >= does not go with sku"),
        ("r,R,,,,1,5,percentage,p,1,item-price >= '1,5',", "13 fields under 12 columns"),
        ("r,R,,,,1,5,percentage,p,1,item-price >= 'x',", "item_condition: 'x'"),
        ("r,R,,,,1,5,percentage,p,1,item-price >= '9' AND item-price < '5',", "item_condition: "),
        ("r,R,,,,1,5,percentage,p,1,sku = 'a' AND,", "item_condition: from 'AND' on"),
        ("r,R,,,,1,5,percentage,p,1,,currency = 'EUR'", "order_condition: only price-mode"),
        ("r,R,,,,1,101,percentage,p,1,,", "amount: '101' is no percentage (write 5 for 5 %, at most 100)"),
        ("r,R,,,,1,x,percentage,p,1,,", "amount: 'x' is no percentage"),
        ("r,R,,,,1,1_0,percentage,p,1,,", "amount: '1_0' is no percentage"),
        ("r,R,,,,1,,fixed,p,1,,", "amount: there is no fixed amount in any currency"),
        ("r,R,,,,yes,5,percentage,p,1,,", "is_active: 'yes' is none of 0, 1"),
        ("r,R,,31.12.2026,,1,5,percentage,p,1,,", "valid_from: '31.12.2026' is no date"),
        ("r,R,,2027-01-01,2026-01-01,1,5,percentage,p,1,,", "valid_to: "),
        ("r,R,,,,1,5,formula,p,1,,", "calculator_type_plugin: 'formula' is none of percentage, fixed"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_place(tmp_path: Path, row: str, fault: str) -> None:
    with pytest.raises(LoadRefused) as refused:
        load_merchant_commissions(write(tmp_path, row + "\n"), "EUR")
    assert fault in str(refused.value)


def test_dates_are_on_the_clocks_of_a_zone(tmp_path: Path) -> None:
    path = write(tmp_path, "r,R,,6/7/2029,2029-07-01 12:00:00,1,5,percentage,p,1,,\n")
    [rule] = load_merchant_commissions(path, "EUR", time_zone="Europe/Berlin")
    assert rule.valid == Period(datetime(2029, 6, 6, 22, tzinfo=UTC), datetime(2029, 7, 1, 10, tzinfo=UTC))
    [rule] = load_merchant_commissions(path, "EUR")
    assert rule.valid == Period(datetime(2029, 6, 7, tzinfo=UTC), datetime(2029, 7, 1, 12, tzinfo=UTC))
    skipped = write(tmp_path, "r,R,,2029-03-25 02:30:00,,1,5,percentage,p,1,,\n")
    with pytest.raises(LoadRefused, match=r"valid_from: '2029-03-25 02:30:00' does not exist: the clocks of Europe/Be"):
        load_merchant_commissions(skipped, "EUR", time_zone="Europe/Berlin")
    with pytest.raises(InvalidValue, match="time_zone"):
        load_merchant_commissions(path, "EUR", time_zone="Mars/Olympus")


def test_every_fault_comes_at_once(tmp_path: Path) -> None:
    rows = "r,R,,x,,2,y,percentage,p,z,a,b\n" * 2
    with pytest.raises(LoadRefused) as refused:
        load_merchant_commissions(write(tmp_path, rows), "EUR")
    assert len(refused.value.problems) == 12
