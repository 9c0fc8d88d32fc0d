"""How many records one merchant may keep of what carts of everybody look through."""

from typing import Any, ClassVar, TypeVar

import attrs

from mktcore.errors import InvalidValue
from mktcore.persistence.errors import StoreError
from mktcore.persistence.kinds import Aggregate, Kind
from mktcore.persistence.repositories import Repositories

__all__ = ["QuotaReached", "Quotas", "check_quota", "check_room"]

T = TypeVar("T", bound=Aggregate)


@attrs.define(eq=False, slots=False)
class QuotaReached(StoreError):
    """A merchant keeps as many records of a kind as it may; nothing was stored."""

    code: ClassVar[str] = "store.quota-reached"
    remedy: ClassVar[str] = "remove what is no longer needed, or ask the operator for a higher quota"
    kind: str
    merchant: str
    most: int

    def describe(self) -> str:
        """Name the kind, the merchant and the quota."""
        return f"{self.merchant} has {self.most} records of {self.kind} here already, and may have no more"


@attrs.frozen(kw_only=True)
class Quotas:
    """How many of each a merchant may have; the operator, who sets them, may have any number.

    A cart reads all of them of every merchant whose goods it might take, whether they apply or not. Units that add at
    the same time do not see each other, and may pass a quota by as many as they are.

    Attributes:
        prices: Price assignments for one SKU and one audience.
        promotions: Promotions, those included that are over.
        offers: Offers of one SKU.
        closures: Closures, those included that are over.
        pool_codes: Coupon codes in its pools; a cart reads those that were entered.
    """

    prices: int = 100
    promotions: int = 200
    offers: int = 50
    closures: int = 200
    pool_codes: int = 1_000_000

    def __attrs_post_init__(self) -> None:
        for name, most in attrs.asdict(self).items():
            if type(most) is not int or most < 0:
                raise InvalidValue("Quotas", name, most, "a whole number, zero or more")


def check_quota(unit: Repositories, kind: Kind[T], value: T, *, merchant: str | None, within: str, most: int) -> None:
    """Let a record pass that is to be stored, if its merchant has not as many already.

    Args:
        unit: It stores the record afterwards.
        kind: The record's.
        value: The record.
        merchant: Whose it is; None for the operator's, which are not counted.
        within: The column within whose value records are counted.
        most: How many there may be.

    Raises:
        QuotaReached: There are as many others.
    """
    if merchant is None:
        return
    repository = unit.repository(kind)
    owner = "owner" if "owner" in kind.columns else "merchant"
    where: dict[str, Any] = {owner: merchant, within: kind.read_column(within, value)}
    stored = repository.find(value.id) if value.version else None
    # What is there already, and stays where it is, makes it no more.
    if stored is not None and all(kind.read_column(name, stored) == wanted for name, wanted in where.items()):
        return
    if repository.count(where) >= most:
        raise QuotaReached(kind.name, merchant, most)


def check_room(unit: Repositories, kind: Kind[T], value: T, *, most: int) -> None:
    """Let a record of the operator's pass that every cart reads, if not as many others are for the same merchant.

    Args:
        unit: It stores the record afterwards.
        kind: The record's; its column `merchant` says for whom it is, None for everybody.
        value: The record.
        most: How many others there may be.

    Raises:
        InvalidValue: There are as many.
    """
    merchant = kind.read_column("merchant", value)
    others = (one for one in unit.repository(kind).find_where("merchant", [merchant]) if one.id != value.id)
    if sum(1 for _ in others) >= most:
        whose = merchant or "the marketplace"
        raise InvalidValue(kind.type.__name__, "merchant", whose, f"one with fewer than {most} others")
