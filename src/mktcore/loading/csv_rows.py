"""Reading CSV files that a stranger wrote: row by row, in bounded memory, every fault with its place."""

import csv
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TypeVar

import attrs

from mktcore.loading.load_faults import LoadFaults

__all__ = ["CLEARED", "Columns", "CsvRow", "EmptyCells", "read_lines", "read_rows"]

T = TypeVar("T")
MAX_LINE = 64 * 1024
"""Bytes in one line, and characters in one row; a longer line is a fault, and is skipped without being held."""
MAX_LINES = 1_000_000
"""Lines in one file, empty ones included; the rest of a longer file is not read."""
MAX_COLUMNS = 200
"""Columns of a header; one with more is none of ours, and is not gone through."""
# So much of a line of gigabytes is held while it is passed over.
_SKIPPED_AT_ONCE = 1024 * 1024
_HIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters but the tab, line separators, and marks that turn the direction of what follows."""
_ENCODINGS = (
    (re.compile(rb"\xff\xfe\x00\x00|\x00\x00\xfe\xff|[^\x00]\x00\x00\x00|\x00\x00\x00[^\x00]"), "UTF-32"),
    (re.compile(rb"\xff\xfe|\xfe\xff|[^\x00]\x00[^\x00]\x00|\x00[^\x00]\x00[^\x00]"), "UTF-16"),
)
"""How a file begins that is not UTF-8: with a mark, or with the zero bytes of a header in ASCII letters."""
_Line = tuple[int, str | None]
"""Its number, and its text; None when its fault was noted."""
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


CLEARED = "<clear>"
"""What stands in a cell whose value is to be cleared, where an empty one tells nothing."""


class EmptyCells(StrEnum):
    """What an empty cell means for a record that is stored already."""

    CLEAR = "clear"
    """There is no value, or the usual one."""
    KEEP = "keep"
    """It tells nothing, as a column that is not there: what is stored stays. `<clear>` clears it."""


@attrs.define
class CsvRow:
    """A row of a file: its first line, and its texts by column. A column that the header lacks has no entry.

    Attributes:
        file: The file's name.
        line: Its first line.
        texts: Its texts by column; without those that tell nothing, but for columns that every row must fill.
        told: The columns that tell something.
    """

    file: str
    line: int
    texts: Mapping[str, str]
    told: frozenset[str]

    def keep_empty(self, columns: "Columns") -> "CsvRow":
        """Return the row as one whose empty cells tell nothing."""
        told = frozenset(column for column, text in self.texts.items() if text.strip())
        shown = {column: "" if text.strip() == CLEARED else text for column, text in self.texts.items()}
        kept = {column: text for column, text in shown.items() if column in told or column in columns.required}
        return CsvRow(self.file, self.line, kept, told=told)


@attrs.frozen
class Columns:
    """The columns a file must have, and those it may have; any other is a fault."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


def read_rows(path: Path, columns: Columns, faults: LoadFaults) -> Iterator[CsvRow]:
    r"""Yield the rows of a CSV file with a header; faults are noted and never raised, those of the system included.

    The file is UTF-8 (a byte-order mark is accepted), separated by commas, quoted by `"`; lines end with `\n` or
    `\r\n`. Empty lines are passed over. A quoted field may hold line breaks (RFC 4180); they are read as `\n`. What is
    no regular file is not opened, nor what a link reaches outside of the folder: faults show what stands in a file.
    """
    return _read_file(path, faults, lambda file: _read_table(path.name, file, columns, faults=faults))


def read_lines(path: Path, faults: LoadFaults) -> Iterator[tuple[int, str | None]]:
    """Yield the lines of a text file by number, None for one whose fault was noted; all else as `read_rows`."""
    return _read_file(path, faults, lambda file: _decode_lines(path.name, file, faults))


def _read_file(path: Path, faults: LoadFaults, read: Callable[[BinaryIO], Iterator[T]]) -> Iterator[T]:
    try:
        # A pipe or a device could keep the load waiting for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            faults.add(path.name, 0, "it is not a regular file", remedy="put the file itself there")
            return
        found = path.resolve(strict=True)
        if not found.is_relative_to(path.parent.resolve()):
            faults.add(path.name, 0, "it is a link that leads out of the folder", remedy="put the file itself there")
            return
        with found.open("rb") as file:
            if _check_encoding(path.name, file, faults):
                yield from read(file)
    except OSError as error:
        reason = f"it cannot be read: {error.strerror or type(error).__name__}"
        faults.add(path.name, 0, reason, remedy="check that the file is there and may be read")


def _check_encoding(name: str, file: BinaryIO, faults: LoadFaults) -> bool:
    head = file.read(MAX_LINE)
    file.seek(0)
    for beginning, encoding in _ENCODINGS:
        if beginning.match(head):
            faults.add(name, 0, f"the file is {encoding}", remedy="save it as UTF-8")
            return False
    if b"\r" in head.rstrip(b"\r") and b"\n" not in head:
        faults.add(name, 0, r"its lines end with \r alone", remedy=r"save it with lines that end with \n or \r\n")
        return False
    return True


def _read_table(name: str, file: BinaryIO, columns: Columns, *, faults: LoadFaults) -> Iterator[CsvRow]:
    rows = _split_rows(name, file, faults)
    line, header = next(rows, (1, []))
    if header is None:  # without it, no row can be understood
        return
    names = [column.strip().lower() for column in header]
    if not _check_header(name, line, names, columns=columns, faults=faults):
        return
    width, told = len(names), frozenset(names)
    for line, texts in rows:
        if texts is None:
            continue
        if len(texts) == width:
            yield CsvRow(name, line, dict(zip(names, texts, strict=True)), told=told)
        else:
            reason = f"{len(texts)} fields under {width} columns"
            faults.add(name, line, reason, remedy="quote a field that holds a comma; the decimal mark is a point")


def _check_header(file: str, line: int, names: list[str], *, columns: Columns, faults: LoadFaults) -> bool:
    """Note what is wrong with the names of the columns; tell whether rows under them can be understood."""
    for separator, plural in _SEPARATORS.items():
        if len(names) == 1 and separator in names[0]:
            faults.add(file, line, f"fields are separated by {plural}", remedy="separate them by commas")
            return False
    if len(names) > MAX_COLUMNS:
        reason = f"a header of {len(names)} columns, more than {MAX_COLUMNS}"
        faults.add(file, line, reason, remedy=f"known columns: {', '.join((*columns.required, *columns.optional))}")
        return False
    for name in sorted(name for name, count in Counter(names).items() if count > 1):
        faults.add(file, line, "the column is there twice", column=name[:80], remedy="remove one")
    for name in columns.required:
        if name not in names:
            faults.add(
                file,
                line,
                "the column is missing",
                column=name,
                remedy=f"the header needs {', '.join(columns.required)}",
            )
    known = (*columns.required, *columns.optional)
    for name in names:
        if name not in known:
            faults.add(file, line, "no such column", column=name[:80], remedy=f"known columns: {', '.join(known)}")
    return True


def _split_rows(name: str, file: BinaryIO, faults: LoadFaults) -> Iterator[tuple[int, list[str] | None]]:
    """Yield the fields of each row that is not empty, with its first line; None for a row whose fault was noted."""
    lines: Iterator[_Line] = _decode_lines(name, file, faults)
    while (line := next(lines, None)) is not None:
        number, text = line
        if text is None:
            yield number, None
        elif not text or text.isspace():  # a byte-order mark alone too
            continue
        # Most lines quote nothing, and are split faster than the csv module reads them.
        elif '"' not in text:
            yield number, text.split(",")
        else:
            taken: list[_Line] = []
            try:
                yield number, _split_quoted(text, lines, taken)
            except csv.Error as error:
                reason = f"not a CSV row: {error}"
                faults.add(name, number, reason, remedy="close every quote, and double quotes inside")
                # Lines that are put back below are not counted again by whoever reads the file.
                if faults.is_full(name):
                    return
                # A quote that is never closed takes all that follows with it: that is read again, as rows of its own.
                lines = chain(taken, lines)
                yield number, None


def _split_quoted(text: str, lines: Iterator[_Line], taken: list[_Line]) -> list[str]:
    """Return the fields of a row that quotes some, and so may run over several lines (RFC 4180, 2.6).

    Raises:
        csv.Error: It is none.
    """
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error:
        return next(csv.reader(_feed(text, lines, taken), strict=True))


def _feed(text: str, lines: Iterator[_Line], taken: list[_Line]) -> Iterator[str]:
    """Yield the lines of a row as long as they are asked for, keeping those that were taken."""
    yield f"{text}\n"
    size = len(text)
    for line in lines:
        taken.append(line)
        size += len(line[1] or "") + 1
        if line[1] is None:
            raise csv.Error("a quote is not closed before a line that cannot be read")
        if size > MAX_LINE:
            raise csv.Error(f"a quote is not closed within {MAX_LINE} characters")
        yield f"{line[1]}\n"


def _decode_lines(name: str, file: BinaryIO, faults: LoadFaults) -> Iterator[_Line]:
    for number, raw in _read_lines(name, file, faults):
        yield number, None if raw is None else _decode(name, number, raw, faults=faults)


def _decode(name: str, number: int, raw: bytes, *, faults: LoadFaults) -> str | None:
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        faults.add(name, number, f"not UTF-8: byte {error.object[error.start]:#04x}", remedy="save the file as UTF-8")
        return None
    # One quick question for nearly all; only what is left is searched.
    hidden = None if text.isprintable() else _HIDDEN.search(text)
    if hidden is not None:
        faults.add(name, number, f"a control character, U+{ord(hidden[0]):04X}", remedy="remove it")
        return None
    return text


def _read_lines(name: str, file: BinaryIO, faults: LoadFaults) -> Iterator[tuple[int, bytes | None]]:
    """Yield the lines, None for one that is too long; end when the file has too much of anything."""
    number = 0
    # Two bytes more, for the end of the line.
    while raw := file.readline(MAX_LINE + 2):
        number += 1
        if number > MAX_LINES:
            faults.add(name, number, f"more than {MAX_LINES:,} lines", remedy="load the rest from another folder")
            return
        if len(raw) > MAX_LINE and not raw.endswith(b"\n"):
            faults.add(name, number, f"a line of more than {MAX_LINE} bytes", remedy="shorten it")
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(_SKIPPED_AT_ONCE)
            yield number, None
        else:
            yield number, raw
        if faults.is_full(name):
            return
