"""Clauses about posting: the books balance, nothing passes a limit, a key is posted once (invariants I3, I4, I6)."""

from datetime import timedelta

from mktcore.ledger import Transaction, TransactionConflict
from mktcore.ledger.errors import LinkMissing
from mktcore.persistence import NotFound, Retryable
from mktcore.testing.clauses import expect
from mktcore.testing.stores.ledger_bench import LedgerBench, read_balance
from mktcore.testing.stores.samples import AT
from mktcore.testing.stores.store_bench import Bench, CheckedUnit, StoreArea

__all__ = ["POSTING"]

POSTING = StoreArea("ledger")
_DAY = timedelta(days=1)


@POSTING
def an_unused_account_is_at_zero(bench: Bench) -> None:
    """An account that nothing was posted to is at zero, now and at any instant."""
    books = LedgerBench(bench)
    expect((books.balance(), books.balance(at=AT), books.room(), books.room(books.clearing)), (0, 0, 0, None))


@POSTING
def a_posting_moves_both_accounts(bench: Bench) -> None:
    """What is posted is on both accounts, each positive on the side on which it grows."""
    books = LedgerBench(bench)
    books.limit(books.debt, 900)
    expect(books.post(books.move("t", 700, books.debt, credit=books.funds)), ())
    expect((books.balance(books.debt), books.balance(books.funds)), (700, 700))


@POSTING
def a_floor_is_kept_to_the_minor_unit(bench: Bench) -> None:
    """All that an account has can be taken, and not a minor unit more; what it lacks is told."""
    books = LedgerBench(bench)
    books.post(books.give("t1", 500))
    expect(books.post(books.take("t2", 501)), (books.short(books.available, 500, 501),))
    expect((books.balance(), books.post(books.take("t2", 500)), books.balance()), (500, (), 0))


@POSTING
def a_call_posts_all_or_nothing(bench: Bench) -> None:
    """When one account falls short nothing of the call is posted, and its keys stay free."""
    books = LedgerBench(bench)
    books.post(books.give("t1", 500))
    moved = books.move("t2", 300, books.available, credit=books.pending)
    too_much = books.move("t3", 301, books.pending, credit=books.theirs)
    expect(books.post(moved, too_much), (books.short(books.pending, 0, 1),))
    expect((books.balance(), books.balance(books.pending), books.balance(books.theirs)), (500, 0, 0))
    entries = bench.look(lambda unit: unit.ledger.page_entries({"account": str(books.pending)}))
    expect((entries.items, books.post(moved), books.balance(books.pending)), ((), (), 300))


@POSTING
def every_shortfall_is_told(bench: Bench) -> None:
    """Every account that falls short is told, in the order of their texts, and the unit stays usable."""
    books = LedgerBench(bench)

    def work(unit: CheckedUnit) -> object:
        asked = [books.move(name, 5, one, credit=books.clearing) for name, one in enumerate(accounts)]
        found = unit.ledger.post(asked, at=AT)
        unit.ledger.post([books.give("t", 7)], at=AT)
        return found

    accounts = sorted([books.theirs, books.available, books.pending], key=str)
    expect(bench.do(work), tuple(books.short(one, 0, 5) for one in accounts))
    expect(books.balance(), 7)


@POSTING
def what_one_brings_another_may_take(bench: Bench) -> None:
    """Limits are kept by what a call leaves: what one transaction brings, another of it may take."""
    books = LedgerBench(bench)
    earned = books.move("t1", 400, books.pending, credit=books.available)
    expect(books.post(earned, books.move("t2", 400, books.clearing, credit=books.pending)), ())
    expect((books.balance(books.pending), books.balance()), (0, 400))


@POSTING
def a_key_is_posted_once(bench: Bench) -> None:
    """A transaction posted again is passed over: in the same call, in the same unit, in another one."""
    books = LedgerBench(bench)
    one = books.give("t", 500)

    def work(unit: CheckedUnit) -> int:
        unit.ledger.post([one, one], at=AT)
        unit.ledger.post([one], at=AT)
        return read_balance(unit, books.available)

    expect((bench.do(work), books.post(one, at=AT + _DAY), books.balance()), (500, (), 500))


@POSTING
def a_key_is_not_used_for_another(bench: Bench) -> None:
    """Another transaction under a used key is refused, with what differs; nothing of the call is written."""
    books = LedgerBench(bench)
    books.post(books.give("t1", 500))
    for changed, fields in (
        (books.give("t1", 501), ("legs",)),
        (books.take("t1", 500), ("legs",)),
        (books.give("t1", 500, cause="another", effective_at=AT + _DAY), ("effective_at", "cause")),
    ):
        with bench.store.begin(bench.operator) as unit:
            with bench.refusal(TransactionConflict) as caught:
                unit.ledger.post([books.give("t0", 3), changed, books.give("t2", 4)], at=AT)
            unit.commit()
        expect([getattr(error, "fields", None) for error in caught.errors], [fields])
    expect(books.balance(), 500)
    with bench.refusal(TransactionConflict):
        books.post(books.give("t5", 1), books.give("t5", 2))
    expect((books.post(books.give("t0", 3)), books.balance()), ((), 503))


@POSTING
def linked_transactions_stand_together(bench: Bench) -> None:
    """A transaction is posted with those that it is linked to, or after them; alone it is refused."""
    books = LedgerBench(bench)
    first, second = (books.give(name, 100, linked=[bench.id(other)]) for name, other in (("a", "b"), ("b", "a")))
    with bench.refusal(LinkMissing):
        books.post(first)
    expect((books.balance(), books.post(first, second), books.balance()), (0, (), 200))
    expect(books.post(books.give("c", 50, linked=[bench.id("a"), bench.id("b")])), ())
    posted = bench.look(lambda unit: unit.ledger.find_transactions([bench.id("c"), bench.id("none")]))
    expect([one.transaction.linked for one in posted.values()], [(bench.id("a"), bench.id("b"))])


@POSTING
def a_ceiling_is_kept(bench: Bench) -> None:
    """An account with a ceiling takes nothing without a limit, and reaches the one that it is given, exactly."""
    books = LedgerBench(bench)
    expect(books.post(books.move("t1", 1, books.debt, credit=books.funds)), (books.short(books.debt, 0, 1),))
    books.limit(books.debt, 1_000)
    expect((books.room(books.debt), books.post(books.move("t2", 600, books.debt, credit=books.funds))), (1_000, ()))
    asked = books.move("t3", 401, books.debt, credit=books.funds)
    expect((books.post(asked), books.room(books.debt)), ((books.short(books.debt, 400, 401),), 400))
    expect(books.post(books.move("t4", 250, books.funds, credit=books.debt)), ())
    expect((books.post(asked), books.balance(books.debt)), ((), 751))


@POSTING
def a_lowered_limit_grants_nothing(bench: Bench) -> None:
    """A limit lowered below what is used leaves that, and lets nothing more be taken; raised, it does again."""
    books = LedgerBench(bench)
    books.limit(books.debt, 1_000)
    books.post(books.move("t1", 800, books.debt, credit=books.funds))
    books.limit(books.debt, 500)
    asked = books.move("t2", 1, books.debt, credit=books.funds)
    expect((books.balance(books.debt), books.post(asked)), (800, (books.short(books.debt, 0, 1),)))
    books.limit(books.debt, 801)
    expect((books.post(asked), books.room(books.debt)), ((), 0))


@POSTING
def a_floor_may_be_lowered(bench: Bench) -> None:
    """A floor below zero lets an account be taken below zero, exactly so far; one above zero keeps that back."""
    books = LedgerBench(bench)
    books.post(books.give("t1", 100))
    books.limit(books.available, -50)
    expect(
        (books.post(books.take("t2", 151)), books.post(books.take("t3", 150))),
        ((books.short(books.available, 150, 151),), ()),
    )
    books.limit(books.available, 20)
    books.post(books.give("t4", 100))
    expect((books.balance(), books.room()), (50, 30))


@POSTING
def a_balance_is_as_of_any_instant(bench: Bench) -> None:
    """A balance at an instant counts what is effective then, the instant itself included, whenever it was posted."""
    books = LedgerBench(bench)
    books.post(books.give("t1", 100), books.give("t3", 400, effective_at=AT + 2 * _DAY))
    books.post(books.give("t2", 20, effective_at=AT + _DAY), at=AT + 5 * _DAY)
    instants = [AT - _DAY, AT, AT + _DAY, AT + 2 * _DAY]
    expect([books.balance(at=at) for at in instants] + [books.balance()], [0, 100, 120, 520, 520])


@POSTING
def leaving_without_commit_posts_nothing(bench: Bench) -> None:
    """A unit reads what it posted and held, and leaves nothing of it behind when it is not committed."""
    books = LedgerBench(bench)
    with bench.store.begin(bench.operator) as unit:
        unit.ledger.post([books.give("t", 500)], at=AT)
        unit.ledger.hold([books.held("h", 200)], at=AT)
        expect(unit.ledger.find_funds([books.available])[books.available].held.minor, 200)
        expect((read_balance(unit, books.available), read_balance(unit, books.available, AT)), (500, 500))
    expect((books.balance(), books.post(books.give("t", 1))), (0, ()))


@POSTING
def thousands_are_posted_at_once(bench: Bench) -> None:
    """Thousands of transactions fit into one call."""
    books = LedgerBench(bench)
    expect(books.post(*[books.give(f"t{number:05}", 1) for number in range(2_500)]), ())
    expect((books.balance(), books.post(books.take("last", 2_500)), books.balance()), (2_500, (), 0))


@POSTING
def folding_changes_no_balance(bench: Bench) -> None:
    """Putting accounts in order changes nothing that anybody reads."""
    books = LedgerBench(bench)
    books.post(books.give("t1", 500), books.move("t2", 70, books.clearing, credit=books.theirs))
    books.hold(books.held("h", 100))
    bench.do(lambda unit: unit.ledger.fold(limit=100_000))
    expect(bench.do(lambda unit: unit.ledger.fold(limit=100_000)), 0)
    expect((books.balance(), books.room(), books.balance(books.theirs)), (500, 400, 70))


@POSTING
def only_the_operator_writes(bench: Bench) -> None:
    """A merchant and a buyer post nothing, hold nothing, set no limit; nothing is written."""
    books = LedgerBench(bench)
    for scope in (bench.acme, bench.ann):
        with bench.refusal(NotFound):
            bench.do(lambda unit: unit.ledger.post([books.give("t", 500)], at=AT), scope)
        with bench.refusal(NotFound):
            bench.do(lambda unit: unit.ledger.hold([books.held("h", 1)], at=AT), scope)
        with bench.refusal(NotFound):
            bench.do(lambda unit: unit.ledger.set_limits({books.available: -books.held("h", 900).amount}), scope)
        with bench.refusal(NotFound):
            bench.do(lambda unit: unit.ledger.expire(now=AT), scope)
    expect((books.balance(), books.room()), (0, 0))


@POSTING
def threads_never_pass_the_floor(bench: Bench) -> None:
    """Eight threads that take from one account get all that it has, and no more."""
    books = LedgerBench(bench)
    books.post(*[books.give(f"g{number}", 5) for number in range(4)])

    def take(thread: int) -> int:
        asked = [books.take(f"t{thread}-{number}", 1) for number in range(5)]
        return sum(not bench.retry(lambda unit: unit.ledger.post([one], at=AT)) for one in asked)

    expect((sum(bench.race(8, take)), books.balance()), (20, 0))


@POSTING
def threads_post_a_key_once(bench: Bench) -> None:
    """Eight threads that post one transaction post it once."""
    books = LedgerBench(bench)
    one = books.give("t", 500)
    bench.race(8, lambda _: bench.retry(lambda unit: unit.ledger.post([one], at=AT)))
    expect(books.balance(), 500)


@POSTING
def threads_wait_in_one_order(bench: Bench) -> None:
    """Units that take from the same accounts in opposite orders wait for each other, and none is lost while it takes.

    A store that waits for nobody may find out at the commit that it lost.
    """
    books = LedgerBench(bench)
    other, lost = books.pending, list[Retryable]()
    books.post(books.give("g1", 1_000), books.move("g2", 1_000, books.clearing, credit=other))

    def swap(thread: int) -> int:
        for number in range(15):
            both = [
                books.take(f"t{thread}-{number}-a", 1),
                books.move(f"t{thread}-{number}-b", 1, other, credit=books.theirs),
            ]
            given = both[:: 1 if thread % 2 else -1]
            bench.retry(lambda unit: post(unit, given))
        return 1

    def post(unit: CheckedUnit, given: list[Transaction]) -> None:
        try:
            unit.ledger.post(given, at=AT)
        except Retryable as error:
            lost.append(error)
            raise

    expect((sum(bench.race(4, swap)), books.balance(), books.balance(other), lost), (4, 940, 940, []))


@POSTING
def folding_loses_nothing(bench: Bench) -> None:
    """What is posted while accounts are put in order is neither lost nor counted twice."""
    books = LedgerBench(bench)

    def work(thread: int) -> int:
        for number in range(20):
            if thread % 4 == 0:
                bench.retry(lambda unit: unit.ledger.fold(limit=1_000))
            else:
                given = books.give(f"t{thread}-{number}", 1)
                bench.retry(lambda unit: unit.ledger.post([given], at=AT))
        return 1

    bench.race(8, work)
    expect((books.balance(), books.post(books.take("all", 120)), books.balance()), (120, (), 0))
