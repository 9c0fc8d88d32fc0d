"""From a folder of CSV files to the values of a marketplace, checked as a whole. Reads files, touches no store."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from mktcore.loading.csv_rows import CsvRow, EmptyCells, read_rows
from mktcore.loading.file_declaration import MarketFile
from mktcore.loading.files import FILES
from mktcore.loading.folder_reader import FolderReader
from mktcore.loading.folder_records import FolderContents
from mktcore.loading.load_faults import LoadFaults
from mktcore.loading.row_fields import RowFields
from mktcore.money import Currency

__all__ = ["read_folder"]

_NAMES = tuple(file.name for file in FILES)


def read_folder(
    folder: Path,
    currency: Currency,
    faults: LoadFaults,
    *,
    zone: ZoneInfo | None = None,
    empty_cells: EmptyCells = EmptyCells.CLEAR,
) -> FolderContents:
    """Read every known file of the folder; what is faulty is noted and left out.

    Args:
        folder: Where the files are; each is optional, at least one is there, and no other CSV file is.
        currency: The marketplace's currency.
        faults: Where faults go.
        zone: On whose clocks dates and times are that have no offset; None where nobody told.
        empty_cells: What an empty cell means.
    """
    reader = FolderReader(currency)
    reader.contents.names.update(_find_files(folder, faults))
    for file in FILES:
        if file.name in reader.contents.names:
            rows = read_rows(folder / file.name, file.columns, faults)
            if empty_cells is EmptyCells.KEEP:
                rows = _keep_empty(rows, file)
            file.read((RowFields(row, faults, zone) for row in rows), reader)
    return reader.contents


def _keep_empty(rows: Iterator[CsvRow], file: MarketFile) -> Iterator[CsvRow]:
    for row in rows:
        yield row.keep_empty(file.columns)


def _find_files(folder: Path, faults: LoadFaults) -> list[str]:
    """Return the names of the files to read, whatever they prove to be; note entries that would be overlooked."""
    shown = _show(folder.name or str(folder))
    try:
        names = sorted(entry.name for entry in folder.iterdir() if entry.name.casefold().endswith(".csv"))
    except (FileNotFoundError, NotADirectoryError, ValueError):  # the last for a path with a NUL
        names = []
    except OSError as error:
        reason = f"the folder cannot be read: {error.strerror or type(error).__name__}"
        faults.add(shown, 0, reason, remedy="check its permissions")
        return []
    if not names:
        faults.add(shown, 0, "no folder with CSV files", remedy=f"it holds some of {', '.join(_NAMES)}")
    for name in names:
        if name in _NAMES:
            continue
        if name.casefold() in _NAMES:
            remedy = f"rename it to {name.casefold()}"
            faults.add(_show(name), 0, "its name is not in lower case", remedy=remedy)
        else:
            faults.add(_show(name), 0, "not a file of a marketplace", remedy=f"known files: {', '.join(_NAMES)}")
    return [name for name in names if name in _NAMES]


def _show(name: str) -> str:
    """Return a name that a stranger gave as text that every terminal and log can hold."""
    return name if name.isprintable() else ascii(name)[1:-1]
