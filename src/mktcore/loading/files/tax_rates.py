"""`tax_rates.csv`: what a tax category is taxed with; several rates of one category add up."""

from collections import Counter

from mktcore.loading.csv_rows import Columns
from mktcore.loading.folder_contents import FolderContents
from mktcore.loading.known_records import FolderReader
from mktcore.loading.load_faults import LoadFaults
from mktcore.loading.market_file import Definition, MarketFile, each_row
from mktcore.loading.record_writer import RecordWriter
from mktcore.loading.row_fields import RowFields
from mktcore.persistence import Repositories
from mktcore.taxes import TAX_RULES, TaxRule
from mktcore.totals.check_inputs import MAX_TAXES
from mktcore.totals.inputs import TaxOwner

__all__ = ["TAX_RATES_FILE"]


def _read_tax_rule(fields: RowFields, reader: FolderReader) -> None:
    category, name = fields.name("tax_category", "tax category"), fields.title("name", "tax")
    rate = fields.fraction("rate", below=True)
    owner = fields.choice("owner", TaxOwner, TaxOwner.MERCHANT)
    if category and name:
        reader.once(fields, "tax rule", f"{category} {name}", column="name")
    reader.define("tax category", category)
    reader.contents.keep(TAX_RULES, fields.build(lambda: TaxRule.of(category, name, rate, owner=TaxOwner(owner))))


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
    counts = Counter(rule.category for rule in contents.records(TAX_RULES).values())
    for category in [one for one, count in counts.items() if count > MAX_TAXES]:
        reason = f"{counts[category]} taxes of category {category}, more than {MAX_TAXES}"
        faults.add("tax_rates.csv", 0, reason, column="tax_category", remedy="sum up those of one authority")


TAX_RATES_FILE = MarketFile(
    name="tax_rates.csv",
    columns=Columns(("tax_category", "name", "rate"), ("owner",)),
    read=each_row(_read_tax_rule),
    defines=(Definition("tax category", _find_tax_categories),),
    check=_check_counts,
    write=_write_taxes,
)
