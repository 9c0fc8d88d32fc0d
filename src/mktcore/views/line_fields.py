"""What every line shows, whether it is in a cart or was bought: one list, so that screens read both alike."""

from collections.abc import Mapping

from mktcore.pricing.price_mode import EnteredPrice
from mktcore.views.figure_forms import OPTION, TOTALS
from mktcore.views.form import Field, Form, Reader, field, maybe
from mktcore.views.plain_fields import plain_fields
from mktcore.views.shapes import EXTRA, MONEY, TEXT, WHOLE, Listed

__all__ = ["list_line_fields"]

_OPTIONS = Listed(OPTION)
_ENTERED = Form("EnteredPrice", EnteredPrice, plain_fields(EnteredPrice, "unit_price", "per", "includes_tax"))


def list_line_fields(paths: Mapping[str, Reader | str]) -> tuple[Field, ...]:
    """Return the figures that lines of carts and of orders share.

    Args:
        paths: Where each of them is read, by its name; all of them.
    """
    return (
        field("key", TEXT, "The line's key, unique in its cart and in its order.", read=paths["key"]),
        field("sku", TEXT, "Id of the SKU.", read=paths["sku"]),
        field("title", TEXT, "Its name.", read=paths["title"]),
        field("quantity", WHOLE, "Pieces.", read=paths["quantity"]),
        field("offer", TEXT, "Id of the offer that serves it.", read=paths["offer"]),
        field("unit_price", MONEY, "What `per` pieces cost, a sale included.", read=paths["unit_price"]),
        field("per", WHOLE, "How many pieces the unit price is for.", read=paths["per"]),
        maybe(
            "entered",
            _ENTERED,
            "The price as its merchant entered it, where that is with tax and this is without, or the other way round.",
            read=paths["entered"],
        ),
        maybe("options", _OPTIONS, "The chosen options that change the price.", read=paths["options"]),
        field("totals", TOTALS, "Its figures.", read=paths["totals"]),
        maybe("extra", EXTRA, "The host's own data.", read=paths["extra"]),
    )
