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
        (lambda path: path.symlink_to("/proc/self/mem"), "it cannot be read: Input/output error"),
    ],
    ids=["directory", "loop of links", "dangling link", "link to a device", "pipe", "unreadable bytes"],
)
@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs links, pipes and devices as Linux has them")
def test_an_entry_that_is_no_readable_file_is_a_fault(folder: Path, put: Callable[[Path], None], fault: str) -> None:
    put(folder / "offers.csv")
    found = find_faults(folder)
    assert found[0].startswith(OTHER_FAULT)
    assert found[1].startswith(f"offers.csv: {fault}")
    assert len(found) == 2


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
