"""A marketplace from a folder of CSV files.

The names below load on first use: a marketplace that sells what it has loads no folder.
"""

from typing import TYPE_CHECKING

from mktcore.lazy_names import load_lazily

if TYPE_CHECKING:
    from mktcore.loading.csv_rows import EmptyCells
    from mktcore.loading.file_declaration import Definition, MarketFile
    from mktcore.loading.files import FILES
    from mktcore.loading.load_faults import LoadRefused
    from mktcore.loading.load_status_updates import LoadStatuses, RowResult, StatusReport
    from mktcore.loading.merchant_feeds import Feeds
    from mktcore.loading.record_writer import LoadReport, Outcome, RecordOutcome
    from mktcore.loading.use_cases import LoadFolder
    from mktcore.loading.whole_feed import WholeFeed

__all__ = [
    "FILES",
    "Definition",
    "EmptyCells",
    "Feeds",
    "LoadFolder",
    "LoadRefused",
    "LoadReport",
    "LoadStatuses",
    "MarketFile",
    "Outcome",
    "RecordOutcome",
    "RowResult",
    "StatusReport",
    "WholeFeed",
]

_HOMES = {
    "FILES": "mktcore.loading.files",
    "Definition": "mktcore.loading.file_declaration",
    "EmptyCells": "mktcore.loading.csv_rows",
    "Feeds": "mktcore.loading.merchant_feeds",
    "LoadFolder": "mktcore.loading.use_cases",
    "LoadRefused": "mktcore.loading.load_faults",
    "LoadReport": "mktcore.loading.record_writer",
    "LoadStatuses": "mktcore.loading.load_status_updates",
    "MarketFile": "mktcore.loading.file_declaration",
    "Outcome": "mktcore.loading.record_writer",
    "RecordOutcome": "mktcore.loading.record_writer",
    "RowResult": "mktcore.loading.load_status_updates",
    "StatusReport": "mktcore.loading.load_status_updates",
    "WholeFeed": "mktcore.loading.whole_feed",
}


__getattr__ = load_lazily(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
