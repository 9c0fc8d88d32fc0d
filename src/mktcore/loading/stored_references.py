"""Whether the store has what a folder takes for granted: the records it names, and whose they are."""

from collections.abc import Iterable, Mapping
from typing import Any

from mktcore.loading.batches import split_batches
from mktcore.loading.file_declaration import FindIds
from mktcore.loading.folder_records import RecordOwner, References
from mktcore.loading.load_faults import LoadFaults
from mktcore.persistence import Kind, Repositories

__all__ = ["check_owners", "check_stored_references"]


def check_stored_references(
    unit: Repositories, references: Iterable[References], finders: Mapping[str, FindIds], *, faults: LoadFaults
) -> None:
    """Note each row that names a record which the store does not have either, while its file has room for faults."""
    for column in references:
        find, known = finders[column.kind], set[str]()
        for rows in split_batches(zip(column.ids, column.lines, strict=True)):
            # Each name is asked for once, however many rows have it.
            known |= find(unit, {name for name, _ in rows} - known)
            for name, line in rows:
                if name not in known:
                    reason = f"there is no {column.kind} {name}"
                    remedy = "define it, or correct the name"
                    faults.add(column.file, line, reason, column=column.column, remedy=remedy)
            if faults.is_full(column.file):
                break


def check_owners(unit: Repositories, owners: Iterable[RecordOwner], faults: LoadFaults) -> None:
    """Note each row that gives a record to somebody else than the store does: an owner is set once."""
    for batch in split_batches(owners):
        for kind in dict.fromkeys(row.kind for row in batch):
            _check_kind(unit, kind, [row for row in batch if row.kind is kind], faults=faults)


def _check_kind(unit: Repositories, kind: Kind[Any], rows: list[RecordOwner], *, faults: LoadFaults) -> None:
    stored = unit.repository(kind).find_many([row.id for row in rows])
    for row in rows:
        known = stored.get(row.id)
        owner = None if known is None else kind.read_columns(known)["owner"]
        if known is not None and owner != row.owner:
            whose = "the operator" if owner is None else f"merchant {owner}"
            reason = f"{row.word} {row.id} is of {whose}, not of {row.owner or 'the operator'}"
            remedy = "give it another id: an owner never changes"
            faults.add(row.file, row.line, reason, column="merchant", remedy=remedy)
