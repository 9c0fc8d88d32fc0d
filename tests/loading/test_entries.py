"""What stands in a folder besides plain files: each is reported, none is overlooked, and none hides the others."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mktcore.loading.load_faults import LoadFaults
from mktcore.loading.read_folder import read_folder
from mktcore.money import Currency

OTHER_FAULT = "merchants.csv:2:merchant: 'ac me' cannot be the id of a merchant"


def find_faults(folder: Path) -> list[str]:
    faults = LoadFaults()
    read_folder(folder, Currency.of("EUR"), faults)
    return [str(problem) for problem in faults.problems]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "merchants.csv").write_text("merchant,name\nac me,Acme\n")
    return tmp_path


@pytest.mark.parametrize(
    ("put", "fault"),
    [
        (lambda path: path.mkdir(), "it is not a regular file"),
        (lambda path: path.symlink_to(path.name), "it cannot be read: Too many levels of symbolic links"),
        (lambda path: path.symlink_to("nowhere"), "it cannot be read: No such file or directory"),
        (lambda path: path.symlink_to("/dev/zero"), "it is not a regular file"),
        (os.mkfifo, "it is not a regular file"),
        (lambda path: path.symlink_to("/proc/self/mem"), "it is a link that leads out of the folder"),
    ],
    ids=["directory", "loop of links", "dangling link", "link to a device", "pipe", "link to memory"],
)
@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs links, pipes and devices as Linux has them")
def test_an_entry_that_is_no_readable_file_is_a_fault(folder: Path, put: Callable[[Path], None], fault: str) -> None:
    put(folder / "offers.csv")
    found = find_faults(folder)
    assert found[0].startswith(OTHER_FAULT)
    assert found[1].startswith(f"offers.csv: {fault}")
    assert len(found) == 2


def test_nothing_is_told_of_a_file_that_a_link_reaches_outside_of_the_folder(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path.parent / f"{tmp_path.name}-passwords"
    secret.write_text("sku,name,tax_category\nroot:x:0:0 hush,Root,standard\n")
    (folder / "skus.csv").symlink_to(secret)
    found = find_faults(folder)
    assert found[1:] == ["skus.csv: it is a link that leads out of the folder (put the file itself there)"]
    assert "hush" not in str(found)


def test_a_link_inside_of_the_folder_is_followed(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "now").write_text("sku,name,tax_category\nca mera,Camera,standard\n")
    (folder / "skus.csv").symlink_to(Path("data") / "now")
    assert find_faults(folder)[1].startswith("skus.csv:2:sku: 'ca mera' cannot be the id")


def test_a_file_that_may_not_be_read_does_not_hide_the_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "skus.csv").write_text("sku,name,tax_category\n")
    opened = Path.open

    def refuse(path: Path, mode: str) -> object:
        if path.name == "skus.csv":
            raise PermissionError(13, "Permission denied")
        return opened(path, mode)

    monkeypatch.setattr(Path, "open", refuse)
    denied = "skus.csv: it cannot be read: Permission denied (check that the file is there and may be read)"
    assert find_faults(folder)[1:] == [denied]


def test_a_folder_that_may_not_be_searched_is_a_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert [fault.partition(": ")[2] for fault in find_faults(folder)] == [
        "the folder cannot be read: Permission denied (check its permissions)"
    ]


@pytest.mark.parametrize("name", ["OFFERS.CSV", "Offers.csv", "offers.CSV"])
def test_a_name_in_other_case_is_not_overlooked(folder: Path, name: str) -> None:
    (folder / name).write_text("rubbish")
    assert f"{name}: its name is not in lower case (rename it to offers.csv)" in find_faults(folder)


@pytest.mark.skipif(os.name != "posix", reason="elsewhere the names of files are text")
def test_a_name_that_is_no_text_is_shown_as_text(folder: Path) -> None:
    (folder / os.fsdecode(b"\xff\n.csv")).write_text("rubbish")
    found = find_faults(folder)
    assert found[0].startswith("\\udcff\\n.csv: not a file of a marketplace")
    assert all(fault.encode() for fault in found)


@pytest.mark.parametrize("path", ["nowhere", "merchants.csv", "a\0b"])
def test_what_is_no_folder_is_a_fault(folder: Path, path: str) -> None:
    assert "no folder with CSV files" in find_faults(folder / path)[0]
