"""Addresses, as people are shown them."""

from mktcore.addresses import Address
from mktcore.views.form import Form
from mktcore.views.plain_fields import plain_fields

__all__ = ["ADDRESS"]

ADDRESS = Form(
    "Address",
    Address,
    plain_fields(
        Address,
        *("country", "postal_code", "subdivision", "city", "lines", "name", "company", "phone", "tax_number"),
    ),
    about="Where something goes.",
)
