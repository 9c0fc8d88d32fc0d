"""What a storefront shows, as people are shown it."""

from mktcore.offers.buybox.candidate import OfferCandidate
from mktcore.persistence import NotFound, Party, Scope
from mktcore.storefront.entry import Availability, StorefrontEntry, StorefrontPage
from mktcore.views.cart_forms import OFFER_CHOICE
from mktcore.views.catalog_forms import MEDIA
from mktcore.views.form import Form, field, maybe
from mktcore.views.plain_fields import find_label
from mktcore.views.report_forms import NOTICE
from mktcore.views.shapes import MONEY, TEXT, TRUTH, WHOLE, Listed, Mapped

__all__ = ["STOREFRONT_ENTRY", "STOREFRONT_PAGE"]


def _show_to_own(entry: StorefrontEntry, scope: Scope) -> StorefrontEntry:
    """Show an entry to the operator and to whom it was made for; one for a visitor to everybody."""
    caller, context = scope.caller, entry.context
    is_visitors = context.buyer is None and not context.groups and context.user is None
    # Prices may be one user's alone: another user of the buyer is not shown them.
    is_own = context.buyer is not None and caller.covers(buyer=context.buyer) and caller.user in {None, context.user}
    if caller.party is Party.OPERATOR or is_visitors or is_own:
        return entry.view_for(scope)
    raise NotFound("storefront entry", entry.sku.id)


_OFFER = Form(
    "StorefrontOffer",
    OfferCandidate,
    (
        *OFFER_CHOICE.fields,
        maybe(
            "regular_price",
            MONEY,
            "The unit price without a sale.",
            read=lambda one: None if one.price is None else one.price.regular_price,
        ),
        maybe("list_price", MONEY, "What a piece costs elsewhere, to be struck through.", read="offer.list_price"),
        field("refusals", Listed(NOTICE), "Why it cannot be had now, apart from its stock."),
    ),
    about="An offer of a SKU with its price.",
)
STOREFRONT_ENTRY = Form(
    "StorefrontEntry",
    StorefrontEntry,
    (
        field("sku", TEXT, "Id of the SKU.", read="sku.id"),
        field("title", TEXT, "Its name.", read="sku.name"),
        maybe("product", TEXT, "Id of the product it is a variant of.", read="sku.product"),
        maybe("brand", TEXT, "Its brand.", read="nature.brand"),
        field(
            "categories",
            Listed(TEXT),
            "The category, and those that it lies in, the nearest first.",
            read=lambda one: [one.nature.category, *one.nature.ancestors] if one.nature.category else [],
        ),
        maybe("description", TEXT, "Text for buyers.", read="sku.description"),
        field("attributes", Mapped(TEXT), "What it is like, by name.", read="nature.attributes"),
        field("media", Listed(MEDIA), "References, the first one leading.", read="sku.media"),
        field("availability", find_label(Availability), "Whether it can be had now."),
        field("is_available", TRUTH, "Whether it can be ordered now.", read=lambda one: one.is_available()),
        field("quantity", WHOLE, "The pieces that prices are for: one, or the least that it is sold in."),
        maybe("lead", _OFFER, "The offer that a cart gets; absent where nothing can be had now."),
        field("alternatives", Listed(_OFFER), "The other offers, in the order of preference."),
        field("merchants", Listed(TEXT), "Who sells it."),
    ),
    about="A SKU as one caller is shown it, over all sellers.",
    show=_show_to_own,
)
STOREFRONT_PAGE = Form(
    "PageOfStorefrontEntry",
    StorefrontPage,
    (
        field("items", Listed(STOREFRONT_ENTRY), "The entries, in order."),
        maybe("next", TEXT, "What the next page is asked `after`; absent on the last one."),
    ),
    about="A page of the storefront.",
    show=lambda page, scope: StorefrontPage(tuple(_show_to_own(one, scope) for one in page.items), page.next),
)
