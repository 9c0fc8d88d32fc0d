"""What a person's screen shows of an answer: one plain value, and its JSON Schema, from one declaration."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Final, get_args, get_origin

import attrs

from mktcore.caller_scope import Scope
from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.extra import Json
from mktcore.persistence import Page
from mktcore.processes.allowed_events import AllowedEvents
from mktcore.views.allowed_forms import ALLOWED_EVENTS
from mktcore.views.assortment_forms import CATALOG, CATALOG_ASSIGNMENT, CATALOG_PRODUCT
from mktcore.views.cancellation_forms import CANCELLATION_PREVIEW
from mktcore.views.cart_forms import SIMULATION
from mktcore.views.catalog_forms import CATEGORY, PRODUCT, REVISION, SKU, SPEC
from mktcore.views.delivery_forms import DELIVERY_METHOD
from mktcore.views.event_forms import ENVELOPE
from mktcore.views.feed_forms import FEED, FEED_OUTCOMES, FEED_REPORT
from mktcore.views.form import Form, OneOf, field, maybe
from mktcore.views.forwarded_forms import FORWARDED_ORDER
from mktcore.views.ledger_forms import ENTRY, FUNDS, HOLD, POSTED_TRANSACTION, SHORTFALL, TRIAL_BALANCE
from mktcore.views.membership_forms import (
    INVITATION,
    MEMBERSHIP,
    MEMBERSHIP_OUTCOME,
    PROFILE,
    RELATION,
    ROLE,
    SELLING_RIGHTS,
)
from mktcore.views.merchant_item_forms import ITEM_OUTCOME, ITEM_POLICY, RECEIVED_ITEM
from mktcore.views.note_forms import ORDER_NOTE
from mktcore.views.offer_forms import (
    CHANGED_STOCK,
    CLOSURE,
    FRESHNESS,
    NOT_BOUND,
    NOTED_ITEM,
    OFFER,
    STOCK_LEVEL,
    STOCK_OF_OFFER,
)
from mktcore.views.order_forms import (
    MARKETPLACE_ORDER,
    MERCHANT_ORDER,
    ORDER,
    ORDER_STEP,
    PRICE_APPROVAL,
)
from mktcore.views.party_forms import AGREEMENT, BUYER, MERCHANT, MERCHANT_RATING, USER
from mktcore.views.price_forms import PRICE_SCHEDULE
from mktcore.views.price_guard_forms import HELD_PRICE, PRICE_GUARD
from mktcore.views.process_forms import PLANNED_ORDERS, STORED_TIME_OUT
from mktcore.views.promotion_forms import POOL_CODE, PROMOTION
from mktcore.views.report_forms import (
    EXPLANATION,
    LOAD_REPORT,
    NOTICE,
    REFRESH_REPORT,
    ROW_RESULT,
    STATUS_REPORT,
    STATUS_RESULT,
)
from mktcore.views.review_forms import ORDER_REVIEW
from mktcore.views.rule_forms import (
    ASSIGNMENT,
    BUYER_TAX,
    CHANNEL,
    COMMISSION,
    COMMISSION_RULE,
    DIVERGENCE_RULE,
    ORDER_THRESHOLD,
    PAYMENT_METHOD,
    REPLAYED_MERCHANT,
    SHIPPING_FEE,
    TAX_RULE,
)
from mktcore.views.shapes import TEXT, Label, Listed, Look, Mapped, Named, Schema, Shape
from mktcore.views.shipment_forms import SHIPMENT, SHIPMENT_TO_COME
from mktcore.views.storefront_forms import STOREFRONT_ENTRY, STOREFRONT_PAGE
from mktcore.views.texts import ENGLISH, Texts

__all__ = ["UnknownView", "list_codes", "list_forms", "schema_of", "schemas", "view"]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
COMPONENTS: Final = "#/components/schemas/"
_RECORDS = (
    *(
        ORDER,
        MARKETPLACE_ORDER,
        MERCHANT_ORDER,
        ORDER_STEP,
        ORDER_NOTE,
        ORDER_REVIEW,
        FORWARDED_ORDER,
        SHIPMENT,
        PRICE_APPROVAL,
        OFFER,
        STOCK_LEVEL,
        PRICE_SCHEDULE,
    ),
    *(PROMOTION, MERCHANT, BUYER, USER, AGREEMENT, RECEIVED_ITEM, SKU, PRODUCT, CATEGORY),
    *(MEMBERSHIP, INVITATION, PROFILE, RELATION),
    *(
        SELLING_RIGHTS,
        ROLE,
        ITEM_POLICY,
        FRESHNESS,
        CLOSURE,
        ASSIGNMENT,
        TAX_RULE,
        SHIPPING_FEE,
        COMMISSION_RULE,
        BUYER_TAX,
        ORDER_THRESHOLD,
        CHANNEL,
        PAYMENT_METHOD,
        DELIVERY_METHOD,
        PRICE_GUARD,
        HELD_PRICE,
        FEED,
    ),
    *(CATALOG_PRODUCT, MERCHANT_RATING, POOL_CODE, STOCK_OF_OFFER),
    *(DIVERGENCE_RULE, SPEC, CATALOG, CATALOG_ASSIGNMENT, REVISION, ENTRY, STORED_TIME_OUT),
)
"""What pages are of."""
_ANSWERS = (
    *(
        CANCELLATION_PREVIEW,
        SHIPMENT_TO_COME,
        CHANGED_STOCK,
        SIMULATION,
        STOREFRONT_ENTRY,
        STOREFRONT_PAGE,
        ALLOWED_EVENTS,
    ),
    *(
        EXPLANATION,
        NOTICE,
        LOAD_REPORT,
        REFRESH_REPORT,
        FEED_OUTCOMES,
        FEED_REPORT,
        STATUS_REPORT,
        STATUS_RESULT,
        ROW_RESULT,
        PLANNED_ORDERS,
        ENVELOPE,
    ),
    *(MEMBERSHIP_OUTCOME, ITEM_OUTCOME, NOTED_ITEM, NOT_BOUND, COMMISSION, REPLAYED_MERCHANT),
    *(FUNDS, TRIAL_BALANCE, SHORTFALL, HOLD, POSTED_TRANSACTION),
)
_FORMS: Mapping[type, Form] = {form.type: form for form in (*_RECORDS, *_ANSWERS)}


@attrs.define(eq=False, slots=False)
class UnknownView(MktcoreError):
    """A type that has no view."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "views.unknown-type"
    remedy: ClassVar[str] = "show one of the types that have a view, or a part of this value that is one"
    type: str
    known: tuple[str, ...]

    def describe(self) -> str:
        """Name the type, and those that have a view."""
        return f"{self.type} has no view; {', '.join(self.known)} and pages of them have"


def view(
    value: object, scope: Scope, *, texts: Texts = ENGLISH, allowed: Iterable[AllowedEvents] = ()
) -> dict[str, Json]:
    """Return what a caller is shown of an answer: JSON values only, with derived figures and the labels of states.

    What the caller may not see is absent, whether or not the value still holds it; `schema_of` describes the rest.
    Amounts are `{"amount": "12.34", "currency": "EUR"}`, instants RFC 3339 in UTC, other exact numbers text.

    >>> from mktcore.stock.level import StockLevel
    >>> view(StockLevel("camera", "acme", 5, reserved=3), Scope.merchant("acme"))["available"]
    2

    Args:
        value: What a use case answered: a simulation, an order, a record, a report, a page of any of them.
        scope: Who looks.
        texts: What states, codes and notices are called; English without any.
        allowed: What the caller may do now with the orders that are shown, as `market.orders.allowed` answered it: each
            order then shows its own.

    Raises:
        NotFound: The record does not exist for this caller.
        PermissionDenied: The caller's user may not read such records.
        UnknownView: The value is of a type that has no view.
    """
    look = Look(scope, texts, {one.id: one for one in allowed})
    return _find_form(type(value)).write(_show(value, scope), look)


def schema_of(cls: Any) -> Schema:
    """Return the JSON Schema (2020-12) of the views of a type: `MerchantOrder`, `Page[MerchantOrder]`.

    Raises:
        UnknownView: The type has no view.
    """
    collected = _Collected("#/$defs/")
    form = _find_form(cls)
    whole = form.define(collected.refer)
    return {"$schema": DIALECT, "title": form.name, **whole, "$defs": collected.definitions}


def schemas(*, base: str = COMPONENTS, prefix: str = "") -> dict[str, Schema]:
    """Return the schemas of every view by name, pages too (`PageOfMerchantOrder`): the components of OpenAPI 3.1.

    Args:
        base: What references to them begin with.
        prefix: What their names begin with, so that none of the host's own is among them.
    """
    collected = _Collected(base, prefix)
    for form in (*_FORMS.values(), *(_page_of(form) for form in _RECORDS)):
        collected.refer(form)
    return dict(sorted(collected.definitions.items()))


def list_forms() -> tuple[Form, ...]:
    """Return how each type is shown that a call answers with."""
    return tuple(_FORMS.values())


def list_codes() -> tuple[str, ...]:
    """Return the code of every label that a view can show, states of orders aside: `"condition/new"`."""
    found: set[str] = set()
    for form in _FORMS.values():
        found.update(f"{label.group}/{code}" for label in _walk(form, set()) for code in label.codes)
    return tuple(sorted(found))


@attrs.frozen
class _Collected:
    """The schemas that others refer to, each once."""

    base: str
    prefix: str = ""
    definitions: dict[str, Schema] = attrs.field(factory=dict)

    def refer(self, named: Named) -> Schema:
        name = f"{self.prefix}{named.name}"
        if name not in self.definitions:
            self.definitions[name] = {}  # taken, before a form that contains itself asks again
            self.definitions[name] = named.define(self.refer)
        return {"$ref": f"{self.base}{name}"}


class _AnyRecord:
    """An item of a page: by the form of its own type, each as far as the caller may see it."""

    def write(self, value: object, look: Look) -> Json:
        return _find_form(type(value)).write(_show(value, look.scope), look)

    def describe(self, refer: Any) -> Schema:
        return {"anyOf": [form.describe(refer) for form in _RECORDS]}


def _page_of(form: Form | None) -> Form:
    item: Shape = _AnyRecord() if form is None else form
    return Form(
        f"PageOf{form.name}" if form is not None else "Page",
        Page,
        (
            field("items", Listed(item), "The records, in order."),
            maybe("next", TEXT, "What the next page is asked `after`; absent on the last one."),
        ),
        about="A page of records in order.",
    )


_ANY_PAGE = _page_of(None)


def _find_form(cls: Any) -> Form:
    if cls is Page:
        return _ANY_PAGE
    if get_origin(cls) is Page:
        return _page_of(_find_form(get_args(cls)[0]))
    found = _FORMS.get(cls)
    if found is None:
        known = sorted(form.type.__name__ for form in _FORMS.values())
        raise UnknownView(getattr(cls, "__name__", str(cls)), tuple(known))
    return found


def _show(value: object, scope: Scope) -> Any:
    return _find_form(type(value)).show(value, scope)


def _walk(shape: Any, seen: set[int]) -> Iterator[Label]:
    """Yield every label below a shape."""
    if id(shape) in seen:
        return
    seen.add(id(shape))
    if isinstance(shape, Label):
        yield shape
    inner = [one.shape for one in shape.fields] if isinstance(shape, Form) else []
    inner += [shape.item] if isinstance(shape, Listed) else []
    inner += [shape.value] if isinstance(shape, Mapped) else []
    inner += list(shape.forms.values()) if isinstance(shape, OneOf) else []
    for one in inner:
        yield from _walk(one, seen)
