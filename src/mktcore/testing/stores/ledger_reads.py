"""Clauses about reading the books: whose they are, and in which order (invariants I3, I18)."""

from datetime import timedelta

from mktcore.ledger import Account, Entry
from mktcore.persistence.errors import InvalidColumn, InvalidCursor, InvalidOrder
from mktcore.persistence.ranges import AtLeast, Between
from mktcore.testing.clauses import expect
from mktcore.testing.stores.ledger_bench import LedgerBench, to_euros
from mktcore.testing.stores.samples import AT
from mktcore.testing.stores.store_bench import Bench, StoreArea

__all__ = ["BOOK_READING"]

BOOK_READING = StoreArea("books")
_DAY = timedelta(days=1)


def _begin(bench: Bench) -> LedgerBench:
    """Post a day late: 1 and 3 cents on the second day, 2 on the first, and something to another merchant."""
    books = LedgerBench(bench)
    # positional: transactions, as many as there are
    books.post(
        books.give("t1", 1, effective_at=AT + _DAY),
        books.give("t2", 2, kind="release"),
        books.give("t3", 3, effective_at=AT + _DAY, cause=bench.id("other")),
        books.move("t4", 4, books.clearing, credit=books.theirs),
        at=AT + 2 * _DAY,
    )
    return books


def _page(bench: Bench, books: LedgerBench, *, order: str | None = None, **where: object) -> list[int]:
    given = {"account": str(books.available), **where}
    found = bench.look(lambda unit: unit.ledger.page_entries(given, order=order))  # type: ignore[arg-type]  # as given
    return [-one.amount.minor for one in found.items]


@BOOK_READING
def entries_say_what_was_posted(bench: Bench) -> None:
    """An entry has its account, amount, event, cause and both times, in the order of legs."""
    books = _begin(bench)
    found = bench.look(lambda unit: unit.ledger.page_entries({"account": str(books.theirs)})).items
    when = {"effective_at": AT, "posted_at": AT + 2 * _DAY}
    wanted = Entry(f"{bench.id('t4')}@001", books.theirs, to_euros(-4), kind="capture", cause=bench.id("order"), **when)
    expect((found, found[0].transaction), ((wanted,), bench.id("t4")))


@BOOK_READING
def entries_are_found_by_what_they_say(bench: Bench) -> None:
    """Entries are found by account, owner, event, cause, and ranges of both times."""
    books = _begin(bench)
    expect(_page(bench, books), [1, 2, 3])
    expect((_page(bench, books, kind="release"), _page(bench, books, cause=bench.id("other"))), ([2], [3]))
    expect(_page(bench, books, effective_at=AtLeast(AT + _DAY)), [1, 3])
    expect(_page(bench, books, effective_at=Between(AT, AT + _DAY), owner=str(bench.acme)), [2])
    expect(
        (_page(bench, books, posted_at=AtLeast(AT + 3 * _DAY)), _page(bench, books, owner=str(bench.bolt))), ([], [])
    )


@BOOK_READING
def entries_come_in_order(bench: Bench) -> None:
    """Entries come by when they count, one after the other or backwards, page after page."""
    books = _begin(bench)
    expect(_page(bench, books, order="effective_at"), [2, 1, 3])
    expect(_page(bench, books, order="-effective_at"), [3, 1, 2])
    seen: list[int] = []
    after: str | None = None
    for _ in range(3):
        where = {"account": str(books.available)}
        page = bench.look(lambda unit: unit.ledger.page_entries(where, order="-effective_at", after=after, limit=1))
        seen += [-one.amount.minor for one in page.items]
        after = page.next
    expect((seen, after), ([3, 1, 2], None))


@BOOK_READING
def what_is_asked_is_checked(bench: Bench) -> None:
    """A column, an order or a cursor that is none is refused."""
    with bench.refusal(InvalidColumn):
        bench.look(lambda unit: unit.ledger.page_entries({"amount": 5}))
    with bench.refusal(InvalidOrder):
        bench.look(lambda unit: unit.ledger.page_entries(order="amount"))
    with bench.refusal(InvalidCursor):
        bench.look(lambda unit: unit.ledger.page_entries(order="effective_at", after="nonsense"))


@BOOK_READING
def a_party_reads_its_own_accounts(bench: Bench) -> None:
    """A merchant and a buyer read their own accounts; another's is told like what does not exist."""
    books = _begin(bench)
    accounts = [books.available, books.theirs, books.funds, books.clearing]
    sees = {
        bench.acme: [books.available],
        bench.bolt: [books.theirs],
        bench.ann: [books.funds],
        bench.operator: accounts,
    }
    for scope, own in sees.items():
        for at in (None, AT + 9 * _DAY):
            found = bench.look(lambda unit: unit.ledger.balances(accounts, at=at), scope)
            expect(sorted(map(str, found)), sorted(map(str, own)))
        expect([*bench.look(lambda unit: unit.ledger.find_funds(accounts), scope)], own)
    expect(bench.look(lambda unit: unit.ledger.balances([books.theirs]), bench.bolt)[books.theirs], to_euros(4))


@BOOK_READING
def a_party_reads_its_own_entries(bench: Bench) -> None:
    """Pages and trial balances of a party are of its own accounts; whole transactions are the operator's."""
    books = _begin(bench)
    mine = bench.look(lambda unit: unit.ledger.page_entries(order="effective_at"), bench.acme).items
    expect([-one.amount.minor for one in mine], [2, 1, 3])
    for where in ({"account": str(books.theirs)}, {"owner": str(bench.bolt)}, {"owner": "operator"}):
        expect(bench.look(lambda unit: unit.ledger.page_entries(where), bench.acme).items, ())
    for at in (None, AT + _DAY):
        rows = bench.look(lambda unit: unit.ledger.trial_balance(at=at), bench.acme).rows
        expect([(row.name, row.balance.minor) for row in rows], [("available", 6)])
    keys, causes = [bench.id("t1")], [bench.id("order")]
    for scope in (bench.acme, bench.ann):
        expect(bench.look(lambda unit: unit.ledger.find_transactions(keys), scope), {})
        expect(bench.look(lambda unit: unit.ledger.find_transactions_of(causes), scope), {})


@BOOK_READING
def an_owner_is_not_one_that_begins_like_it(bench: Bench) -> None:
    """The trial balance of a party leaves out those whose ids begin with its own."""
    books = LedgerBench(bench)
    longer = Account(f"{bench.acme}-2", "available", "EUR")
    deeper = Account(f"{bench.acme}/x", "available", "EUR")
    books.post(books.give("t1", 5))
    books.post(books.move("t2", 7, books.clearing, credit=longer), books.move("t3", 9, books.clearing, credit=deeper))
    for at in (None, AT):
        rows = bench.look(lambda unit: unit.ledger.trial_balance(at=at), bench.acme).rows
        expect([row.balance.minor for row in rows], [5])


@BOOK_READING
def the_books_balance(bench: Bench) -> None:
    """The operator's trial balance is even, now and at any instant, in every currency."""
    books = _begin(bench)
    books.hold(books.held("h", 3))
    for at in (None, AT, AT + _DAY):
        found = bench.look(lambda unit: unit.ledger.trial_balance(at=at))
        expect({code: amount.minor for code, amount in found.differences.items()}, {"EUR": 0})


@BOOK_READING
def transactions_are_found_by_key_and_cause(bench: Bench) -> None:
    """Whole transactions are found by key, and by what they follow from, in the order of keys."""
    books = _begin(bench)
    keys = [bench.id("t2"), bench.id("none")]
    found = bench.look(lambda unit: unit.ledger.find_transactions(keys))
    expect(
        {key: (one.transaction, one.posted_at) for key, one in found.items()},
        {keys[0]: (books.give("t2", 2, kind="release"), AT + 2 * _DAY)},
    )
    causes = [bench.id("order"), bench.id("other"), bench.id("none")]
    caused = bench.look(lambda unit: unit.ledger.find_transactions_of(causes))
    keyed = {cause: [one.transaction.key for one in posted] for cause, posted in caused.items()}
    expect(keyed, {causes[0]: [bench.id(f"t{n}") for n in (1, 2, 4)], causes[1]: [bench.id("t3")]})
