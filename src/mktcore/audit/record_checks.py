"""Whether every record can be read, is what it is found by, and refers to what is there (invariants I16 and I18)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from mktcore.audit.declared_agreement import OWNERS, SELF_TOLD, Owner
from mktcore.audit.declared_references import IDENTITIES, REFERENCES, RecordReference
from mktcore.audit.guarded_checks import iterate_batches, run_guarded
from mktcore.notice import Notice
from mktcore.persistence import Kind
from mktcore.store_inspection import Kept, RecordInspection

__all__ = ["IdLook", "check_record", "check_records", "check_references"]

_BATCH = 500


class IdLook(Protocol):
    """What tells whether records are there."""

    @property
    def kinds(self) -> Mapping[str, Kind[Any]]:
        """The repositories, by name."""
        ...

    def find_ids(self, kind: Kind[Any], ids: Iterable[str]) -> frozenset[str]:
        """Return which of some ids are those of records of a kind."""
        ...


def check_records(inspection: RecordInspection, *, without: Collection[str] = ()) -> Iterator[Notice]:
    """Yield a finding for each record of each kind that is unreadable, disguised, or refers to nothing.

    Args:
        inspection: What is looked at.
        without: Kinds whose records were looked at already.
    """
    for kind in inspection.kinds.values():
        if kind.name not in without:
            yield from run_guarded("I16", f"kind {kind.name}", partial(_check_kind, inspection, kind))
        if kind.several:
            yield from run_guarded("I16", f"kind {kind.name}", partial(_check_strays, inspection, kind))


def _check_strays(inspection: RecordInspection, kind: Kind[Any]) -> Iterator[Notice]:
    for id_ in inspection.iterate_strays(kind):
        yield Notice("I16", f"{kind.name} {id_}", "it is found by one of several values, and is not there")


def _check_kind(inspection: RecordInspection, kind: Kind[Any]) -> Iterator[Notice]:
    for batch in iterate_batches(inspection.iterate_kind(kind), _BATCH):
        for kept in batch:
            yield from run_guarded("I16", f"{kind.name} {kept.id}", partial(check_record, kind, kept))
        if kind.marks is not None:
            yield from run_guarded("I16", f"{kind.name}.marks", partial(_check_marks, inspection, kind, batch))
        values = [kept.value for kept in batch if kept.value is not None]
        yield from check_references(inspection, kind, values)
        for owner in OWNERS:
            if owner.kind is kind:
                yield from run_guarded("I16", kind.name, partial(_check_owned, inspection, owner, values))


def _check_owned(inspection: RecordInspection, owner: Owner, values: Sequence[Any]) -> Iterator[Notice]:
    if owner.target.name not in inspection.kinds:
        return
    there = inspection.find_kept(owner.target, [value.id for value in values])
    for value in values:
        kept = there.get(value.id)  # one that is missing is told as a reference
        told = {} if kept is None or kept.value is None else owner.agree(value, kept.value)
        for field, (found, expected) in told.items():
            if found != expected:
                message = f"it is {found}, and {owner.target.name} tells {expected}"
                yield Notice("I16", f"{owner.kind.name} {value.id}.{field}", message)


def check_record(kind: Kind[Any], kept: Kept[Any]) -> Iterator[Notice]:
    """Yield what does not hold of one record by itself."""
    where = f"{kind.name} {kept.id}"
    if kept.value is None:
        yield Notice("I16", where, f"it cannot be read: {kept.problem}")
        return
    columns = {**kind.read_columns(kept.value), **_list_values(kind, kept.value)} if len(kept.told) > 1 else {}
    expected = {"id": kept.value.id, "version": kept.value.version, **columns}
    access = {kind.merchant, kind.buyer, kind.related}
    for name, value in expected.items():
        if name in kept.told and not _is_same(kept.told[name], value):
            code = "I18" if name in access else "I16"
            yield Notice(code, f"{where}.{name}", f"it is found by {kept.told[name]!r}, and says {value!r}")
    for fault in SELF_TOLD.get(kind.name, _tell_nothing)(kept.value):
        yield Notice("I16", where, fault)
    identify = IDENTITIES.get(kind.name)
    if identify is not None and identify(kept.value) != kept.value.id:
        yield Notice("I16", where, f"what it says belongs under {identify(kept.value)}")


def _list_values(kind: Kind[Any], value: Any) -> Mapping[str, frozenset[tuple[object, ...]]]:
    """Return the rows of each column of several values: a text, and what stands beside it as a store keeps it."""
    found = {}
    for name, texts in kind.read_several(value).items():
        read = {one: kind.read_column(one, value) for one in kind.list_beside(name)}
        # As above: only ordered columns keep an int as one.
        beside = [str(told) if type(told) is int and one not in kind.ordered else told for one, told in read.items()]
        found[name] = frozenset((text, *beside) for text in texts)
    return found


def _tell_nothing(value: object) -> tuple[str, ...]:
    del value
    return ()


def _check_marks(inspection: RecordInspection, kind: Kind[Any], batch: Sequence[Kept[Any]]) -> Iterator[Notice]:
    """Yield a finding for each record that is not found under what it says: nobody would miss it by its document."""
    told = inspection.find_marks(kind, [kept.id for kept in batch])
    if told is None:
        return
    whole = [one for one in batch if one.value is not None]
    ends = _find_ends(inspection, kind, whole)
    for kept in whole:
        end = ends.get(kept.id)
        said = {(mark.text, mark.starts, end or mark.ends) for mark in kind.read_marks(kept.value)}
        found = told.get(kept.id, frozenset())
        if found != said:
            texts = sorted(map(str, {one[0] for one in found ^ said}))
            yield Notice("I16", f"{kind.name} {kept.id}.marks", f"what it is found under is not what it says: {texts}")


def _find_ends(inspection: RecordInspection, kind: Kind[Any], batch: Sequence[Kept[Any]]) -> dict[str, datetime]:
    """Return when the records are over of which another one tells it, by id."""
    lasting = kind.lasting
    other = None if lasting is None else inspection.kinds.get(lasting.kind)
    if lasting is None or other is None:
        return {}
    named = {kept.id: str(kind.read_column(lasting.named_in, kept.value)) for kept in batch}
    found = inspection.find_kept(other, named.values()).values()
    ends = {one.id: other.read_column(lasting.ends, one.value) for one in found if one.value is not None}
    return {id_: end for id_, name in named.items() if isinstance(end := ends.get(name), datetime)}


def _is_same(told: object, value: object) -> bool:
    # A column that is only compared keeps an int as text.
    return told == value or (type(value) is int and told == str(value))


def check_references(inspection: IdLook, kind: Kind[Any], values: Sequence[Any]) -> Iterator[Notice]:
    """Yield a finding for each thing that is missing, and that some records of a kind refer to."""
    for reference in REFERENCES:
        if reference.kind is kind:
            where = f"{kind.name}.{reference.field}"
            yield from run_guarded("I16", where, partial(_check_reference, inspection, reference, values))


def _check_reference(inspection: IdLook, reference: RecordReference, values: Sequence[Any]) -> Iterator[Notice]:
    if reference.target.name not in inspection.kinds:
        return
    wanted: Mapping[str, list[str]] = {value.id: list(reference.read(value)) for value in values}
    there = inspection.find_ids(reference.target, {id_ for ids in wanted.values() for id_ in ids})
    for id_, ids in wanted.items():
        for missing in (one for one in ids if one not in there):
            where = f"{reference.kind.name} {id_}.{reference.field}"
            yield Notice("I16", where, f"{reference.target.name} {missing} is missing")
