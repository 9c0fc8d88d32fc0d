"""A Django app of a host: tables that bear our bare names, and views that write both sides in one request."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import path

__all__ = ["MODELS", "Offer", "Product", "Role", "urlpatterns", "views"]

views: dict[str, Callable[[HttpRequest], HttpResponse]] = {}
"""What each address does; tests put it here."""


class Product(models.Model):  # type: ignore[misc]  # Django has no types
    """A host's own product."""

    name: Any = models.CharField(max_length=80)

    class Meta:
        app_label = "shop"
        db_table = "product"

    def __str__(self) -> str:
        return str(self.name)


class Offer(models.Model):  # type: ignore[misc]  # as above
    """A host's own offer."""

    product: Any = models.ForeignKey(Product, on_delete=models.CASCADE)
    order: Any = models.CharField(max_length=80)

    class Meta:
        app_label = "shop"
        db_table = "offer"

    def __str__(self) -> str:
        return str(self.order)


class Role(models.Model):  # type: ignore[misc]  # as above
    """A host's own role."""

    name: Any = models.CharField(max_length=80, unique=True)

    class Meta:
        app_label = "shop"
        db_table = "role"

    def __str__(self) -> str:
        return str(self.name)


MODELS = (Product, Offer, Role)


def _show(request: HttpRequest, name: str) -> HttpResponse:
    return views[name](request)


urlpatterns = [path("<str:name>", _show)]
