"""The conformance check of publishers."""

from collections.abc import Callable, Iterable

import attrs

from mktcore.events import Envelope
from mktcore.persistence.event_ports import Publisher
from mktcore.testing.clauses import ClauseArea, expect, run_clauses
from mktcore.testing.stores.samples import AT, ParcelMoved

__all__ = ["PUBLISHER", "CheckedPublisher", "check_publisher"]


@attrs.frozen(eq=False)
class CheckedPublisher:
    """A publisher under test.

    Attributes:
        publisher: The publisher.
        read_received: Returns the ids of what the receiver has, in the order it got them.
    """

    publisher: Publisher
    read_received: Callable[[], Iterable[str]]


PUBLISHER: ClauseArea[CheckedPublisher] = ClauseArea("publisher")


def _make(number: int) -> Envelope:
    # A line end inside an event must not tear a file of lines apart.
    return Envelope(ParcelMoved(subject="conformance-1", at=AT, to=f"\n{number}"), number)


@PUBLISHER
def what_was_sent_is_received(bench: CheckedPublisher) -> None:
    """When sending returns, the receiver has the event, in the order of sending."""
    ids = []
    for number in (1, 2, 3):
        bench.publisher.send(_make(number))
        ids.append(_make(number).id)
        expect(list(bench.read_received()), ids)


@PUBLISHER
def the_same_event_may_be_sent_again(bench: CheckedPublisher) -> None:
    """Sending an event again, as after a crash, is taken, and shows the same id."""
    bench.publisher.send(_make(1))
    bench.publisher.send(_make(1))
    expect(set(bench.read_received()), {_make(1).id})


def check_publisher(make_publisher: Callable[[], CheckedPublisher]) -> None:
    """Check what a relay relies on, on a publisher made anew for each clause.

    Raises:
        ConformanceFailed: It names each clause that was violated.
    """
    run_clauses(PUBLISHER.clauses, lambda _: make_publisher())
