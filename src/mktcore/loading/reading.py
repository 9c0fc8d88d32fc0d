"""Reading CSV files that a stranger wrote: line by line, in bounded memory, every fault with its place."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import attrs

from mktcore.loading.faults import Faults

__all__ = ["Row", "read_rows"]

MAX_LINE = 64 * 1024
"""Bytes in one line; a longer one is a fault, and is skipped without being held."""
_SKIPPED_AT_ONCE = 1024 * 1024
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@attrs.frozen
class Row:
    """A line of a file: its texts by column. A column the file lacks, or a line too short for it, has no entry."""

    file: str
    line: int
    texts: Mapping[str, str]


def read_rows(path: Path, required: Sequence[str], optional: Sequence[str], faults: Faults) -> Iterator[Row]:
    """Yield the rows of a CSV file with a header; faults are noted and never stop the reading.

    The file is UTF-8 (a byte-order mark is accepted), separated by commas, quoted by `"`; line ends are `\\n` or
    `\\r\\n`. Empty lines are passed over. A row does not run over several lines.

    Args:
        path: The file.
        required: Columns that must be there.
        optional: Columns that may be there; any other is a fault.
        faults: Where faults go.
    """
    with path.open("rb") as file:
        if file.read(2) in _UTF16:
            faults.add(path.name, 0, "", "the file is UTF-16", "save it as UTF-8")
            return
        file.seek(0)
        rows = _split_rows(path.name, file, faults)
        line, header = next(rows, (1, []))
        columns = _check_header(path.name, line, header, required, optional, faults)
        for line, texts in rows:
            if len(texts) != len(columns):
                reason = f"{len(texts)} fields under {len(columns)} columns"
                remedy = "quote a field that holds a comma; the decimal mark is a point"
                faults.add(path.name, line, "", reason, remedy)
            else:
                yield Row(path.name, line, dict(zip(columns, texts, strict=True)))


def _check_header(
    name: str, line: int, header: list[str], required: Sequence[str], optional: Sequence[str], faults: Faults
) -> list[str]:
    columns = [column.strip().lower() for column in header]
    if len(columns) == 1 and ";" in columns[0]:
        faults.add(name, line, "", "fields are separated by semicolons", "separate them by commas")
        return columns
    for column in sorted({column for column in columns if columns.count(column) > 1}):
        faults.add(name, line, column, "the column is there twice", "remove one")
    for column in required:
        if column not in columns:
            faults.add(name, line, column, "the column is missing", f"the header needs {', '.join(required)}")
    for column in columns:
        if column not in required and column not in optional:
            known = ", ".join((*required, *optional))
            faults.add(name, line, column[:80], "no such column", f"known columns: {known}")
    return columns


def _split_rows(name: str, file: BinaryIO, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    for number, text in _read_lines(name, file, faults):
        if not text.strip():
            continue
        try:
            yield number, next(csv.reader([text], strict=True))
        except csv.Error as error:
            faults.add(name, number, "", f"not a CSV row: {error}", "close every quote, and double quotes inside")


def _read_lines(name: str, file: BinaryIO, faults: Faults) -> Iterator[tuple[int, str]]:
    number = 0
    while raw := file.readline(MAX_LINE + 2):
        number += 1
        if len(raw) > MAX_LINE and not raw.endswith(b"\n"):
            faults.add(name, number, "", f"a line of more than {MAX_LINE} bytes", "shorten it")
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(_SKIPPED_AT_ONCE)
            continue
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            faults.add(name, number, "", f"not UTF-8: byte {error.object[error.start]:#04x}", "save the file as UTF-8")
            continue
        if _CONTROL.search(text):
            faults.add(name, number, "", "a control character", "remove it")
        else:
            yield number, text
