"""Linting the numbers of SKUs: one that several have tells none of them from another. Pure."""

from collections.abc import Iterable

from mktcore.catalog.sku import Sku
from mktcore.goods import Gtin
from mktcore.notice import Notice, Severity

__all__ = ["lint_gtins"]


def lint_gtins(skus: Iterable[Sku]) -> tuple[Notice, ...]:
    """Return each GTIN that several SKUs have, in the order of the numbers.

    A maker may give one number to several variants, so it is no error; but no item is bound by it without a person.

    >>> [finding] = lint_gtins([Sku("black", "Boot", gtin="5902786266388"), Sku("brown", "Boot", gtin="5902786266388")])
    >>> print(finding.code, "-", finding.message)
    catalog.gtin-shared - black, brown have one number

    Args:
        skus: All there are, as a stream.
    """
    holders: dict[Gtin, list[str]] = {}
    for sku in skus:
        for gtin in sku.gtins:
            if gtin.decides:
                holders.setdefault(gtin, []).append(sku.id)
    return tuple([_to_finding(gtin, sorted(ids)) for gtin, ids in sorted(holders.items()) if len(ids) > 1])


def _to_finding(gtin: Gtin, ids: list[str]) -> Notice:
    return Notice(
        "catalog.gtin-shared",
        f"GTIN {gtin}",
        f"{', '.join(ids)} have one number",
        "correct it, or decide on items with it by hand",
        operands={"gtin": str(gtin), "skus": tuple(ids)},
        severity=Severity.WARNING,
    )
