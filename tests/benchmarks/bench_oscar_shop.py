"""django-oscar with what `sale_times` sells: a process that prices and places stored baskets when it is asked to.

    pip install django-oscar
    python tests/benchmarks/bench_oscar_shop.py FILE.db     # then lines such as "place 4" on standard input

It answers each line with the seconds of processor time that a call took, from the id of a stored basket on: load it,
look for offers, charge shipping, total it, and for an order place it in one commit. It is tuned in Oscar's favour:
its strategy takes the line's own stock record, and the receiver that counts views and sales is off. It splits no
order by merchant, computes no commission, remembers no key, and guards no stock.
"""

import sys
from decimal import Decimal
from importlib import import_module
from itertools import count
from time import process_time
from typing import Any

SKUS, MERCHANTS = 500, 10
PARTS = """
analytics checkout address shipping catalogue communication partner basket payment offer order customer search
voucher wishlists
""".split()  # noqa: SIM905 - one name after the other is best read so
SCREENS = """
catalogue communications offers orders pages partners ranges reports reviews shipping users vouchers
""".split()  # noqa: SIM905 - one name after the other is best read so
DJANGO = ("admin", "auth", "contenttypes", "sessions", "messages", "sites", "flatpages")
APPS = [
    *[f"django.contrib.{name}" for name in DJANGO],
    *["oscar.config.Shop", "oscar.apps.catalogue.reviews.apps.CatalogueReviewsConfig"],
    *[f"oscar.apps.{name}.apps.{name.title()}Config" for name in PARTS],
    *[f"oscar.apps.dashboard.{name}.apps.{name.title()}DashboardConfig" for name in SCREENS],
    *["oscar.apps.dashboard.apps.DashboardConfig", "haystack", "treebeard", "django_tables2"],
]
RATES = {"s": Decimal("0.19"), "r": Decimal("0.07")}


def price_of(sku: int) -> Decimal:
    """Return the price of a SKU's first offer."""
    return Decimal(f"{5 + sku * 7 % 90}.{sku * 13 % 100:02d}")


class NoMigrations:
    """Lets the tables of all applications be made as they are now."""

    def __contains__(self, item: object) -> bool:
        return True

    def __getitem__(self, item: object) -> None:
        return None


def configure(database: str) -> None:
    """Set Django up with Oscar on a file."""
    defaults = import_module("oscar.defaults")
    options = {name: value for name, value in vars(defaults).items() if name.isupper()}
    engine = {"ENGINE": "django.db.backends.sqlite3", "NAME": database}
    options |= {
        "SECRET_KEY": "x", "SITE_ID": 1, "USE_TZ": True, "INSTALLED_APPS": APPS, "MIGRATION_MODULES": NoMigrations(),
        "DATABASES": {"default": engine}, "DEFAULT_AUTO_FIELD": "django.db.models.AutoField",
        "HAYSTACK_CONNECTIONS": {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}},
        "OSCAR_DEFAULT_CURRENCY": "EUR", "OSCAR_OFFERS_INCL_TAX": False,
    }  # fmt: skip
    import_module("django.conf").settings.configure(**options)
    import_module("django").setup()


def get_model(app: str, name: str) -> Any:
    return getattr(import_module(f"oscar.apps.{app}.models"), name)


def load() -> None:
    """Make the tables and put the goods in."""
    import_module("django.core.management").call_command("migrate", run_syncdb=True, verbosity=0)
    product, record = get_model("catalogue", "Product"), get_model("partner", "StockRecord")
    with import_module("django.db").transaction.atomic():
        sites = import_module("django.contrib.sites.models").Site.objects
        sites.get_or_create(pk=1, defaults={"domain": "x", "name": "x"})
        kind = get_model("catalogue", "ProductClass").objects.create(name="thing")
        partners = [
            get_model("partner", "Partner").objects.create(name=f"m{n}", code=f"m{n}") for n in range(MERCHANTS)
        ]
        product.objects.bulk_create(
            [
                product(pk=n + 1, title=f"Thing {n}", product_class=kind, structure="standalone", upc=f"{n}")
                for n in range(SKUS)
            ]
        )
        record.objects.bulk_create(
            [
                record(
                    pk=n + 1, product_id=n + 1, partner=partners[n % MERCHANTS], price_currency="EUR",
                    partner_sku=f"{'s' if n % 3 else 'r'}{n}", price=price_of(n),
                    num_in_stock=10_000_000,
                )
                for n in range(SKUS)
            ]
        )  # fmt: skip
        user = import_module("django.contrib.auth").get_user_model()
        user.objects.bulk_create([user(username=f"b{n}") for n in range(50)])


class Shop:
    """Baskets, and what is done with them."""

    def __init__(self) -> None:
        """Bind Oscar's parts once."""
        strategies = import_module("oscar.apps.partner.strategy")

        def fetch_for_line(strategy: Any, line: Any, _: object = None) -> Any:
            return strategy.fetch_for_product(line.product, line.stockrecord)

        parts = ("UseFirstStockRecord", "StockRequired", "FixedRateTax", "Structured")
        bases = tuple([getattr(strategies, part) for part in parts])
        own = {
            "get_rate": lambda _, __, stockrecord: RATES[stockrecord.partner_sku[0]],
            "fetch_for_line": fetch_for_line,
        }
        self._strategy = type("Strategy", bases, own)
        self._basket, self._line = get_model("basket", "Basket"), get_model("basket", "Line")
        self._applicator = import_module("oscar.apps.offer.applicator").Applicator
        self._calculator = import_module("oscar.apps.checkout.calculators").OrderTotalCalculator
        self._creator = import_module("oscar.apps.order.utils").OrderCreator
        self._shipping = import_module("oscar.apps.shipping.methods").FixedPrice(Decimal("4.90"), Decimal("5.83"))
        self._users = list(import_module("django.contrib.auth").get_user_model().objects.order_by("pk"))
        self._atomic = import_module("django.db").transaction.atomic
        self._numbers = count()
        receive = import_module("oscar.apps.analytics.receivers").receive_order_placed
        import_module("oscar.apps.order.signals").order_placed.disconnect(receive)

    def fill(self, lines: int) -> Any:
        """Store a basket and return its id."""
        number = next(self._numbers)
        basket = self._basket.objects.create(owner=self._users[number % 50])
        wanted = [((line * 37 + number * 11) % SKUS, 1 + line % 4) for line in range(lines)]
        self._line.objects.bulk_create(
            [
                self._line(
                    basket=basket, line_reference=f"{sku + 1}_{sku + 1}", product_id=sku + 1, stockrecord_id=sku + 1,
                    quantity=quantity, price_currency="EUR", price_excl_tax=price_of(sku),
                )
                for sku, quantity in wanted
            ]
        )  # fmt: skip
        return basket.pk

    def simulate(self, basket_id: Any) -> Any:
        """Price a basket."""
        basket = self._basket.objects.select_related("owner").get(pk=basket_id)
        basket.strategy = self._strategy()
        self._applicator().apply(basket, basket.owner)
        charge = self._shipping.calculate(basket)
        return basket, charge, self._calculator().calculate(basket, charge)

    def place(self, basket_id: Any) -> None:
        """Place a basket in one commit."""
        with self._atomic():
            basket, charge, total = self.simulate(basket_id)
            for line in basket.all_lines():
                permitted, why = line.purchase_info.availability.is_purchase_permitted(line.quantity)
                if not permitted:
                    raise ValueError(why)
            self._creator().place_order(basket, total, self._shipping, charge, user=basket.owner)
            basket.submit()


def serve() -> None:
    """Answer until standard input ends."""
    shop = Shop()
    for asked in sys.stdin:
        what, lines = asked.split()
        basket_id = shop.fill(int(lines))
        call = shop.simulate if what == "simulate" else shop.place
        start = process_time()
        call(basket_id)
        print(process_time() - start, flush=True)


if __name__ == "__main__":
    configure(sys.argv[1])
    load()
    serve()
