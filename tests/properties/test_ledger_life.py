"""Whatever is posted, held, settled and limited, every store's books say what a few dicts say."""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ledger.accounts import NOON
from ledger.naive_books import Line, NaiveBooks
from mktcore.ledger import Account, Hold, HoldEnded, HoldExceeded, Leg, Shortfall, Transaction, TransactionConflict
from mktcore.ledger.errors import HoldConflict, LinkMissing
from mktcore.money import Money
from mktcore.persistence import Scope
from persistence.opening import open_store

NAMES = [
    "operator/clearing/EUR",
    "merchant:acme/available/EUR",
    "merchant:acme/merchant_debt/EUR",
    "merchant:bolt/available/EUR",
    "buyer:b1/prepaid/EUR",
    "buyer:b1/buyer_debt/EUR",
]
ACCOUNTS = st.sampled_from(NAMES)
LIMITED = st.sampled_from(NAMES[1:])
KEYS = st.integers(0, 49).map(lambda n: f"k{n}")
HOLDS = st.sampled_from([f"h{n}" for n in range(5)])
HOURS = st.integers(0, 3)
LINKS = st.integers(0, 9)
"""One in ten is linked to something."""
AMOUNTS = st.integers(1, 9)
PAIRS = st.tuples(ACCOUNTS, ACCOUNTS).filter(lambda both: both[0] != both[1])
PROBLEMS: dict[type[Exception], str] = {
    TransactionConflict: "conflict",
    HoldConflict: "conflict",
    LinkMissing: "link",
    HoldEnded: "ended",
    HoldExceeded: "exceeded",
}
Body = tuple[str, int, tuple[Line, ...], tuple[str, ...]]


@st.composite
def bodies(draw: st.DrawFn) -> Body:
    pairs = draw(st.lists(st.tuples(PAIRS, AMOUNTS), min_size=1, max_size=3))
    lines = [line for (debit, credit), amount in pairs for line in ((debit, amount), (credit, -amount))]
    return draw(KEYS), draw(HOURS), tuple(lines), () if draw(LINKS) else (draw(KEYS),)


def to_transaction(body: Body) -> Transaction:
    key, hour, lines, linked = body
    legs = [Leg(Account.parse(where), Money.from_minor(minor, "EUR")) for where, minor in lines]
    at = NOON + timedelta(hours=hour)
    return Transaction(key, "move", legs, effective_at=at, cause="o1", linked=[one for one in linked if one != key])


def to_told(short: tuple[Shortfall, ...]) -> list[tuple[str, int, int]]:
    return [(str(one.account), one.available.minor, one.asked.minor) for one in short]


class Books(RuleBasedStateMachine):
    """Every step is one unit on each store; what it answers must be what the dicts answer."""

    kinds: ClassVar[tuple[str, ...]] = ("memory", "sqlite")

    def __init__(self) -> None:
        super().__init__()
        self.naive = NaiveBooks()
        self.folder = tempfile.TemporaryDirectory()
        self.stores = [open_store(name, Path(self.folder.name)) for name in self.kinds]

    def teardown(self) -> None:
        for store in self.stores:
            if hasattr(store, "close"):
                store.close()
        self.folder.cleanup()

    def check(self, expected: object, work: Callable[[Any], object]) -> None:
        for store in self.stores:
            with store.begin(Scope.operator()) as unit:
                try:
                    found = work(unit.ledger)
                except tuple(PROBLEMS) as error:
                    found = PROBLEMS[type(error)]
                unit.commit()  # after a refusal too: nothing of it may be left
            assert found == expected

    @initialize(amounts=st.lists(st.integers(5, 30), min_size=5, max_size=5))
    def begin(self, amounts: list[int]) -> None:
        """Give every account some room, or most of what follows would be refused."""
        self.set_limit(NAMES[5], amounts[4])
        for number, (name, amount) in enumerate(zip(NAMES[1:5], amounts, strict=False)):
            sign = -1 if "debt" in name else 1
            self.post([(f"begin{number}", 0, ((NAMES[0], sign * amount), (name, -sign * amount)), ())])

    @precondition(lambda self: self.naive.posted)
    @rule(data=st.data(), is_changed=st.booleans())
    def post_again(self, data: st.DataObject, *, is_changed: bool) -> None:
        key = data.draw(st.sampled_from(sorted(self.naive.posted)))
        hour, lines, linked = self.naive.posted[key]
        self.post([(key, hour + is_changed, lines, linked)])

    @rule(given=st.lists(bodies(), min_size=1, max_size=3))
    def post(self, given: list[Body]) -> None:
        clean = [(key, hour, lines, tuple(one for one in linked if one != key)) for key, hour, lines, linked in given]
        made = [to_transaction(one) for one in clean]
        self.check(self.naive.post(clean), lambda ledger: to_told(ledger.post(made, at=NOON)))

    @rule(key=HOLDS, pair=PAIRS, amount=AMOUNTS, until=st.none() | HOURS)
    def hold(self, key: str, pair: tuple[str, str], amount: int, until: int | None) -> None:
        debit, credit = pair
        ends = None if until is None else NOON + timedelta(hours=until)
        money = Money.from_minor(amount, "EUR")
        one = Hold(key, Account.parse(debit), Account.parse(credit), amount=money, expires_at=ends)
        expected = self.naive.hold(key, debit, credit=credit, amount=amount, until=until)
        self.check(expected, lambda ledger: to_told(ledger.hold([one], at=NOON)))

    @rule(key=HOLDS, transaction=KEYS, hour=HOURS, amount=AMOUNTS, given=bodies(), is_own=st.integers(0, 4))
    def settle(self, *, key: str, transaction: str, hour: int, amount: int, given: Body, is_own: int) -> None:
        known = self.naive.holds.get(key)
        lines = given[2]
        if known is not None and is_own:
            lines = ((known["debit"], amount), (known["credit"], -amount))
        made = to_transaction((transaction, hour, lines, ()))
        expected = self.naive.settle(key, transaction, hour=hour, lines=lines)
        self.check(expected, lambda ledger: ledger.settle(key, made, at=NOON) or "done")

    @rule(keys=st.lists(HOLDS, max_size=3))
    def void(self, keys: list[str]) -> None:
        expected = tuple(self.naive.end(sorted(set(keys)), "voided"))
        self.check(expected, lambda ledger: ledger.void(keys, at=NOON))

    @rule(now=HOURS, limit=st.integers(1, 2))
    def expire(self, now: int, limit: int) -> None:
        expected = self.naive.find_due(now, limit)
        self.naive.end(expected, "expired")
        at = NOON + timedelta(hours=now)
        self.check(sorted(expected), lambda ledger: sorted(ledger.expire(now=at, limit=limit)))

    @rule(account=LIMITED, limit=st.integers(-5, 20))
    def set_limit(self, account: str, limit: int) -> None:
        self.naive.allowances[account] = limit if "buyer_debt" in account else -limit
        self.check(None, lambda ledger: ledger.set_limits({Account.parse(account): Money.from_minor(limit, "EUR")}))

    @rule(limit=st.integers(1, 9))
    def fold(self, limit: int) -> None:
        self.check(None, lambda ledger: ledger.fold(limit=limit) * 0 or None)

    @rule(given=st.lists(bodies(), min_size=1, max_size=2))
    def leave_without_commit(self, given: list[Body]) -> None:
        for store in self.stores:
            with store.begin(Scope.operator()) as unit:
                try:
                    unit.ledger.post([to_transaction(one) for one in given], at=NOON)
                except tuple(PROBLEMS):
                    continue

    @rule(account=ACCOUNTS, at=HOURS)
    def read_the_past(self, account: str, at: int) -> None:
        wanted, instant = Account.parse(account), NOON + timedelta(hours=at)
        expected = self.naive.balance(account, at)
        self.check(expected, lambda ledger: ledger.balances([wanted], at=instant)[wanted].minor)

    @rule(account=ACCOUNTS, size=st.integers(1, 4), is_newest=st.booleans())
    def read_entries(self, account: str, size: int, *, is_newest: bool) -> None:
        def read(ledger: Any) -> list[tuple[int, str, int]]:
            found: list[Any] = []
            after = None
            while True:
                order = "-effective_at" if is_newest else "effective_at"
                page = ledger.page_entries({"account": account}, order=order, after=after, limit=size)
                found += page.items
                after = page.next
                if after is None:
                    return [((one.effective_at - NOON).seconds // 3600, one.id, one.amount.minor) for one in found]

        expected = self.naive.list_entries(account)
        self.check(expected[::-1] if is_newest else expected, read)

    @invariant()
    def every_account_is_as_the_dicts_say(self) -> None:
        wanted = [Account.parse(name) for name in NAMES]
        balances = [self.naive.balance(name) for name in NAMES]
        rooms = [max(self.naive.room(name), 0) for name in NAMES[1:]]
        self.check(balances, lambda ledger: [ledger.balances(wanted)[one].minor for one in wanted])
        self.check(rooms, lambda ledger: [ledger.find_funds(wanted)[one].available.minor for one in wanted[1:]])

    @invariant()
    def the_books_balance(self) -> None:
        self.check(0, lambda ledger: sum(one.minor for one in ledger.trial_balance().differences.values()))


class BooksOnPostgresql(Books):
    """The same on PostgreSQL."""

    kinds = ("postgresql",)


QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=30, stateful_step_count=40, deadline=None, suppress_health_check=QUIET)
TestBooksOnPostgresql = BooksOnPostgresql.TestCase
TestBooksOnPostgresql.settings = settings(
    max_examples=5, stateful_step_count=40, deadline=None, suppress_health_check=QUIET
)
