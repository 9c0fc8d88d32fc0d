"""SKUs: what can be bought, and which of the operator's a merchant may sell."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import attrs

from mktcore.access import Permission, check_operator
from mktcore.catalog.assortment import CATALOG_PRODUCTS
from mktcore.catalog.gtin_lint import lint_gtins
from mktcore.catalog.inherited_goods import gather_natures
from mktcore.catalog.lists import SkuList
from mktcore.catalog.sku import SKUS, Sku
from mktcore.catalog.use_cases.kept_records import KEPT_SKUS, remove_record, save_record
from mktcore.money import Currency
from mktcore.money.one_currency import check_currency
from mktcore.notice import Notice
from mktcore.parties import gather_eligibility
from mktcore.persistence import Kind, NotFound, Page, Party, Repositories, Scope, WritingUnit
from mktcore.persistence.shown_pages import page_shown
from mktcore.runtime import Runtime
from mktcore.telemetry import watched

__all__ = ["Skus"]


# Without slots, because `MarketCatalog` is made of several classes like this one, each with the same field.
@watched
@attrs.frozen(slots=False)
class Skus:
    """The SKUs of the catalogue.

    Attributes:
        runtime: Where they are kept.
        naming_skus: The columns of rooms above, by kind, that name a SKU: what is offered is not removed.
        currency: The marketplace's: a price in another one judges nothing that merchants send.
    """

    runtime: Runtime[WritingUnit]
    naming_skus: tuple[tuple[Kind[Any], str], ...] = attrs.field(default=(), kw_only=True)
    currency: Currency = attrs.field(kw_only=True)

    @property
    def skus(self) -> SkuList:
        """The SKUs that the caller may see, as a list; a merchant's are its own."""
        return SkuList(self.runtime)

    def save_sku(self, sku: Sku, *, scope: Scope, note: str = "") -> Sku:
        """Store a SKU, new or changed; its owner's, or the operator's. Nobody else sells what a merchant owns.

        Raises:
            PermissionDenied: The caller's user may not, or the caller is a buyer.
            NotFound: It is another party's.
            CatalogRefused: It names a product that is not there, or another party's.
            CurrencyMismatch: Its usual price is not in the marketplace's currency.
            StaleVersion: Somebody else changed it.
        """
        check_currency(self.currency, sku.price)
        return save_record(self.runtime, KEPT_SKUS, sku, scope=scope, note=note)

    def remove_sku(self, sku: Sku, *, scope: Scope) -> None:
        """Remove a SKU that nobody offers, prices or binds an item to; its owner's, or the operator's.

        Orders keep what they say of it, and who may sell it stays said: its id is its owner's for good.

        Raises:
            PermissionDenied: The caller's user may not, or the caller is a buyer.
            NotFound: It is another party's, or was removed.
            ActivityRefused: The merchant may not in the present state of its life.
            StillReferred: Offers, assignments of prices, merchants' items or catalogs name it.
            StaleVersion: Somebody else changed it.
        """
        naming = ((CATALOG_PRODUCTS, "product"), *self.naming_skus)
        remove_record(self.runtime, KEPT_SKUS, sku, scope=scope, naming=naming)

    def get_sku(self, sku: str, *, scope: Scope) -> Sku:
        """Return a SKU, as those may see it who see its product; a merchant also sees the operator's that it may sell.

        Raises:
            NotFound: There is none for this caller.
        """
        found = self.runtime.read(scope, lambda unit: unit.repository(SKUS).find(sku))
        now = self.runtime.now()
        # A merchant's own scope shows its own SKUs; who may sell the operator's takes the operator's authority to tell.
        if found is None and scope.party is Party.MERCHANT:
            found = self.runtime.read(
                scope.to_operator(), lambda unit: _find_sellable_one(unit, sku, scope.id, now=now)
            )
        if found is None:
            raise NotFound(SKUS.name, sku)
        return found

    def find_skus(self, product: str, *, scope: Scope) -> tuple[Sku, ...]:
        """Return the SKUs of a product, as far as the caller may see them."""
        return self.runtime.read(scope, lambda unit: unit.repository(SKUS).find_where("product", [product]))

    def lint(self, *, scope: Scope) -> tuple[Notice, ...]:
        """Return the GTINs that several SKUs have, whoever owns them; the operator's. See `lint_gtins`.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
        """
        check_operator(scope, Permission.CATALOG)
        return self.runtime.read(scope, lambda unit: lint_gtins(unit.repository(SKUS).stream()))

    def page_sellable(self, *, scope: Scope, after: str | None = None, limit: int = 100) -> Page[Sku]:
        """Return a page of the operator's SKUs that the calling merchant may sell; those it may not are left out.

        Raises:
            NotFound: The caller is a buyer.
        """
        if scope.party is Party.BUYER:
            raise NotFound("merchant", scope.id)
        now = self.runtime.now()

        def read(unit: WritingUnit) -> Page[Sku]:
            def read_all(after: str | None, limit: int) -> Page[Sku]:
                return unit.repository(SKUS).page({"owner": None}, after=after, limit=limit)

            def show(skus: Iterable[Sku]) -> Sequence[Sku]:
                return _find_sellable(unit, skus, scope.id, now=now)

            if scope.party is Party.OPERATOR:
                return read_all(after, limit)
            return Page(*page_shown(read_all, show, after=after, limit=limit, name=lambda sku: sku.id))

        return self.runtime.read(scope.to_operator(), read)


def _find_sellable(unit: Repositories, skus: Iterable[Sku], merchant: str, *, now: datetime) -> list[Sku]:
    """Return those of the operator's SKUs that a merchant may sell now: not recalled ones, nor others' own."""
    found = [sku for sku in skus if sku.owner is None]
    natures = gather_natures(unit, found)
    gates = {sku.id: natures.find(sku).list_gates() for sku in found}
    eligibility = gather_eligibility(unit, "", None, merchants=[merchant], products=gates)
    return [sku for sku in found if eligibility.find_goods_refusal(merchant, sku.id, now) is None]


def _find_sellable_one(unit: Repositories, sku: str, merchant: str, *, now: datetime) -> Sku | None:
    return next(iter(_find_sellable(unit, [unit.repository(SKUS).get(sku)], merchant, now=now)), None)
