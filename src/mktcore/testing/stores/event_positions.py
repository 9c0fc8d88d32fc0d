"""Clauses about what clocks, leases and other subscribers may not do to events that wait."""

from datetime import timedelta

from mktcore.persistence.event_ports import Delivery, EventQueue
from mktcore.testing.clauses import expect
from mktcore.testing.stores.events import QUEUE
from mktcore.testing.stores.samples import AT
from mktcore.testing.stores.store_bench import Bench, StoreArea

__all__ = ["QUEUE", "SUBSCRIPTIONS"]

SUBSCRIPTIONS = StoreArea("subscription")
_MINUTE = timedelta(minutes=1)
_YEAR = timedelta(days=365)


def _publish(bench: Bench, *names: str, at: timedelta = timedelta()) -> None:
    bench.do(lambda unit: unit.publish([bench.moved(name, at=AT + at) for name in names]))


def _show(given: tuple[Delivery, ...], bench: Bench) -> list[tuple[str, int]]:
    return [
        (one.event.subject.removeprefix(f"{bench.prefix}-"), one.sequence)
        for delivery in given
        for one in delivery.envelopes
    ]


def _take(queue: EventQueue, bench: Bench) -> list[tuple[str, int]]:
    """Return what a queue gives, and settle all of it."""
    given = queue.claim(claim=bench.id(len(bench.prefix)), now=AT, lease=_MINUTE)
    for delivery in given:
        queue.settle(delivery, len(delivery.envelopes), ready_at=AT)
    return _show(given, bench)


@QUEUE
def the_longest_waiting_comes_first(bench: Bench) -> None:
    """A claim takes the aggregates that have waited longest, whatever instants their events bear."""
    bench.drain()
    for name, minutes in (("p2", -3), ("p3", -1), ("p1", -2)):
        _publish(bench, name, at=minutes * _MINUTE)
    expect([_show(bench.claim(limit=1), bench)[0][0] for _ in range(3)], ["p2", "p3", "p1"])


@QUEUE
def what_was_claimed_goes_behind_the_others(bench: Bench) -> None:
    """An aggregate whose events were not taken comes after all that wait, so that it starves nobody."""
    bench.drain()
    for name in ("p1", "p2", "p3"):
        _publish(bench, name)
    for expected in ("p1", "p2", "p3", "p1"):
        (failed,) = bench.claim(limit=1)
        expect(_show((failed,), bench)[0][0], expected)
        bench.store.queue.settle(failed, 0, ready_at=AT)


@QUEUE
def new_events_are_ready_whatever_clock_wrote_them(bench: Bench) -> None:
    """Events that bear an instant a year ahead are given now, and keep no later ones of their aggregate waiting."""
    bench.drain()
    _publish(bench, "p1", at=_YEAR)
    _publish(bench, "p1")
    given = bench.claim()
    expect(_show(given, bench), [("p1", 1), ("p1", 2)])
    bench.store.queue.settle(given[0], 2, ready_at=AT + _YEAR)
    _publish(bench, "p1")
    expect(_show(bench.claim(), bench), [("p1", 3)])


@QUEUE
def a_claim_by_a_wrong_clock_is_void(bench: Bench) -> None:
    """A claim, and a pause, by a clock that was a year ahead keeps events from nobody."""
    bench.drain()
    _publish(bench, "p1")
    (wrong,) = bench.claim(now=AT + _YEAR)
    (right,) = bench.claim(now=AT + _MINUTE)
    expect(bench.store.queue.settle(wrong, 1, ready_at=AT), False)
    bench.store.queue.settle(right, 0, ready_at=AT + _YEAR)
    expect(_show(bench.claim(now=AT + _MINUTE), bench), [("p1", 1)])


@QUEUE
def a_claim_can_be_renewed(bench: Bench) -> None:
    """A claim that is renewed holds for the new lease, also when the old one had ended."""
    bench.drain()
    _publish(bench, "p1", "p2")
    given = bench.claim()
    for turn in (1, 2, 3):
        expect(bench.store.queue.renew(given, now=AT + turn * _MINUTE, lease=_MINUTE), given)
        expect(bench.claim(now=AT + (turn + 0.5) * _MINUTE), ())
    expect(bench.store.queue.settle(given[0], 1, ready_at=AT), True)
    expect(bench.store.queue.renew(given, now=AT + 4 * _MINUTE, lease=_MINUTE), given[1:])


@QUEUE
def a_lost_claim_is_not_renewed(bench: Bench) -> None:
    """A relay whose lease ended, and whose aggregate another one holds, cannot renew it, nor keep it from that one."""
    bench.drain()
    _publish(bench, "p1", "p2")
    slow = bench.claim()
    (fast,) = bench.claim(now=AT + _MINUTE, limit=1)
    kept = bench.store.queue.renew(slow, now=AT + _MINUTE, lease=9 * _MINUTE)
    expect(len(kept), 1)
    expect(bench.store.queue.settle(fast, 1, ready_at=AT), True)


@QUEUE
def pruning_leaves_no_gap(bench: Bench) -> None:
    """Pruning removes the first events of an aggregate before later ones, although their instants say otherwise."""
    bench.drain()
    while bench.store.queue.prune(before=AT + _YEAR):
        pass
    for minutes in (1, 0, 9, 2):
        _publish(bench, "p1", at=minutes * _MINUTE)
    _take(bench.store.queue, bench)

    def prune(limit: int) -> list[int]:
        bench.store.queue.prune(before=AT + 5 * _MINUTE, limit=limit)
        found = bench.look(lambda unit: unit.find_events("testing_parcel", bench.id("p1")))
        return [one.sequence for one in found]

    expect(prune(1), [2, 3, 4])
    expect(prune(99), [3, 4])


@SUBSCRIPTIONS
def each_has_its_own_position(bench: Bench) -> None:
    """What one subscriber took, or did not take, changes nothing for another, nor for the one without a name."""
    bench.drain()
    good, bad = (bench.store.subscriptions.subscribe(bench.id(name)) for name in ("good", "bad"))
    _publish(bench, "p1", "p1")
    (failed,) = bad.claim(claim=bench.id("c1"), now=AT, lease=_MINUTE)
    bad.settle(failed, 0, ready_at=AT + _MINUTE)
    expect(_take(good, bench), [("p1", 1), ("p1", 2)])
    expect((good.count_pending(), bad.count_pending(), bench.store.queue.count_pending()), (0, 2, 2))
    _publish(bench, "p1")
    expect(_take(good, bench), [("p1", 3)])
    expect(_take(bench.store.queue, bench), [("p1", 1), ("p1", 2), ("p1", 3)])
    again = bad.claim(claim=bench.id("c2"), now=AT + _MINUTE, lease=_MINUTE)
    expect(_show(again, bench), [("p1", 1), ("p1", 2), ("p1", 3)])
    for name in ("good", "bad"):
        bench.store.subscriptions.unsubscribe(bench.id(name))


@SUBSCRIPTIONS
def a_new_one_begins_with_what_comes(bench: Bench) -> None:
    """A subscriber is given what is committed after it subscribed, in order, of old aggregates and new ones."""
    _publish(bench, "p1", "p1")
    queue = bench.store.subscriptions.subscribe(bench.id("new"))
    expect(_take(queue, bench), [])
    _publish(bench, "p1", "p2")
    expect(sorted(_take(queue, bench)), [("p1", 3), ("p2", 1)])
    bench.store.subscriptions.unsubscribe(bench.id("new"))


@SUBSCRIPTIONS
def a_known_name_goes_on(bench: Bench) -> None:
    """Who subscribes again under a name goes on where that name was, and nothing is given twice."""
    first = bench.store.subscriptions.subscribe(bench.id("name"))
    _publish(bench, "p1")
    expect(_take(first, bench), [("p1", 1)])
    _publish(bench, "p1")
    expect(_take(bench.store.subscriptions.subscribe(bench.id("name")), bench), [("p1", 2)])
    bench.store.subscriptions.unsubscribe(bench.id("name"))


@SUBSCRIPTIONS
def pruning_waits_for_all(bench: Bench) -> None:
    """Pruning leaves what some subscriber was not sent yet."""
    bench.drain()
    queue = bench.store.subscriptions.subscribe(bench.id("slow"))
    _publish(bench, "p1", "p1")
    _take(bench.store.queue, bench)
    (given,) = queue.claim(claim=bench.id("c"), now=AT, lease=_MINUTE)
    queue.settle(given, 1, ready_at=AT)
    for _ in range(2):
        bench.store.queue.prune(before=AT + _YEAR)
    expect(_take(queue, bench), [("p1", 2)])
    bench.store.subscriptions.unsubscribe(bench.id("slow"))


@SUBSCRIPTIONS
def unsubscribing_forgets(bench: Bench) -> None:
    """A subscriber that was forgotten keeps nothing from being pruned, is not listed, and begins anew if it returns."""
    bench.drain()
    name = bench.id("gone")
    queue = bench.store.subscriptions.subscribe(name)
    _publish(bench, "p1")
    expect(name in bench.store.subscriptions.list_names(), True)
    expect([bench.store.subscriptions.unsubscribe(name) for _ in range(2)], [True, False])
    expect(name in bench.store.subscriptions.list_names(), False)
    expect(_take(queue, bench), [])
    _take(bench.store.queue, bench)
    bench.store.queue.prune(before=AT + _YEAR)
    expect(bench.look(lambda unit: unit.find_events("testing_parcel", bench.id("p1"))), ())
