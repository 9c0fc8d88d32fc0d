"""Events get out at least once, in order per aggregate, whatever a publisher does."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mktcore.adapters.event_publishers import FilePublisher, InProcessPublisher
from mktcore.adapters.event_relay import Relay, Relayed
from mktcore.adapters.memory import MemoryStore
from mktcore.errors import InvalidValue
from mktcore.events import Envelope
from mktcore.persistence import Scope
from mktcore.persistence.event_ports import Delivery
from mktcore.testing import KINDS, ConformanceFailed, check_gateway, check_publisher
from mktcore.testing.gateways import CheckedGateway
from mktcore.testing.publishers import CheckedPublisher
from mktcore.testing.stores.samples import AT, ParcelMoved


class Time:
    def __init__(self) -> None:
        self.instant = AT

    def now(self) -> datetime:
        return self.instant


class Ids:
    def __init__(self) -> None:
        self.count = 0

    def new_id(self, kind: str) -> str:
        self.count += 1
        return f"{kind}-{self.count}"


def _publish(store: MemoryStore, *names: str) -> None:
    with store.begin(Scope.operator()) as unit:
        unit.publish([ParcelMoved(subject=name, at=AT, to=name) for name in names])
        unit.commit()


def _relay(store: MemoryStore, handle: Callable[[Envelope], None], clock: Time | None = None) -> Relay:
    return Relay(store.queue, InProcessPublisher(handle), clock or Time(), Ids())


def test_a_relay_sends_what_waits_once_and_in_order() -> None:
    store, seen = MemoryStore(KINDS), list[str]()
    _publish(store, "p1", "p2", "p1")
    relay = _relay(store, lambda envelope: seen.append(envelope.id))
    assert relay.run_once() == Relayed(sent=3, failed=0, lost=0)
    assert relay.run_until_empty() == 0
    assert [one for one in seen if "/p1/" in one] == ["testing_parcel/p1/1", "testing_parcel/p1/2"]
    assert store.queue.count_pending() == 0


def test_an_event_that_is_not_taken_comes_again_before_the_later_ones() -> None:
    store, clock, seen = MemoryStore(KINDS), Time(), list[int]()
    _publish(store, "p1", "p1", "p1")

    def handle(envelope: Envelope) -> None:
        seen.append(envelope.sequence)
        if seen.count(2) == 1 and envelope.sequence == 2:
            raise ConnectionError

    relay = _relay(store, handle, clock)
    assert relay.run_once() == Relayed(sent=1, failed=1, lost=0)
    assert relay.run_once() == Relayed(sent=0, failed=0, lost=0)
    clock.instant += timedelta(seconds=5)
    assert relay.run_until_empty(rounds=5) == 2
    assert seen == [1, 2, 2, 3]


def test_an_interrupt_settles_what_was_sent_and_passes() -> None:
    store, seen = MemoryStore(KINDS), list[int]()
    _publish(store, "p1", "p1")

    def handle(envelope: Envelope) -> None:
        if envelope.sequence == 2:
            raise KeyboardInterrupt
        seen.append(envelope.sequence)

    with pytest.raises(KeyboardInterrupt):
        _relay(store, handle).run_once()
    assert (seen, store.queue.count_pending()) == ([1], 1)


def test_a_relay_that_was_too_slow_says_so() -> None:
    store, clock = MemoryStore(KINDS), Time()
    _publish(store, "p1")

    def handle(_: Envelope) -> None:
        clock.instant += timedelta(minutes=2)
        store.queue.claim(claim="another", now=clock.instant, lease=timedelta(minutes=1))

    assert _relay(store, handle, clock).run_once() == Relayed(sent=1, failed=0, lost=1)


def test_a_relay_holds_what_it_claimed_for_as_long_as_it_works() -> None:
    store, clock, seen = MemoryStore(KINDS), Time(), list[tuple[str, int]]()
    with store.begin(Scope.operator()) as unit:
        unit.publish([ParcelMoved(subject=f"p{number % 20:02}", at=AT, to="") for number in range(2_000)])
        unit.commit()

    def handle(envelope: Envelope) -> None:
        seen.append((envelope.event.subject, envelope.sequence))
        clock.instant += timedelta(milliseconds=5)
        assert store.queue.claim(claim="another", now=clock.instant, lease=timedelta(seconds=2)) == ()

    relay = Relay(store.queue, InProcessPublisher(handle), clock, Ids(), lease=timedelta(seconds=2))
    assert relay.run_once() == Relayed(sent=2_000, failed=0, lost=0)
    assert len(set(seen)) == len(seen) == 2_000
    assert all(second > first for (one, first), (other, second) in pairwise(seen) if one == other)


def test_a_relay_sends_nothing_of_what_another_one_took_meanwhile() -> None:
    store, clock, seen = MemoryStore(KINDS), Time(), list[str]()
    _publish(store, "p1", "p1", "p1", "p2")
    stolen: list[Delivery] = []

    def handle(envelope: Envelope) -> None:
        seen.append(envelope.id)
        if len(seen) == 1:
            clock.instant += timedelta(minutes=2)
            stolen.extend(store.queue.claim(claim="another", now=clock.instant, lease=timedelta(minutes=1)))

    assert _relay(store, handle, clock).run_once() == Relayed(sent=1, failed=0, lost=2)
    assert seen == ["testing_parcel/p1/1"]
    assert [len(one.envelopes) for one in stolen] == [3, 1]


def test_a_clock_that_is_set_back_loses_no_claim() -> None:
    store, clock, seen = MemoryStore(KINDS), Time(), list[str]()
    _publish(store, "p1", "p1", "p1")

    def handle(envelope: Envelope) -> None:
        seen.append(envelope.id)
        clock.instant += timedelta(minutes=-30 if len(seen) == 1 else 0)
        assert store.queue.claim(claim="another", now=clock.instant, lease=timedelta(minutes=1)) == ()

    assert _relay(store, handle, clock).run_once() == Relayed(sent=3, failed=0, lost=0)


def test_a_subscriber_that_fails_neither_repeats_nor_starves_another() -> None:
    store, clock, billed = MemoryStore(KINDS), Time(), list[str]()

    def fail(_: Envelope) -> None:
        raise ConnectionError

    handlers: dict[str, Callable[[Envelope], None]] = {"mail": fail, "billing": lambda one: billed.append(one.id)}
    relays = [
        Relay(store.subscriptions.subscribe(name), InProcessPublisher(handle), clock, Ids())
        for name, handle in handlers.items()
    ]
    for _ in range(3):
        _publish(store, "p1")
        assert [relay.run_until_empty() for relay in relays] == [0, 1]
        clock.instant += timedelta(minutes=1)
    assert billed == ["testing_parcel/p1/1", "testing_parcel/p1/2", "testing_parcel/p1/3"]


def test_a_lease_longer_than_any_is_refused() -> None:
    store = MemoryStore(KINDS)
    with pytest.raises(InvalidValue, match="1 day"):
        store.queue.claim(claim="c1", now=AT, lease=timedelta(days=1, seconds=1))


def test_a_round_limit_stops_a_relay() -> None:
    store = MemoryStore(KINDS)
    _publish(store, *[f"p{number}" for number in range(50)])
    relay = Relay(store.queue, InProcessPublisher(lambda _: None), Time(), Ids(), batch=10)
    assert relay.run_until_empty(rounds=2) == 20


def test_lines_of_the_file_are_whole_documents(tmp_path: Path) -> None:
    with FilePublisher(tmp_path / "events.jsonl") as publisher:
        publisher.send(Envelope(ParcelMoved(subject="p1", at=AT, to="two\nlines"), 1))
    (line,) = (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    document = json.loads(line)
    assert (document["id"], document["sequence"]) == ("testing_parcel/p1/1", 1)
    assert document["event"]["$type"] == "testing.parcel-moved.v1"
    assert document["event"]["to"] == "two\nlines"


def test_the_publishers_that_ship_conform(tmp_path: Path) -> None:
    paths = iter(range(10))

    def make_file_publisher() -> CheckedPublisher:
        path = tmp_path / f"{next(paths)}.jsonl"
        publisher = FilePublisher(path)
        return CheckedPublisher(publisher, lambda: [json.loads(line)["id"] for line in path.read_bytes().splitlines()])

    def make_in_process_publisher() -> CheckedPublisher:
        received: list[str] = []
        publisher = InProcessPublisher()
        publisher.subscribe(lambda envelope: received.append(envelope.id))
        return CheckedPublisher(publisher, lambda: received)

    check_publisher(make_in_process_publisher)
    with pytest.raises(ConformanceFailed, match="what-was-sent-is-received"):
        check_publisher(lambda: CheckedPublisher(InProcessPublisher(), list))
    publishers: list[Any] = []

    def make_and_keep() -> CheckedPublisher:
        publishers.append(make_file_publisher())
        return publishers[-1]  # type: ignore[no-any-return]  # of the list above

    check_publisher(make_and_keep)
    for checked in publishers:
        checked.publisher.close()


class Bank:
    """A far side that remembers keys, or does not."""

    def __init__(self, *, replays: bool = True, looks_up: bool = True) -> None:
        self.effects: list[str] = []
        self.answers: dict[str, str] = {}
        self.replays, self.looks_up = replays, looks_up

    def pay(self, key: str) -> str:
        if key not in self.answers or not self.replays:
            self.effects.append(key)
            self.answers[key] = f"receipt {len(self.effects)}"
        return self.answers[key]

    def lookup(self, key: str) -> str | None:
        return self.answers.get(key) if self.looks_up else None

    def refuse(self, key: str) -> str:
        raise ValueError(key)

    def check(self, *, otherwise: bool = True) -> CheckedGateway[str]:
        return CheckedGateway(self.pay, self.lookup, self.effects.count, self.refuse if otherwise else None)


def test_a_gateway_that_replays_and_looks_up_conforms() -> None:
    check_gateway(lambda: Bank().check())
    check_gateway(lambda: Bank().check(otherwise=False))


@pytest.mark.parametrize(
    ("settings", "clause"),
    [({"replays": False}, "the-same-key-replays-the-answer"), ({"looks_up": False}, "a-key-can-be-looked-up")],
)
def test_a_gateway_that_forgets_keys_is_caught(settings: dict[str, bool], clause: str) -> None:
    with pytest.raises(ConformanceFailed, match=clause):
        check_gateway(lambda: Bank(**settings).check())


def test_claims_are_named_by_the_id_factory() -> None:
    assert Ids().new_id("claim") == "claim-1"
    assert Time().now().tzinfo is UTC
