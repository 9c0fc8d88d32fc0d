"""Carts: what a buyer wants."""

from collections import Counter
from collections.abc import Iterable, Mapping

import attrs

from mktcore.addresses import Address
from mktcore.catalog import Sku
from mktcore.delivery import DeliveryChoice
from mktcore.errors import InvalidValue
from mktcore.extra import NO_EXTRA, Extra
from mktcore.goods import Measure
from mktcore.ids import check_id
from mktcore.money import Money
from mktcore.payments import Payment
from mktcore.persistence import Scope
from mktcore.sales_context import SalesContext
from mktcore.totals import Expense, Reduction

__all__ = ["Cart", "CartLine"]

MAX_QUANTITY = 10**9
# Reservations are named by order and line, and both have to fit one id.
MAX_LINE_KEY = 60
MAX_CODES = 100
MAX_OPTIONS = 200


@attrs.frozen
class CartLine:
    """So many pieces of a SKU.

    Attributes:
        key: Names the line inside the cart, in 60 characters at most; issues and the order's lines carry it.
        sku: What is wanted.
        quantity: Pieces, 1 to 1,000,000,000.
        offer: Whose; None lets the buy box choose.
        options: Keys of the chosen options, 200 at most; the price schedule knows what they add to the price.
        agreed: The most that the buyer agreed to pay for one price unit, as a simulation showed it; a price that rose
            above it is an issue. None agrees to whatever the price is.
        extra: The host's own data; the order's line keeps it as it was placed.
        deliver_to: Where it goes, if elsewhere than the rest of the cart.
        delivery: How it is delivered, if otherwise than the rest of the cart; its method, and where it is fetched.
    """

    key: str
    sku: str
    quantity: int = 1
    offer: str | None = attrs.field(default=None, kw_only=True)
    options: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    agreed: Money | None = attrs.field(default=None, kw_only=True)
    extra: Extra = attrs.field(default=NO_EXTRA, kw_only=True)
    deliver_to: Address | None = attrs.field(default=None, kw_only=True)
    delivery: DeliveryChoice | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("cart line", self.key)
        check_id("SKU", self.sku)
        if self.offer is not None:
            check_id("offer", self.offer)
        if self.delivery is not None and self.delivery.merchant is not None:
            raise InvalidValue("CartLine", "delivery", self.delivery.merchant, "none: it is the line's own")
        if len(self.key) > MAX_LINE_KEY:
            raise InvalidValue("CartLine", "key", self.key, f"{MAX_LINE_KEY} characters at most")
        if len(self.options) > MAX_OPTIONS:
            raise InvalidValue("CartLine", "options", len(self.options), f"{MAX_OPTIONS} at most")
        if type(self.quantity) is not int or not 1 <= self.quantity <= MAX_QUANTITY:
            raise InvalidValue("CartLine", "quantity", self.quantity, f"a whole number from 1 to {MAX_QUANTITY}")

    @classmethod
    def measured(cls, key: str, sku: Sku, amount: Measure, *, offer: str | None = None) -> "CartLine":
        """Return a line for an amount of what is cut or weighed; it is counted in the SKU's least steps.

        >>> from decimal import Decimal
        >>> from mktcore.goods import Unit
        >>> cable = Sku("cable", "Cable", unit=Unit.METRE, unit_multiplier=Decimal("0.1"))
        >>> CartLine.measured("l1", cable, Measure.parse("1.3 m")).quantity
        13

        Raises:
            NotInSteps: It is no whole number of steps.
            DimensionMismatch: It measures something else.
        """
        return cls(key, sku.id, sku.count_pieces(amount), offer=offer)

    def to_request(self) -> Mapping[str, object]:
        """Return the line as placing it was always asked for: what came later is told of where there is any."""
        parts = attrs.asdict(self, recurse=False)
        later = {
            "extra": self.extra.is_empty(),
            "deliver_to": self.deliver_to is None,
            "delivery": self.delivery is None,
        }
        return {name: part for name, part in parts.items() if not later.get(name, False)}

    def view_for(self, scope: Scope) -> "CartLine":
        """Return what the caller may see of the host's data."""
        return attrs.evolve(self, extra=self.extra.shown_to(scope.caller.party)) if not self.extra.is_empty() else self


@attrs.frozen
class Cart:
    """What a buyer wants, with the charges, reductions and payments that the host has agreed on for it.

    Attributes:
        id: The host's id of it; a cart becomes one order at most.
        context: Who buys, and where; a cart always has a buyer.
        lines: What is wanted; keys differ.
        shipping: Shipping quoted from outside; a merchant with an entry is not charged its own shipping fee.
        expenses: Other charges given from outside: gift wrap, a service fee.
        reductions: Reductions given from outside, in the order they apply.
        payments: Means of payment; when there are any, they must sum to the grand total.
        sold_by: The merchant that the order goes to, which takes only its offers; None for the operator, whose orders
            take any offer, each line being its offer's merchant's. An order keeps what it was placed with.
        codes: The coupon codes that the buyer entered, 100 at most.
        agreed_total: The most that the buyer agreed to pay in all, as a simulation showed it; a grand total that rose
            above it is an issue. None agrees to whatever it is. See `Simulation.to_agreed`.
        extra: The host's own data; the order keeps it as it was placed.
        deliver_to: Where its lines go, but those that say otherwise; a country is enough to tell taxes. None while
            nobody knows: then what holds everywhere applies.
        delivery: How its lines are delivered, but those that say otherwise: one choice for all, and one for each
            merchant whose goods go otherwise.
    """

    id: str
    context: SalesContext
    lines: tuple[CartLine, ...]
    shipping: tuple[Expense, ...] = attrs.field(default=(), kw_only=True)
    expenses: tuple[Expense, ...] = attrs.field(default=(), kw_only=True)
    reductions: tuple[Reduction, ...] = attrs.field(default=(), kw_only=True)
    payments: tuple[Payment, ...] = attrs.field(default=(), kw_only=True)
    sold_by: str | None = attrs.field(default=None, kw_only=True)
    codes: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    agreed_total: Money | None = attrs.field(default=None, kw_only=True)
    extra: Extra = attrs.field(default=NO_EXTRA, kw_only=True)
    deliver_to: Address | None = attrs.field(default=None, kw_only=True)
    delivery: tuple[DeliveryChoice, ...] = attrs.field(default=(), kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("cart", self.id)
        if self.context.buyer is None:
            raise InvalidValue("Cart", "context", self.context, "one with a buyer")
        for field in ("lines", "shipping", "expenses", "reductions", "payments", "delivery"):
            if type(getattr(self, field)) is not tuple:
                raise InvalidValue(
                    "Cart", field, type(getattr(self, field)).__name__, "a tuple; Cart.of takes any iterable"
                )
        if self.sold_by is not None:
            check_id("merchant", self.sold_by)
        if len(self.codes) > MAX_CODES:
            raise InvalidValue("Cart", "codes", len(self.codes), f"{MAX_CODES} at most")
        self._check_delivery()
        keys = [line.key for line in self.lines]
        if len(set(keys)) < len(keys):
            twice = sorted(key for key, count in Counter(keys).items() if count > 1)
            raise InvalidValue("Cart", "lines", twice, "each line has a key of its own")

    def _check_delivery(self) -> None:
        if not all(isinstance(choice, DeliveryChoice) for choice in self.delivery):
            raise InvalidValue("Cart", "delivery", len(self.delivery), "delivery choices")
        whose = [choice.merchant for choice in self.delivery]
        if len(set(whose)) < len(whose):
            raise InvalidValue("Cart", "delivery", len(whose), "one choice for all, and one for each merchant")
        # Taxes go by where goods are fetched, and whose goods a line is shows only when its offer is chosen.
        if len(whose) > 1 and any(choice.point for choice in self.delivery):
            raise InvalidValue("Cart", "delivery", len(whose), "a pick-up for all, or on each line")
        if any(choice.point and choice.merchant is not None for choice in self.delivery):
            raise InvalidValue("Cart", "delivery", whose[0], "a pick-up for all, or on each line")

    @classmethod
    def of(
        cls,
        id: str,  # noqa: A002 - the field's name
        *,
        buyer: str,
        lines: Iterable[CartLine],
        user: str | None = None,
        groups: Iterable[str] = (),
        channel: str | None = None,
        shipping: Iterable[Expense] = (),
        expenses: Iterable[Expense] = (),
        reductions: Iterable[Reduction] = (),
        payments: Iterable[Payment] = (),
        sold_by: str | None = None,
        codes: Iterable[str] = (),
        agreed_total: Money | None = None,
        extra: Extra = NO_EXTRA,
        deliver_to: Address | None = None,
        delivery: Iterable[DeliveryChoice] | DeliveryChoice = (),
    ) -> "Cart":
        """Build a cart from any iterables; see the attributes, and those of `SalesContext`.

        >>> cart = Cart.of("cart-1", buyer="buyer-1", lines=[CartLine("l1", sku="camera", quantity=2)])
        >>> cart.buyer, cart.lines[0].quantity
        ('buyer-1', 2)
        """
        return cls(
            id,
            SalesContext(buyer, user=user, groups=groups, channel=channel),
            tuple(lines),
            shipping=tuple(shipping),
            expenses=tuple(expenses),
            reductions=tuple(reductions),
            payments=tuple(payments),
            sold_by=sold_by,
            codes=tuple(codes),
            agreed_total=agreed_total,
            extra=extra,
            deliver_to=deliver_to,
            delivery=(delivery,) if isinstance(delivery, DeliveryChoice) else tuple(delivery),
        )

    @property
    def buyer(self) -> str:
        """Who buys."""
        return self.context.buyer or ""  # never empty: a cart without a buyer is refused

    def find_destination(self, line: CartLine) -> Address | None:
        """Return where a line goes; None while nobody knows."""
        return line.deliver_to or self.deliver_to

    def find_delivery(self, merchant: str | None) -> DeliveryChoice | None:
        """Return how a merchant's lines are delivered that do not say; with None, all of those."""
        chosen = {choice.merchant: choice for choice in self.delivery}
        return chosen.get(merchant) or chosen.get(None)

    def chooses_delivery(self) -> bool:
        """Tell whether it says of some line how it is delivered."""
        return bool(self.delivery) or any(line.delivery is not None for line in self.lines)

    def tells_terms(self) -> bool:
        """Tell whether it says where anything goes, how, or how it is paid: one that does not asks for prices alone."""
        places = any(line.deliver_to is not None for line in self.lines)
        return bool(self.payments) or self.deliver_to is not None or places or self.chooses_delivery()

    def is_empty(self) -> bool:
        """Tell whether nothing is wanted."""
        return not self.lines

    def for_user(self, user: str | None) -> "Cart":
        """Return the cart as of this user of the buyer, or of none of them."""
        if user == self.context.user:
            return self
        return attrs.evolve(self, context=attrs.evolve(self.context, user=user))

    def with_lines(self, lines: tuple[CartLine, ...]) -> "Cart":
        """Return the cart with other lines."""
        return attrs.evolve(self, lines=lines)

    def without_charges(self) -> "Cart":
        """Return the same wants without charges, reductions and payments."""
        return attrs.evolve(self, shipping=(), expenses=(), reductions=(), payments=())

    def view_for(self, scope: Scope) -> "Cart":
        """Return what the caller may see of the host's data."""
        lines = tuple(line.view_for(scope) for line in self.lines)
        return attrs.evolve(self, lines=lines, extra=self.extra.shown_to(scope.caller.party))

    def check_extra(self, scope: Scope) -> None:
        """Let a caller pass who may write the host's data that the cart and its lines carry.

        Raises:
            ExtraRefused: A part is none that the caller is shown.
        """
        party = scope.caller.party
        for extra in (self.extra, *(line.extra for line in self.lines)):
            extra.keep_hidden(NO_EXTRA, party)

    def to_request(self) -> Mapping[str, object]:
        """Return the cart as placing it was always asked for, whatever its fields are called now.

        What it was placed with is remembered under its key (invariant I13): another form would make the same cart,
        placed again after an upgrade, a conflict instead of the same order.
        """
        # Host data and addresses came later: a cart without any asks for what it always did.
        extra = {} if self.extra.is_empty() else {"extra": self.extra}
        destination = {} if self.deliver_to is None else {"deliver_to": self.deliver_to}
        delivery = {"delivery": self.delivery} if self.delivery else {}
        return (
            extra
            | destination
            | delivery
            | {
                "id": self.id,
                "buyer": self.buyer,
                "lines": self.lines,
                "shipping": self.shipping,
                "expenses": self.expenses,
                "reductions": self.reductions,
                "payments": self.payments,
                "sold_by": self.sold_by,
                "user": self.context.user,
                "groups": self.context.groups,
                "channel": self.context.channel,
                "codes": self.codes,
                "agreed_total": self.agreed_total,
            }
        )
