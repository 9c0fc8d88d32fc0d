"""Whether a catalogue's records are as their last revision has them, and whether all their revisions are there."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import attrs

from mktcore.audit.guarded_checks import iterate_batches, run_guarded
from mktcore.catalog.revision import REVISIONS, RecordChange, Revision, to_revision_id
from mktcore.notice import Notice
from mktcore.store_inspection import RecordInspection

__all__ = ["check_catalog_history"]

_BATCH = 500


def check_catalog_history(inspection: RecordInspection) -> Iterator[Notice]:
    """Yield a finding for each record that is not as its history has it, and each gap in a history."""
    if REVISIONS.name not in inspection.kinds:
        return
    revisions = (kept.value for kept in inspection.iterate_kind(REVISIONS) if isinstance(kept.value, Revision))
    previous: Revision | None = None
    # Ids sort the revisions of one record by their number, so the one before another record's is the last.
    for batch in iterate_batches(revisions, _BATCH):
        last: list[Revision] = []
        for revision in batch:
            if previous is not None and _is_of_one(previous, revision):
                yield from run_guarded("I16", f"revision {revision.id}", partial(_check_next, previous, revision))
            else:
                last += [] if previous is None else [previous]
                yield from run_guarded("I16", f"revision {revision.id}", partial(_check_first, revision))
            previous = revision
        yield from run_guarded("I16", "revisions", partial(_check_last, inspection, last))
    if previous is not None:
        yield from run_guarded("I16", "revisions", partial(_check_last, inspection, [previous]))


def _is_of_one(first: Revision, second: Revision) -> bool:
    return (first.kind, first.record) == (second.kind, second.record)


def _check_first(revision: Revision) -> Iterator[Notice]:
    if revision.number != 1 and revision.change is not RecordChange.FOUND:
        where = f"revision {revision.id}"
        yield Notice("I16", where, f"number {revision.number} of {revision.record} is the first that is there")


def _check_next(previous: Revision, revision: Revision) -> Iterator[Notice]:
    where = f"revision {revision.id}"
    # One that was found so was changed by something that keeps no history.
    if revision.number != previous.number + 1 and revision.change is not RecordChange.FOUND:
        yield Notice("I16", where, f"number {revision.number} of {revision.record} follows {previous.number}")
    if revision.at < previous.at:
        yield Notice("I16", where, "it was before the one before")
    if revision.id != to_revision_id(revision.kind, revision.record, revision.number):
        yield Notice("I16", where, "its id is that of another revision")


def _check_last(inspection: RecordInspection, revisions: list[Revision]) -> Iterator[Notice]:
    by_kind: dict[str, list[Revision]] = {}
    for revision in revisions:
        by_kind.setdefault(revision.kind, []).append(revision)
    for name, own in by_kind.items():
        kind = inspection.kinds.get(name)
        there = {} if kind is None else inspection.find_kept(kind, [revision.record for revision in own])
        for revision in own:
            kept, where = there.get(revision.record), f"{name} {revision.record}"
            if kept is None:
                yield Notice("I16", where, f"it is missing, and revision {revision.number} is its last")
            elif kept.value is not None and not _is_same(kept.value, revision.value):
                yield Notice("I16", where, f"it is not as its last revision, {revision.number}, has it")


def _is_same(record: Any, revised: Any) -> bool:
    return type(record) is type(revised) and attrs.evolve(record, version=0) == attrs.evolve(revised, version=0)
