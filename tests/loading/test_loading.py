"""Loading into a store: all or nothing, and again."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import pytest

from markets import EXAMPLE
from mktcore.adapters.system import SystemIds
from mktcore.carts import Cart, CartLine
from mktcore.loading import LoadFolder, LoadRefused
from mktcore.marketplace import Marketplace
from mktcore.money import Currency, Money
from mktcore.offers import OFFERS
from mktcore.parties import MERCHANTS
from mktcore.persistence import Retryable, Scope, Store, UniqueViolation
from mktcore.persistence.run_unit import Pause
from mktcore.pricing import PRICE_SCHEDULES, PriceBreak, PriceSchedule
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit, Stock, StockCount
from mktcore.taxes import TAX_RULES


def find_price(market: Marketplace, offer: str, sku: str) -> str:
    cart = Cart.of("cart-1", buyer="buyer-1", lines=[CartLine("l1", sku=sku, offer=offer)])
    return str(market.simulate(cart, scope=market.as_operator()).lines[0].price.unit_price)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "copy"))


def test_the_example_is_a_believable_small_marketplace(market: Marketplace) -> None:
    with market.store.begin(market.as_operator()) as unit:
        assert unit.repository(MERCHANTS).count() >= 6
        offers = list(unit.repository(OFFERS).stream())
    assert len(offers) >= 150
    assert len({offer.sku for offer in offers}) >= 60
    assert len([offer for offer in offers if offer.valid.end is not None and offer.valid.end < market.clock.now()]) >= 1


def test_loading_again_updates_what_changed(market: Marketplace, folder: Path) -> None:
    assert str(market.load(folder)) == "nothing changed"
    offers = folder / "offers.csv"
    offers.write_text(offers.read_text().replace("acme-camera,acme,camera,179.00", "acme-camera,acme,camera,175.00"))
    (folder / "merchants.csv").write_text("merchant,name\nacme,Acme & Sons\nnova,Nova\n")
    report = market.load(folder)
    assert str(report) == "merchant: 1 added, 1 changed; price_schedule: 0 added, 1 changed"
    assert find_price(market, "acme-camera", "camera") == "175.00 EUR"
    assert find_price(market, "bolt-camera", "camera") == "184.90 EUR"


def test_a_folder_may_build_on_what_the_store_has(market: Marketplace, tmp_path: Path) -> None:
    row = "fern-camera,fern,camera,99.00,1\n"
    (tmp_path / "offers.csv").write_text(f"offer,merchant,sku,price,stock\n{row}")
    market.load(tmp_path)
    assert find_price(market, "fern-camera", "camera") == "99.00 EUR"


def test_what_neither_the_folder_nor_the_store_has_is_reported_with_the_other_faults(
    market: Marketplace, tmp_path: Path
) -> None:
    (tmp_path / "offers.csv").write_text(
        "offer,merchant,sku,price,stock\nx-1,nobody,camera,9.00,1\nx-2,acme,hovercraft,9.00,1\nx-3,acme,camera,-9,1\n"
    )
    (tmp_path / "skus.csv").write_text("sku,name,tax_category\nrug,Rug,luxury\n")
    with pytest.raises(LoadRefused) as refusal:
        market.load(tmp_path)
    assert [(problem.where, problem.message) for problem in refusal.value.problems] == [
        ("offers.csv:2:merchant", "there is no merchant nobody"),
        ("offers.csv:3:sku", "there is no SKU hovercraft"),
        ("offers.csv:4:price", "-9.00 EUR is negative"),
        ("skus.csv:2:tax_category", "there is no tax category luxury"),
    ]
    with market.store.begin(market.as_operator()) as unit:
        assert not unit.repository(OFFERS).find_many(["x-1", "x-2", "x-3"])


def test_a_new_count_keeps_what_is_reserved(market: Marketplace) -> None:
    cart = Cart.of("cart-1", buyer="buyer-1", lines=[CartLine("l1", sku="camera", quantity=2, offer="acme-camera")])
    market.place(cart, key="k1", scope=market.as_operator())
    market.load(EXAMPLE)
    with market.store.begin(market.as_operator()) as unit:
        level = unit.stock.find_levels(["acme-camera"])["acme-camera"]
    assert (level.on_hand, level.reserved, level.available) == (5, 2, 3)


def test_progress_is_told_until_everything_is_stored(market: Marketplace) -> None:
    told: list[tuple[int, int]] = []
    market.load(EXAMPLE, progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] > 400
    assert told == sorted(told)


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content)
    return folder


def refuse(market: Marketplace, folder: Path, **files: str) -> list[str]:
    with pytest.raises(LoadRefused) as refusal:
        market.load(write(folder, **files))
    return [str(problem) for problem in refusal.value.problems]


def find_breaks(market: Marketplace, offer: str) -> dict[int, str]:
    with market.store.begin(market.as_operator()) as unit:
        schedule = unit.repository(PRICE_SCHEDULES).get(unit.repository(OFFERS).get(offer).schedule)
    return {entry.quantity: str(entry.unit_price.amount) for entry in schedule.breaks}


def find_taxes(market: Marketplace, category: str) -> dict[str, str]:
    with market.store.begin(market.as_operator()) as unit:
        rules = unit.repository(TAX_RULES).find_where("category", [category])
    return {rule.name: str(rule.rate) for rule in rules}


FEED = "offer,merchant,sku,price,stock\nacme-tripod,acme,tripod,19.00,7\n"
BREAKS = "offer,quantity,price\n"


def test_a_feed_of_offers_keeps_their_price_breaks(market: Marketplace, tmp_path: Path) -> None:
    before = find_breaks(market, "acme-tripod")
    assert before.keys() == {1, 5, 20}
    market.load(write(tmp_path / "feed", offers=FEED))
    assert find_breaks(market, "acme-tripod") == before | {1: "19.00"}


def test_price_breaks_alone_keep_the_price_of_one(market: Marketplace, tmp_path: Path) -> None:
    before, other = find_breaks(market, "acme-tripod"), find_breaks(market, "harbour-tripod")
    report = market.load(write(tmp_path / "feed", price_breaks=BREAKS + "acme-tripod,3,18.50\n"))
    assert str(report) == "price_schedule: 0 added, 1 changed"
    assert find_breaks(market, "acme-tripod") == {1: before[1], 3: "18.50"}
    assert find_breaks(market, "harbour-tripod") == other


def test_a_folder_that_tells_breaks_tells_all_of_its_offers(market: Marketplace, tmp_path: Path) -> None:
    market.load(write(tmp_path / "feed", offers=FEED, price_breaks=BREAKS))
    assert find_breaks(market, "acme-tripod") == {1: "19.00"}


def test_breaks_of_an_offer_that_nobody_knows_are_refused(market: Marketplace, tmp_path: Path) -> None:
    assert refuse(market, tmp_path / "feed", price_breaks=BREAKS + "none,5,1.00\n") == [
        "price_breaks.csv:2:offer: there is no offer none (define it, or correct the name)"
    ]


def test_a_schedule_that_offers_share_is_left_to_the_others(market: Marketplace, tmp_path: Path) -> None:
    shared = PriceSchedule("shared", "acme", (PriceBreak(1, Money.of("20.00", "EUR")),))
    with market.store.begin(market.as_operator()) as unit:
        unit.repository(PRICE_SCHEDULES).add(shared)
        for offer in ("acme-tripod", "acme-camera"):
            unit.repository(OFFERS).save(attrs.evolve(unit.repository(OFFERS).get(offer), schedule="shared"))
        unit.commit()
    market.load(write(tmp_path / "feed", price_breaks=BREAKS + "acme-tripod,3,18.50\n"))
    assert find_breaks(market, "acme-tripod") == {1: "20.00", 3: "18.50"}
    assert find_breaks(market, "acme-camera") == {1: "20.00"}


def test_a_renamed_tax_replaces_the_one_before(market: Marketplace, tmp_path: Path) -> None:
    reduced = find_taxes(market, "reduced")
    rates = "tax_category,name,rate\nstandard,Mehrwertsteuer 19 %,0.19\n"
    report = market.load(write(tmp_path / "taxes", tax_rates=rates))
    assert str(report) == "tax_rule: 1 added, 0 changed, 1 removed"
    assert find_taxes(market, "standard") == {"Mehrwertsteuer 19 %": "0.19"}
    assert find_taxes(market, "reduced") == reduced
    assert str(market.load(tmp_path / "taxes")) == "nothing changed"


def test_an_offer_stays_with_its_merchant(market: Marketplace, tmp_path: Path) -> None:
    moved = FEED.replace(",acme,", ",bolt,").replace("19.00", "free")
    faults = refuse(market, tmp_path / "feed", offers=moved)
    assert [fault.split(": ")[0] for fault in faults] == ["offers.csv:2:price", "offers.csv:2:merchant"]
    assert faults[1].endswith("offer acme-tripod is of merchant acme, not bolt (give the offer of bolt its own id)")


def test_stock_counts_as_a_change(market: Marketplace, tmp_path: Path) -> None:
    feed = FEED.replace("19.00", find_breaks(market, "acme-tripod")[1]).replace(",7\n", ",70\n")
    assert str(market.load(write(tmp_path / "feed", offers=feed))) == "stock_item: 0 added, 1 changed"
    new = FEED.replace("acme-tripod,", "acme-tripod-used,")
    report = market.load(write(tmp_path / "feed", offers=new))
    assert (report.added["stock_item"], report.changed["stock_item"]) == (1, 0)


def test_a_count_keeps_the_back_order_allowance(market: Marketplace, tmp_path: Path) -> None:
    with market.store.begin(market.as_operator()) as unit:
        unit.stock.set_on_hand([StockCount("acme-tripod", "acme", 1, backorder=3)], at=market.clock.now())
        unit.commit()
    market.load(write(tmp_path / "feed", offers=FEED))
    with market.store.begin(market.as_operator()) as unit:
        assert unit.stock.find_levels(["acme-tripod"])["acme-tripod"].available == 10


def test_a_rule_for_a_category_without_skus_is_a_fault(market: Marketplace, tmp_path: Path) -> None:
    rules = "rule,category,rate\nstored,cameras,0.1\nloaded,toys,0.1\nwrong,camreas,0.1\n"
    skus = "sku,name,tax_category,category\nkite,Kite,standard,toys\n"
    assert refuse(market, tmp_path / "rules", commission_rules=rules, skus=skus) == [
        "commission_rules.csv:4:category: there is no SKU of category camreas (define it, or correct the name)"
    ]


@pytest.mark.slow(counted=True)
def test_every_reference_that_fails_is_listed_up_to_a_thousand(market: Marketplace, tmp_path: Path) -> None:
    rows = "".join(f"o{number},ghost,camera,1.00,1\n" for number in range(1_200))
    faults = refuse(market, tmp_path / "feed", offers=FEED + rows)
    assert faults[0].startswith("offers.csv:3:merchant: there is no merchant ghost")
    assert len(faults) == 1_001
    assert faults[-1] == "offers.csv: 1,000 faults are listed; there may be more (mend these first)"


def make_loader(
    market: Marketplace, store: Store[MarketUnit], currency: str = "EUR", *, pause: Pause | None = None
) -> LoadFolder:
    return LoadFolder(Runtime(store, market.clock, SystemIds(), pause=pause), Currency.of(currency))


def test_prices_in_another_currency_are_not_mixed(market: Marketplace, tmp_path: Path) -> None:
    loader = make_loader(market, market.store, "USD")
    with pytest.raises(LoadRefused) as refusal:
        loader.load(write(tmp_path / "feed", offers=FEED))
    (problem,) = refusal.value.problems
    assert problem.message == "offer acme-tripod has prices in EUR in the store"


def test_a_merchant_with_the_longest_id_can_sell(market: Marketplace, tmp_path: Path) -> None:
    merchant = "m" * 60
    offers = f"offer,merchant,sku,price,stock\nlong,{merchant},camera,1.00,9\n"
    market.load(write(tmp_path / "feed", merchants=f"merchant,name\n{merchant},M\n", offers=offers))
    cart = Cart.of("cart-1", buyer="buyer-1", lines=[CartLine("l1", sku="camera", offer="long")])
    order = market.place(cart, key="k1", scope=market.as_operator())
    assert order.merchant_orders[0].merchant == merchant


class LosingStore:
    """A store whose units lose against another transaction, at their end or where they read stock, some times."""

    def __init__(self, market: Marketplace, *, at_end: int = 0, at_stock: int = 0) -> None:
        self.market, self.at_end, self.at_stock = market, at_end, at_stock

    @contextmanager
    def begin(self, scope: Scope) -> Iterator[MarketUnit]:
        with self.market.store.begin(scope) as unit:
            if self.at_stock:
                self.at_stock -= 1
                yield BusyUnit(unit)
            else:
                yield unit
            if self.at_end:
                self.at_end -= 1
                raise UniqueViolation("merchant", ("id",), ("acme",))


class BusyUnit:
    def __init__(self, unit: MarketUnit) -> None:
        self.repository, self.commit, self.publish = unit.repository, unit.commit, unit.publish
        self.add_records, self.note_reads = unit.add_records, unit.note_reads
        self.ledger = unit.ledger
        self.find_events, self.counters = unit.find_events, unit.counters
        self.find_record, self.record, self.finish_record = unit.find_record, unit.record, unit.finish_record
        self.find_records, self.record_many = unit.find_records, unit.record_many
        self.add_records, self.note_reads = unit.add_records, unit.note_reads

    @property
    def stock(self) -> Stock:
        raise Retryable("busy")


def test_a_load_that_came_second_with_a_new_record_is_tried_again(market: Marketplace) -> None:
    pauses: list[int] = []
    store = LosingStore(market, at_end=2)
    loader = make_loader(market, store, pause=pauses.append)
    assert str(loader.load(EXAMPLE)) == "nothing changed"
    assert (pauses, store.at_end) == ([1, 2], 0)


def test_a_load_that_always_loses_gives_up(market: Marketplace) -> None:
    loader = make_loader(market, LosingStore(market, at_end=100))
    with pytest.raises(Retryable, match="there is a merchant with id='acme' already"):
        loader.load(EXAMPLE)


def test_a_load_that_is_tried_again_reports_a_fault_once(market: Marketplace, tmp_path: Path) -> None:
    loader = make_loader(market, LosingStore(market, at_stock=3))
    with pytest.raises(LoadRefused) as refusal:
        loader.load(write(tmp_path / "feed", offers=FEED.replace(",tripod,", ",ghost,")))
    assert [problem.message for problem in refusal.value.problems] == ["there is no SKU ghost"]


def test_a_merchant_reads_its_own_price_schedules_only(market: Marketplace) -> None:
    with market.store.begin(market.as_merchant("acme")) as unit:
        schedules = unit.repository(PRICE_SCHEDULES)
        assert {schedule.owner for schedule in schedules.stream()} == {"acme"}
        assert schedules.find("bolt-tripod") is None
    with market.store.begin(market.as_buyer("buyer-1")) as unit:
        assert unit.repository(PRICE_SCHEDULES).count() == 0


def test_an_offer_named_like_a_schedule_of_somebody_else_is_a_fault(market: Marketplace, tmp_path: Path) -> None:
    with market.store.begin(market.as_operator()) as unit:
        list_price = PriceSchedule("acme-new", None, [PriceBreak(1, Money.of("9.00", "EUR"))])
        unit.repository(PRICE_SCHEDULES).add(list_price)
        unit.commit()
    (tmp_path / "offers.csv").write_text("offer,merchant,sku,price,stock\nacme-new,acme,camera,1.00,5\n")
    with pytest.raises(LoadRefused, match="price schedule acme-new is of the operator, not of acme"):
        market.load(tmp_path)


@pytest.mark.parametrize(("price", "is_sound"), [("9999999999999999.99", True), ("10000000000000000.00", False)])
def test_a_price_that_no_cart_could_add_up_is_refused_where_it_stands(
    market: Marketplace, tmp_path: Path, price: str, is_sound: bool
) -> None:
    (tmp_path / "offers.csv").write_text(f"offer,merchant,sku,price,stock\nhuge,acme,camera,{price},2000000000\n")
    if not is_sound:
        with pytest.raises(LoadRefused, match=r"offers\.csv:2:price: .* has more than 18 digits"):
            market.load(tmp_path)
        return
    market.load(tmp_path)
    cart = Cart.of("c", buyer="b", lines=[CartLine("l1", "camera", 10**9, offer="huge")])
    assert not market.simulate(cart, scope=market.as_operator()).issues
