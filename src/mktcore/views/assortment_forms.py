"""What belongs to a catalogue beside its goods, as people are shown it: specs, catalogs, revisions."""

from mktcore.catalog.assortment import CATALOG_ASSIGNMENTS, CATALOGS, Catalog, CatalogAssignment
from mktcore.catalog.order_choices import SPECS, Choice, Spec
from mktcore.catalog.revision import REVISIONS, Revision
from mktcore.views.figure_forms import ACTOR
from mktcore.views.form import Form, maybe
from mktcore.views.plain_fields import plain_fields
from mktcore.views.record_access import show_record

__all__ = ["CATALOG", "CATALOG_ASSIGNMENT", "REVISION", "SPEC"]

SPEC = Form(
    "Spec",
    Spec,
    plain_fields(
        Spec,
        *("id", "name", "choices", "owner", "required", "several"),
        forms={Choice: Form("Choice", Choice, plain_fields(Choice, "key", "name"))},
    ),
    show=show_record(SPECS),
)
CATALOG = Form("Catalog", Catalog, plain_fields(Catalog, "id", "name", "owner"), show=show_record(CATALOGS))
CATALOG_ASSIGNMENT = Form(
    "CatalogAssignment",
    CatalogAssignment,
    plain_fields(CatalogAssignment, "id", "catalog", "owner", "buyer"),
    show=show_record(CATALOG_ASSIGNMENTS),
)
REVISION = Form(
    "Revision",
    Revision,
    (
        # What it was then is a record by itself, with a view of its own.
        *plain_fields(Revision, "kind", "record", "number", "change", "at", "note", "restored"),
        maybe("by", ACTOR, "Who changed it; absent where nobody did."),
    ),
    show=show_record(REVISIONS),
)
