"""A marketplace from a folder of CSV files."""

from mktcore.loading.files import FILES
from mktcore.loading.load_faults import LoadRefused
from mktcore.loading.market_file import Definition, MarketFile
from mktcore.loading.record_writer import LoadReport
from mktcore.loading.use_cases import LoadFolder

__all__ = ["FILES", "Definition", "LoadFolder", "LoadRefused", "LoadReport", "MarketFile"]
