"""Laws of merchant items and of history, whatever happens in whatever order, beside a model that is obviously right."""

from datetime import UTC, datetime, timedelta

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from mktcore.catalog import PRODUCTS, Product, Sku
from mktcore.marketplace import Marketplace
from mktcore.merchant_items import (
    MERCHANT_ITEMS,
    Bind,
    DecisionImpossible,
    Deny,
    MerchantItem,
    NewProduct,
    Pend,
    ReceivedItem,
    StaleDecision,
    Unbind,
)
from mktcore.merchant_items.decide_item import ItemDenied
from mktcore.merchant_items.item_decision import Verdict
from mktcore.parties import MERCHANTS, Merchant
from mktcore.persistence import NotFound
from mktcore.testing.fakes import CountingIds, ManualClock

START = datetime(2026, 7, 1, 12, tzinfo=UTC)
SKUS = ("alpha", "beta")
NAMES = ("Camera", "Camera, black", "Lens")
VERDICTS: tuple[Verdict, ...] = (*map(Bind, SKUS), NewProduct(), Pend(), Deny("no"), Unbind())


def open_market(clock: ManualClock) -> Marketplace:
    market = Marketplace.in_memory(currency="EUR", clock=clock, ids=CountingIds())
    with market.store.begin(market.as_operator()) as unit:
        unit.repository(MERCHANTS).add(Merchant("acme", "Acme"))
        unit.commit()
    return market


@attrs.define
class Expected:
    """What a merchant item should be, told by the simplest rules."""

    name: str
    state: str = "received"
    sku: str | None = None
    version: int = 1
    last: tuple[int, Verdict] | None = None
    past: list[tuple[str, str, str | None]] = attrs.field(factory=list)

    def note(self) -> None:
        self.past.append((self.name, self.state, self.sku))


class ItemsLife(RuleBasedStateMachine):
    """Send, send again, decide on any version, unbind, remove."""

    seen = Bundle("seen")

    def __init__(self) -> None:
        super().__init__()
        self.market = open_market(ManualClock(START))
        self.operator, self.acme = self.market.as_operator(), self.market.as_merchant("acme")
        for sku in SKUS:
            self.market.catalog.save_sku(Sku(sku, sku.title()), scope=self.operator)
        self.items: dict[str, Expected] = {}
        self.made = 0

    @rule(target=seen, item=st.sampled_from("AB"), name=st.sampled_from(NAMES))
    def send(self, item: str, name: str) -> tuple[str, int]:
        known = self.items.get(item)
        refused = known is not None and known.state == "denied" and known.name != name
        try:
            found = self.market.items.receive(MerchantItem("acme", item, name), scope=self.acme)
        except ItemDenied:
            assert refused
            return (item, self.items[item].version)
        assert not refused
        if known is None:
            known = self.items[item] = Expected(name)
            known.note()
        elif known.state == "removed" or known.name != name:
            undecided = known.state in {"received", "pending", "removed"}
            known.name, known.version = name, known.version + 1
            known.state = "received" if undecided else known.state
            known.last = None if undecided else known.last
            known.note()
        assert found.version == known.version
        return (item, found.version)

    @rule(target=seen, pair=seen, verdict=st.sampled_from(VERDICTS), stale=st.integers(0, 1))
    def decide(self, pair: tuple[str, int], verdict: Verdict, stale: int) -> tuple[str, int]:
        item, version = pair
        known = self.items[item]
        version = version if stale else known.version
        key = f"4:acme:{item}"
        try:
            found = self.market.items.decide(key, verdict, version=version, scope=self.operator)
        except StaleDecision as stale_decision:
            told = (stale_decision.decided_on, stale_decision.current)
            assert told == (version, known.version)
            assert version != known.version
            return (item, known.version)
        except DecisionImpossible:
            assert version == known.version
            assert (
                (known.state == "bound") is not isinstance(verdict, Unbind)
                or known.state == "removed"
                or (known.state == "denied" and isinstance(verdict, Deny))
            )
            return (item, known.version)
        if known.last == (version, verdict) and known.version == version + 1:
            assert found.version == known.version
            return (item, known.version)
        assert version == known.version
        self.apply(known, verdict, version)
        return (item, found.version)

    def apply(self, known: Expected, verdict: Verdict, version: int) -> None:
        names = {Bind: "bound", NewProduct: "bound", Pend: "pending", Deny: "denied", Unbind: "unbound"}
        known.state = names[type(verdict)]
        self.made += isinstance(verdict, NewProduct)
        known.sku = verdict.sku if isinstance(verdict, Bind) else f"sku-{self.made}" if known.state == "bound" else None
        known.last, known.version = (version, verdict), known.version + 1
        known.note()

    @rule(target=seen, pair=seen)
    def remove(self, pair: tuple[str, int]) -> tuple[str, int]:
        known = self.items[pair[0]]
        self.market.items.remove("acme", pair[0], scope=self.acme)
        if known.state != "removed":
            known.state, known.sku, known.version = "removed", None, known.version + 1
            known.note()
        return (pair[0], known.version)

    @rule(target=seen)
    def remove_unknown(self) -> object:
        try:
            self.market.items.remove("acme", "Z", scope=self.acme)
        except NotFound:
            return multiple()
        raise AssertionError

    @invariant()
    def the_market_agrees(self) -> None:
        found = {one.item.item_id: one for one in self.market.items.page(scope=self.operator).items}
        assert found.keys() == self.items.keys()
        for item, known in self.items.items():
            one = found[item]
            assert (one.item.name, one.state, one.sku, one.version) == (
                known.name,
                known.state,
                known.sku,
                known.version,
            )

    @invariant()
    def products_are_made_once_for_each_decision(self) -> None:
        assert len(self.market.catalog.products.page(scope=self.operator).items) == self.made

    def teardown(self) -> None:
        for item, known in self.items.items():
            page = self.market.catalog.page_history(MERCHANT_ITEMS, f"4:acme:{item}", scope=self.acme, limit=500)
            past = [one.value for one in page.items if isinstance(one.value, ReceivedItem)]
            assert [(one.item.name, one.state, one.sku) for one in past] == known.past
            assert [one.version for one in past] == list(range(1, known.version + 1))


TestItemsLife = ItemsLife.TestCase
TestItemsLife.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)

steps = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["save", "roll back"]), st.integers(1, 12)), min_size=1, max_size=12
)


@settings(max_examples=60, deadline=None)
@given(steps, st.lists(st.integers(-2, 40), max_size=8))
def test_history_tells_what_was_there_and_brings_it_back(changes: list[tuple[int, str, int]], asked: list[int]) -> None:
    clock = ManualClock(START)
    market = open_market(clock)
    operator = market.as_operator()
    saved = [market.catalog.save_product(Product("mug", "0"), scope=operator)]
    instants = [clock.now()]
    for number, (hours, what, to) in enumerate(changes):
        clock.advance(timedelta(hours=hours))
        current = saved[-1]
        if what == "save":
            after = market.catalog.save_product(attrs.evolve(current, name=str(number)), scope=operator)
        else:
            target = min(to, len(saved))
            after = market.catalog.roll_back(PRODUCTS, "mug", to=target, scope=operator)
            assert after == attrs.evolve(saved[target - 1], version=current.version + 1)
        saved.append(after)
        instants.append(clock.now())
    assert market.catalog.get_product("mug", scope=operator) == saved[-1]
    found = market.catalog.page_history(PRODUCTS, "mug", scope=operator).items
    assert [one.value for one in found] == saved
    for hour in asked:
        at = START + timedelta(hours=hour)
        expected = [value for value, instant in zip(saved, instants, strict=True) if instant <= at]
        assert market.catalog.find_as_of(PRODUCTS, "mug", at, scope=operator) == (expected[-1] if expected else None)
