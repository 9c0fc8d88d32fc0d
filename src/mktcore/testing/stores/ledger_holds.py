"""Clauses about holds: what is held counts, and each ends once (invariant I5)."""

from datetime import timedelta

from mktcore.errors import InvalidValue
from mktcore.ledger import Account, Hold, HoldEnded, HoldExceeded, HoldState, TransactionConflict
from mktcore.ledger.errors import HoldConflict
from mktcore.testing.clauses import expect
from mktcore.testing.stores.ledger_bench import LedgerBench, to_euros
from mktcore.testing.stores.samples import AT
from mktcore.testing.stores.store_bench import Bench, StoreArea

__all__ = ["HOLDING"]

HOLDING = StoreArea("hold")
_DAY = timedelta(days=1)


def _begin(bench: Bench) -> LedgerBench:
    books = LedgerBench(bench)
    books.post(books.give("given", 1_000))
    return books


def _state(bench: Bench, name: object) -> tuple[str, int | None]:
    found = bench.look(lambda unit: unit.ledger.find_holds([bench.id(name)]))[bench.id(name)]
    return found.state.value, None if found.settled is None else found.settled.minor


@HOLDING
def what_is_held_cannot_be_taken(bench: Bench) -> None:
    """What is held counts against the floor, though the balance does not change."""
    books = _begin(bench)
    expect((books.hold(books.held("h", 700)), books.balance(), books.room()), ((), 1_000, 300))
    expect(books.post(books.take("t1", 301)), (books.short(books.available, 300, 301),))
    expect((books.post(books.take("t2", 300)), books.room()), ((), 0))


@HOLDING
def what_is_held_cannot_be_held_again(bench: Bench) -> None:
    """Holds are granted all or none, up to what is there, exactly."""
    books = _begin(bench)
    both = books.held("h1", 600), books.held("h2", 401)
    expect((books.hold(*both), books.room()), ((books.short(books.available, 1_000, 1_001),), 1_000))
    expect((books.hold(both[0], books.held("h3", 400)), books.room()), ((), 0))
    expect(books.hold(books.held("h4", 1)), (books.short(books.available, 0, 1),))


@HOLDING
def a_hold_counts_against_a_ceiling(bench: Bench) -> None:
    """Held and used together stay within a ceiling (invariant I6)."""
    books = LedgerBench(bench)
    books.limit(books.debt, 1_000)
    books.post(books.move("t1", 500, books.debt, credit=books.funds))
    held = Hold(bench.id("h"), books.debt, books.funds, amount=to_euros(400))
    expect((books.hold(held), books.room(books.debt)), ((), 100))
    asked = books.move("t2", 101, books.debt, credit=books.funds)
    expect(
        (books.post(asked), books.void("h"), books.post(asked)),
        ((books.short(books.debt, 100, 101),), (bench.id("h"),), ()),
    )


@HOLDING
def a_hold_brings_nothing(bench: Bench) -> None:
    """What is held for an account cannot be taken from it before it is posted."""
    books = _begin(bench)
    expect(books.hold(Hold(bench.id("h"), books.available, books.theirs, amount=to_euros(100))), ())
    expect((books.room(books.theirs), books.balance(books.theirs)), (0, 0))


@HOLDING
def settling_posts_a_part_and_frees_the_rest(bench: Bench) -> None:
    """Settling posts at most what is held, and frees the rest."""
    books = _begin(bench)
    books.hold(books.held("h", 700))
    books.settle("h", books.take("t", 250))
    expect((books.balance(), books.room(), _state(bench, "h")), (750, 750, ("settled", 250)))


@HOLDING
def settling_may_take_all(bench: Bench) -> None:
    """Settling posts all that is held where nothing else is left."""
    books = _begin(bench)
    books.hold(books.held("h", 1_000))
    books.settle("h", books.take("t", 1_000))
    expect((books.balance(), books.room(), _state(bench, "h")), (0, 0, ("settled", 1_000)))


@HOLDING
def settling_moves_no_more_and_nothing_else(bench: Bench) -> None:
    """A transaction that moves more than is held, or between other accounts, is refused; the hold stays live."""
    books = _begin(bench)
    books.hold(books.held("h", 700))
    wrong = (
        books.take("t", 701),
        books.give("t", 100),
        books.move("t", 100, books.available, credit=books.theirs),
        books.move("t", 100, books.pending, credit=books.clearing),
    )
    for one in wrong:
        with bench.refusal(HoldExceeded):
            books.settle("h", one)
    expect((books.balance(), books.room(), _state(bench, "h")), (1_000, 300, ("live", None)))


@HOLDING
def settling_again_does_nothing(bench: Bench) -> None:
    """Settling again by the same transaction is harmless; by another one it is refused."""
    books = _begin(bench)
    books.hold(books.held("h", 700))
    books.settle("h", books.take("t", 250))
    books.settle("h", books.take("t", 250))
    with bench.refusal(TransactionConflict):
        books.settle("h", books.take("t", 251))
    with bench.refusal(HoldEnded):
        books.settle("h", books.take("t2", 250))
    expect((books.balance(), books.room()), (750, 750))


@HOLDING
def a_key_settles_one_hold(bench: Bench) -> None:
    """A transaction that is posted already settles nothing: the hold would end, and nothing be posted for it."""
    books = _begin(bench)
    books.hold(books.held("h", 700))
    books.post(books.take("t", 250))
    with bench.refusal(TransactionConflict):
        books.settle("h", books.take("t", 250))
    expect((books.balance(), books.room(), _state(bench, "h")), (750, 50, ("live", None)))


@HOLDING
def a_hold_ends_once(bench: Bench) -> None:
    """A hold that ended is not settled, and voiding it does nothing."""
    books = _begin(bench)
    books.hold(books.held("h1", 300), books.held("h2", 300))
    books.settle("h1", books.take("t1", 100))
    expect(books.void("h1", "h2", "none"), (bench.id("h2"),))
    expect((books.void("h2"), books.balance(), books.room()), ((), 900, 900))
    for name in ("h2", "none"):
        with bench.refusal(HoldEnded):
            books.settle(name, books.take("t2", 100))
    expect((_state(bench, "h1"), _state(bench, "h2"), books.balance()), (("settled", 100), ("voided", None), 900))


@HOLDING
def a_hold_is_made_once(bench: Bench) -> None:
    """An id held again is passed over, whatever became of it; another hold of that id is refused."""
    books = _begin(bench)
    one = books.held("h", 700)
    expect((books.hold(one, one), books.hold(one), books.room()), ((), (), 300))
    books.void("h")
    expect((books.hold(one), books.room(), _state(bench, "h")), ((), 1_000, ("voided", None)))
    with bench.refusal(HoldConflict):
        books.hold(books.held("h0", 5), books.held("h", 701))
    with bench.refusal(InvalidValue):
        books.hold(books.held("h9", 5, state=HoldState.SETTLED, settled=to_euros(5)))
    expect((books.room(), books.hold(books.held("h0", 6)), books.room()), (1_000, (), 994))


@HOLDING
def a_hold_outlives_a_lowered_limit(bench: Bench) -> None:
    """What was held before a limit was lowered can be settled; nothing more is granted."""
    books = LedgerBench(bench)
    books.limit(books.debt, 1_000)
    books.hold(Hold(bench.id("h"), books.debt, books.funds, amount=to_euros(800)))
    books.limit(books.debt, 100)
    books.settle("h", books.move("t", 800, books.debt, credit=books.funds))
    expect((books.balance(books.debt), books.room(books.debt)), (800, 0))


@HOLDING
def due_holds_expire(bench: Bench) -> None:
    """Holds expire when their instant has come, soonest first, so many at once; those without one do not."""
    books = _begin(bench)
    names = ("b", "a", "c", "later", "never")
    due = dict(zip(names, (AT, AT, AT + _DAY, AT + 3 * _DAY, None), strict=True))
    # What other clauses left to expire comes first or after; only ours is looked at.
    books.hold(*[books.held(name, 100, expires_at=at) for name, at in due.items()])

    def expire(at: object, limit: int) -> list[str]:
        found = bench.do(lambda unit: unit.ledger.expire(now=at, limit=limit))  # type: ignore[arg-type]  # an instant
        return [one for one in found if one.startswith(bench.prefix)]

    expect(expire(AT - _DAY, 100), [])
    expect((expire(AT, 1), expire(AT, 100)), ([bench.id("a")], [bench.id("b")]))
    expect((expire(AT + 2 * _DAY, 100), books.room()), ([bench.id("c")], 800))
    with bench.refusal(HoldEnded):
        books.settle("a", books.take("t", 100))
    expect((_state(bench, "a"), _state(bench, "never")), (("expired", None), ("live", None)))
    books.void(*names)


@HOLDING
def both_sides_may_be_held(bench: Bench) -> None:
    """A hold that would take from both its accounts counts on both: a payment of a debt, from what is available."""
    books = _begin(bench)
    owed = Account(str(bench.acme), "merchant_debt", "EUR")
    books.post(books.move("t1", 400, owed, credit=books.clearing))
    netted = Hold(bench.id("h"), books.available, owed, amount=to_euros(300))
    expect((books.hold(netted), books.room(), books.room(owed)), ((), 700, 100))
    books.settle("h", books.move("t2", 200, books.available, credit=owed))
    expect((books.room(), books.room(owed), books.balance(owed)), (800, 200, 200))


@HOLDING
def a_hold_settles_once_among_threads(bench: Bench) -> None:
    """Of eight threads that settle and void one hold, one ends it."""
    books = _begin(bench)
    books.hold(books.held("h", 700))

    def end(thread: int) -> int:
        if thread % 2:
            return len(bench.retry(lambda unit: unit.ledger.void([bench.id("h")], at=AT)))
        try:
            one = books.take(f"t{thread}", 700)
            bench.retry(lambda unit: unit.ledger.settle(bench.id("h"), one, at=AT))
        except HoldEnded:
            return 0
        return 1

    expect(sum(bench.race(8, end)), 1)
    expect(books.balance() == books.room() == {"settled": 300, "voided": 1_000}[_state(bench, "h")[0]], True)


@HOLDING
def a_party_sees_holds_on_its_accounts(bench: Bench) -> None:
    """A party sees the holds that would debit its own accounts; others do not exist for it."""
    books = _begin(bench)
    books.hold(books.held("h", 700))
    found = [
        len(bench.look(lambda unit: unit.ledger.find_holds([bench.id("h")]), scope))
        for scope in (bench.acme, bench.bolt, bench.ann)
    ]
    expect(found, [1, 0, 0])
