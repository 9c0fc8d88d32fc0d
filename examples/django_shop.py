"""A Django project of one file: a view that makes an order and the host's own row in one transaction.

    python examples/django_shop.py [DATABASE]

It starts from a fresh SQLite database (`django-shop.db` in the working directory unless named). `ATOMIC_REQUESTS` makes
every view a transaction, and `transaction_mode` lets SQLite begin it as a writer.
"""

import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.db import connection, models
from django.http import HttpRequest, JsonResponse
from django.test import Client
from django.urls import path

from mktcore.adapters.django import DjangoTransaction
from mktcore.carts import Cart, CartLine
from mktcore.checkout import PlacementRefused
from mktcore.marketplace import Marketplace

DATABASE = Path(sys.argv[1] if len(sys.argv) > 1 else "django-shop.db")

settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATABASE,
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 5},
            "ATOMIC_REQUESTS": True,
        }
    },
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["testserver"],
)
django.setup()


class Product(models.Model):  # type: ignore[misc]  # Django has no types
    name: Any = models.TextField()

    class Meta:
        app_label = "shop"
        db_table = "product"  # a name that the marketplace has too, behind its prefix

    def __str__(self) -> str:
        return str(self.name)


class Invoice(models.Model):  # type: ignore[misc]  # as above
    order: Any = models.TextField(unique=True)
    due: Any = models.TextField()

    class Meta:
        app_label = "shop"
        db_table = "invoice"

    def __str__(self) -> str:
        return f"{self.order}: {self.due}"


def buy(request: HttpRequest, number: int) -> JsonResponse:
    market = open_market().joined(DjangoTransaction())
    lines = [CartLine("l1", "tripod", int(request.GET.get("pieces", 1)), offer="bolt-tripod")]
    cart = Cart.of(f"cart-{number}", buyer="buyer-1", lines=lines)
    try:
        order = market.place(cart, key=f"checkout-{number}", scope=market.as_buyer("buyer-1"))
    except PlacementRefused as refused:
        return JsonResponse({"issues": [issue.code for issue in refused.issues]}, status=409)
    due = {"due": request.GET["due"]}  # without one the view fails, and the order is undone too
    Invoice.objects.get_or_create(order=order.id, defaults=due)
    return JsonResponse({"order": order.id, "total": str(order.totals.grand_total)})


urlpatterns = [path("buy/<int:number>", buy)]
_opened: list[Marketplace] = []


def open_market() -> Marketplace:
    """Open the marketplace once in a process, outside of every transaction."""
    if not _opened:
        _opened.append(Marketplace.open(f"sqlite:///{DATABASE}", currency="EUR"))
    return _opened[0]


def main() -> None:
    DATABASE.unlink(missing_ok=True)
    with connection.schema_editor() as editor:
        editor.create_model(Product)
        editor.create_model(Invoice)
    market = open_market()
    market.load(Path(__file__).parent / "market")
    Product.objects.create(name="The host's own")
    browser = Client(raise_request_exception=False)
    for address in ("/buy/1?due=2026-08-01", "/buy/1?due=2026-08-01", "/buy/2", "/buy/3?due=now&pieces=10000"):
        answer = browser.get(address)
        print(address, answer.status_code, sorted(answer.json()) if answer.status_code in {200, 409} else "undone")
    orders = market.orders.merchant_orders.page(scope=market.as_operator()).items
    print(f"{len(orders)} order, {Invoice.objects.count()} invoice, {Product.objects.count()} product of the host's")
    print(f"verify: {len(market.verify())} findings")
    market.close()


if __name__ == "__main__":
    main()
