"""Fifteen and more ways in which a folder can be wrong: all reported at once, each at its place."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from mktcore.commissions import COMMISSION_RULES
from mktcore.loading import LoadRefused
from mktcore.loading.folder_records import FolderContents
from mktcore.loading.load_faults import LoadFaults
from mktcore.loading.read_folder import read_folder
from mktcore.money import Currency

EUR = Currency.of("EUR")
OFFERS = "offer,merchant,sku,price,stock\n"
GOOD = {
    "merchants.csv": "merchant,name\nacme,Acme\n",
    "tax_rates.csv": "tax_category,name,rate\nstandard,VAT,0.19\n",
    "skus.csv": "sku,name,tax_category,category\ncamera,Camera,standard,cameras\n",
    "offers.csv": OFFERS + "acme-camera,acme,camera,179.00,5\n",
    "price_breaks.csv": "offer,quantity,price\nacme-camera,5,169.00\n",
    "shipping_fees.csv": "merchant,fee,free_from,tax_category\nacme,4.90,150.00,standard\n",
    "commission_rules.csv": "rule,rate,fixed,category\nsale,0.12,,\nhandling,,0.20,cameras\n",
}


def read(folder: Path, files: Mapping[str, str | bytes]) -> tuple[FolderContents, list[str]]:
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    faults = LoadFaults()
    return read_folder(folder, EUR, faults), [str(problem) for problem in faults.problems]


def find_faults(folder: Path, **changed: str | bytes) -> list[str]:
    return read(folder, {**GOOD, **{f"{name}.csv": content for name, content in changed.items()}})[1]


def test_a_sound_folder_is_read_whole(tmp_path: Path) -> None:
    files, faults = read(tmp_path, GOOD)
    assert not faults
    assert not files.references
    assert str(files.prices["acme-camera"]) == "179.00 EUR"
    assert {quantity: str(price) for quantity, price in files.breaks["acme-camera"].items()} == {5: "169.00 EUR"}
    assert files.stock == {"acme-camera": 5}
    assert {rule: str(found.terms) for rule, found in files.records(COMMISSION_RULES).items()} == {
        "sale": "12 %",
        "handling": "0.20 EUR a piece",
    }


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    windows = {name: "\ufeff" + content.replace("\n", "\r\n") for name, content in GOOD.items()}
    (tmp_path / "windows").mkdir()
    (tmp_path / "unix").mkdir()
    assert read(tmp_path / "windows", windows) == read(tmp_path / "unix", GOOD)


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("skus", "sku,name\ncamera,Camera\n", "skus.csv:1:tax_category: the column is missing"),
        ("skus", "sku,name,tax_category,colour\n", "skus.csv:1:colour: no such column"),
        ("skus", "sku,name,name,tax_category\n", "skus.csv:1:name: the column is there twice"),
        ("skus", "sku;name;tax_category\n", "skus.csv:1: fields are separated by semicolons"),
        (
            "skus",
            "sku,name,tax_category\ncamera,Caf\xe9,standard\n".encode("latin-1"),
            "skus.csv:2: not UTF-8: byte 0xe9",
        ),
        ("skus", "sku,name,tax_category\n".encode("utf-16"), "skus.csv: the file is UTF-16"),
        ("skus", 'sku,name,tax_category\ncamera,"Camera,standard\n', "skus.csv:2: not a CSV row"),
        ("skus", "sku,name,tax_category\ncamera,Cam\x00era,standard\n", "skus.csv:2: a control character"),
        ("skus", "sku,name,tax_category\ncam era,Camera,standard\n", "skus.csv:2:sku: 'cam era' cannot be the id"),
        ("skus", f"sku,name,tax_category\ncamera,{'x' * 2000},standard\n", "skus.csv:2:name: 2000 characters"),
        ("skus", "sku,name,tax_category\n,Camera,standard\n", "skus.csv:2:sku: it is empty"),
        (
            "skus",
            "sku,name,tax_category\ncamera,Camera,standard\ncamera,Again,standard\n",
            "skus.csv:3:sku: SKU camera is there twice",
        ),
        (
            "offers",
            OFFERS + 'acme-camera,acme,camera,"12,50",5\n',
            "offers.csv:2:price: '12,50' is not an amount: the decimal",
        ),
        ("offers", OFFERS + "acme-camera,acme,camera,12,50,5\n", "offers.csv:2: 6 fields under 5 columns"),
        ("offers", OFFERS + "acme-camera,acme,camera,12.000000000001,5\n", "more than 2 decimal digits"),
        ("offers", OFFERS + "acme-camera,acme,camera,1e3,5\n", "'1e3' is not an amount"),
        ("offers", OFFERS + "acme-camera,acme,camera,NaN,5\n", "'NaN' is not an amount"),
        ("offers", OFFERS + "acme-camera,acme,camera,-1.00,5\n", "offers.csv:2:price: -1.00 EUR is negative"),
        ("offers", OFFERS + "acme-camera,acme,camera,,5\n", "offers.csv:2:price: it is empty"),
        ("offers", OFFERS + "acme-camera,acme,camera,1.00,-5\n", "offers.csv:2:stock: '-5' is not a whole number"),
        ("offers", OFFERS + "acme-camera,acme,camera,1.00,5.0\n", "offers.csv:2:stock: '5.0' is not a whole number"),
        ("offers", OFFERS + f"acme-camera,acme,camera,{'9' * 500},5\n", "more than 36 digits"),
        (
            "offers",
            "offer,merchant,sku,price,stock,currency\nacme-camera,acme,camera,1.00,5,EURO\n",
            "offers.csv:2:currency: 'EURO' is not a known currency",
        ),
        (
            "offers",
            "offer,merchant,sku,price,stock,currency\nacme-camera,acme,camera,1.00,5,USD\n",
            "offers.csv:2:currency: USD is not EUR",
        ),
        (
            "offers",
            "offer,merchant,sku,price,stock,condition\nacme-camera,acme,camera,1.00,5,mint\n",
            "offers.csv:2:condition: 'mint' is no condition",
        ),
        (
            "offers",
            "offer,merchant,sku,price,stock,valid_from\nacme-camera,acme,camera,1.00,5,31.12.2026\n",
            "offers.csv:2:valid_from: '31.12.2026' is no date",
        ),
        (
            "offers",
            "offer,merchant,sku,price,stock,valid_from\nacme-camera,acme,camera,1.00,5,2026-12-31T10:00\n",
            "offers.csv:2:valid_from: '2026-12-31T10:00' has no time zone",
        ),
        (
            "offers",
            "offer,merchant,sku,price,stock,valid_from,valid_until\nx,acme,camera,1.00,5,2026-12-31T00:00Z,2026-12-01T00:00Z\n",
            "nothing lies between",
        ),
        ("price_breaks", "offer,quantity,price\nacme-camera,1,1.00\n", "price_breaks.csv:2:quantity: a break from 1"),
        (
            "price_breaks",
            "offer,quantity,price\nacme-camera,5,1.00\nacme-camera,5,2.00\n",
            "price_breaks.csv:3:quantity: price break acme-camera from 5 is there twice",
        ),
        (
            "tax_rates",
            "tax_category,name,rate\nstandard,VAT,19\n",
            "tax_rates.csv:2:rate: 19 is more than the whole (19 % is 0.19; write 0.19)",
        ),
        (
            "tax_rates",
            "tax_category,name,rate\nstandard,VAT,0.19\nstandard,VAT,0.07\n",
            "tax_rates.csv:3:name: tax rule",
        ),
        ("shipping_fees", "merchant,fee\nacme,4.90\nacme,5.90\n", "shipping_fees.csv:3:merchant: shipping fee acme"),
        ("commission_rules", "rule,rate,fixed\nsale,,\n", "commission_rules.csv:2:rate: give either a rate or a fixed"),
        ("commission_rules", "rule,rate,fixed\nsale,0.1,1.00\n", "give either a rate or a fixed amount"),
        ("offer", "offer,merchant\n", "offer.csv: not a file of a marketplace"),
    ],
)
def test_a_fault_is_reported_at_its_place(tmp_path: Path, name: str, content: str | bytes, fault: str) -> None:
    faults = find_faults(tmp_path, **{name: content})
    assert any(fault in found for found in faults), faults


def test_every_fault_of_every_file_is_reported_at_once(tmp_path: Path) -> None:
    offers = OFFERS + "a,acme,camera,x,-1\nb,acme,camera,1.00,5\nb,acme,camera,1.00,5\n"
    faults = find_faults(
        tmp_path, offers=offers, tax_rates="tax_category,name,rate\nstandard,VAT,19\n", price_breaks=""
    )
    assert len([fault for fault in faults if fault.startswith("offers.csv:2")]) == 2
    assert len([fault for fault in faults if fault.startswith("offers.csv:4")]) == 1
    assert len([fault for fault in faults if fault.startswith("tax_rates.csv:2")]) == 1
    assert len([fault for fault in faults if fault.startswith("price_breaks.csv:1")]) == 3


def test_a_faulty_row_does_not_make_the_rows_that_name_it_faulty(tmp_path: Path) -> None:
    faults = find_faults(tmp_path, merchants=f"merchant,name\nacme,{'x' * 1001}\n")
    assert faults == ["merchants.csv:2:name: 1001 characters (1000 at most)"]


def test_a_row_that_names_something_unknown_is_left_for_the_store_to_answer(tmp_path: Path) -> None:
    files, faults = read(tmp_path, GOOD | {"offers.csv": OFFERS + "bolt-camera,bolt,camera,1.00,5\n"})
    found = [(one.kind, one.file, one.column, *one.ids, *one.lines) for one in files.references.values()]
    assert found == [
        ("merchant", "offers.csv", "merchant", "bolt", 2),
        ("offer", "price_breaks.csv", "offer", "acme-camera", 2),
    ]
    assert not faults


def test_a_line_of_many_megabytes_is_passed_over_without_being_held(tmp_path: Path) -> None:
    path = tmp_path / "offers.csv"
    with path.open("wb") as file:
        file.write(b"offer,merchant,sku,price,stock\nacme-camera,acme,camera,")
        for _ in range(64):
            file.write(b"9" * 1024 * 1024)
        file.write(b",5\nacme-other,acme,camera,x,5\n")
    _, faults = read(tmp_path, {"merchants.csv": GOOD["merchants.csv"]})
    assert [fault.split(" (")[0] for fault in faults] == [
        "offers.csv:2: a line of more than 65536 bytes",
        "offers.csv:3:price: 'x' is not an amount: it is not a plain decimal number",
    ]


def test_a_file_with_a_thousand_faults_is_read_no_further_and_hides_no_other_file(tmp_path: Path) -> None:
    rows = "".join(f"o{number},acme,camera,x,5\n" for number in range(1_500))
    for name, content in GOOD.items():
        (tmp_path / name).write_text(content)
    (tmp_path / "offers.csv").write_text(OFFERS + rows)
    (tmp_path / "price_breaks.csv").write_text("offer,quantity,price\no1,0,1.00\n")
    faults = LoadFaults()
    read_folder(tmp_path, EUR, faults)
    with pytest.raises(LoadRefused) as refused:
        faults.raise_if_any()
    assert len(refused.value.problems) == 1_002
    assert [str(problem) for problem in refused.value.problems[-2:]] == [
        "price_breaks.csv:2:quantity: a break from 0 (2 or more; the price of one is in offers.csv)",
        "offers.csv: 1,000 faults are listed; there may be more (mend these first)",
    ]


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    faults = LoadFaults()
    read_folder(tmp_path / "nowhere", EUR, faults)
    assert [problem.message for problem in faults.problems] == ["no folder with CSV files"]
