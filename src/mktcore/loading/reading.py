"""Reading CSV files that a stranger wrote: line by line, in bounded memory, every fault with its place."""

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import attrs

from mktcore.loading.faults import Faults

__all__ = ["Columns", "Row", "read_rows"]

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


@attrs.frozen
class Columns:
    """The columns a file must have, and those it may have; any other is a fault."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


def read_rows(path: Path, columns: Columns, faults: Faults) -> Iterator[Row]:
    r"""Yield the rows of a CSV file with a header; faults are noted and never stop the reading.

    The file is UTF-8 (a byte-order mark is accepted), separated by commas, quoted by `"`; line ends are `\n` or
    `\r\n`. Empty lines are passed over. A row does not run over several lines.
    """
    with path.open("rb") as file:
        if file.read(2) in _UTF16:
            faults.add(path.name, 0, "", "the file is UTF-16", "save it as UTF-8")
            return
        file.seek(0)
        rows = _split_rows(path.name, file, faults)
        line, header = next(rows, (1, []))
        names = [name.strip().lower() for name in header]
        _check_header(path.name, line, names, columns, faults)
        for line, texts in rows:
            if len(texts) != len(names):
                reason = f"{len(texts)} fields under {len(names)} columns"
                remedy = "quote a field that holds a comma; the decimal mark is a point"
                faults.add(path.name, line, "", reason, remedy)
            else:
                yield Row(path.name, line, dict(zip(names, texts, strict=True)))


def _check_header(file: str, line: int, names: list[str], columns: Columns, faults: Faults) -> None:
    if len(names) == 1 and ";" in names[0]:
        faults.add(file, line, "", "fields are separated by semicolons", "separate them by commas")
        return
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.add(file, line, name[:80], "the column is there twice", "remove one")
    for name in columns.required:
        if name not in names:
            faults.add(file, line, name, "the column is missing", f"the header needs {', '.join(columns.required)}")
    known = (*columns.required, *columns.optional)
    for name in names:
        if name not in known:
            faults.add(file, line, name[:80], "no such column", f"known columns: {', '.join(known)}")


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
