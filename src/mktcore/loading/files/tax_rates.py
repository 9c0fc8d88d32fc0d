"""`tax_rates.csv`: what a tax category is taxed with; of each tax the narrowest rate, all of them added up."""

from collections import Counter

from mktcore.addresses import Area
from mktcore.loading.csv_rows import Columns
from mktcore.loading.file_declaration import Definition, MarketFile, each_row
from mktcore.loading.folder_reader import FolderReader
from mktcore.loading.folder_records import FolderContents
from mktcore.loading.load_faults import LoadFaults
from mktcore.loading.record_writer import RecordWriter
from mktcore.loading.row_fields import RowFields
from mktcore.money.errors import shorten
from mktcore.persistence import Repositories
from mktcore.taxes import TAX_RULES, BuyerStatus, TaxRule
from mktcore.totals import TaxTreatment
from mktcore.totals.check_inputs import MAX_TAXES
from mktcore.totals.inputs import TaxOwner

__all__ = ["TAX_RATES_FILE"]


def _read_tax_rule(fields: RowFields, reader: FolderReader) -> None:
    category, name = fields.name("tax_category", "tax category"), fields.title("name", "tax")
    rate = fields.fraction("rate", below=True)
    owner = fields.choice("owner", TaxOwner, TaxOwner.MERCHANT)
    treatment = fields.choice("treatment", [one.value for one in TaxTreatment], TaxTreatment.STANDARD.value)
    places = fields.join(("destinations",), lambda: tuple(map(Area.parse, fields.texts("destinations")))) or ()
    buyers = _read_buyers(fields)
    valid = fields.window("valid_from", "valid_until")
    reader.define("tax category", category)
    rule = fields.build(
        lambda: TaxRule.of(
            category,
            name,
            rate,
            owner=TaxOwner(owner),
            destinations=places,
            buyers=buyers,
            valid=valid,
            treatment=TaxTreatment(treatment),
        )
    )
    if rule is not None:
        reader.once(fields, "tax rule", f"{category} {name}" if rule.is_general() else rule.id, column="name")
    reader.contents.keep(TAX_RULES, rule)


def _read_buyers(fields: RowFields) -> tuple[BuyerStatus, ...]:
    named = fields.texts("buyers")
    for text in named:
        if text not in [*BuyerStatus]:
            fields.fault("buyers", f"{shorten(text)} is none of {', '.join(BuyerStatus)}", "name those it is for")
    return tuple(BuyerStatus(text) for text in named if text in [*BuyerStatus])


def _find_tax_categories(unit: Repositories, categories: set[str]) -> set[str]:
    return {rule.category for rule in unit.repository(TAX_RULES).find_where("category", categories)}


def _write_taxes(writer: RecordWriter, contents: FolderContents) -> None:
    """Write the rules, and remove the others of their categories: a renamed tax is not a second one."""
    rules = contents.records(TAX_RULES)
    writer.write(TAX_RULES, rules.values())
    stored = writer.unit.repository(TAX_RULES).find_where("category", {rule.category for rule in rules.values()})
    writer.remove(TAX_RULES, [rule for rule in stored if rule.id not in rules])


def _check_counts(unit: Repositories, contents: FolderContents, faults: LoadFaults) -> None:
    """Note categories with more taxes than totals take; the folder tells all of a category, so the store has no say."""
    del unit
    # Of each name one applies, so it is names that totals see.
    counts = Counter(
        category for category, _ in {(one.category, one.name) for one in contents.records(TAX_RULES).values()}
    )
    for category in [one for one, count in counts.items() if count > MAX_TAXES]:
        reason = f"{counts[category]} taxes of category {category}, more than {MAX_TAXES}"
        faults.add("tax_rates.csv", 0, reason, column="tax_category", remedy="sum up those of one authority")


TAX_RATES_FILE = MarketFile(
    name="tax_rates.csv",
    columns=Columns(
        ("tax_category", "name", "rate"),
        ("owner", "destinations", "buyers", "valid_from", "valid_until", "time_zone", "treatment"),
    ),
    read=each_row(_read_tax_rule),
    defines=(Definition("tax category", _find_tax_categories),),
    check=_check_counts,
    write=_write_taxes,
)
