"""Clauses about events: the outbox, the log, the queue and the inbox (invariant I14)."""

from datetime import timedelta
from itertools import count
from threading import Event as Signal
from time import monotonic

from mktcore.money import Money
from mktcore.persistence.event_ports import Delivery
from mktcore.testing.clauses import Violated, expect
from mktcore.testing.stores.samples import AT
from mktcore.testing.stores.store_bench import Bench, CheckedUnit, StoreArea

__all__ = ["INBOX", "OUTBOX", "QUEUE"]

OUTBOX = StoreArea("outbox")
QUEUE = StoreArea("queue")
INBOX = StoreArea("inbox")
_KIND = "testing_parcel"
_MINUTE = timedelta(minutes=1)
# Enough for a busy machine: only a store that hangs makes anybody wait for so long.
_PATIENCE_SECONDS = 20


def _publish(bench: Bench, name: str, *to: str) -> None:
    bench.do(lambda unit: unit.publish([bench.moved(name, one) for one in to]))


def _read(bench: Bench, name: str) -> list[tuple[int, str]]:
    found = bench.look(lambda unit: unit.find_events(_KIND, bench.id(name)))
    return [(envelope.sequence, getattr(envelope.event, "to", "?")) for envelope in found]


def _shown(delivery: Delivery) -> list[tuple[str, int]]:
    return [(envelope.event.subject, envelope.sequence) for envelope in delivery.envelopes]


@OUTBOX
def a_commit_writes_its_events(bench: Bench) -> None:
    """Events of a committed unit are there, numbered from 1, in the order they were published."""
    _publish(bench, "p1", "a", "b", "c")
    expect(_read(bench, "p1"), [(1, "a"), (2, "b"), (3, "c")])


@OUTBOX
def numbers_go_on_without_gaps(bench: Bench) -> None:
    """Numbers of an aggregate go on from unit to unit, and a unit that was left uses none up."""
    _publish(bench, "p1", "a")
    bench.look(lambda unit: unit.publish([bench.moved("p1", "lost")]))
    _publish(bench, "p1", "b", "c")
    expect(_read(bench, "p1"), [(1, "a"), (2, "b"), (3, "c")])


@OUTBOX
def aggregates_are_numbered_apart(bench: Bench) -> None:
    """Each aggregate has numbers of its own, also when one unit publishes for several in turns."""
    bench.do(lambda unit: unit.publish([bench.moved(name, str(turn)) for turn in range(3) for name in ("p2", "p1")]))
    for name in ("p1", "p2"):
        expect(_read(bench, name), [(1, "0"), (2, "1"), (3, "2")])


@OUTBOX
def publishing_twice_keeps_the_order(bench: Bench) -> None:
    """Several calls in one unit publish in the order of the calls."""

    def publish(unit: CheckedUnit) -> None:
        unit.publish([bench.moved("p1", "a")])
        unit.publish([])
        unit.publish(iter([bench.moved("p1", "b")]))

    bench.do(publish)
    expect(_read(bench, "p1"), [(1, "a"), (2, "b")])


@OUTBOX
def events_are_kept_whole(bench: Bench) -> None:
    """An event is read back equal, its instant in UTC, its money exact, its parties named."""
    event = bench.moved("p1", "Köln", fee=Money.of("1.10", "EUR"), merchant=bench.acme.id, buyer=bench.ann.id)
    bench.do(lambda unit: unit.publish([event]))
    (envelope,) = bench.look(lambda unit: unit.find_events(_KIND, bench.id("p1")))
    expect(envelope.event, event)
    expect(envelope.event.at.utcoffset(), timedelta(0))


@OUTBOX
def ids_are_unique_and_stable(bench: Bench) -> None:
    """Every event has an id of its own, the same in the log and in the queue."""
    bench.drain()
    bench.do(lambda unit: unit.publish([bench.moved(name) for name in ("p1", "p2", "p1")]))
    logged = [
        envelope.id
        for name in ("p1", "p2")
        for envelope in bench.look(lambda unit: unit.find_events(_KIND, bench.id(name)))
    ]
    expect(len(set(logged)), 3)
    queued = [envelope.id for delivery in bench.claim() for envelope in delivery.envelopes]
    expect(sorted(queued), sorted(logged))


@OUTBOX
def the_log_is_paged(bench: Bench) -> None:
    """The log gives events after a number, and not more than asked."""
    _publish(bench, "p1", *map(str, range(7)))
    found = bench.look(lambda unit: unit.find_events(_KIND, bench.id("p1"), after=2, limit=3))
    expect([envelope.sequence for envelope in found], [3, 4, 5])
    expect(bench.look(lambda unit: unit.find_events(_KIND, bench.id("p1"), after=7)), ())


@OUTBOX
def threads_leave_no_gap(bench: Bench) -> None:
    """Eight threads that publish for one aggregate are numbered without a gap or a double."""

    def publish(number: int) -> None:
        for turn in range(4):
            bench.retry(lambda unit: unit.publish([bench.moved("p1", f"{number}-{turn}")] * 2))

    bench.race(8, publish)
    found = bench.look(lambda unit: unit.find_events(_KIND, bench.id("p1"), limit=1000))
    expect([envelope.sequence for envelope in found], list(range(1, 65)))


@OUTBOX
def threads_in_turns_do_not_block_for_ever(bench: Bench) -> None:
    """Units that publish for the same aggregates in opposite order all come to an end."""

    def publish(number: int) -> None:
        names = ("p1", "p2", "p3") if number % 2 else ("p3", "p2", "p1")
        for _ in range(3):
            bench.retry(lambda unit: unit.publish([bench.moved(name) for name in names]))

    bench.race(6, publish)
    for name in ("p1", "p2", "p3"):
        expect(len(_read(bench, name)), 18)


@QUEUE
def a_claim_gives_the_head(bench: Bench) -> None:
    """A claim gives each waiting aggregate once, with its unpublished events in order."""
    bench.drain()
    bench.do(lambda unit: unit.publish([bench.moved(name) for name in ("p1", "p2", "p1")]))
    shown = sorted(map(_shown, bench.claim()))
    expect(shown, [[(bench.id("p1"), 1), (bench.id("p1"), 2)], [(bench.id("p2"), 1)]])


@QUEUE
def a_claim_is_exclusive(bench: Bench) -> None:
    """A claimed aggregate is given to nobody else while the lease holds, not even its newer events."""
    bench.drain()
    _publish(bench, "p1", "a")
    expect(len(bench.claim()), 1)
    _publish(bench, "p1", "b")
    expect(bench.claim(now=AT + _MINUTE / 2), ())


@QUEUE
def a_lease_ends(bench: Bench) -> None:
    """When the lease of a claim has ended, the aggregate is given again, from the same event on."""
    bench.drain()
    _publish(bench, "p1", "a")
    (first,) = bench.claim()
    (again,) = bench.claim(now=AT + _MINUTE)
    expect(_shown(again), _shown(first))


@QUEUE
def a_settled_event_is_not_given_again(bench: Bench) -> None:
    """What was delivered and settled is not given again, and counts as published."""
    bench.drain()
    _publish(bench, "p1", "a", "b")
    expect(bench.store.queue.count_pending(), 2)
    (delivery,) = bench.claim()
    expect(bench.store.queue.settle(delivery, 2, ready_at=AT), True)
    expect(bench.claim(now=AT + 9 * _MINUTE), ())
    expect(bench.store.queue.count_pending(), 0)


@QUEUE
def a_part_can_be_settled(bench: Bench) -> None:
    """When a publisher took only the first events, the rest is given next, not before it may be."""
    bench.drain()
    _publish(bench, "p1", "a", "b", "c")
    (delivery,) = bench.claim()
    expect(bench.store.queue.settle(delivery, 1, ready_at=AT + _MINUTE), True)
    expect(bench.claim(now=AT + _MINUTE / 2), ())
    (rest,) = bench.claim(now=AT + _MINUTE)
    expect(_shown(rest), [(bench.id("p1"), 2), (bench.id("p1"), 3)])


@QUEUE
def a_failed_delivery_is_given_again(bench: Bench) -> None:
    """A claim that is settled with nothing delivered gives the same events again."""
    bench.drain()
    _publish(bench, "p1", "a")
    (delivery,) = bench.claim()
    expect(bench.store.queue.settle(delivery, 0, ready_at=AT), True)
    (again,) = bench.claim()
    expect(_shown(again), _shown(delivery))


@QUEUE
def a_lost_claim_settles_nothing(bench: Bench) -> None:
    """A relay whose lease ended, and whose aggregate another one holds, settles nothing."""
    bench.drain()
    _publish(bench, "p1", "a", "b")
    (slow,) = bench.claim()
    (fast,) = bench.claim(now=AT + _MINUTE)
    expect(bench.store.queue.settle(slow, 2, ready_at=AT), False)
    expect(bench.store.queue.settle(fast, 1, ready_at=AT), True)
    expect(bench.store.queue.settle(fast, 1, ready_at=AT), False)
    (rest,) = bench.claim(now=AT + _MINUTE)
    expect(_shown(rest), [(bench.id("p1"), 2)])


@QUEUE
def what_comes_meanwhile_is_given_next(bench: Bench) -> None:
    """Events committed while their aggregate is claimed are given after it is settled."""
    bench.drain()
    _publish(bench, "p1", "a")
    (delivery,) = bench.claim()
    _publish(bench, "p1", "b")
    bench.store.queue.settle(delivery, 1, ready_at=AT)
    (rest,) = bench.claim()
    expect(_shown(rest), [(bench.id("p1"), 2)])


@QUEUE
def an_idle_aggregate_waits_again(bench: Bench) -> None:
    """An aggregate whose events were all published is given again when it has new ones."""
    bench.drain()
    _publish(bench, "p1", "a")
    (delivery,) = bench.claim()
    bench.store.queue.settle(delivery, 1, ready_at=AT)
    _publish(bench, "p1", "b")
    (rest,) = bench.claim()
    expect(_shown(rest), [(bench.id("p1"), 2)])


@QUEUE
def a_claim_has_a_limit(bench: Bench) -> None:
    """A claim takes as many aggregates as asked, and leaves the rest to others."""
    bench.drain()
    bench.do(lambda unit: unit.publish([bench.moved(f"p{number}") for number in range(5)]))
    expect([len(bench.claim(limit=2)) for _ in range(4)], [2, 2, 1, 0])


@QUEUE
def a_rolled_back_event_is_not_queued(bench: Bench) -> None:
    """Events of a unit that was left without commit are never given."""
    bench.drain()
    bench.look(lambda unit: unit.publish([bench.moved("p1")]))
    expect((bench.claim(), bench.store.queue.count_pending()), ((), 0))


@QUEUE
def long_queues_are_given_in_order(bench: Bench) -> None:
    """An aggregate with hundreds of waiting events is given in as many deliveries as needed, without gap or repeat."""
    bench.drain()
    # Several times what one delivery should hold.
    _publish(bench, "p1", *map(str, range(350)))
    seen: list[int] = []
    for _ in range(20):
        for delivery in bench.claim():
            seen += [sequence for _, sequence in _shown(delivery)]
            bench.store.queue.settle(delivery, len(delivery.envelopes), ready_at=AT)
    expect(seen, list(range(1, 351)))


@QUEUE
def pruning_takes_only_what_is_published_and_old(bench: Bench) -> None:
    """Pruning removes published events from before an instant, and leaves the others and the numbering alone."""
    bench.drain()
    for turn in range(4):
        event = bench.moved("p1", str(turn), at=AT + turn * _MINUTE)
        bench.do(lambda unit: unit.publish([event]))
    (delivery,) = bench.claim(now=AT + 9 * _MINUTE)
    bench.store.queue.settle(delivery, 3, ready_at=AT)
    while bench.store.queue.prune(before=AT + 2 * _MINUTE):
        pass
    expect(_read(bench, "p1"), [(3, "2"), (4, "3")])
    while bench.store.queue.prune(before=AT + 99 * _MINUTE):
        pass
    expect(_read(bench, "p1"), [(4, "3")])
    _publish(bench, "p1", "next")
    expect(_read(bench, "p1"), [(4, "3"), (5, "next")])


@QUEUE
def a_late_commit_is_not_skipped(bench: Bench) -> None:
    """An event published early and committed late is given, although others were committed and given meanwhile."""
    bench.drain()
    published, passed = Signal(), Signal()
    given: list[tuple[str, int]] = []

    def give() -> None:
        for delivery in bench.claim(now=AT + 9 * _MINUTE):
            given.extend(_shown(delivery))
            bench.store.queue.settle(delivery, len(delivery.envelopes), ready_at=AT)

    def publish_slowly(unit: CheckedUnit) -> None:
        unit.publish([bench.moved("slow", "a")])
        published.set()
        passed.wait(0.5)  # a store with one writer lets the other pass only afterwards, which is as good

    def run(number: int) -> None:
        if number:
            published.wait(_PATIENCE_SECONDS)
            bench.retry(lambda unit: unit.publish([bench.moved("fast", "a")]))
            give()
            passed.set()
            return
        bench.retry(publish_slowly)

    bench.race(2, run)
    give()
    expect(sorted(given), [(bench.id("fast"), 1), (bench.id("slow"), 1)])


@QUEUE
def no_event_is_lost_between_producers_and_relays(bench: Bench) -> None:
    """Four producers and three relays at once: each event is delivered, in order per aggregate, none twice."""
    bench.drain()
    seen: list[tuple[str, int]] = []
    claims = count()
    done: list[int] = []

    def run(number: int) -> None:
        if number < 4:  # noqa: PLR2004 - the producers
            for turn in range(12):
                event = bench.moved(f"p{turn % 3}", f"{number}")
                bench.retry(lambda unit: unit.publish([event]))
            done.append(number)
            return
        deadline = monotonic() + _PATIENCE_SECONDS
        while len(done) < 4 or bench.store.queue.count_pending():  # noqa: PLR2004 - the producers
            if monotonic() > deadline:
                raise Violated("events wait, and nobody is given them")
            for delivery in bench.claim(claim=bench.id(next(claims)), limit=2):
                seen.extend(_shown(delivery))
                if not bench.store.queue.settle(delivery, len(delivery.envelopes), ready_at=AT):
                    raise Violated("a claim was lost although its lease held")

    bench.race(7, run)
    for name in ("p0", "p1", "p2"):
        expect([number for subject, number in seen if subject == bench.id(name)], list(range(1, 17)), name)


@INBOX
def an_event_is_taken_once(bench: Bench) -> None:
    """A consumer takes an event once, also within one unit; another consumer takes it for itself."""
    with bench.store.begin(bench.operator) as unit:
        expect([unit.inbox.take(bench.id("c1"), "e1") for _ in range(2)], [True, False])
        unit.commit()
    expect(bench.do(lambda unit: unit.inbox.take(bench.id("c1"), "e1")), False)
    expect(bench.do(lambda unit: unit.inbox.take(bench.id("c2"), "e1")), True)
    expect(bench.do(lambda unit: unit.inbox.take(bench.id("c1"), "e2")), True)


@INBOX
def a_rolled_back_event_is_taken_again(bench: Bench) -> None:
    """An event whose handling was rolled back can be taken again."""
    bench.look(lambda unit: unit.inbox.take(bench.id("c1"), "e1"))
    expect(bench.do(lambda unit: unit.inbox.take(bench.id("c1"), "e1")), True)


@INBOX
def threads_take_an_event_once(bench: Bench) -> None:
    """Of eight threads that take the same event, one does."""
    taken = bench.race(8, lambda _: bench.retry(lambda unit: unit.inbox.take(bench.id("c1"), "e1")))
    expect(taken.count(True), 1)
