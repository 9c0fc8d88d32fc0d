"""Whether events are numbered without gaps, kept, and found by what they say (invariants I14 and I18)."""

from collections.abc import Collection, Iterable, Iterator
from functools import partial

from mktcore.audit.guarded_checks import iterate_batches, run_guarded
from mktcore.audit.told_by_events import check_told
from mktcore.events import Envelope, Event
from mktcore.notice import Notice
from mktcore.stock.events import ShortageRecorded
from mktcore.store_inspection import EventInspection, Inspection, Kept, StreamState

__all__ = ["check_event", "check_event_streams", "check_streams"]

_BATCH = 500


def check_event_streams(inspection: Inspection, told: set[str], *, without: Collection[str] = ()) -> Iterator[Notice]:
    """Yield a finding for each event that is unreadable, or disguised; note in `told` whose shortage one tells of.

    Args:
        inspection: What is looked at.
        told: The items whose shortage some event tells of.
        without: Kinds of aggregates whose events were looked at already.
    """
    last: Kept[Envelope] | None = None
    ended: list[Event] = []
    for kept in inspection.iterate_events(without=without):
        yield from run_guarded("I14", f"event {kept.id}", partial(check_event, kept, told))
        if last is not None and last.value is not None and not _is_of_one(last, kept):
            ended.append(last.value.event)
        last = kept
        if len(ended) >= _BATCH:
            yield from run_guarded("I14", "events", partial(check_told, inspection, ended))
            ended = []
    if last is not None and last.value is not None:
        ended.append(last.value.event)
    yield from run_guarded("I14", "events", partial(check_told, inspection, ended))


def _is_of_one(first: Kept[Envelope], second: Kept[Envelope]) -> bool:
    return all(first.told[name] == second.told[name] for name in ("kind", "subject"))


def check_event(kept: Kept[Envelope], told: set[str]) -> Iterator[Notice]:
    """Yield what does not hold of one event; note in `told` whose shortage it tells of."""
    where = f"event {kept.id}"
    if kept.value is None:
        yield Notice("I14", where, f"it cannot be read: {kept.problem}")
        return
    event = kept.value.event
    if isinstance(event, ShortageRecorded):
        told.add(event.subject)
    expected: dict[str, object] = {
        "kind": event.subject_kind,
        "subject": event.subject,
        "at": event.at,
        "sequence": kept.value.sequence,
        "merchant": event.merchant,
        "buyer": event.buyer,
    }
    for name, value in expected.items():
        if kept.told.get(name, value) != value:
            code = "I18" if name in {"merchant", "buyer"} else "I14"
            yield Notice(code, f"{where}.{name}", f"it is found by {kept.told[name]!r}, and says {value!r}")


def check_streams(inspection: EventInspection, told: set[str]) -> Iterator[Notice]:
    """Yield a finding for each aggregate whose events are not all there, and each position that cannot be."""
    names = set(inspection.list_subscribers())
    for stream in inspection.iterate_streams():
        if stream.kind == ShortageRecorded.subject_kind and stream.pruned:
            told.add(stream.subject)  # its first events were pruned, and may have told
        yield from _check_stream(stream)
    for batch in iterate_batches(inspection.iterate_positions(), _BATCH):
        yield from _check_positions(inspection, batch, names)


def _check_stream(stream: StreamState) -> Iterator[Notice]:
    where = f"{stream.kind} {stream.subject}"
    if not stream.pruned <= stream.published <= stream.last or stream.pruned < 0:
        message = f"{stream.published} events are published of {stream.last}, {stream.pruned} pruned"
        yield Notice("I14", where, message)
    if stream.highest > stream.last:
        yield Notice("I14", where, f"event {stream.highest} is there, the last number given is {stream.last}")
    expected = stream.last - stream.pruned
    if stream.stored != expected:
        message = f"{stream.stored} events are there, {expected} should be: {stream.pruned + 1} to {stream.last}"
        yield Notice("I14", where, message)
    elif expected and (stream.lowest, stream.highest) != (stream.pruned + 1, stream.last):
        message = (
            f"events {stream.lowest} to {stream.highest} are there, {stream.pruned + 1} to {stream.last} should be"
        )
        yield Notice("I14", where, message)


def _check_positions(
    inspection: EventInspection, positions: Iterable[StreamState], names: set[str]
) -> Iterator[Notice]:
    by_kind: dict[str, list[StreamState]] = {}
    for position in positions:
        by_kind.setdefault(position.kind, []).append(position)
    for kind, own in by_kind.items():
        streams = inspection.find_streams(kind, {position.subject for position in own})
        for position in own:
            yield from _check_position(position, streams.get(position.subject), names)


def _check_position(position: StreamState, stream: StreamState | None, names: set[str]) -> Iterator[Notice]:
    where = f"{position.kind} {position.subject} for {position.subscriber}"
    if position.subscriber not in names:
        yield Notice("I14", where, "there is no such subscriber")
    last = 0 if stream is None else stream.last
    if position.last != last or not 0 <= position.published <= last:
        yield Notice("I14", where, f"{position.published} events are published of {position.last}, there were {last}")
    elif stream is not None and position.published < stream.pruned:
        yield Notice("I14", where, f"{position.published} events are published, and {stream.pruned} are pruned")
