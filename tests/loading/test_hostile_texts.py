"""Files that a stranger made: encodings, line ends, hidden characters, and too much of everything."""

from pathlib import Path

import pytest

from mktcore.loading import csv_rows
from mktcore.loading.folder_records import FolderContents
from mktcore.loading.load_faults import LoadFaults
from mktcore.loading.read_folder import read_folder
from mktcore.money import Currency
from mktcore.parties import MERCHANTS
from yardstick import check_cost

MERCHANT_ROWS = "merchant,name\nacme,Acme\n"


def read(folder: Path, **files: str | bytes) -> tuple[FolderContents, list[str]]:
    for name, content in files.items():
        (folder / f"{name}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    faults = LoadFaults()
    return read_folder(folder, Currency.of("EUR"), faults), [str(problem) for problem in faults.problems]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (MERCHANT_ROWS.encode("utf-16"), "the file is UTF-16 (save it as UTF-8)"),
        (MERCHANT_ROWS.encode("utf-16-le"), "the file is UTF-16 (save it as UTF-8)"),
        (MERCHANT_ROWS.encode("utf-16-be"), "the file is UTF-16 (save it as UTF-8)"),
        (MERCHANT_ROWS.encode("utf-32"), "the file is UTF-32 (save it as UTF-8)"),
        (MERCHANT_ROWS.encode("utf-32-le"), "the file is UTF-32 (save it as UTF-8)"),
        (MERCHANT_ROWS.encode("utf-32-be"), "the file is UTF-32 (save it as UTF-8)"),
        (
            MERCHANT_ROWS.replace("\n", "\r"),
            "its lines end with \\r alone (save it with lines that end with \\n or \\r\\n)",
        ),
    ],
)
def test_a_file_that_cannot_be_read_as_written_has_one_clear_fault(
    tmp_path: Path, content: str | bytes, fault: str
) -> None:
    assert read(tmp_path, merchants=content)[1] == [f"merchants.csv: {fault}"]


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        (b"merchant,n\xe4me\n", "not UTF-8: byte 0xe4 (save the file as UTF-8)"),
        (b"x" * 70_000 + b"\n", "a line of more than 65536 bytes (shorten it)"),
        (b"merchant,name\x00\n", "a control character, U+0000 (remove it)"),
        (b'merchant,"name\n', "not a CSV row: unexpected end of data (close every quote, and double quotes inside)"),
        (b"merchant;name\n", "fields are separated by semicolons (separate them by commas)"),
        (b"merchant\tname\n", "fields are separated by tabs (separate them by commas)"),
    ],
)
def test_without_a_readable_header_no_row_is_taken_for_one(tmp_path: Path, header: bytes, fault: str) -> None:
    files, faults = read(tmp_path, merchants=header + b"bolt,Bolt\nac me,Acme\n")
    assert faults == [f"merchants.csv:1: {fault}"]
    assert not files.records(MERCHANTS)


@pytest.mark.parametrize("name", ["x", "{}"])
def test_a_header_of_many_columns_is_refused_at_once(tmp_path: Path, name: str) -> None:
    header = ",".join(name.format(number) for number in range(12_000)).encode()[:60_000]

    def read_it() -> list[str]:
        return read(tmp_path, merchants=header + b"\nbolt\n")[1]

    found = read_it()
    assert len(found) == 1
    assert found[0].startswith("merchants.csv:1: a header of")
    check_cost(read_it, yards=1)


def test_empty_lines_before_the_header_are_passed_over(tmp_path: Path) -> None:
    files, faults = read(tmp_path, merchants=b"\xef\xbb\xbf\n \n" + MERCHANT_ROWS.encode())
    assert not faults
    assert list(files.records(MERCHANTS)) == ["acme"]


@pytest.mark.parametrize("code", [0x00, 0x0D, 0x7F, 0x85, 0x2028, 0x2029, *range(0x202A, 0x202F), 0x2066, 0x2069])
def test_characters_that_hide_what_is_written_are_refused(tmp_path: Path, code: int) -> None:
    _, faults = read(tmp_path, merchants=f"merchant,name\nacme,Ac{chr(code)}me\n")
    assert faults == [f"merchants.csv:2: a control character, U+{code:04X} (remove it)"]


def test_other_signs_of_the_world_and_tabs_are_accepted(tmp_path: Path) -> None:
    name = "Café\t\u041d\u0430\u0434 株式会社 \u00a0\u05e9\u05dc\u05d5\u05dd 🍞"
    files, faults = read(tmp_path, merchants=f"merchant,name\nacme,{name}\n")
    assert not faults
    assert files.records(MERCHANTS)["acme"].name == name


@pytest.mark.parametrize("text", ["- dishwasher safe; - 300 ml", "+size", "-20 °C bag", "@home", "=Ultra=", "\uff1dA1"])
def test_a_free_text_begins_with_any_sign(tmp_path: Path, text: str) -> None:
    files, faults = read(tmp_path, merchants=f'merchant,name\nacme,\t"{text}"\nbolt,"{text}"\ncoop,{text}\n')
    assert faults == []
    assert [files.records(MERCHANTS)[name].name for name in ("bolt", "coop")] == [text, text]


def test_a_quoted_field_may_run_over_several_lines(tmp_path: Path) -> None:
    rows = 'merchant,name\r\nacme,"First\r\n\r\n ""second"",\nthird"\r\nb b,Bolt\r\ncoop,Coop'
    files, faults = read(tmp_path, merchants=rows)
    assert [fault.split(" (")[0] for fault in faults] == [
        "merchants.csv:6:merchant: 'b b' cannot be the id of a merchant"
    ]
    names = {id: merchant.name for id, merchant in files.records(MERCHANTS).items()}  # noqa: A001 - the word of the field
    assert names == {"acme": 'First\n\n "second",\nthird', "coop": "Coop"}


@pytest.mark.parametrize("lines", [3, 40_000])
def test_a_quote_that_is_never_closed_hides_no_other_fault(tmp_path: Path, lines: int) -> None:
    rows = 'merchant,name\nacme,"Acme\nb b,Bolt\n' + "\n" * lines + "coop,Co\x00op\n"
    _, faults = read(tmp_path, merchants=rows)
    assert {fault.split(": ")[0] for fault in faults} == {
        "merchants.csv:2",
        "merchants.csv:3:merchant",
        f"merchants.csv:{lines + 4}",
    }


def test_a_number_with_a_sign_is_called_no_formula(tmp_path: Path) -> None:
    _, faults = read(tmp_path, offers="offer,merchant,sku,price,stock\no1,acme,camera,-1.00,+5\n")
    assert [fault.split(" (")[0] for fault in faults] == [
        "offers.csv:2:price: -1.00 EUR is negative",
        "offers.csv:2:stock: '+5' is not a whole number, zero or more, such as 12",
    ]


def test_a_file_of_too_many_lines_is_read_no_further(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "MAX_LINES", 5)
    _, faults = read(
        tmp_path, merchants=MERCHANT_ROWS + "\n\n\nbolt,Bolt\nc c,C\n", skus="sku,name,tax_category\ns s,S,\n"
    )
    assert [fault.split(" (")[0] for fault in faults] == [
        "merchants.csv:6: more than 5 lines",
        "skus.csv:2:sku: 's s' cannot be the id of a SKU",
    ]


def test_a_file_of_as_many_lines_as_allowed_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "MAX_LINES", 2)
    assert not read(tmp_path, merchants=MERCHANT_ROWS)[1]


@pytest.mark.parametrize("row", [b"\xff,Acme\n", b"x\n", b'"x\n', b"a a,x\n", b"y" * 70_000 + b"\n"])
def test_a_hopeless_file_is_left_after_a_thousand_faults(tmp_path: Path, row: bytes) -> None:
    files, faults = read(tmp_path, merchants=b"merchant,name\n" + row * 1_000 + b"acme,Acme\n")
    assert len(faults) == 1_000
    assert not files.records(MERCHANTS)
