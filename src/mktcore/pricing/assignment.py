"""Assignments: a price schedule given to a user, a group, a buyer or everyone, for a product."""

import attrs

from mktcore.access import scope_rule
from mktcore.access.ownership_matrix import Owned, RecordAction
from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.persistence import Kind
from mktcore.persistence.dated_mark import Mark
from mktcore.persistence.lasting_records import Lasting
from mktcore.persistence.text_column import text_column
from mktcore.sales_context import SalesContext

__all__ = ["ASSIGNMENTS", "EVERYONE", "Assignment", "Audience", "list_audiences", "to_asked", "to_product_key"]

Audience = tuple[str, str]
"""Who an assignment is for: `("user", "u1")`, `("group", "vip")`, `("buyer", "b1")` or `EVERYONE`."""
EVERYONE: Audience = ("everyone", "")


@attrs.frozen
class Assignment:
    """Gives a price schedule to one audience, for a SKU or for all of a product's that have no price of their own.

    Attributes:
        id: Its id.
        sku: What is priced; empty where it is a whole product.
        schedule: Id of the price schedule.
        merchant: Whose price it is, and so whose record; the schedule must be that merchant's own. None makes it the
            product's default, which is the operator's: the price at which any merchant sells that has none of its own.
        user: Only for this user,
        group: or only for this user group,
        buyer: or only for this buyer. None of the three is for everyone; two are refused.
        offer: Only when this offer is sold (the used one, not the new one); None for every offer of the merchant.
        channel: Only in this sales channel; None for every channel.
        product: The product that is priced, in place of a SKU: it holds where nothing that is the SKU's own applies.
        version: How often it was stored.
    """

    id: str
    sku: str
    schedule: str
    merchant: str | None = attrs.field(default=None, kw_only=True)
    user: str | None = attrs.field(default=None, kw_only=True)
    group: str | None = attrs.field(default=None, kw_only=True)
    buyer: str | None = attrs.field(default=None, kw_only=True)
    offer: str | None = attrs.field(default=None, kw_only=True)
    channel: str | None = attrs.field(default=None, kw_only=True)
    product: str | None = attrs.field(default=None, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("assignment", self.id)
        named = [name for name in ("user", "group", "buyer") if getattr(self, name) is not None]
        if len(named) > 1:
            raise InvalidValue("Assignment", named[1], getattr(self, named[1]), f"nothing beside {named[0]}")
        if self.product is not None:
            check_id("product", self.product)
            if self.sku:
                raise InvalidValue("Assignment", "sku", self.sku, "nothing beside a product")
        elif not self.sku:
            raise InvalidValue("Assignment", "sku", self.sku, "a SKU, where no product is named")

    @property
    def priced(self) -> str:
        """What it prices: a SKU's id, or `"product shirt"`, which no SKU is called."""
        return self.sku if self.product is None else to_product_key(self.product)

    @property
    def audience(self) -> Audience:
        """Who it is for."""
        if self.user is not None:
            return ("user", self.user)
        if self.group is not None:
            return ("group", self.group)
        return EVERYONE if self.buyer is None else ("buyer", self.buyer)


def list_audiences(context: SalesContext) -> tuple[Audience, ...]:
    """Return every audience that a buyer is part of.

    >>> list_audiences(SalesContext("b1", groups=["vip"]))
    (('everyone', ''), ('buyer', 'b1'), ('group', 'vip'))
    """
    buyer, user, groups = context.buyer, context.user, context.groups
    found = [EVERYONE]
    if buyer is not None:
        found.append(("buyer", buyer))
    if user is not None:
        found.append(("user", user))
    if groups:
        # A group that is named twice must not let its prices contend twice.
        found += [("group", group) for group in dict.fromkeys(groups)]
    return tuple(found)


def to_product_key(product: str) -> str:
    """Return what a product's prices are found by among those of SKUs, in whose ids there is no blank."""
    return f"product {product}"


def to_asked(priced: str, audience: Audience) -> str:
    """Return the text that the column `asked` holds, so that a store finds a buyer's prices among all buyers'.

    Args:
        priced: A SKU, or a product's key.
        audience: For whom.
    """
    kind, name = audience
    return f"{priced} {kind} {name}"


ASSIGNMENTS = Kind(
    "assignment",
    Assignment,
    columns={
        "sku": lambda entry: entry.sku or None,
        "owner": lambda entry: entry.merchant,
        "schedule": lambda entry: entry.schedule,
        "asked": lambda entry: to_asked(entry.priced, entry.audience),
        "product": text_column("product"),
        "buyer": text_column("buyer"),
        "group": text_column("group"),
    },
    together=(("owner", "sku"), ("owner", "schedule"), ("owner", "buyer"), ("owner", "group"), ("sku", "schedule")),
    marks=lambda entry: [Mark(to_asked(entry.priced, entry.audience))],
    lasting=Lasting("asked", named_in="schedule", kind="price_schedule", ends="ends"),
    # As for price schedules: guards look at what is assigned, too.
    **scope_rule(Owned.PRICE_SCHEDULE, RecordAction.ASSIGN, only_by_use_cases=True),
)
